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

// few tells DynamoDB Local, which takes its time, by a number for it.
func (w *world) few(embedded, local int) int {
	if strings.Contains(w.Name(), "/dynamodb") {
		return local
	}
	return embedded
}

// asker asks for vouchers at random, of a party that at random may have one or not.
type asker struct {
	*world
	*rand.Rand
	party
	attribute    string // which the agreement takes
	linked, gone bool   // the client: to the purpose, for good
	over         bool   // there is no voucher any more, whatever is done
	proof        string // one that was used, "" for none

	tally map[string]int // how the client's requests were decided
}

// begins gives the asker another party, whose consumer must have an attribute.
func (a *asker) begins() {
	a.Helper()
	a.attribute = a.defines("certified")
	a.owns("certified", a.attribute, "")
	p := party{offer: a.asksFor("certified", a.attribute, "AUTOMATIC", interoptest.Offer{}), key: keys()[0]}
	p.agreement = a.SubmitAgreement(consumer, p.offer)
	p.purpose = a.ActivatePurpose(consumer, p.offer, 10)
	p.path = a.client(consumer)
	p.kid = a.upload(consumer, p.path, p.key)
	a.party, a.gone, a.over, a.proof, a.tally = p, false, false, "", map[string]int{}
	a.linkIt(true)
}

// ends holds the client's log against the answers that it was given, and takes its
// key away, which another client has next.
func (a *asker) ends() {
	a.Helper()
	if got := a.decided(a.party); !maps.Equal(got, a.tally) {
		a.Errorf("the log of %s has %v, its answers were %v", a.path, got, a.tally)
	}
	a.As(consumer, "DELETE", a.path+"/keys/"+a.kid, "")
}

// linkIt links the client to the purpose, or takes that back, if that can be.
func (a *asker) linkIt(link bool) apitest.Response {
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

// has gives the consumer the attribute or takes it away, which the platform follows.
func (a *asker) has(attribute bool) {
	a.Helper()
	at := "/tenants/" + consumer.Subject + "/certifiedAttributes"
	if attribute {
		a.As(certifier, "POST", at, interoptest.JSON(object{"id": a.attribute}))
	} else {
		a.As(certifier, "DELETE", at+"/"+a.attribute, "")
	}
	a.follows()
}

// turn is a change of what vouchers stand on, so often among the others.
type turn struct {
	often int
	make  func(who *api.Identity) apitest.Response
}

// turns are all of them; each is one of the consumer's or the producer's.
func (a *asker) turns() []turn {
	posts := func(path, body string) func(*api.Identity) apitest.Response {
		return func(who *api.Identity) apitest.Response { return a.As(who, "POST", path, body) }
	}
	by := func(who *api.Identity, method, path, body string) func(*api.Identity) apitest.Response {
		return func(*api.Identity) apitest.Response { return a.As(who, method, path, body) }
	}
	does := func(act func()) func(*api.Identity) apitest.Response {
		return func(*api.Identity) (none apitest.Response) {
			act()
			return none
		}
	}
	return []turn{
		{9, posts(a.purpose+"/suspend", "")},
		{18, posts(a.purpose+"/unsuspend", "")},
		{7, posts(a.agreement+"/suspend", "")},
		{14, posts(a.agreement+"/unsuspend", "")},
		{3, by(producer, "POST", a.offer.Path()+"/suspend", "")},
		{6, by(producer, "POST", a.offer.Path()+"/unsuspend", "")},
		{2, does(func() { a.has(false) })},
		{4, does(func() { a.has(true) })},
		{3, func(*api.Identity) apitest.Response { return a.linkIt(false) }},
		{7, func(*api.Identity) apitest.Response { return a.linkIt(true) }},
		{2, by(consumer, "POST", a.purpose+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, 5+a.IntN(150)))},
		{1, by(producer, "POST", a.purpose+"/reject", `{"rejectionReason":"Too many calls a day"}`)},
		{1, by(producer, "POST", a.purpose+"/approve", "")},
		{2, does(a.upgrades)},
		{1, by(consumer, "DELETE", a.path+"/keys/"+a.kid, "")},
		{4, does(a.rekeys)},
		{14, does(a.heals)},
		{2, does(a.archives)},
		{1, does(a.leaves)},
	}
}

// turnsOne makes one of the changes, if it can be made.
func (a *asker) turnsOne() {
	a.Helper()
	if a.over && a.IntN(5) == 0 {
		a.ends()
		a.begins()
	}
	all := a.turns()
	n := 0
	for _, t := range all {
		n += t.often
	}
	n = a.IntN(n)
	for _, t := range all {
		if n -= t.often; n < 0 {
			if res := t.make([]*api.Identity{consumer, producer}[a.IntN(2)]); res.Status >= 500 {
				a.Errorf("it broke: %s", res.Raw)
			}
			return
		}
	}
}

// upgrades has a newer descriptor published and maybe the agreement upgraded to it.
func (a *asker) upgrades() {
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

// heals takes back what can be taken back.
func (a *asker) heals() {
	a.Helper()
	for _, who := range []*api.Identity{consumer, producer} {
		a.As(who, "POST", a.offer.Path()+"/unsuspend", "")
		a.As(who, "POST", a.agreement+"/unsuspend", "")
		a.As(who, "POST", a.purpose+"/unsuspend", "")
	}
	a.has(true)
	a.rekeys()
	a.linkIt(true)
}

// rekeys gives the client its key again, unless it has it.
func (a *asker) rekeys() {
	a.Helper()
	if !a.gone && interoptest.Total(a.OK(consumer, "GET", a.path+"/keys", "")) == 0 {
		a.upload(consumer, a.path, a.key)
	}
}

// leaves deletes the client.
func (a *asker) leaves() {
	a.gone = a.As(consumer, "DELETE", a.path, "").Status == 200 || a.gone
	a.over = true
}

// archives ends the purpose or the agreement.
func (a *asker) archives() {
	a.As(consumer, "POST", []string{a.purpose, a.agreement}[a.IntN(2)]+"/archive", "")
	a.over = true
}

// fault is something wrong with a request or with what vouchers stand on: which step
// finds it, and by what name.
type fault struct {
	step int
	name string
}

// stands is what is wrong with what the vouchers of the party stand on, as everybody
// may read it.
func (a *asker) stands() (all []fault) {
	a.Helper()
	current, _ := a.OK(consumer, "GET", a.purpose, "").Body["currentVersion"].(object)
	if a.gone {
		all = append(all, fault{1, "clientAssertionPublicKeyNotFound"})
	} else {
		if !slices.Contains(interoptest.Members(a.OK(consumer, "GET", a.path+"/keys", ""), "kid"), a.kid) {
			all = append(all, fault{1, "clientAssertionPublicKeyNotFound"})
		}
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

// toolSteps are the steps of the tool, in their order.
var toolSteps = []string{
	"clientAssertionValidation", "publicKeyRetrieve", "clientAssertionSignatureVerification", "purposeLinkedToClient",
	"platformStatesVerification", "dpopValidation",
}

// walked looks at the steps as the tool shows them: those before the first that
// failed passed, those after it did not, and what did not fail says nothing. It tells
// whether all passed.
func (w *world) walked(res apitest.Response, proof bool) bool {
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

// unsigned tells whether a fault is that no key of the client is known to have signed.
func (f fault) unsigned() bool {
	return slices.Contains([]string{"invalidKidFormat", "kidNotFound", noKey, badSign}, f.name)
}

// askBoth sends a request to the tool and then to the endpoint, which must come to
// the same, and to what is expected, which it returns.
func (a *asker) askBoth() string {
	a.Helper()
	r := a.composes()
	want := r.expected(a.stands())
	params := maps.Clone(r.params)
	if r.proof != "" {
		params["dpop_proof"] = r.proof
	}
	assertion := a.signed(r.key, r.header, a.claims(a.party, r.claims))
	tool := a.Want(a.examines(consumer, form(assertion, params)), 200)
	var header []string
	if r.proof != "" {
		header = []string{"DPoP", r.proof}
	}
	res := a.asks(form(assertion, r.params), header...)
	passed := a.walked(tool, r.proof != "")
	said := strings.Fields(found(tool))
	slices.Sort(said)
	if got := strings.Join(said, " "); got != want || public(tool) != reasons(res) || passed != (res.Status == 200) ||
		passed != (res.Text("access_token") != "") {
		a.Errorf("asking comes to %q, the tool says %q, want %q\n%v\n%s\n%s", reasons(res), found(tool), want, r, tool.Raw, res.Raw)
	}
	if passed && r.proof != "" {
		a.proof = r.proof
	}
	switch {
	case passed:
		a.tally["ISSUED"]++
	case !a.gone && !slices.ContainsFunc(slices.Concat(r.faults, a.stands()), fault.unsigned):
		a.tally["REFUSED"]++
	}
	return want
}

// TestTheTwoNeverDisagree asks the tool and the endpoint at random, while what
// vouchers stand on changes at random: a voucher is given when every step passed, and
// refused for what the first step says that failed, which is what is wrong with it.
func TestTheTwoNeverDisagree(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.registers()
		came := map[string]int{}
		for seed := range w.few(4, 1) {
			a := &asker{world: w, Rand: rand.New(rand.NewPCG(uint64(seed), 8))}
			a.begins()
			for n := range w.few(130, 50) {
				w.Clock.Advance(time.Millisecond)
				a.turnsOne()
				if came[a.askBoth()]++; t.Failed() {
					t.Fatalf("request %d of seed %d", n, seed)
				}
			}
			a.ends()
		}
		if len(came) < w.few(25, 6) || came["Bearer"] < w.few(50, 2) || came["DPoP"] < w.few(20, 1) || came["dpopJtiAlreadyCached"] < w.few(3,
			0) {
			t.Errorf("it came to %v", came)
		}
	})
}
