package eservice_test

import (
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.create(object{"name": "First"})
		public, live := w.public(object{"name": "Second"})
		missing := unknownPath()
		w.costs([]priced{
			{1, 0, "create", producer, "POST", "/eservices", seed(object{"mode": "RECEIVE"})},
			{0, 0, "create with a bad body", producer, "POST", "/eservices", "{}"},
			{0, 0, "create without the role", reader, "POST", "/eservices", seed(nil)},
			{0, 0, "create without a token", nil, "POST", "/eservices", seed(nil)},
			{0, 0, "create with contradictions", producer, "POST", "/eservices", seed(object{"descriptor.dailyCallsTotal": 1})},
			{1, 0, "create a taken name", producer, "POST", "/eservices", seed(object{"name": "FIRST"})},
			{1, 2, "get", producer, "GET", path, ""},
			{1, 2, "get as another", reader, "GET", public, ""},
			{1, 0, "get an unknown one", producer, "GET", missing, ""},
			{0, 0, "get what is no id", producer, "GET", "/eservices/x", ""},
			{1, 2, "descriptors", producer, "GET", path + "/descriptors", ""},
			{1, 2, "descriptor", producer, "GET", first, ""},
			{2, 2, "edit", producer, "PATCH", path, freshName()},
			{1, 2, "edit nothing", producer, "PATCH", path, "{}"},
			{2, 2, "edit the draft", producer, "PATCH", first, `{"voucherLifespan":60}`},
			{2, 2, "publish", producer, "POST", first + "/publish", ""},
			{1, 2, "publish again", producer, "POST", first + "/publish", ""},
			{2, 2, "suspend", producer, "POST", first + "/suspend", ""},
			{2, 2, "unsuspend", producer, "POST", first + "/unsuspend", ""},
			{2, 2, "quotas", producer, "PATCH", first + "/quotas", `{"voucherLifespan":61}`},
			{2, 2, "name", producer, "PATCH", path + "/name", freshName()},
			{2, 2, "a taken name", producer, "PATCH", path + "/name", `{"name":"SECOND"}`},
			{1, 2, "name as another", other, "PATCH", path + "/name", freshName()},
			{2, 2, "draft", producer, "POST", public + "/descriptors", terms(nil)},
			{1, 3, "another draft", producer, "POST", public + "/descriptors", terms(nil)},
			{1, 3, "get both versions", producer, "GET", live, ""},
			{2, 2, "delete", producer, "DELETE", w.path(object{"name": "Third"}), ""},
		})
	})
}

// TestRoundTripsOfRequirements: the attributes of a page, or those that are added,
// are read at once.
func TestRoundTripsOfRequirements(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, draft := w.needing()
		all := w.attributes("certified")
		list, groups, at := draft+"/certifiedAttributes", draft+"/certifiedAttributes/groups", in(draft, "certified", 0)
		w.costs([]priced{
			{2, 4, "list", producer, "GET", list, ""},
			{2, 3, "list one", producer, "GET", list + "?limit=1", ""},
			{1, 2, "list past the end", producer, "GET", list + "?offset=2", ""},
			{1, 2, "list another's draft", other, "GET", list, ""},
			{2, 3, "add a group", producer, "POST", groups, group(all[0])},
			{1, 4, "add one twice", producer, "POST", groups, group(all[0], all[1], all[0])},
			{0, 0, "add without the role", reader, "POST", groups, group(all[0])},
			{2, 4, "list each once", producer, "GET", list, ""},
			{2, 3, "add", producer, "POST", at, group(all[2])},
			{1, 3, "add again", producer, "POST", at, group(all[2])},
			{2, 2, "remove", producer, "DELETE", at + "/" + all[2], ""},
			{1, 2, "remove again", producer, "DELETE", at + "/" + all[2], ""},
			{2, 2, "quota", producer, "PATCH", at + "/" + all[1], `{"dailyCallsPerConsumer":7}`},
			{1, 2, "the same quota", producer, "PATCH", at + "/" + all[1], `{"dailyCallsPerConsumer":7}`},
			{0, 0, "no quota", producer, "PATCH", at + "/" + all[1], `{}`},
			{2, 2, "publish", producer, "POST", draft + "/publish", ""},
			{2, 2, "draft", producer, "POST", path + "/descriptors", terms(nil)},
		})
		w.use(path, 1, 1)
		w.costs([]priced{
			{1, 4, "get what is used", producer, "GET", path, ""},
			{2, 4, "publish next to one in use", producer, "POST", w.descriptors(producer, path)[1] + "/publish", ""},
		})
		retires := func(want int) {
			w.Helper()
			ctx, meter := table.WithMeter(w.Context())
			if err := w.store().Retire(ctx, idOf(path)); err != nil || meter.Usage().RoundTrips != want {
				w.Errorf("retiring takes %d round trips, want %d: %v", meter.Usage().RoundTrips, want, err)
			}
		}
		retires(1) // nothing
		w.use(path, 1, -1)
		retires(2)
		ids := []string{interoptest.LastID(draft), interoptest.UnknownID()}
		ctx, meter := table.WithMeter(w.Context())
		if _, err := eservice.IDsByDescriptor(ctx, w.Tap, ids...); err != nil || meter.Usage().RoundTrips != 1 || meter.Usage().ItemsRead != 1 {
			w.Errorf("finding two descriptors takes %v: %v", meter.Usage(), err)
		}
	})
}

// priced is a request with the round trips and the items that it may take.
type priced struct {
	trips, items       float64
	what               string
	as                 *api.Identity
	method, path, body string
}

func (w *world) costs(all []priced) {
	w.Helper()
	for _, c := range all {
		w.Costs(c.what, c.trips, c.items, c.as, c.method, c.path, c.body)
	}
}

// path makes an e-service and returns its path.
func (w *world) path(changes object) string {
	w.Helper()
	path, _ := w.createAs(producer, changes)
	return path
}

// TestWritesTouchWhatChanges counts the steps of the transactions.
func TestWritesTouchWhatChanges(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var steps []string
		w.Tap.Set(func(c *hooked.Call) error {
			for _, s := range c.Steps {
				kind, _, _ := strings.Cut(s.Key.PK, "#")
				steps = append(steps, fmt.Sprint(s.Verb, " ", kind))
			}
			return c.Run()
		})
		count := func(what string, want int) {
			w.Helper()
			if len(steps) != want {
				w.Errorf("%s takes the steps %v, want %d", what, steps, want)
			}
			steps = nil
		}
		path, first := w.create(nil)
		count("creating", 5) // the e-service, its version, the way to it, its name, its place in the list
		w.Want(w.call("PATCH", first, `{"voucherLifespan":60}`), 200)
		count("editing a draft", 2)
		w.move(first, "publish")
		count("publishing", 5) // both lists, and the claim on its audience
		w.move(first, "suspend")
		count("suspending", 2)
		w.Want(w.call("PATCH", path+"/description", patches["description"]), 200)
		count("describing", 1) // lists do not show it
		w.Want(w.call("PATCH", path+"/name", freshName()), 200)
		count("renaming", 5)
		draft := w.draft(path)
		count("drafting", 3)
		w.move(draft, "publish")
		count("superseding", 4) // and the use of what is archived
		w.use(path, 2, 1)
		w.move(draft, "suspend")
		draft = w.draft(path)
		steps = nil
		w.move(draft, "publish")
		count("publishing next to one that is suspended and in use", 3) // which both claim the audience
		gone, _ := w.create(nil)
		steps = nil
		w.Want(w.call("DELETE", gone, ""), 200)
		count("deleting", 5) // its place in the list, which is kept as gone
	})
}
