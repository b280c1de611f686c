package agreement_test

import (
	"net/http"
	"testing"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/api"
)

// cost sends a request and returns the round trips and the items read that its log
// line counts.
func (w *world) cost(as *api.Identity, method, path, body string) (trips, items float64) {
	w.Helper()
	if res := w.as(as, method, path, body); res.Status >= http.StatusInternalServerError {
		w.Errorf("%s %s: %d %s", method, path, res.Status, res.Raw)
	}
	lines := w.World.Log.Lines(w.TB)
	last := lines[len(lines)-1]
	trips, _ = last["roundTrips"].(float64)
	items, _ = last["itemsRead"].(float64)
	return trips, items
}

// priced is a request with its price.
type priced struct {
	trips, items       float64
	what               string
	as                 *api.Identity
	method, path, body string
}

func (w *world) costs(all ...priced) {
	w.Helper()
	for _, c := range all {
		if trips, items := w.cost(c.as, c.method, c.path, c.body); trips != c.trips || items != c.items {
			w.Errorf("%s takes %v round trips and %v items, want %v and %v", c.what, trips, items, c.trips, c.items)
		}
	}
}

// TestRoundTrips is the price of every operation. An e-service with one descriptor
// is two items, three once it is in use; a consumer owns nothing here, but is one.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.offers("MANUAL")
		seed := body(object{"eserviceId": o.id, "descriptorId": o.descriptor})
		w.costs(
			priced{4, 3, "create", consumer, "POST", "/agreements", seed},
			priced{4, 5, "create again", consumer, "POST", "/agreements", seed},
			priced{0, 0, "create with a bad body", consumer, "POST", "/agreements", "{}"},
			priced{0, 0, "create without a token", nil, "POST", "/agreements", seed},
		)
		at := "/agreements/" + w.only("DRAFT")
		w.costs(
			priced{1, 1, "get", consumer, "GET", at, ""},
			priced{1, 1, "get a stranger's", stranger, "GET", at, ""},
			priced{1, 0, "get nobody's", consumer, "GET", "/agreements/" + stranger.Subject, ""},
			priced{0, 0, "get what is no id", consumer, "GET", "/agreements/x", ""},
			priced{1, 1, "history", consumer, "GET", at + "/history", ""},
			priced{4, 4, "submit", consumer, "POST", at + "/submit", "{}"},
			priced{3, 4, "submit again", consumer, "POST", at + "/submit", "{}"},
			priced{4, 4, "approve", producer, "POST", at + "/approve", ""},
			priced{2, 1, "suspend", consumer, "POST", at + "/suspend", ""},
			priced{1, 1, "suspend again", consumer, "POST", at + "/suspend", ""},
			priced{4, 5, "unsuspend", consumer, "POST", at + "/unsuspend", ""},
			priced{1, 5, "history", consumer, "GET", at + "/history", ""},
			priced{3, 5, "upgrade to nothing", consumer, "POST", at + "/upgrade", ""},
		)
		next := w.revises(o, "AUTOMATIC")
		w.costs(priced{4, 6, "upgrade", consumer, "POST", at + "/upgrade", ""})
		w.follow()
		at = "/agreements/" + w.only("ACTIVE")
		w.costs(
			priced{2, 1, "archive", consumer, "POST", at + "/archive", ""},
			priced{1, 1, "archive again", consumer, "POST", at + "/archive", ""},
		)
		rejected := "/agreements/" + w.waiting()
		w.costs(
			priced{2, 1, "reject", producer, "POST", rejected + "/reject", bodyOf("reject")},
			priced{5, 4, "clone", consumer, "POST", rejected + "/clone", ""},
		)
		w.costs(
			priced{2, 1, "delete", consumer, "DELETE", "/agreements/" + w.only("DRAFT"), ""},
			priced{4, 6, "create beside others", consumer, "POST", "/agreements", body(object{"eserviceId": next.id, "descriptorId": next.descriptor})},
		)
		w.costs(priced{4, 7, "submit and activate", consumer, "POST", "/agreements/" + w.only("DRAFT") + "/submit", "{}"})
	})
}

// waiting is an agreement on an e-service of its own that waits for approval.
func (w *world) waiting() string {
	w.Helper()
	id := w.asks(w.offers("MANUAL"))
	w.does(consumer, id, "submit")
	return id
}

// TestReplacingCosts is the price of putting into use what takes another's place,
// which is learnt by a transaction that is refused.
func TestReplacingCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		required := w.attribute(attribute.Declared)
		_, old := w.outdated("AUTOMATIC", requirement{attribute.Declared, []string{required}})
		w.costs(priced{4, 6, "upgrade by a draft", consumer, "POST", "/agreements/" + old + "/upgrade", ""})
		w.owns(attribute.Declared, required, "")
		w.costs(priced{9, 17, "submit what replaces", consumer, "POST", "/agreements/" + w.only("DRAFT") + "/submit", "{}"})
	})
}
