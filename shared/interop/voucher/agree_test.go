package voucher_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// randomTest requests vouchers at random, for a requester whose states change at random.
type randomTest struct {
	*world
	*rand.Rand
	requester
	attribute string // required by the agreement
	linked    bool   // the client is linked to the purpose
	deleted   bool   // the client is deleted
	final     bool   // no change leads to vouchers any more
	proof     string // a used proof, "" for none

	tally map[string]int // requests of the client by decision
}

// begin sets up another requester, whose agreement requires an attribute.
func (a *randomTest) begin() {
	a.Helper()
	a.attribute = a.DefineAttribute(assigners["certified"], "certified")
	a.assign("certified", a.attribute, "")
	o := a.PublishEService(producer, requiring("certified", a.attribute, "AUTOMATIC"))
	p := a.newRequesterOn(o, a.SubmitAgreement(consumer, o), keys()[0])
	a.requester = p
	a.deleted = false
	a.final = false
	a.proof = ""
	a.tally = map[string]int{}
	a.linked = true
}

// end compares the events of the client with the answers to its requests, and deletes its
// key, which the next client gets.
func (a *randomTest) end() {
	a.Helper()
	if got := a.countDecisions(a.requester); !maps.Equal(got, a.tally) {
		a.Errorf("the events of %s are %v, want %v", a.path, got, a.tally)
	}
	a.As(consumer, "DELETE", a.path+"/keys/"+a.kid, "")
}

// setLinked links the client to the purpose or unlinks it, if that is possible.
func (a *randomTest) setLinked(link bool) apitest.Response {
	a.Helper()
	method, at, body := "DELETE", a.path+"/purposes/"+a.purposeID(), ""
	if link {
		method, at, body = "POST", a.path+"/purposes", interoptest.JSON(object{"purposeId": a.purposeID()})
	}
	res := a.As(consumer, method, at, body)
	if res.Status == 200 {
		a.linked = link
	}
	return res
}

// setAttribute assigns the attribute to the consumer or revokes it, and has the platform
// handle the change.
func (a *randomTest) setAttribute(attribute bool) {
	a.Helper()
	at := "/tenants/" + consumer.Subject + "/certifiedAttributes"
	if attribute {
		a.As(certifier, "POST", at, interoptest.JSON(object{"id": a.attribute}))
	} else {
		a.As(certifier, "DELETE", at+"/"+a.attribute, "")
	}
	a.followAttributes()
}

// stateChange is a change of a state that vouchers depend on. The greater its weight, the
// more often it is made.
type stateChange struct {
	weight int
	make   func(caller *api.Identity) apitest.Response
}

// stateChanges returns all changes, which are made by the consumer or the producer.
func (a *randomTest) stateChanges() []stateChange {
	posts := func(path, body string) func(*api.Identity) apitest.Response {
		return func(caller *api.Identity) apitest.Response { return a.As(caller, "POST", path, body) }
	}
	by := func(caller *api.Identity, method, path, body string) func(*api.Identity) apitest.Response {
		return func(*api.Identity) apitest.Response { return a.As(caller, method, path, body) }
	}
	do := func(act func()) func(*api.Identity) apitest.Response {
		return func(*api.Identity) (none apitest.Response) {
			act()
			return none
		}
	}
	return []stateChange{
		{9, posts(a.purpose+"/suspend", "")},
		{18, posts(a.purpose+"/unsuspend", "")},
		{7, posts(a.agreement+"/suspend", "")},
		{14, posts(a.agreement+"/unsuspend", "")},
		{3, by(producer, "POST", a.offer.Path()+"/suspend", "")},
		{6, by(producer, "POST", a.offer.Path()+"/unsuspend", "")},
		{2, do(func() { a.setAttribute(false) })},
		{4, do(func() { a.setAttribute(true) })},
		{3, func(*api.Identity) apitest.Response { return a.setLinked(false) }},
		{7, func(*api.Identity) apitest.Response { return a.setLinked(true) }},
		{2, by(consumer, "POST", a.purpose+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, 5+a.IntN(150)))},
		{1, by(producer, "POST", a.purpose+"/reject", `{"rejectionReason":"Too many calls a day"}`)},
		{1, by(producer, "POST", a.purpose+"/approve", "")},
		{2, do(a.upgrade)},
		{1, by(consumer, "DELETE", a.path+"/keys/"+a.kid, "")},
		{4, do(a.restoreKey)},
		{14, do(a.restore)},
		{2, do(a.archive)},
		{1, do(a.deleteClient)},
	}
}

// changeState makes one of the changes, if it is possible.
func (a *randomTest) changeState() {
	a.Helper()
	if a.final && a.IntN(5) == 0 {
		a.end()
		a.begin()
	}
	all := a.stateChanges()
	n := 0
	for _, t := range all {
		n += t.weight
	}
	n = a.IntN(n)
	for _, t := range all {
		if n -= t.weight; n < 0 {
			if res := t.make([]*api.Identity{consumer, producer}[a.IntN(2)]); res.Status >= 500 {
				a.Errorf("a change of state failed: %s", res.Raw)
			}
			return
		}
	}
}

// upgrade publishes a newer descriptor and sometimes upgrades the agreement to it.
func (a *randomTest) upgrade() {
	a.Helper()
	if interoptest.Total(a.OK(producer, "GET", "/eservices/"+a.offer.ID+"/descriptors", "")) > 5 {
		return
	}
	next := a.PublishDescriptor(producer, a.offer, interoptest.Descriptor{PerConsumer: 100, Total: 1000})
	if a.IntN(2) == 0 {
		return
	}
	if res := a.As(consumer, "POST", a.agreement+"/upgrade", ""); res.Text("state") == "ACTIVE" || res.Text("state") == "SUSPENDED" {
		a.agreement, a.offer = "/agreements/"+res.Text("id"), next
	}
}

// restore undoes what can be undone.
func (a *randomTest) restore() {
	a.Helper()
	for _, caller := range []*api.Identity{consumer, producer} {
		a.As(caller, "POST", a.offer.Path()+"/unsuspend", "")
		a.As(caller, "POST", a.agreement+"/unsuspend", "")
		a.As(caller, "POST", a.purpose+"/unsuspend", "")
	}
	a.setAttribute(true)
	a.restoreKey()
	a.setLinked(true)
}

// restoreKey adds the key to the client unless the client has it.
func (a *randomTest) restoreKey() {
	a.Helper()
	if !a.deleted && interoptest.Total(a.OK(consumer, "GET", a.path+"/keys", "")) == 0 {
		a.addKey(consumer, a.path, a.key)
	}
}

// deleteClient deletes the client.
func (a *randomTest) deleteClient() {
	a.deleted = a.As(consumer, "DELETE", a.path, "").Status == 200 || a.deleted
	a.final = true
}

// archive archives the purpose or the agreement.
func (a *randomTest) archive() {
	a.As(consumer, "POST", []string{a.purpose, a.agreement}[a.IntN(2)]+"/archive", "")
	a.final = true
}

// fault is a fault of a request or of a state: the step that finds it and the name of the
// failure.
type fault struct {
	step int
	name string
}

// keyFaults returns the fault that the client does not have the key.
func (a *randomTest) keyFaults() []fault {
	a.Helper()
	if !a.deleted && slices.Contains(interoptest.Members(a.OK(consumer, "GET", a.path+"/keys", ""), "kid"), a.kid) {
		return nil
	}
	return []fault{{1, noKey}}
}

// stateFaults reads the states that the vouchers depend on and returns their faults.
func (a *randomTest) stateFaults() (all []fault) {
	a.Helper()
	all = a.keyFaults()
	if a.purpose == "" { // of a client of the kind API
		return all
	}
	current, _ := a.OK(consumer, "GET", a.purpose, "").Body["currentVersion"].(object)
	if !a.deleted {
		listed := slices.Contains(interoptest.Members(a.OK(consumer, "GET", a.path+"/purposes", ""), "id"), a.purposeID())
		if listed != (a.linked && current["state"] != "ARCHIVED") {
			a.Errorf("linked: %t, %v, listed: %t", a.linked, current["state"], listed)
		}
	}
	if !a.linked {
		all = append(all, fault{3, "purposeNotLinkedToClient"})
	}
	if current["state"] != "ACTIVE" {
		all = append(all, fault{4, "invalidPurposeState"})
	}
	joined := a.OK(consumer, "GET", a.agreement, "")
	if joined.Text("state") != "ACTIVE" {
		all = append(all, fault{4, "invalidAgreementState"})
	}
	if state := joined.Text("state"); state == "ACTIVE" || state == "SUSPENDED" {
		d := a.OK(producer, "GET", "/eservices/"+a.offer.ID+"/descriptors/"+joined.Text("descriptorId"), "")
		if s := d.Text("state"); s != "PUBLISHED" && s != "DEPRECATED" {
			all = append(all, fault{4, "invalidEServiceState"})
		}
	}
	return all
}

// toolSteps are the steps of the debug tool, in their order.
var toolSteps = []string{
	"clientAssertionValidation", "publicKeyRetrieve", "clientAssertionSignatureVerification", "purposeLinkedToClient",
	"platformStatesVerification", "dpopValidation",
}

// checkSteps checks the steps in an answer of the tool: the steps before the first failed
// one passed, those after it are skipped, and only failed steps have failures. It reports
// whether all passed.
func (w *world) checkSteps(res apitest.Response, proof bool) bool {
	w.Helper()
	all, _ := res.Body["steps"].(object)
	failed := false
	for _, name := range toolSteps {
		if name == "dpopValidation" && !proof {
			continue
		}
		step, _ := all[name].(object)
		failures, _ := step["failures"].([]any)
		want := map[bool]string{false: "PASSED", true: "SKIPPED"}[failed]
		if len(failures) > 0 {
			want, failed = "FAILED", true
		}
		if step["result"] != want {
			w.Errorf("%s is %v, want %s\n%s", name, step["result"], want, res.Raw)
		}
	}
	if want := map[bool]int{false: 5, true: 6}[proof]; len(all) != want {
		w.Errorf("there are %d steps, want %d\n%s", len(all), want, res.Raw)
	}
	return !failed
}

// isUnsigned reports whether the fault is that no key of the client verified the signature.
func (f fault) isUnsigned() bool {
	return slices.Contains([]string{"invalidKidFormat", "kidNotFound", noKey, badSign}, f.name)
}

// requestBoth sends a random request to the tool and to the endpoint, checks that both have
// the expected outcome, and returns it.
func (a *randomTest) requestBoth() string {
	a.Helper()
	r := a.compose()
	want := r.expected(a.stateFaults())
	params := maps.Clone(r.params)
	if r.proof != "" {
		params["dpop_proof"] = r.proof
	}
	assertion := a.signJWT(r.key, r.header, a.claims(a.requester, r.claims))
	tool := a.Want(a.validate(consumer, form(assertion, params)), 200)
	var header []string
	if r.proof != "" {
		header = []string{"DPoP", r.proof}
	}
	res := a.issue(form(assertion, r.params), header...)
	passed := a.checkSteps(tool, r.proof != "")
	failures := strings.Fields(toolOutcome(tool))
	slices.Sort(failures)
	if got := strings.Join(failures, " "); got != want || publicOutcome(tool) != outcome(res) || passed != (res.Status == 200) ||
		passed != (res.Text("access_token") != "") {
		a.Errorf("the endpoint answers %q, the tool %q, want %q\n%v\n%s\n%s", outcome(res), toolOutcome(tool), want, r, tool.Raw, res.Raw)
	}
	if passed && r.proof != "" {
		a.proof = r.proof
	}
	switch {
	case passed:
		a.tally["ISSUED"]++
	case !a.deleted && !slices.ContainsFunc(slices.Concat(r.faults, a.stateFaults()), fault.isUnsigned):
		a.tally["REFUSED"]++
	}
	return want
}

// TestRandomRequests sends random requests to the tool and to the endpoint while the states
// that vouchers depend on change at random: a voucher is issued when every step passes, and
// refused with the failures of the first step that fails.
func TestRandomRequests(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Register(producer, consumer)
		outcomes := map[string]int{}
		for seed := range w.byEngine(4, 1) {
			a := &randomTest{world: w, Rand: rand.New(rand.NewPCG(uint64(seed), 8))}
			a.begin()
			for n := range w.byEngine(130, 50) {
				w.Clock.Advance(time.Millisecond)
				a.changeState()
				if outcomes[a.requestBoth()]++; t.Failed() {
					t.Fatalf("request %d of seed %d", n, seed)
				}
			}
			a.end()
		}
		if len(outcomes) < w.byEngine(25, 6) || outcomes["Bearer"] < w.byEngine(50, 2) || outcomes["DPoP"] < w.byEngine(20, 1) ||
			outcomes["dpopJtiAlreadyCached"] < w.byEngine(3, 0) {
			t.Errorf("the outcomes are %v", outcomes)
		}
	})
}
