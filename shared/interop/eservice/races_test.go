package eservice_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// race makes calls at the same time and counts their answers, see [interoptest.World.Race].
func (w *world) race(writers int, calls ...func() apitest.Response) map[string]int {
	w.Helper()
	return w.Race(len(calls), writers, func(i int) string { return interoptest.Answered(calls[i]()) })
}

// times is the same call n times, numbered.
func times(n int, call func(i int) apitest.Response) (calls []func() apitest.Response) {
	for i := range n {
		calls = append(calls, func() apitest.Response { return call(i) })
	}
	return calls
}

func (w *world) came(what string, got, want map[string]int) {
	w.Helper()
	if !maps.Equal(got, want) {
		w.Errorf("%s came to %v, want %v", what, got, want)
	}
}

// TestRaceForAName creates and renames e-services to one name at the same time.
func TestRaceForAName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		taken := interop.EServiceNameDuplicate.Name
		w.came("creating one name", w.race(16, times(16, func(i int) apitest.Response {
			return w.call("POST", "/eservices", seed(object{"name": []string{"Anagrafe", "ANAGRAFE"}[i%2]}))
		})...), map[string]int{"201": 1, taken: 15})
		var paths []string
		for _, e := range interoptest.Results(w.call("GET", "/eservices", "")) {
			paths = append(paths, fmt.Sprint("/eservices/", e["id"]))
		}
		if len(paths) != 1 {
			w.Errorf("there are %d e-services", len(paths))
		}
		for i := range 6 {
			path, descriptor := w.create(nil)
			if i%2 == 0 {
				w.move(descriptor, "publish")
				path += "/name"
			}
			paths = append(paths, path)
		}
		w.came("renaming to one name", w.race(6, times(6, func(i int) apitest.Response {
			return w.call("PATCH", paths[1+i], `{"name":"Catasto"}`)
		})...), map[string]int{"200": 1, taken: 5})
		w.audit(paths...)
	})
}

// TestRaceForOwnName gives an e-service the same name several times at once.
func TestRaceForOwnName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		draft, _ := w.create(nil)
		public, _ := w.public(nil)
		for i, path := range []string{draft, public + "/name"} {
			body := fmt.Sprintf(`{"name":"Given %d"}`, i)
			want := map[string]int{"200": 4}
			if path != draft {
				want = map[string]int{"200": 1, interop.UnchangedName.Name: 3}
			}
			w.came("renaming "+path, w.race(4, times(4, func(int) apitest.Response { return w.call("PATCH", path, body) })...), want)
		}
		w.audit(draft, public)
	})
}

// TestTornReads changes an e-service during a query, which returns some items as they were
// before and others as they are after the change.
func TestTornReads(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for items := range 4 {
			path, first := w.public(nil)
			second := w.draft(path)
			torn := false
			w.Tap.Set(func(c *hooked.Call) error {
				if c.Query == nil || torn {
					return c.Run()
				}
				torn = true
				if err := c.Run(); err != nil {
					return err
				}
				before := c.Page.Items
				w.Tap.Set(nil)
				w.move(second, "publish")
				err := c.Run()
				c.Page.Items = append(before[:items:items], c.Page.Items[items:]...)
				return err
			})
			w.Refused(w.call("PATCH", second, `{"voucherLifespan":61}`), interop.DescriptorNotValid)
			if got := w.states(producer, path); !slices.Equal(got, []string{"1 ARCHIVED", "2 PUBLISHED"}) || !torn {
				w.Errorf("a read of %d items before and others after left %v", items, got)
			}
			w.Refused(w.call("POST", first+"/suspend", ""), interop.DescriptorNotValid)
			w.auditOwn(path)
		}
	})
}

// TestRaceOfChanges makes different changes of one e-service at the same time: each is
// made once, and none is lost.
func TestRaceOfChanges(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, live := w.public(nil)
		before := w.version(path)
		calls := []func() apitest.Response{
			func() apitest.Response { return w.call("PATCH", path+"/name", freshName()) },
			func() apitest.Response { return w.call("PATCH", path+"/description", patches["description"]) },
			func() apitest.Response { return w.call("PATCH", path+"/signalHub", patches["signalHub"]) },
			func() apitest.Response { return w.call("PATCH", path+"/delegation", patches["delegation"]) },
			func() apitest.Response { return w.call("PATCH", live+"/quotas", `{"voucherLifespan":60}`) },
			func() apitest.Response { return w.call("PATCH", live+"/quotas", `{"dailyCallsTotal":500}`) },
			func() apitest.Response { return w.call("POST", path+"/descriptors", terms(nil)) },
		}
		w.came("seven changes", w.race(len(calls), calls...), map[string]int{"200": 6, "201": 1})
		if got := w.version(path); got != before+len(calls) {
			w.Errorf("%d changes made version %d of %d", len(calls), got, before)
		}
		e := w.call("GET", path, "").Body
		interoptest.Equal(w.TB, "the description", e["description"], any("Another description"))
		interoptest.Equal(w.TB, "the signal hub flag", e["isSignalHubEnabled"], any(true))
		interoptest.Equal(w.TB, "the delegation flag", e["isConsumerDelegable"], any(true))
		interoptest.Equal(w.TB, "the name is new", strings.HasPrefix(fmt.Sprint(e["name"]), "Renamed"), true)
		d := w.call("GET", live, "").Body
		interoptest.Equal(w.TB, "the lifespan", d["voucherLifespan"], any(60.0))
		interoptest.Equal(w.TB, "the limit", d["dailyCallsTotal"], any(500.0))
		w.audit(path)
	})
}

// TestRacesOfOneAction takes the same action many times at once: it is taken once.
func TestRacesOfOneAction(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, live := w.public(nil)
		notValid := interop.DescriptorNotValid.Name
		once := func(what string, changes int, want map[string]int, call func(i int) apitest.Response) {
			w.Helper()
			before := w.version(path)
			w.came(what, w.race(6, times(6, call)...), want)
			if got := w.version(path); got != before+changes {
				w.Errorf("%s made version %d of %d", what, got, before)
			}
			w.audit(path)
		}
		once("suspending", 1, map[string]int{"200": 1, notValid: 5}, func(int) apitest.Response { return w.call("POST", live+"/suspend", "") })
		once("unsuspending", 1, map[string]int{"200": 1, notValid: 5},
			func(int) apitest.Response { return w.call("POST", live+"/unsuspend", "") })
		once("drafting", 1, map[string]int{"201": 1, interop.DraftDescriptorExists.Name: 5},
			func(int) apitest.Response { return w.call("POST", path+"/descriptors", terms(nil)) })
		draft := w.descriptors(producer, path)[1]
		once("publishing", 1, map[string]int{"200": 1, notValid: 5}, func(int) apitest.Response { return w.call("POST", draft+"/publish", "") })
		if got := w.states(producer, path); !slices.Equal(got, []string{"1 ARCHIVED", "2 PUBLISHED"}) {
			w.Errorf("the versions are %v", got)
		}
		draft = w.draft(path)
		once("deleting", 1, map[string]int{"200": 1, interop.DescriptorNotFound.Name: 5},
			func(int) apitest.Response { return w.call("DELETE", draft, "") })
		w.clearPersonalData(path)
		once("saying", 1, map[string]int{"200": 1, interop.PersonalDataSet.Name: 5}, func(int) apitest.Response {
			return w.call("POST", path+"/personalDataFlag", patches["personalDataFlag"])
		})
	})
}

// TestRacesOfTwoActions takes two actions at once of which either may come first.
func TestRacesOfTwoActions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for range 4 {
			path, first := w.create(nil)
			publish := func() apitest.Response { return w.call("POST", first+"/publish", "") }
			got := w.race(2, publish, func() apitest.Response { return w.call("DELETE", path, "") })
			if got["200"] != 1 || got[interop.EServiceNotFound.Name]+got[interop.EServiceNotInDraftState.Name] != 1 {
				w.Errorf("publishing and deleting came to %v", got)
			}
			w.auditOwn(path)
			path, first = w.create(nil)
			got = w.race(2, publish, func() apitest.Response {
				return w.call("PATCH", path, `{"technology":"SOAP","personalData":true}`)
			})
			if got["200"]+got[interop.EServiceNotInDraftState.Name] != 2 || got["200"] < 1 {
				w.Errorf("publishing and editing came to %v", got)
			}
			w.auditOwn(path)
			path, first = w.public(nil)
			second := w.draft(path)
			got = w.race(2, func() apitest.Response { return w.call("POST", second+"/publish", "") },
				func() apitest.Response { return w.call("POST", first+"/suspend", "") })
			if got["200"]+got[interop.DescriptorNotValid.Name] != 2 || got["200"] < 1 || !slices.Equal(w.states(producer, path),
				[]string{"1 ARCHIVED", "2 PUBLISHED"}) {
				w.Errorf("publishing and suspending came to %v and %v", got, w.states(producer, path))
			}
			w.auditOwn(path)
		}
	})
}

// auditOwn is audit for a test with one e-service at a time, which it then removes.
func (w *world) auditOwn(path string) {
	w.Helper()
	w.audit(path)
	if root := w.Items("ESERVICE#" + idOf(path))["ESERVICE"]; root != nil {
		for _, pk := range []string{
			"ESERVICE#" + idOf(path), namePK(producer.Subject, fmt.Sprint(root["name"])),
			"PRODUCER#" + producer.Subject + "#ESERVICES", "ESERVICES",
		} {
			w.empty(pk)
		}
	}
}

// TestRaceIsGivenUp makes a change that loses every round.
func TestRaceIsGivenUp(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		attempts := 0
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() && c.Steps[0].Label != "away" {
				attempts++
				w.around(path)
			}
			return c.Run()
		})
		res := w.call("PATCH", path+"/description", patches["description"])
		w.Tap.Set(nil)
		w.Refused(res, interop.Unavailable)
		if res.Header.Get("Retry-After") != "1" || attempts != 8 {
			w.Errorf("given up after %d attempts with Retry-After %q", attempts, res.Header.Get("Retry-After"))
		}
		if got := w.call("GET", path, "").Text("description"); got == "Another description" {
			w.Error("what was given up is done")
		}
		w.Clock.Advance(time.Second)
		w.Want(w.call("PATCH", path+"/description", patches["description"]), 200)
		w.audit(path)
	})
}
