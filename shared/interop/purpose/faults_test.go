package purpose_test

import (
	"fmt"
	"strings"
	"testing"

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
	name, setup, action, by string
	now, again              string
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

// prepare makes the purpose that a fault starts from, and the request to break.
func (w *world) prepare(f fault) (cell, func() apitest.Response) {
	w.Helper()
	var c cell
	switch f.setup {
	case "DRAFT30", "DRAFTQ":
		o := w.publish(25, 1000)
		calls := 30
		if f.setup == "DRAFTQ" {
			o = w.publishWithQuota(4, 5)
			calls = 5
		}
		w.SubmitAgreement(consumer, o)
		c = cell{w.DraftPurpose(consumer, o, calls), f.setup, consumer}
	case "Cfull":
		c = w.setUp(consumer, "C")
		w.ActivatePurpose(consumer, offer{ID: w.OK(consumer, "GET", c.path, "").Text("eserviceId")}, 25)
	default:
		c = w.setUp(consumer, f.setup)
	}
	ids := w.versionIDs(c) // before it is gone
	eservice := w.OK(consumer, "GET", c.path, "").Text("eserviceId")
	return c, func() apitest.Response {
		switch f.action {
		case "delWaiting":
			return w.As(callers[f.by], "DELETE", c.path+"/versions/"+ids[f.action], "")
		case "clone":
			return w.As(callers[f.by], "POST", c.path+"/clone", interoptest.JSON(object{"eserviceId": eservice}))
		}
		return w.send(callers[f.by], c, f.action)
	}
}

// publishWithQuota publishes an e-service with a greater threshold for organizations that
// own an attribute, which the consumer does.
func (w *world) publishWithQuota(perConsumer, quotaCalls int) offer {
	w.Helper()
	id := w.defineAttribute()
	w.assign(consumer, id)
	return w.publishRequiring(perConsumer, 1000, []quota{{id, quotaCalls}})
}

// TestBrokenCalls fails every call to the engine of every change, before and after it
// is carried out: nothing is half done, the answer shows nothing of the storage, and a
// repetition of the call makes the change once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			embedded(t, func(w *world) {
				broken := 0
				for _, after := range []bool{false, true} {
					for k := 0; w.breakCall(f, k, after); k++ {
						broken++
					}
				}
				if broken < 4 { // at least one read and one write
					t.Errorf("only %d calls were broken", broken)
				}
				w.checkConsistent()
			})
		})
	}
}

// breakCall makes a change during which call k fails; false when there is no such call.
func (w *world) breakCall(f fault, k int, after bool) bool {
	w.Helper()
	c, change := w.prepare(f)
	what := fmt.Sprintf("%s, call %d (carried out: %t)", f.name, k, after)
	before := w.storedOf(c)
	broken := w.Break(k, after, change)
	if !broken.Reached {
		w.checkOutcome(f, c, what)
		return false
	}
	w.Unavailable(broken.Response)
	if broken.Wrote {
		w.checkConsistent()
	} else {
		w.Unchanged(what, before, w.storedOf(c))
	}
	again := change()
	if got := interoptest.Answered(again); broken.Wrote && got != f.again || !broken.Wrote && again.Status/100 != 2 {
		w.Errorf("%s: the repetition is answered %s %s", what, got, again.Raw)
	}
	w.checkOutcome(f, c, what)
	return true
}

// checkOutcome checks the result of a change.
func (w *world) checkOutcome(f fault, c cell, what string) {
	w.Helper()
	w.checkConsistent()
	res := w.As(consumer, "GET", c.path, "")
	if f.now == "" {
		w.Refused(res, interop.PurposeNotFound)
		return
	}
	interoptest.Equal(w.TB, what, briefly(res.Body), f.now)
	if f.action == "clone" {
		title := strings.ReplaceAll(res.Text("title"), " ", "+") + "+-+clone"
		interoptest.Equal(w.TB, what+": clones", interoptest.Total(w.OK(consumer, "GET", "/purposes?title="+title, "")), 1)
	}
	w.checkOnce(f, c, what)
}

// checkOnce checks that the history has no row twice, for changes that can be made once.
func (w *world) checkOnce(f fault, c cell, what string) {
	w.Helper()
	if f.action == "update" || f.action == "expect" || f.action == "clone" {
		return // can be repeated
	}
	count := 0
	seen := map[string]bool{}
	for _, row := range w.history(consumer, c.path) {
		if seen[row] {
			count++
		}
		seen[row] = true
	}
	interoptest.Equal(w.TB, what+": rows that are there twice", count, 0)
}

// TestBrokenCreation is TestBrokenCalls of a new purpose.
func TestBrokenCreation(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		made := 0
		for _, after := range []bool{false, true} {
			for k := 0; w.breakCreation(o, k, after); k++ {
				made++
			}
			made++ // the one without a failure
		}
		interoptest.Equal(t, "purposes", interoptest.Total(w.OK(consumer, "GET", "/purposes?eserviceIds="+o.ID, "")), made)
		w.checkConsistent()
	})
}

// breakCreation makes a purpose during which call k fails; false when there is no such call.
func (w *world) breakCreation(o offer, k int, after bool) bool {
	w.Helper()
	body := interoptest.JSON(interoptest.PurposeSeed(o, 5))
	create := func() apitest.Response { return w.As(consumer, "POST", "/purposes", body) }
	before := w.stored()
	broken := w.Break(k, after, create)
	if !broken.Reached {
		w.Want(broken.Response, 201)
		return false
	}
	w.Unavailable(broken.Response)
	again := "201"
	if broken.Wrote {
		again = interop.PurposeTitleDuplicate.Name
	} else {
		w.Unchanged("a creation that failed", before, w.stored())
	}
	w.checkConsistent()
	interoptest.Equal(w.TB, "the repetition", interoptest.Answered(create()), again)
	return true
}

// refusal is that of a transaction that lost a race for its purpose, with the item that is
// stored, as engines return it.
func (w *world) refusal(steps []table.Step) error {
	refused := steps[0]
	for _, step := range steps {
		if step.Label == "purpose" {
			refused = step
		}
	}
	current, err := w.Tap.DB.Get(w.Context(), refused.Key)
	if err != nil {
		return err
	}
	return &table.Refused{Steps: []table.RefusedStep{{Label: refused.Label, Current: current}}}
}

// TestOthersAreFaster refuses the write of every change because of another one at the same
// time: it is decided again on what is stored then, and ends after a number of rounds.
func TestOthersAreFaster(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, f := range faults {
			for _, times := range []int{1, 100} {
				c, change := w.prepare(f)
				before := w.stored()
				refused := 0
				w.Tap.Set(func(call *hooked.Call) error {
					if call.Writes() && refused < times {
						refused++
						return w.refusal(call.Steps)
					}
					return call.Run()
				})
				res := change()
				w.Tap.Set(nil)
				if times == 1 {
					interoptest.Equal(t, f.name+", refused once", res.Status/100, 2)
					w.checkOutcome(f, c, f.name)
					continue
				}
				w.Refused(res, interop.Unavailable)
				w.Unchanged(f.name, before, w.stored())
				if refused < 4 || refused > 20 {
					t.Errorf("%s was tried %d times", f.name, refused)
				}
			}
		}
	})
}

// TestBrokenReads fails every call of an operation that reads: no answer is partial.
func TestBrokenReads(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishWithQuota(4, 5)
		agreement := w.SubmitAgreement(consumer, o)
		waits := w.ActivatePurpose(consumer, o, 6)
		path := w.ActivatePurpose(consumer, o, 5)
		for _, one := range []struct {
			caller *api.Identity
			at     string
		}{
			{consumer, path},
			{consumer, path + "/versions"},
			{consumer, path + "/versions/" + w.versionIDs(cell{path, "", consumer})["delCurrent"]},
			{consumer, path + "/history"},
			{consumer, path + "/agreement"},
			{consumer, path + "/remainingDailyCalls"},
			{producer, "/purposes?states=WAITING_FOR_APPROVAL"},
			{producer, agreement + "/purposes"},
			{producer, "/eservices/" + o.ID + "/load"},
		} {
			read := func() apitest.Response { return w.As(one.caller, "GET", one.at, "") }
			whole := w.OK(one.caller, "GET", one.at, "")
			calls := 0
			for k := 0; ; k++ {
				broken := w.Break(k, k%2 == 0, read)
				if !broken.Reached {
					interoptest.Equal(t, one.at, broken.Raw, whole.Raw)
					break
				}
				calls++
				w.Unavailable(broken.Response)
			}
			if calls == 0 {
				t.Errorf("%s reads nothing", one.at)
			}
		}
		interoptest.Equal(t, "what waits", briefly(w.OK(consumer, "GET", waits, "").Body), "W6")
	})
}
