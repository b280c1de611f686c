package purpose_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// TestModel lets a producer, its consumers and itself act at random, and compares
// states, flags, versions, reasons, history, loads and what remains with the model
// checkNewVersion each step.
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
				r := &run{
					world: w, random: rand.New(rand.NewPCG(seed, 5)), model: model{joints: map[string]*joint{}, owns: map[string]bool{}},
					paths: map[string]string{},
				}
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
	o, r.base, r.own = r.publishWithTwo(l.perConsumer, l.total, l.own)
	r.offers = append(r.offers, o)
	for _, who := range parties {
		r.assign(who, r.base)
		r.paths[who.Subject] = r.SubmitAgreement(who, o)
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
	o := r.offers[used]
	l := r.model.levels[used]
	switch n {
	case 0:
		*l = level{5 + r.random.IntN(26), 30 + r.random.IntN(31), l.own}
		r.setThresholds(o, l.perConsumer, l.total)
	case 1:
		was := l.own
		quota := o.Path() + "/certifiedAttributes/groups/0/attributes/" + r.own
		l.own = 1 + r.random.IntN(30)
		if body := fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, l.own); l.own == was {
			r.Refused(r.As(producer, "PATCH", quota, body), interop.UnchangedAttributes, r.own)
		} else {
			r.OK(producer, "PATCH", quota, body)
		}
	case 2:
		if r.model.owns[who.Subject] = !r.model.owns[who.Subject]; r.model.owns[who.Subject] {
			r.assign(who, r.own)
		} else {
			r.revoke(who, r.own)
		}
	case 3:
		if r.random.IntN(3) == 0 {
			l := r.level()
			requires := []interoptest.Group{certified(quota{id: r.base}, quota{id: r.own, calls: l.own})}
			next := r.PublishDescriptor(producer, o, interoptest.Descriptor{PerConsumer: l.perConsumer, Total: l.total, Requires: requires})
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
	path := r.paths[who.Subject]
	j := r.model.joints[who.Subject]
	switch n := r.random.IntN(4); {
	case j == nil:
		r.paths[who.Subject] = r.SubmitAgreement(who, r.offers[latest])
		r.model.joints[who.Subject] = &joint{level: latest}
	case n == 0:
		r.OK(who, "POST", path+"/archive", "")
		r.model.joints[who.Subject] = nil
	case j.level < latest:
		r.paths[who.Subject] = "/agreements/" + r.OK(who, "POST", path+"/upgrade", "").Text("id")
		j.level = latest
	case j.held:
		r.OK(who, "POST", path+"/unsuspend", "")
		j.held = false
	default:
		r.OK(who, "POST", path+"/suspend", "")
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
		r.expect(made, made, who, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(r.offers[0], calls)), code)
		return
	}
	p := r.model.all[r.random.IntN(len(r.model.all))]
	who := consumerOf(p)
	path := "/purposes/" + p.id
	side := "consumer"
	by := who
	if p.self || r.random.IntN(2) == 0 {
		side = "producer"
		by = producer
	}
	switch r.random.IntN(17) {
	case 0, 1, 2:
		r.expect(p, nil, who, "POST", path+"/activate", "", r.model.activate(p))
	case 3, 4:
		r.expect(p, nil, producer, "POST", path+"/approve", "", r.model.approve(p))
	case 5:
		r.expect(p, nil, producer, "POST", path+"/reject", bodyOf("reject"), r.model.say(p, "reject", "REJECTED"))
	case 6:
		r.expect(p, nil, producer, "PUT", path+"/expectedActivationDate", `{"date":"2027-01-01"}`,
			r.model.say(p, "setExpectedActivationDate", "WAITING_FOR_APPROVAL"))
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
		r.expect(p, made, who, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": r.offers[0].ID}), code)
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
