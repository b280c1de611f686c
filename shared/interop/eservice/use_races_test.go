package eservice_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// subscribe counts an agreement on the latest version while that is published, as
// one transaction with the check that it is.
func (w *world) subscribe(ctx context.Context, path string) (number int64) {
	for range 200 {
		c, err := eservice.Load(ctx, w.Tap.DB, idOf(path))
		if err != nil {
			w.Error(err)
			return 0
		}
		latest := c.Latest()
		err = w.Tap.DB.Write(ctx, c.VersionCheck(), eservice.UsageStep(idOf(path), latest.Number, 1))
		if err == nil {
			return latest.Number
		}
		if table.AsRefused(err) == nil && !table.IsKind(err, table.Conflict) {
			w.Error(err)
			return 0
		}
	}
	w.Error("never subscribed")
	return 0
}

// unsubscribe ends an agreement on a version, and retires what is then unused, as the
// worker does.
func (w *world) unsubscribe(store *eservice.Store, path string, number int64) {
	for range 200 {
		err := w.Tap.DB.Write(w.Context(), eservice.UsageStep(idOf(path), number, -1))
		if err == nil {
			break
		}
		if !table.IsKind(err, table.Conflict) {
			w.Error(err)
		}
	}
	for range 200 { // the change is delivered again after an error
		if store.Retire(w.Context(), idOf(path)) == nil {
			return
		}
	}
	w.Error("never retired")
}

// TestRaceOfPublishingAndUse publishes versions while 64 agreements are made and
// ended: versions in use are kept, others are archived.
func TestRaceOfPublishingAndUse(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		store := w.store()
		var racing sync.WaitGroup
		for i := range 64 {
			racing.Go(func() {
				if number := w.subscribe(w.Context(), path); i%4 > 0 && number > 0 {
					w.unsubscribe(store, path, number)
				}
			})
		}
		for range 3 {
			next := w.insist(func() (int, string) {
				res := w.call("POST", path+"/descriptors", terms(nil))
				return res.Status, res.Text("id")
			})
			w.insist(func() (int, string) {
				res := w.call("POST", path+"/descriptors/"+next+"/publish", "")
				return res.Status, res.Raw
			})
		}
		racing.Wait()
		w.used(path, 16)
		w.audit(path)
	})
}

// used checks the states of the descriptors by their use, and the sum of agreements.
func (w *world) used(path string, want int) {
	w.Helper()
	c := w.load(path)
	total := 0
	live := 0.0
	for _, d := range c.Descriptors {
		if d.State != "ARCHIVED" {
			live++
		}
		uses, _ := w.Items("ESERVICE#" + idOf(path))[fmt.Sprint("USE#", d.Number)]["count"].(float64)
		total += int(uses)
		state := map[bool]string{true: "DEPRECATED", false: "ARCHIVED"}[uses > 0]
		if d == c.Latest() {
			state = "PUBLISHED"
		}
		if string(d.State) != state || uses < 0 || c.IsInUse(d) != (uses > 0) {
			w.Errorf("version %d is %s with %v agreements", d.Number, d.State, uses)
		}
	}
	if total != want {
		w.Errorf("of %d agreements %d are counted", want, total)
	}
	w.claimed("api.example.it", producer, live)
}

// insist repeats a call while it is unavailable.
func (w *world) insist(call func() (int, string)) string {
	w.Helper()
	for range 200 {
		status, text := call()
		if status < 400 {
			return text
		}
		if status != http.StatusServiceUnavailable {
			w.Fatalf("%d %s", status, text)
		}
	}
	w.Fatal("never done")
	return ""
}

// TestRacesForRequirements changes what a descriptor requires 64 times at once.
func TestRacesForRequirements(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, draft := w.needing()
		third := w.attributes("verified")[2]
		at := in(draft, "verified", 0)
		before := w.version(path)
		w.came("adding one attribute", w.race(64, times(64, func(int) apitest.Response { return w.call("POST", at, group(third)) })...),
			map[string]int{"200": 1, interop.RequiredTwiceInGroup.Name: 63})
		w.came("removing one attribute", w.race(64, times(64, func(int) apitest.Response { return w.call("DELETE", at+"/"+third, "") })...),
			map[string]int{"200": 1, interop.RequiredNotFound.Name: 63})
		if got := w.version(path); got != before+2 {
			w.Errorf("two changes made version %d of %d", got, before)
		}
		got := w.race(16, times(16, func(int) apitest.Response { return w.call("POST", draft+"/verifiedAttributes/groups", group(third)) })...)
		page, _ := w.call("GET", draft+"/verifiedAttributes", "").Body["pagination"].(object)
		total, _ := page["totalCount"].(float64)
		groups := int(total) - 2
		if got["201"] != groups || groups == 0 || got["201"]+got[interop.Unavailable.Name] != 16 || w.version(path) != before+2+groups {
			w.Errorf("16 groups came to %v, and there are %d", got, groups)
		}
		// A lower total and a higher quota: whichever is first, the other is refused.
		for i := range 4 {
			w.Want(w.call("PATCH", draft, `{"dailyCallsTotal":100}`), http.StatusOK)
			quota := in(draft, "certified", 0) + "/" + w.attributes("certified")[0]
			w.Want(w.call("PATCH", quota, fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, 10+i)), http.StatusOK)
			lower := func() apitest.Response { return w.call("PATCH", draft, `{"dailyCallsTotal":50}`) }
			higher := func() apitest.Response { return w.call("PATCH", quota, `{"dailyCallsPerConsumer":60}`) }
			got := w.race(2, lower, higher)
			w.came("contradicting", got, map[string]int{"200": 1, interop.InconsistentDailyCalls.Name: 1})
		}
		w.audit(path)
	})
}
