package attribute_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range kinds {
			as, path := writer, pathOf(kind)
			if kind == attribute.Certified {
				as = certifier
			}
			id := made(w, kind, object{"name": "First"})
			body := func(changes object) string { return interoptest.JSON(seed(kind, changes)) }
			w.Costs("create", 1, 0, as, "POST", path, body(nil))
			w.Costs("create a taken name", 1, 0, as, "POST", path, body(object{"name": "FIRST"}))
			w.Costs("create with a bad body", 0, 0, as, "POST", path, "{}")
			w.Costs("create without the role", 0, 0, reader, "POST", path, body(nil))
			w.Costs("create without a token", 0, 0, nil, "POST", path, body(nil))
			w.Costs("get", 1, 1, reader, "GET", path+"/"+id, "")
			w.Costs("get an unknown one", 1, 0, reader, "GET", path+"/"+interoptest.UnknownID(), "")
			w.Costs("get what is no id", 0, 0, reader, "GET", path+"/x", "")
		}
	})
}

// TestRaces creates 64 attributes with one name, and with one code, at once.
func TestRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		taken := interop.AttributeDuplicate.Name
		race := func(what string, kind attribute.Kind, changes func(i int) object) {
			before := len(w.Items("ATTRIBUTES#" + string(kind)))
			got := w.Race(64, 64, func(i int) string { return interoptest.Answered(add(w, kind, changes(i))) })
			if !maps.Equal(got, map[string]int{"201": 1, taken: 63}) {
				t.Errorf("%s came to %v", what, got)
			}
			if after := w.Items("ATTRIBUTES#" + string(kind)); len(after) != before+1 {
				t.Errorf("%s made %d attributes", what, len(after)-before)
			}
		}
		for _, kind := range kinds {
			race("one name", kind, func(i int) object { return object{"name": []string{"Anagrafe", "ANAGRAFE"}[i%2]} })
		}
		race("one code", attribute.Certified, func(int) object { return object{"code": "L37"} })
	})
}

// TestBrokenCalls fails calls before and after they are carried out: an attribute is
// stored with its name, its code and its list entry, or not at all.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, kind := range kinds {
			for _, after := range []bool{false, true} {
				breaks(w, kind, after)
			}
			w.Unavailable(w.Break(0, true, func() apitest.Response { return w.As(reader, "GET", pathOf(kind), "") }).Response)
		}
	})
}

// breaks adds an attribute, of which the call to the engine fails, and repeats that.
func breaks(w *world, kind attribute.Kind, after bool) {
	w.Helper()
	what := fmt.Sprintf("%s lost (carried out: %t)", kind, after)
	changes := seed(kind, nil)
	entries := func() map[string]object { return w.Items("ATTRIBUTES#" + string(kind)) }
	before := len(entries())
	broken := w.Break(0, after, func() apitest.Response { return add(w, kind, changes) })
	w.Unavailable(broken.Response)
	listed := 0
	again := "201"
	if broken.Wrote {
		listed = 1
		again = interop.AttributeDuplicate.Name
	}
	interoptest.Equal(w.TB, what+": written", broken.Wrote, after)
	interoptest.Equal(w.TB, what+": listed", len(entries())-before, listed)
	interoptest.Equal(w.TB, what+": the repetition", interoptest.Answered(add(w, kind, changes)), again)
	for sk, entry := range entries() {
		_, id, _ := strings.Cut(sk, "#")
		interoptest.Equal(w.TB, what+": the entry "+sk, entry["name"], w.Items("ATTRIBUTE#" + id)["ATTRIBUTE"]["name"])
	}
}

// TestLogHygiene looks in the log for texts of attributes.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const canary = "Canary in the log"
		for _, kind := range kinds {
			changes := object{"name": canary, "description": canary}
			if kind == attribute.Certified {
				changes["code"] = canary
			}
			w.Want(add(w, kind, changes), 201)
			w.Want(add(w, kind, changes), 409)
			w.Want(add(w, kind, object{canary: canary}), 400)
			w.Want(add(w, kind, object{"name": []string{canary}}), 400)
			for _, hook := range []hooked.Hook{
				hooked.Broken(0, true), func(*hooked.Call) error { return errors.New("broken") },
				func(*hooked.Call) error { return &table.Refused{Steps: []table.RefusedStep{{Label: "attribute"}}} },
			} {
				w.Tap.Set(hook)
				if res := add(w, kind, object{"name": canary + "!", "description": canary}); res.Status < 500 {
					t.Errorf("%d %s", res.Status, res.Raw)
				}
				w.Tap.Set(nil)
			}
		}
		w.NotLogged("canary", 21)
	})
}

// TestPagesCostTheSame: a page of attributes reads its own alone, among two thousand of each
// kind.
func TestPagesCostTheSame(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for n, kind := range kinds {
			id := made(w, kind, object{"name": "Requisito"})
			w.Copies(func(key table.Key) bool { return strings.Contains(key.PK+key.SK, id) }, 2000, func(i int) []string {
				return []string{id, fmt.Sprintf("%08d-0000-4000-8000-%012d", n, i), "Requisito", fmt.Sprintf("Requisito %04d", i)}
			})
		}
		w.Reset(nil)
		for _, kind := range kinds {
			w.CheapPage(reader, pathOf(kind), 2000, 50)
			w.CheapPage(reader, pathOf(kind)+"?offset=1990", 2000, 10)
			w.CheapPage(reader, pathOf(kind)+"?offset=2000", 2000, 0)
			made(w, kind, object{"name": "Requisito 0000 bis"})
			res := w.As(reader, "GET", pathOf(kind)+"?offset=1&limit=1", "")
			interoptest.Equal(t, "the second", interoptest.Members(res, "name"), []string{"Requisito 0000 bis"})
			interoptest.Equal(t, "in all", interoptest.Total(res), 2001)
		}
	})
}
