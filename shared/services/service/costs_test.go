package service_test

import (
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// cost sends a request and returns the round trips and the items read that its line in the
// log counts.
func (w *world) cost(as *api.Identity, method, path, body string) (trips, items float64) {
	w.Helper()
	if res := w.As(as, method, path, body); res.Status >= http.StatusInternalServerError {
		w.Errorf("%s %s: %d %s", method, path, res.Status, res.Raw)
	}
	lines := w.LogLines()
	last := lines[len(lines)-1]
	trips, _ = last["roundTrips"].(float64)
	items, _ = last["itemsRead"].(float64)
	return trips, items
}

// TestRoundTrips compares what requests cost with the budget.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("One"))
		taken := w.create(named("Two"))
		other := w.create(named("Two"))
		w.submit(taken, true)
		check := func(trips, items float64, what string, as *api.Identity, method, path, body string) {
			w.Helper()
			if gotTrips, gotItems := w.cost(as, method, path, body); gotTrips != trips || gotItems != items {
				w.Errorf("%s takes %v round trips and %v items, want %v and %v", what, gotTrips, gotItems, trips, items)
			}
		}
		submit := `{"auto_publish":false}`
		for _, c := range []struct {
			trips, items       float64
			what               string
			as                 *api.Identity
			method, path, body string
		}{
			{0, 0, "info", nil, "GET", "/info", ""},
			{0, 0, "topics", owner, "GET", "/services/topics", ""},
			{1, 0, "create", owner, "POST", "/services", named("Three")},
			{0, 0, "create with a bad body", owner, "POST", "/services", "{}"},
			{0, 0, "create with a bad topic", owner, "POST", "/services", complete(map[string]any{"metadata.topic_id": 99})},
			{1, 1, "get", owner, "GET", path, ""},
			{1, 0, "get a service that does not exist", owner, "GET", "/services/01HCEXAMP0E000000000000001", ""},
			{0, 0, "get an id that no service can have", owner, "GET", "/services/x", ""},
			{1, 1, "get the release of a draft", owner, "GET", path + "/release", ""},
			{2, 1, "edit", owner, "PUT", path, named("One")},
			{2, 1, "submit", owner, "PUT", path + "/review", submit},
			{1, 1, "submit again", owner, "PUT", path + "/review", submit},
			{2, 1, "withdraw", owner, "DELETE", path + "/review", ""},
			{2, 1, "submit", owner, "PUT", path + "/review", submit},
			{1, 1, "get the review", reviewer, "GET", path + "/review", ""},
			{2, 1, "reject", reviewer, "POST", path + "/review/reject", `{"reason":"R"}`},
			{2, 1, "edit what was rejected", owner, "PUT", path, named("One")},
			{2, 1, "submit", owner, "PUT", path + "/review", submit},
			{2, 1, "approve", reviewer, "POST", path + "/review/approve", ""},
			{1, 2, "get the release", owner, "GET", path + "/release", ""},
			{2, 2, "publish", owner, "POST", path + "/release", ""},
			{1, 2, "publish again", owner, "POST", path + "/release", ""},
			{2, 2, "unpublish", owner, "DELETE", path + "/release", ""},
			{1, 2, "unpublish again", owner, "DELETE", path + "/release", ""},
			{2, 2, "edit what was approved", owner, "PUT", path, named("One")},
			{2, 2, "submit what needs no reviewer", owner, "PUT", path + "/review", submit},
			{1, 2, "allowed actions", owner, "GET", path + "/allowedActions", ""},
			{2, 3, "check", owner, "GET", path + "/review/check", ""},
			{3, 1, "submit a taken name", owner, "PUT", other + "/review", submit},
			{2, 2, "check a taken name", owner, "GET", other + "/review/check", ""},
			{1, 2, "keys", owner, "GET", path + "/keys", ""},
			{2, 2, "regenerate", owner, "PUT", path + "/keys/primary", ""},
			{2, 13, "history", owner, "GET", path + "/history", ""},
			{1, 1, "logo", owner, "PUT", path + "/logo", pixel},
			{1, 1, "get logo", owner, "GET", path + "/logo", ""},
			{2, 2, "queue", reviewer, "GET", "/reviews", ""},
			{2, 2, "delete", owner, "DELETE", path, ""},
			{1, 1, "delete again", owner, "DELETE", path, ""},
			{1, 2, "keys of a deleted service", owner, "GET", other + "/keys", ""},
		} {
			check(c.trips, c.items, c.what, c.as, c.method, c.path, c.body)
		}
	})
}

// TestPagesCostThePage reads pages of lists: services of other owners do not change the cost.
func TestPagesCostThePage(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for i := range 12 {
			w.Clock.Advance(1e6)
			w.create(named("Ours %d", i))
		}
		costs := func() (line string) {
			w.Age(ownersList)
			w.page(owner, "/services?limit=1")
			for _, query := range []string{"", "?limit=5", "?limit=5&offset=5", "?limit=5&offset=10", "?offset=100", "?limit=1"} {
				trips, items := w.cost(owner, "GET", "/services"+query, "")
				line += fmt.Sprint(trips, " ", items, ", ")
			}
			trips, items := w.cost(owner, "GET", "/services", "")
			return line + fmt.Sprint(trips, " ", items)
		}
		before := costs()
		for i := range 30 {
			res := w.Want(w.As(stranger, "POST", "/services", named("Theirs %d", i)), http.StatusCreated)
			if i < 9 {
				w.Want(w.As(stranger, "PUT", "/services/"+res.Text("id")+"/review", `{"auto_publish":true}`), http.StatusNoContent)
			}
		}
		if after := costs(); after != before {
			w.Errorf("beside other owners' services the pages cost %s, before %s", after, before)
		}
		// The services of the page.
		if want := "2 12, 2 5, 2 5, 2 2, 1 0, 2 1, 2 12"; before != want {
			w.Errorf("the pages cost %s, want %s", before, want)
		}
		// All nine entries, for the count, and what is there of three services.
		if trips, items := w.cost(reviewer, "GET", "/reviews?limit=3&offset=2", ""); trips != 2 || items != 12 {
			w.Errorf("a page of the queue costs %v round trips and %v items", trips, items)
		}
	})
}

// TestLostRoundsReadNothing counts the calls of a change that loses against another one: it
// starts over from the items that refused it.
func TestLostRoundsReadNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct{ setup, outer, inner string }{
			{"staged, renaming", "withdraw", "unpublish"},
			{"staged, renaming", "approve", "unpublish"},
			{"staged, renamed", "submit", "unpublish"},
			{"staged", "delete", "unpublish"},
			{"staged", "publish", "unpublish"},
			{"staged", "publish", "name it One"},
		} {
			path := w.setUp(c.setup)
			w.Tap.During(0, (*hooked.Call).Writes, func() { actionOf(c.inner).do(w, path) })
			w.Want(actionOf(c.outer).do(w, path), http.StatusNoContent)
			// The inner change reads and writes, the outer one reads once and writes twice.
			if calls := w.Tap.Seen(); calls != 5 {
				w.Errorf("%s of a %s service takes %d calls beside %s, want 5", c.outer, c.setup, calls, c.inner)
			}
			w.Tap.Set(nil)
			w.discard(path)
		}
	})
}
