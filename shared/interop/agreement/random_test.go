package agreement_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// TestModel takes random actions of a producer, a consumer and the platform. It compares
// states, flags, history, claims and use with the model after each step.
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
				run := &run{
					world: w, random: rand.New(rand.NewPCG(seed, 4)), model: model{owns: map[attribute.Kind]bool{}},
					ids: map[attribute.Kind]string{},
				}
				run.begin()
				for range w.fewer(100) {
					run.step()
				}
			})
		})
	}
}

// run is one random test run.
type run struct {
	*world
	random *rand.Rand
	model  model
	ids    map[attribute.Kind]string
	offer  offer
	offers []offer
	log    []string // the steps so far
}

var allKinds = []attribute.Kind{attribute.Certified, attribute.Declared, attribute.Verified}

func (r *run) begin() {
	for _, kind := range allKinds {
		r.ids[kind] = r.attribute(kind)
	}
	policy, required := r.version()
	r.offer = r.world.newOffer(policy, required...)
	r.offers = append(r.offers, r.offer)
}

// version adds a descriptor to the model that requires random attributes.
func (r *run) version() (policy string, required []requirement) {
	v := &version{automatic: r.random.IntN(2) == 0, required: map[attribute.Kind]bool{}}
	for _, kind := range allKinds {
		if r.random.IntN(3) == 0 {
			v.required[kind] = true
			required = append(required, requirement{kind, []string{r.ids[kind]}})
		}
	}
	r.model.versions = append(r.model.versions, v)
	if v.automatic {
		return "AUTOMATIC", required
	}
	return "MANUAL", required
}

// anyAgreement returns a random agreement, nil when there is none.
func (r *run) anyAgreement() *modelled {
	if len(r.model.all) == 0 {
		return nil
	}
	return r.model.all[r.random.IntN(len(r.model.all))]
}

// step takes one random step and compares.
func (r *run) step() {
	r.Helper()
	if n := r.random.IntN(20); n < 5 {
		r.changeConditions(n)
	} else {
		r.takeAction()
	}
	r.follow()
	r.model.follow()
	r.compare()
}

// changeConditions publishes a descriptor, or assigns or revokes an attribute.
func (r *run) changeConditions(n int) {
	r.Helper()
	if n == 0 {
		policy, required := r.version()
		r.offer = r.newDescriptor(r.offer, policy, required...)
		r.log = append(r.log, "publish")
		return
	}
	kind, through := allKinds[r.random.IntN(3)], ""
	if kind == attribute.Verified {
		a := r.verifiable()
		if a == nil {
			return
		}
		through = a.id
	}
	if r.model.owns[kind] {
		r.revoke(kind, r.ids[kind], through)
	} else {
		r.assign(kind, r.ids[kind], through)
	}
	r.model.owns[kind] = !r.model.owns[kind]
	r.log = append(r.log, fmt.Sprint("owns ", kind, " ", r.model.owns[kind]))
}

// verifiable returns an agreement through which the producer can verify, nil for none.
func (r *run) verifiable() *modelled {
	for _, a := range r.model.all {
		if a.in("PENDING", "ACTIVE", "SUSPENDED") && r.model.versions[a.version].required[attribute.Verified] {
			return a
		}
	}
	return nil
}

// takeAction takes a random action on an agreement, or creates one.
func (r *run) takeAction() {
	r.Helper()
	a := r.anyAgreement()
	if a == nil || r.random.IntN(8) == 0 {
		made, code := r.model.create("create", r.model.latest())
		r.expect(made, consumer, "POST", "/agreements", interoptest.JSON(object{
			"eserviceId":   r.offer.id,
			"descriptorId": r.offer.descriptor,
		}), code)
		return
	}
	path := "/agreements/" + a.id
	side, flag := consumer, &a.consumer
	if r.random.IntN(2) == 0 {
		side, flag = producer, &a.producer
	}
	switch r.random.IntN(9) {
	case 0:
		r.expect(nil, consumer, "POST", path+"/submit", "{}", r.model.submit(a))
	case 1:
		r.expect(nil, producer, "POST", path+"/approve", "", r.model.approve(a))
	case 2:
		r.expect(nil, producer, "POST", path+"/reject", bodyOf("reject"), r.model.reject(a))
	case 3:
		r.sided(a, side, flag, "suspend", r.model.suspend)
	case 4:
		r.sided(a, side, flag, "unsuspend", r.model.unsuspend)
	case 5:
		r.expect(nil, consumer, "POST", path+"/archive", "", r.model.archive(a))
	case 6:
		r.expect(nil, consumer, "DELETE", path, "", r.model.delete(a))
	case 7:
		made, code := r.model.upgrade(a)
		r.expect(made, consumer, "POST", path+"/upgrade", "", code)
	case 8:
		made, code := r.model.clone(a)
		r.expect(made, consumer, "POST", path+"/clone", "", code)
	}
}

func (r *run) sided(a *modelled, side *api.Identity, flag *bool, action string, do func(*modelled, *bool) problem.Code) {
	r.Helper()
	r.expect(nil, side, "POST", "/agreements/"+a.id+"/"+action, "", do(a, flag))
}

// expect sends a request and checks that the answer has the code of the model.
func (r *run) expect(made *modelled, caller *api.Identity, method, path, body string, code problem.Code) {
	r.Helper()
	res := r.As(caller, method, path, body)
	r.log = append(r.log, fmt.Sprintf("%s %s = %d %s", method, path, res.Status, interoptest.CodeOf(res)))
	if interoptest.CodeOf(res) != code.Name {
		r.Fatalf("want code %q\nafter\n%s", code.Name, strings.Join(r.log, "\n"))
	}
	if made != nil {
		made.id = res.Text("id")
	}
}

// compare compares all agreements and their histories with the model.
func (r *run) compare() {
	r.Helper()
	shownAs := map[string]string{}
	for _, a := range interoptest.Results(r.OK(consumer, "GET", "/agreements?consumerIds="+consumer.Subject, "")) {
		shownAs[fmt.Sprint(a["id"])] = shownIn(a)
	}
	if len(shownAs) != len(r.model.all) {
		r.Fatalf("%d agreements, the model has %d\n%s", len(shownAs), len(r.model.all), strings.Join(r.log, "\n"))
	}
	for _, a := range r.model.all {
		if shownAs[a.id] != a.String() {
			r.Fatalf("%s is %s, the model has %s\n%s", a.id, shownAs[a.id], a, strings.Join(r.log, "\n"))
		}
		if got, want := r.history(a.id), strings.Join(a.history, ", "); got != want {
			r.Fatalf("history of %s\n%s, the model has\n%s\n%s", a.id, got, want, strings.Join(r.log, "\n"))
		}
	}
	r.checkConsistent()
}
