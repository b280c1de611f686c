package purpose_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// fault is a change that is broken at every call it makes: where it begins, what comes
// of it, and what who repeats it is told when it is done already.
type fault struct {
	name, situation, action, by string
	now, again                  string
}

var faults = []fault{
	{"update", "DRAFT", "update", "consumer", "D6", "200"},
	{"delete", "DRAFT", "delete", "consumer", "", interop.PurposeNotFound.Name},
	{"delete what waits", "WAITING", "delete", "consumer", "", interop.PurposeNotFound.Name},
	{"activate", "DRAFT", "activate", "consumer", "A5", interop.NoPurposeVersionInState.Name},
	{"activate above", "DRAFT30", "activate", "consumer", "W30", interop.NoPurposeVersionInState.Name},
	{"activate by quota", "DRAFTQ", "activate", "consumer", "A5", interop.NoPurposeVersionInState.Name},
	{"approve", "WAITING", "approve", "producer", "A30", interop.NoPurposeVersionInState.Name},
	{"approve in place of another", "A+R+W", "approve", "producer", "A30", interop.NoPurposeVersionInState.Name},
	{"approve what is held", "C+W", "approve", "producer", "S30C", interop.NoPurposeVersionInState.Name},
	{"reject", "A+W", "reject", "producer", "A5+R30", interop.PurposeVersionNotInState.Name},
	{"expect", "A+W", "expect", "producer", "A5+W30", "200"},
	{"suspend", "ACTIVE", "suspend", "consumer", "S5C", "200"},
	{"suspend as the producer", "A+W", "suspend", "producer", "S5P+W30", "200"},
	{"unsuspend", "C", "unsuspend", "consumer", "A5", interop.NoPurposeVersionInState.Name},
	{"unsuspend as the producer", "P", "unsuspend", "producer", "A5", interop.NoPurposeVersionInState.Name},
	{"unsuspend above", "Cfull", "unsuspend", "consumer", "S5C+W5", "200"},
	{"another estimate", "ACTIVE", "below", "consumer", "A7", interop.UnchangedDailyCalls.Name},
	{"another estimate above", "A+R", "above", "consumer", "A5+W40", interop.PurposeVersionStateConflict.Name},
	{"another estimate of what is held", "P", "below", "consumer", "S7P", interop.UnchangedDailyCalls.Name},
	{"take a version back", "A+R+W", "delWaiting", "consumer", "A5+R31", interop.PurposeVersionUnknown.Name},
	{"archive", "A+W", "archive", "consumer", "X5", interop.PurposeVersionNotInState.Name},
	{"clone", "ACTIVE", "clone", "consumer", "A5", interop.PurposeTitleDuplicate.Name},
}

// begins makes what a fault begins with, and the call that it breaks.
func (w *world) begins(f fault) (cell, func() apitest.Response) {
	w.Helper()
	var c cell
	switch f.situation {
	case "DRAFT30", "DRAFTQ":
		o := w.offers(25, 1000)
		calls := 30
		if f.situation == "DRAFTQ" {
			o, calls = w.quoted(4, 5), 5
		}
		w.joins(consumer, o)
		c = cell{w.drafts(consumer, o, calls), f.situation, consumer}
	case "Cfull":
		c = w.situated(consumer, "C")
		w.submits(consumer, offer{id: w.ok(consumer, "GET", c.path, "").Text("eserviceId")}, 25)
	default:
		c = w.situated(consumer, f.situation)
	}
	ids := w.versionIDs(c) // before it is gone
	eservice := w.ok(consumer, "GET", c.path, "").Text("eserviceId")
	return c, func() apitest.Response {
		switch f.action {
		case "delWaiting":
			return w.As(callers[f.by], "DELETE", c.path+"/versions/"+ids[f.action], "")
		case "clone":
			return w.As(callers[f.by], "POST", c.path+"/clone", interoptest.JSON(object{"eserviceId": eservice}))
		}
		return w.attempts(callers[f.by], c, f.action)
	}
}

// quoted publishes an e-service where who owns an attribute, as the consumer does, may
// plan more calls a day than others.
func (w *world) quoted(perConsumer, quota int) offer {
	w.Helper()
	n := unique.Add(1)
	id := w.ok(certifier, "POST", "/certifiedAttributes", interoptest.JSON(object{"name": fmt.Sprint("Attribute ", n), "code": fmt.Sprint(n), "description": "Chi è"})).Text("id")
	w.ok(certifier, "POST", "/tenants/"+consumer.Subject+"/certifiedAttributes", interoptest.JSON(object{"id": id}))
	s := object{"name": fmt.Sprint("E-service ", n), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": terms(perConsumer, 1000)}
	o := offer{id: w.ok(producer, "POST", "/eservices", interoptest.JSON(s)).Text("id")}
	o.descriptor = interoptest.Members(w.ok(producer, "GET", "/eservices/"+o.id+"/descriptors", ""), "id")[0]
	groups := o.path() + "/certifiedAttributes/groups"
	w.ok(producer, "POST", groups, interoptest.JSON(object{"attributeIds": []string{id}}))
	w.ok(producer, "PATCH", groups+"/0/attributes/"+id, fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, quota))
	w.ok(producer, "POST", o.path()+"/publish", "")
	return o
}

// TestBrokenCalls fails every call to the engine of every change, before and after it
// is carried out: nothing is half done, the answer tells nothing of how it is made, and
// who repeats the call has what it wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			embedded(t, func(w *world) {
				broken := 0
				for _, after := range []bool{false, true} {
					for k := 0; w.breaks(f, k, after); k++ {
						broken++
					}
				}
				if broken < 4 { // at least one read and one write
					t.Errorf("only %d calls were broken", broken)
				}
				w.consistent()
			})
		})
	}
}

// breaks makes a change of which call k fails; false when there is no such call.
func (w *world) breaks(f fault, k int, after bool) bool {
	w.Helper()
	c, change := w.begins(f)
	what := fmt.Sprintf("%s, call %d (carried out: %t)", f.name, k, after)
	before, wrote := w.touching(c), false
	res, broken := w.broken(change, func(call *hooked.Call) bool {
		wrote = wrote || call.N == k && after && call.Writes()
		return call.N == k
	}, k, after)
	if !broken {
		w.now(f, c, what)
		return false
	}
	w.Refused(res, interop.Unavailable)
	for _, internal := range []string{"hooked", "engine", "PURPOSE#", "LOAD#", "interop(", ".go"} {
		if strings.Contains(res.Raw, internal) {
			w.Errorf("%s: the answer tells %q\n%s", what, internal, res.Raw)
		}
	}
	if wrote {
		w.consistent()
	} else if diff := cmp.Diff(before, w.touching(c)); diff != "" {
		w.Errorf("%s changed what is stored (-before +after):\n%s", what, diff)
	}
	again := change()
	if got := interoptest.Answered(again); wrote && got != f.again || !wrote && again.Status/100 != 2 {
		w.Errorf("%s: the repetition is answered %s %s", what, got, again.Raw)
	}
	w.now(f, c, what)
	return true
}

// broken makes a change of which one call fails, and tells whether there was one.
func (w *world) broken(change func() apitest.Response, picked func(*hooked.Call) bool, k int, after bool) (res apitest.Response, broken bool) {
	w.Helper()
	var seen atomic.Bool // a list makes several calls at once
	w.Tap.Set(func(c *hooked.Call) error {
		if picked(c) {
			seen.Store(true)
		}
		return hooked.Broken(k, after)(c)
	})
	defer w.Tap.Set(nil)
	res = change()
	return res, seen.Load()
}

// now looks at what has come of a change.
func (w *world) now(f fault, c cell, what string) {
	w.Helper()
	w.consistent()
	res := w.As(consumer, "GET", c.path, "")
	if f.now == "" {
		w.Refused(res, interop.PurposeNotFound)
		return
	}
	want(w.TB, what, brief(res.Body), f.now)
	if f.action == "clone" {
		title := strings.ReplaceAll(res.Text("title"), " ", "+") + "+-+clone"
		want(w.TB, what+": clones", interoptest.Total(w.ok(consumer, "GET", "/purposes?title="+title, "")), 1)
	}
	w.once(f, c, what)
}

// once fails when a change is told of more than once, where it can be made only once.
func (w *world) once(f fault, c cell, what string) {
	w.Helper()
	if f.action == "update" || f.action == "expect" || f.action == "clone" {
		return // which may be asked for again
	}
	count := 0
	seen := map[string]bool{}
	for _, row := range w.happened(consumer, c.path) {
		if seen[row] {
			count++
		}
		seen[row] = true
	}
	want(w.TB, what+": rows that are told twice", count, 0)
}

// TestBrokenCreation is TestBrokenCalls of a new purpose.
func TestBrokenCreation(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 25)
		w.joins(consumer, o)
		made := 0
		for _, after := range []bool{false, true} {
			for k, more := 0, true; more; k++ {
				body := interoptest.JSON(seed(o, 5))
				change := func() apitest.Response { return w.As(consumer, "POST", "/purposes", body) }
				wrote, before := false, w.everything()
				var res apitest.Response
				res, more = w.broken(change, func(c *hooked.Call) bool {
					wrote = wrote || c.N == k && after && c.Writes()
					return c.N == k
				}, k, after)
				if made++; !more {
					w.Want(res, 201)
					break
				}
				w.Refused(res, interop.Unavailable)
				if !wrote {
					w.unchanged("what failed", before)
				}
				w.consistent()
				want(t, "the repetition", interoptest.Answered(change()), map[bool]string{true: interop.PurposeTitleDuplicate.Name, false: "201"}[wrote])
			}
		}
		want(t, "purposes", interoptest.Total(w.ok(consumer, "GET", "/purposes?eserviceIds="+o.id, "")), made)
		w.consistent()
	})
}

// TestOthersAreFaster refuses the write of every change for what another changed at
// the same time: it is made of what there is then, and gives up after a while.
func TestOthersAreFaster(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, f := range faults {
			for _, times := range []int{1, 100} {
				c, change := w.begins(f)
				before, refused := w.everything(), 0
				w.Tap.Set(func(call *hooked.Call) error {
					if call.Writes() && refused < times {
						refused++
						return &table.Refused{Steps: []table.RefusedStep{{Label: "purpose"}}}
					}
					return call.Run()
				})
				res := change()
				w.Tap.Set(nil)
				if times == 1 {
					want(t, f.name+", refused once", res.Status/100, 2)
					w.now(f, c, f.name)
					continue
				}
				w.Refused(res, interop.Unavailable)
				w.unchanged(f.name, before)
				if refused < 4 || refused > 20 {
					t.Errorf("%s was tried %d times", f.name, refused)
				}
			}
		}
	})
}

// TestBrokenReads fails every call of what reads: nothing is told in part.
func TestBrokenReads(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.quoted(4, 5)
		agreement := w.joins(consumer, o)
		waits := w.submits(consumer, o, 6)
		path := w.submits(consumer, o, 5)
		for _, one := range []struct {
			who *api.Identity
			at  string
		}{
			{consumer, path},
			{consumer, path + "/versions"},
			{consumer, path + "/versions/" + w.versionIDs(cell{path, "", consumer})["delCurrent"]},
			{consumer, path + "/history"},
			{consumer, path + "/agreement"},
			{consumer, path + "/remainingDailyCalls"},
			{producer, "/purposes?states=WAITING_FOR_APPROVAL"},
			{producer, agreement + "/purposes"},
			{producer, "/eservices/" + o.id + "/load"},
		} {
			read := func() apitest.Response { return w.As(one.who, "GET", one.at, "") }
			whole := w.ok(one.who, "GET", one.at, "")
			calls := 0
			for k, more := 0, true; more; k++ {
				var res apitest.Response
				if res, more = w.broken(read, func(c *hooked.Call) bool { return c.N == k }, k, k%2 == 0); more {
					calls++
					w.Refused(res, interop.Unavailable)
				} else {
					want(t, one.at, res.Raw, whole.Raw)
				}
			}
			if calls == 0 {
				t.Errorf("%s reads nothing", one.at)
			}
		}
		want(t, "what waits", brief(w.ok(consumer, "GET", waits, "").Body), "W6")
	})
}
