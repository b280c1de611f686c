package purpose_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// TestModel lets a producer, its consumers and itself act at random, and compares
// states, flags, versions, reasons, history, loads and what remains with the model
// after each step.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			engines := each
			if seed > 0 { // one run on DynamoDB Local is enough
				engines = embedded
			}
			engines(t, func(w *world) {
				r := &run{world: w, random: rand.New(rand.NewPCG(seed, 5)), model: model{joints: map[string]*joint{}, owns: map[string]bool{}}, paths: map[string]string{}}
				r.begin()
				steps := 100
				if w.small() {
					steps = 15
				}
				for range steps {
					r.step()
				}
			})
		})
	}
}

// run is a random run.
type run struct {
	*world
	random    *rand.Rand
	model     model
	offers    []offer
	base, own string            // attributes; the second has a quota of its own
	paths     map[string]string // of agreements, by consumer
	said      []string          // what was done
}

// parties are who makes purposes; the producer uses its own e-service, too.
var parties = []*api.Identity{consumer, other, producer}

func (r *run) begin() {
	l := r.level()
	var o offer
	o, r.base, r.own = r.offersQuota(l.perConsumer, l.total, l.own)
	r.offers = append(r.offers, o)
	for _, who := range parties {
		r.certifies(who, r.base)
		r.paths[who.Subject] = r.joins(who, o)
		r.model.joints[who.Subject] = &joint{}
	}
}

// level adds a descriptor to the model.
func (r *run) level() *level {
	l := &level{5 + r.random.IntN(26), 30 + r.random.IntN(31), 1 + r.random.IntN(30)}
	r.model.levels = append(r.model.levels, l)
	return l
}

func consumerOf(p *planned) *api.Identity {
	return parties[slices.IndexFunc(parties, func(who *api.Identity) bool { return who.Subject == p.consumer })]
}

// step does one thing and compares.
func (r *run) step() {
	r.Helper()
	r.Clock.Advance(time.Second)
	if n := r.random.IntN(24); n < 5 {
		r.turn(n, parties[r.random.IntN(len(parties))])
	} else {
		r.act()
	}
	r.compare()
}

func (r *run) notes(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// turn changes what purposes stand on.
func (r *run) turn(n int, who *api.Identity) {
	r.Helper()
	latest := len(r.offers) - 1
	used := latest
	if j := r.model.joints[who.Subject]; j != nil {
		used = j.level
	}
	o, l := r.offers[used], r.model.levels[used]
	switch n {
	case 0:
		*l = level{5 + r.random.IntN(26), 30 + r.random.IntN(31), l.own}
		r.quotas(o, l.perConsumer, l.total)
	case 1:
		was, quota := l.own, o.path()+"/certifiedAttributes/groups/0/attributes/"+r.own
		l.own = 1 + r.random.IntN(30)
		if body := fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, l.own); l.own == was {
			r.Refused(r.As(producer, "PATCH", quota, body), interop.UnchangedAttributes, r.own)
		} else {
			r.ok(producer, "PATCH", quota, body)
		}
	case 2:
		if r.model.owns[who.Subject] = !r.model.owns[who.Subject]; r.model.owns[who.Subject] {
			r.certifies(who, r.own)
		} else {
			r.ok(certifier, "DELETE", "/tenants/"+who.Subject+"/certifiedAttributes/"+r.own, "")
		}
	case 3:
		if r.random.IntN(3) == 0 {
			l := r.level()
			next := offer{o.id, r.ok(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(terms(l.perConsumer, l.total))).Text("id")}
			r.requires(next, r.base, r.own, l.own)
			r.ok(producer, "POST", next.path()+"/publish", "")
			r.offers = append(r.offers, next)
		}
	case 4:
		r.agree(who, latest)
	}
	r.notes("%d by %s: levels %v, joints %v, owns %v", n, who.Subject, r.model.levels, r.model.joints, r.model.owns)
}

// agree makes, holds, upgrades or ends an agreement.
func (r *run) agree(who *api.Identity, latest int) {
	r.Helper()
	path, j := r.paths[who.Subject], r.model.joints[who.Subject]
	switch n := r.random.IntN(4); {
	case j == nil:
		r.paths[who.Subject] = r.joins(who, r.offers[latest])
		r.model.joints[who.Subject] = &joint{level: latest}
	case n == 0:
		r.ok(who, "POST", path+"/archive", "")
		r.model.joints[who.Subject] = nil
	case j.level < latest:
		r.paths[who.Subject] = "/agreements/" + r.ok(who, "POST", path+"/upgrade", "").Text("id")
		j.level = latest
	case j.held:
		r.ok(who, "POST", path+"/unsuspend", "")
		j.held = false
	default:
		r.ok(who, "POST", path+"/suspend", "")
		j.held = true
	}
}

// act takes an action on a purpose at random, or makes one.
func (r *run) act() {
	r.Helper()
	calls := 1 + r.random.IntN(20)
	if len(r.model.all) == 0 || len(r.model.all) < 20 && r.random.IntN(5) == 0 {
		who := parties[r.random.IntN(len(parties))]
		made, code := r.model.create(who.Subject, who == producer, calls)
		r.expect(made, made, who, "POST", "/purposes", interoptest.JSON(seed(r.offers[0], calls)), code)
		return
	}
	p := r.model.all[r.random.IntN(len(r.model.all))]
	who := consumerOf(p)
	path, side, by := "/purposes/"+p.id, "consumer", who
	if p.self || r.random.IntN(2) == 0 {
		side, by = "producer", producer
	}
	switch r.random.IntN(17) {
	case 0, 1, 2:
		r.expect(p, nil, who, "POST", path+"/activate", "", r.model.activate(p))
	case 3, 4:
		r.expect(p, nil, producer, "POST", path+"/approve", "", r.model.approve(p))
	case 5:
		r.expect(p, nil, producer, "POST", path+"/reject", bodyOf("reject"), r.model.say(p, "reject", "REJECTED"))
	case 6:
		r.expect(p, nil, producer, "PUT", path+"/expectedActivationDate", `{"date":"2027-01-01"}`, r.model.say(p, "setExpectedActivationDate", "WAITING_FOR_APPROVAL"))
	case 7, 8:
		r.expect(p, nil, by, "POST", path+"/suspend", "", r.model.suspend(p, side))
	case 9, 10, 11:
		r.expect(p, nil, by, "POST", path+"/unsuspend", "", r.model.unsuspend(p, side))
	case 12, 13:
		r.expect(p, nil, who, "POST", path+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls), r.model.estimate(p, calls))
	case 14:
		i := r.random.IntN(len(p.versions))
		at := path + "/versions/" + p.ids[i]
		r.expect(p, nil, who, "DELETE", at, "", r.model.deleteVersion(p, p.versions[i]))
	case 15:
		r.rarely(p, who, path, calls)
	case 16:
		made, code := r.model.clone(p)
		r.expect(p, made, who, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": r.offers[0].id}), code)
	}
}

// rarely takes an action that changes a draft or ends a purpose.
func (r *run) rarely(p *planned, who *api.Identity, path string, calls int) {
	r.Helper()
	switch r.random.IntN(3) {
	case 0:
		r.expect(p, nil, who, "PATCH", path, fmt.Sprintf(`{"dailyCalls":%d}`, calls), r.model.update(p, calls))
	case 1:
		r.expect(p, nil, who, "DELETE", path, "", r.model.delete(p))
	case 2:
		r.expect(p, nil, who, "POST", path+"/archive", "", r.model.archive(p))
	}
}

// expect sends a request about p that the model has answered with the code, and that
// has made a purpose perhaps.
func (r *run) expect(p, made *planned, who *api.Identity, method, path, body string, code problem.Code) {
	r.Helper()
	res := r.As(who, method, path, body)
	r.notes("%s %s %s = %d %s", method, path, body, res.Status, interoptest.CodeOf(res))
	if interoptest.CodeOf(res) != code.Name {
		r.Fatalf("the model says %q\n%s\n%s", code.Name, res.Raw, r.story(path))
	}
	if made != nil {
		made.id = res.Text("id")
	}
	if p == nil {
		return
	}
	if made != nil && made != p {
		p = made
	}
	r.told(p)
}

// told holds the versions and the history of a purpose against the model.
func (r *run) told(p *planned) {
	r.Helper()
	who, path := consumerOf(p), "/purposes/"+p.id
	var rows []string
	for _, row := range interoptest.Results(r.ok(who, "GET", path+"/history?limit=50", "")) {
		actor, _ := row["actor"].(object)
		text := func(name string) string { s, _ := row[name].(string); return s }
		rows = append(rows, fmt.Sprintf("%s %v %s-%s %v", row["action"], actor["side"], text("from"), text("to"), row["dailyCalls"]))
	}
	if got, want := strings.Join(rows, "\n"), strings.Join(p.history[:min(50, len(p.history))], "\n"); got != want {
		r.Fatalf("history of %s\n%s\nthe model says\n%s\n%s", p.id, got, want, r.story(p.id))
	}
	if len(p.versions) == 0 {
		return // deleted
	}
	all := interoptest.Results(r.ok(who, "GET", path+"/versions", ""))
	for i, v := range p.versions {
		if i >= len(all) || fmt.Sprint(all[i]["state"], all[i]["dailyCalls"]) != fmt.Sprint(v.state, float64(v.calls)) || checkOf(all[i]) != v.check || len(all) != len(p.versions) {
			r.Fatalf("versions of %s are %v\nthe model says of version %d %+v\n%s", p.id, all, i, *v, r.story(p.id))
		}
		p.ids[i], _ = all[i]["id"].(string)
	}
}

// checkOf is why a version has to wait, in short.
func checkOf(v object) string {
	c, _ := v["thresholdCheck"].(object)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%v: %v of %v, %v of %v %v", c["requested"], c["consumerLoad"], c["dailyCallsPerConsumer"], c["totalLoad"], c["dailyCallsTotal"], c["exceeded"])
}

// story is what was done to a purpose and to what all stand on.
func (r *run) story(about string) string {
	id := strings.TrimPrefix(about, "/purposes/")
	id = id[:min(36, len(id))]
	var lines []string
	for _, line := range r.said {
		if strings.Contains(line, id) || strings.Contains(line, " by ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// compare holds all purposes, the load and what remains against the model.
func (r *run) compare() {
	r.Helper()
	shownAs := map[string]string{}
	for _, who := range parties {
		for _, p := range interoptest.Results(r.ok(who, "GET", "/purposes?consumerIds="+who.Subject, "")) {
			shownAs[fmt.Sprint(p["id"])] = shown(p)
		}
	}
	if len(shownAs) != len(r.model.all) {
		r.Fatalf("%d purposes, the model has %d\n%s", len(shownAs), len(r.model.all), strings.Join(r.said, "\n"))
	}
	for _, p := range r.model.all {
		if shownAs[p.id] != p.String() {
			r.Fatalf("%s is %s, the model says %s\n%s", p.id, shownAs[p.id], p, r.story(p.id))
		}
	}
	_, total := r.model.load("")
	want(r.TB, "the load", r.ok(producer, "GET", "/eservices/"+r.offers[0].id+"/load", "").Body["totalLoad"], any(float64(total)))
	r.fitting()
	if len(r.model.all) > 0 {
		r.remaining(r.model.all[r.random.IntN(len(r.model.all))])
	}
	r.consistent()
	if r.Failed() {
		r.Fatal(strings.Join(r.said, "\n"))
	}
}

// remaining asks for what remains to the consumer of a purpose.
func (r *run) remaining(p *planned) {
	r.Helper()
	who := consumerOf(p)
	res := r.As(who, "GET", "/purposes/"+p.id+"/remainingDailyCalls", "")
	if !r.model.joined(p.consumer) {
		r.Refused(res, interop.PurposeWithoutAgreement)
		return
	}
	mine, all := r.model.load(p.consumer)
	perConsumer, total := r.model.limits(p.consumer)
	want(r.TB, "what remains", fmt.Sprint(res.Body["remainingDailyCallsPerConsumer"], res.Body["remainingDailyCallsTotal"]),
		fmt.Sprint(float64(max(0, perConsumer-mine)), float64(max(0, total-all))))
}

// fitting holds what the producer reads of versions that wait against the model.
func (r *run) fitting() {
	r.Helper()
	fits := map[string]any{}
	for _, p := range interoptest.Results(r.ok(producer, "GET", "/purposes?states=WAITING_FOR_APPROVAL", "")) {
		v, _ := p["waitingForApprovalVersion"].(object)
		fits[fmt.Sprint(p["id"])] = v["fitsNow"]
	}
	for _, p := range r.model.all {
		v := p.newest("WAITING_FOR_APPROVAL")
		if v == nil {
			want(r.TB, "fitsNow of "+p.id, fits[p.id], nil)
			continue
		}
		more := v.calls
		if old := p.newest("ACTIVE"); old != nil {
			more -= old.calls
		}
		switch j := r.model.joints[p.consumer]; {
		case j == nil:
			want(r.TB, "fitsNow of "+p.id, fits[p.id], any(false))
		case !j.held:
			want(r.TB, "fitsNow of "+p.id, fits[p.id], any(r.model.check(p.consumer, v.calls, more) == ""))
		}
	}
}
