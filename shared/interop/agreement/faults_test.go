package agreement_test

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// breakable has the changes that TestBrokenCalls breaks at every call to the engine. begin
// prepares one; done is the answer to a repetition after the change was stored.
var breakable = map[string]struct {
	begin func(w *world) func() apitest.Response
	done  string
}{
	"create": {func(w *world) func() apitest.Response {
		o := w.newOffer("AUTOMATIC")
		return func() apitest.Response {
			return w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor}))
		}
	}, interop.AgreementExists.Name},
	"delete": {func(w *world) func() apitest.Response {
		id := w.createDraft(w.newOffer("AUTOMATIC"))
		return func() apitest.Response { return w.As(consumer, "DELETE", "/agreements/"+id, "") }
	}, interop.AgreementNotFound.Name},
	"submit":                      {acting(consumer, "submit", "AUTOMATIC"), interop.AgreementNotInState.Name},
	"submit to wait":              {acting(consumer, "submit", "MANUAL"), interop.AgreementNotInState.Name},
	"approve":                     {acting(producer, "approve", "MANUAL", "submit"), interop.AgreementNotPending.Name},
	"reject":                      {acting(producer, "reject", "MANUAL", "submit"), interop.AgreementNotInState.Name},
	"suspend":                     {acting(consumer, "suspend", "AUTOMATIC", "submit"), "SUSPENDED Consumer"},
	"unsuspend":                   {acting(consumer, "unsuspend", "AUTOMATIC", "submit", "suspend"), interop.AgreementNotSuspended.Name},
	"archive":                     {acting(consumer, "archive", "AUTOMATIC", "submit"), interop.AgreementNotInState.Name},
	"clone":                       {acting(consumer, "clone", "MANUAL", "submit", "reject"), interop.AgreementExists.Name},
	"submit without an attribute": {withoutAttribute, interop.AgreementNotInState.Name},
	"upgrade": {func(w *world) func() apitest.Response {
		_, id := w.upgradable("AUTOMATIC")
		return w.actionCall(consumer, id, "upgrade")
	}, interop.AgreementNotInState.Name},
	"upgrade by a draft": {func(w *world) func() apitest.Response {
		_, id := w.upgradable("AUTOMATIC", requirement{attribute.Declared, []string{w.attribute(attribute.Declared)}})
		return w.actionCall(consumer, id, "upgrade")
	}, interop.AgreementExists.Name},
	"approve what replaces": {func(w *world) func() apitest.Response {
		required := w.attribute(attribute.Declared)
		_, id := w.upgradable("MANUAL", requirement{attribute.Declared, []string{required}})
		draft := w.mustAct(consumer, id, "upgrade").Text("id")
		w.assign(attribute.Declared, required, "")
		w.mustAct(consumer, draft, "submit")
		return w.actionCall(producer, draft, "approve")
	}, interop.AgreementNotPending.Name},
}

// acting returns the begin of an action on an agreement, after the actions of before.
func acting(caller *api.Identity, action, policy string, before ...string) func(w *world) func() apitest.Response {
	return func(w *world) func() apitest.Response {
		id := w.createDraft(w.newOffer(policy))
		for _, step := range before {
			w.mustAct(map[bool]*api.Identity{true: producer, false: consumer}[step == "reject"], id, step)
		}
		return w.actionCall(caller, id, action)
	}
}

// withoutAttribute begins a submission by a consumer that has lost a certified attribute.
func withoutAttribute(w *world) func() apitest.Response {
	o, required := w.offerRequiring("AUTOMATIC", attribute.Certified, true)
	id := w.createDraft(o)
	w.revoke(attribute.Certified, required, "")
	return w.actionCall(consumer, id, "submit")
}

// TestBrokenCalls fails every call to the engine of every change, before and after the
// engine carries it out. The change is stored completely or not at all, the answer shows
// nothing of the storage, and a repetition makes the change once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, b := range breakable {
			for _, after := range []bool{false, true} {
				for k, broken := 0, true; broken; k++ {
					broken = w.breakCall(fmt.Sprintf("%s, call %d (carried out: %t)", name, k, after), b.begin(w), b.done, k, after)
					w.clear()
				}
			}
		}
	})
}

// breakCall makes a change during which call k fails. It returns false when the change
// makes fewer calls.
func (w *world) breakCall(what string, change func() apitest.Response, done string, k int, after bool) bool {
	w.Helper()
	before := w.everything()
	var broken, wrote atomic.Bool // an action makes several calls at the same time
	w.Tap.Set(func(c *hooked.Call) error {
		if c.N == k {
			broken.Store(true)
			wrote.Store(after && c.Writes())
		}
		return hooked.Broken(k, after)(c)
	})
	res := change()
	w.Tap.Set(nil)
	if !broken.Load() {
		return false
	}
	w.Unavailable(res)
	// A write that fails because another agreement has the claim stores nothing.
	stored := wrote.Load() && !same(before, w.everything())
	if !stored {
		w.wantUnchanged(before)
	}
	w.checkConsistent()
	again := change()
	refusal := interop.AgreementSubmissionFailed.Name // this refusal is stored
	if got := answer(again); stored && got != done || !stored && again.Status/100 != 2 && got != refusal {
		w.Errorf("%s: the answer to the repetition is %s %s", what, got, again.Raw)
	}
	w.checkSettled()
	return true
}

func same(a, b map[table.Key]object) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

// TestBrokenReads fails every call of every read operation. The answer is an error, never
// a part of the result.
func TestBrokenReads(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("AUTOMATIC")
		id := w.createDraft(o)
		for path, calls := range map[string]int{
			"/agreements": 3, "/agreements/" + id: 1, "/agreements/" + id + "/history": 1,
			"/agreements?states=DRAFT&descriptorIds=" + o.descriptor: 3,
		} {
			for k := range calls {
				w.Tap.Set(hooked.Broken(k, k%2 == 0))
				w.Unavailable(w.As(consumer, "GET", path, ""))
			}
			w.Tap.Set(nil)
			w.OK(consumer, "GET", path, "")
			interoptest.Equal(w.TB, "calls of "+path, w.Calls(func() { w.OK(consumer, "GET", path, "") }), calls)
		}
	})
}

// TestBrokenFollowing fails every call while the platform follows a change. After the
// change is delivered a second time, the platform has followed it completely.
func TestBrokenFollowing(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, after := range []bool{false, true} {
			for k, broken := 0, true; broken; k++ {
				o, required := w.offerRequiring("AUTOMATIC", attribute.Declared, true)
				id := w.createDraft(o)
				w.mustAct(consumer, id, "submit")
				w.follow()
				w.revoke(attribute.Declared, required, "")
				w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", interoptest.JSON(object{"name": interoptest.Unique("Renamed")}))
				var met atomic.Bool
				w.Tap.Set(func(c *hooked.Call) error {
					if c.N == k {
						met.Store(true)
					}
					return hooked.Broken(k, after)(c)
				})
				changes := w.redeliver()
				w.Tap.Set(nil)
				broken = met.Load()
				w.checkConsistent()
				if failed := slices.Contains(changes, false); failed != broken {
					w.Errorf("call %d broken: %t, a delivery failed: %t", k, broken, failed)
				}
				w.checkSettled()
				interoptest.Equal(w.TB, "without the attribute", w.state(id), "SUSPENDED Platform")
				w.clear()
			}
		}
	})
}

// redeliver hands every change to the worker, and a second time after a failure. It
// returns for each change whether the first delivery succeeded.
func (w *world) redeliver() (handled []bool) {
	w.Helper()
	for {
		change, more := w.NextChange()
		if !more {
			return handled
		}
		err := w.deliver(change)
		handled = append(handled, err == nil)
		if err != nil {
			if err := w.deliver(change); err != nil {
				w.Fatal(err)
			}
		}
	}
}
