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
	log       []string          // what was done
}

// parties are the organizations with purposes; the producer uses its own e-service, too.
var parties = []*api.Identity{consumer, other, producer}

func (r *run) begin() {
	l := r.level()
	var o offer
	o, r.base, r.own = r.publishWithTwo(l.perConsumer, l.total, l.own)
	r.offers = append(r.offers, o)
	for _, caller := range parties {
		r.assign(caller, r.base)
		r.paths[caller.Subject] = r.SubmitAgreement(caller, o)
		r.model.joints[caller.Subject] = &joint{}
	}
}

// level adds a descriptor to the model.
func (r *run) level() *level {
	l := &level{5 + r.random.IntN(26), 30 + r.random.IntN(31), 1 + r.random.IntN(30)}
	r.model.levels = append(r.model.levels, l)
	return l
}

func consumerOf(p *planned) *api.Identity {
	return parties[slices.IndexFunc(parties, func(caller *api.Identity) bool { return caller.Subject == p.consumer })]
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
	r.log = append(r.log, fmt.Sprintf(format, args...))
}

// turn changes what purposes depend on.
func (r *run) turn(n int, caller *api.Identity) {
	r.Helper()
	latest := len(r.offers) - 1
	used := latest
	if j := r.model.joints[caller.Subject]; j != nil {
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
		if r.model.owns[caller.Subject] = !r.model.owns[caller.Subject]; r.model.owns[caller.Subject] {
			r.assign(caller, r.own)
		} else {
			r.revoke(caller, r.own)
		}
	case 3:
		if r.random.IntN(3) == 0 {
			l := r.level()
			requires := []interoptest.Group{certified(quota{id: r.base}, quota{id: r.own, calls: l.own})}
			next := r.PublishDescriptor(producer, o, interoptest.Descriptor{PerConsumer: l.perConsumer, Total: l.total, Requires: requires})
			r.offers = append(r.offers, next)
		}
	case 4:
		r.agree(caller, latest)
	}
	r.notes("%d by %s: levels %v, joints %v, owns %v", n, caller.Subject, r.model.levels, r.model.joints, r.model.owns)
}

// agree makes, suspends, upgrades or ends an agreement.
func (r *run) agree(caller *api.Identity, latest int) {
	r.Helper()
	path := r.paths[caller.Subject]
	j := r.model.joints[caller.Subject]
	switch n := r.random.IntN(4); {
	case j == nil:
		r.paths[caller.Subject] = r.SubmitAgreement(caller, r.offers[latest])
		r.model.joints[caller.Subject] = &joint{level: latest}
	case n == 0:
		r.OK(caller, "POST", path+"/archive", "")
		r.model.joints[caller.Subject] = nil
	case j.level < latest:
		r.paths[caller.Subject] = "/agreements/" + r.OK(caller, "POST", path+"/upgrade", "").Text("id")
		j.level = latest
	case j.suspended:
		r.OK(caller, "POST", path+"/unsuspend", "")
		j.suspended = false
	default:
		r.OK(caller, "POST", path+"/suspend", "")
		j.suspended = true
	}
}

// act takes an action on a purpose at random, or makes one.
func (r *run) act() {
	r.Helper()
	calls := 1 + r.random.IntN(20)
	if len(r.model.all) == 0 || len(r.model.all) < 20 && r.random.IntN(5) == 0 {
		caller := parties[r.random.IntN(len(parties))]
		made, code := r.model.create(caller.Subject, caller == producer, calls)
		r.expect(made, made, caller, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(r.offers[0], calls)), code)
		return
	}
	p := r.model.all[r.random.IntN(len(r.model.all))]
	caller := consumerOf(p)
	path := "/purposes/" + p.id
	side := "consumer"
	by := caller
	if p.self || r.random.IntN(2) == 0 {
		side = "producer"
		by = producer
	}
	switch r.random.IntN(17) {
	case 0, 1, 2:
		r.expect(p, nil, caller, "POST", path+"/activate", "", r.model.activate(p))
	case 3, 4:
		r.expect(p, nil, producer, "POST", path+"/approve", "", r.model.approve(p))
	case 5:
		r.expect(p, nil, producer, "POST", path+"/reject", bodyOf("reject"), r.model.updateWaiting(p, "reject", "REJECTED"))
	case 6:
		r.expect(p, nil, producer, "PUT", path+"/expectedActivationDate", `{"date":"2027-01-01"}`,
			r.model.updateWaiting(p, "setExpectedActivationDate", "WAITING_FOR_APPROVAL"))
	case 7, 8:
		r.expect(p, nil, by, "POST", path+"/suspend", "", r.model.suspend(p, side))
	case 9, 10, 11:
		r.expect(p, nil, by, "POST", path+"/unsuspend", "", r.model.unsuspend(p, side))
	case 12, 13:
		r.expect(p, nil, caller, "POST", path+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls), r.model.estimate(p, calls))
	case 14:
		i := r.random.IntN(len(p.versions))
		at := path + "/versions/" + p.ids[i]
		r.expect(p, nil, caller, "DELETE", at, "", r.model.deleteVersion(p, p.versions[i]))
	case 15:
		r.rarely(p, caller, path, calls)
	case 16:
		made, code := r.model.clone(p)
		r.expect(p, made, caller, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": r.offers[0].ID}), code)
	}
}

// rarely takes an action that changes a draft or ends a purpose.
func (r *run) rarely(p *planned, caller *api.Identity, path string, calls int) {
	r.Helper()
	switch r.random.IntN(3) {
	case 0:
		r.expect(p, nil, caller, "PATCH", path, fmt.Sprintf(`{"dailyCalls":%d}`, calls), r.model.update(p, calls))
	case 1:
		r.expect(p, nil, caller, "DELETE", path, "", r.model.delete(p))
	case 2:
		r.expect(p, nil, caller, "POST", path+"/archive", "", r.model.archive(p))
	}
}

// expect sends a request about p that the model has answered with the code, and that
// has made a purpose perhaps.
func (r *run) expect(p, made *planned, caller *api.Identity, method, path, body string, code problem.Code) {
	r.Helper()
	res := r.As(caller, method, path, body)
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
	r.checkPurpose(p)
}
