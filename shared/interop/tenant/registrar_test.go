package tenant_test

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/platform/testing/listtest"
)

// live returns the entries of the list of all tenants, without those that were replaced.
func live(w *world) map[table.Key]object {
	w.Helper()
	stored := map[table.Key]object{}
	for sk, item := range w.Items("TENANTS") {
		stored[interop.Key("TENANTS", sk)] = item
	}
	return listtest.Live(stored)
}

// audit checks the lists against the records of all tenants.
func audit(w *world, ids ...string) {
	w.Helper()
	want, codes := map[string]object{}, map[string]map[string]object{}
	for _, id := range ids {
		record := w.Items("TENANT#" + id)["TENANT"]
		delete(record, table.PK)
		delete(record, table.SK)
		want[id] = record
	}
	names, listed := map[string]any{}, map[string]any{}
	for id, record := range want {
		names[id] = record["name"]
	}
	for key, entry := range live(w) {
		_, id, _ := strings.Cut(key.SK, "#")
		listed[id] = entry["name"]
	}
	if diff := cmp.Diff(names, listed); diff != "" {
		w.Errorf("the list is not as the records are (-records +list):\n%s", diff)
	}
	for id, record := range want {
		external, _ := record["externalId"].(object)
		query := "taxCode="
		if external["origin"] == "IPA" {
			query = "IPACode="
		}
		query += url.QueryEscape(fmt.Sprint(external["value"]))
		if codes[query] == nil {
			codes[query] = map[string]object{}
		}
		codes[query][id] = record
	}
	for query, of := range codes {
		found := interoptest.Members(w.As(reader, "GET", "/tenants?"+query, ""), "id")
		slices.Sort(found)
		if !slices.Equal(found, slices.Sorted(maps.Keys(of))) {
			w.Errorf("%s finds %v, want %v", query, found, slices.Sorted(maps.Keys(of)))
		}
	}
}

// TestRegister calls several times with tokens that have more or fewer claims.
func TestRegister(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		is := func(name, origin, value, updatedAt string) {
			w.Helper()
			want := object{"id": id, "name": name, "externalId": object{"origin": origin, "value": value}, "createdAt": t0}
			if updatedAt != "" {
				want["updatedAt"] = updatedAt
			}
			answers(w, w.As(reader, "GET", home, ""), want)
			lists(w, "/tenants", want)
			audit(w, id)
		}
		finds := func(query string, want int) {
			w.Helper()
			if res := w.Want(w.As(reader, "GET", "/tenants?"+query, ""), 200); interoptest.Total(res) != want {
				w.Errorf("%s finds %s, want %d", query, res.Raw, want)
			}
		}
		w.Refused(w.As(reader, "GET", home, ""), interop.TenantNotFound, id)
		lists(w, "/tenants")
		register(w, interop.Organization{ID: id})
		is(id, "UUID", id, "")
		finds("taxCode="+id, 1)
		finds("IPACode="+id, 0)
		w.Clock.Advance(time.Hour)
		before := stored(w)
		register(w, interop.Organization{ID: id})
		register(w, interop.Organization{ID: id, Name: id, Origin: "UUID", Value: id})
		if diff := cmp.Diff(before, stored(w)); diff != "" {
			t.Errorf("nothing new is said, yet:\n%s", diff)
		}
		register(w, interop.Organization{ID: id, Name: "Comune"})
		is("Comune", "UUID", id, t1)
		register(w, interop.Organization{ID: id, Origin: "IPA", Value: "c_1"})
		is("Comune", "IPA", "c_1", t1)
		finds("taxCode="+id, 0)
		finds("IPACode=c_1", 1)
		finds("IPACode=C_1", 0)
		finds("taxCode=c_1", 1)
		w.Clock.Advance(time.Hour)
		register(w, interop.Organization{ID: id, Name: "Comune", Origin: "ADE", Value: "c_1"}) // of another registry
		is("Comune", "ADE", "c_1", t2)
		finds("IPACode=c_1", 0)
		finds("taxCode=c_1", 1)
		register(w, interop.Organization{ID: id, Origin: "TIN", Value: "c_1"}) // its entry has the same key
		is("Comune", "TIN", "c_1", t2)
		register(w, interop.Organization{ID: id, Name: "COMUNE"}) // as has that
		is("COMUNE", "TIN", "c_1", t2)
		register(w, interop.Organization{ID: id, Name: "Città", Origin: "IPA", Value: "c_2"})
		is("Città", "IPA", "c_2", t2)
		register(w, interop.Organization{ID: id}) // changes nothing
		is("Città", "IPA", "c_2", t2)
	})
}

// TestMemory counts the calls of storage that a process makes for its callers.
func TestMemory(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		r := tenant.NewRegistrar(w.Deps())
		calls := func(o interop.Organization, want int) {
			w.Helper()
			w.Tap.Set(nil)
			if err := r.Register(w.TB.Context(), o); err != nil || w.Tap.Seen() != want {
				w.Errorf("%+v takes %d calls, want %d: %v", o, w.Tap.Seen(), want, err)
			}
		}
		known, fresh := interop.Organization{ID: owner.Subject}, interop.Organization{ID: interoptest.UnknownID()}
		calls(known, 1)
		calls(known, 0)
		calls(fresh, 2)
		calls(fresh, 0)
		calls(known, 0)
		renamed := fresh
		renamed.Name = "Comune"
		calls(renamed, 2)
		calls(renamed, 0)
		calls(fresh, 1) // which does not take the name back
		w.Tap.Set(hooked.Broken(1, false))
		lost := interop.Organization{ID: interoptest.UnknownID(), Name: "Lost"}
		if err := r.Register(w.TB.Context(), lost); !table.IsKind(err, table.Unavailable) {
			t.Errorf("on a broken storage: %v", err)
		}
		calls(lost, 2) // it is not known for having been tried
		// No memory grows with the number of organizations.
		w.Tap.Set(func(*hooked.Call) error { return nil }) // as if all went well
		for i := range 1024 {
			if err := r.Register(w.TB.Context(), interop.Organization{ID: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		calls(known, 1)
		calls(interop.Organization{ID: "1023"}, 0)
	})
}

// TestRegisterRaces registers one organization many times at once, with one process
// and with many, and with names that differ.
func TestRegisterRaces(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		shared := tenant.NewRegistrar(w.Deps())
		registerRaces(w, "one process", func() *tenant.Registrar { return shared })
		registerRaces(w, "many", func() *tenant.Registrar { return tenant.NewRegistrar(w.Deps()) })
	})
}

func registerRaces(w *world, what string, registrar func() *tenant.Registrar) {
	w.Helper()
	id := interoptest.UnknownID()
	race := func(writers int, name func(i int) string) {
		w.Helper()
		got := w.Race(64, writers, func(i int) string {
			return fmt.Sprint(registrar().Register(w.TB.Context(), interop.Organization{ID: id, Name: name(i)}))
		})
		interoptest.Equal(w.TB, what, got, map[string]int{"<nil>": 64})
	}
	race(64, func(int) string { return "Comune" })
	stored := func() object { return w.Items("TENANT#" + id)["TENANT"] }
	interoptest.Equal(w.TB, what+": version", stored()["version"], any(1.0))
	race(64, func(int) string { return "Città" })
	interoptest.Equal(w.TB, what+": version", stored()["version"], any(2.0))
	interoptest.Equal(w.TB, what+": name", stored()["name"], any("Città"))
	race(4, func(i int) string { return []string{"Città", "Regione", "Provincia"}[i/60*(1+i%2)] })
	found := w.As(reader, "GET", "/tenants?taxCode="+id, "")
	interoptest.Equal(w.TB, what+": entries by code", len(interoptest.Members(found, "name")), 1)
	entries := 0
	for key := range live(w) {
		if strings.HasSuffix(key.SK, "#"+id) {
			entries++
		}
	}
	interoptest.Equal(w.TB, what+": entries by name", entries, 1)
}

// TestRegisterLostRace: the refused transaction shows the tenant, so the second round
// reads nothing.
func TestRegisterLostRace(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := interoptest.UnknownID()
		w.Tap.During(0, (*hooked.Call).Writes, func() {
			w.Tap.Set(nil)
			register(w, interop.Organization{ID: id, Name: "Comune", Origin: "IPA", Value: "c_1"})
			w.Tap.Set(nil) // counts from here
		})
		register(w, interop.Organization{ID: id, Name: "Città"})
		interoptest.Equal(t, "calls after the write that was refused", w.Tap.Seen(), 1)
		stored := w.Items("TENANT#" + id)["TENANT"]
		interoptest.Equal(t, "name", fmt.Sprint(stored["name"]), "Città")
		interoptest.Equal(t, "version", fmt.Sprint(stored["version"]), "2")
		w.Pages(reader, "/tenants?IPACode=c_1", "id", []string{id})
	})
}

// TestRegisterIsGivenUp: a registration that loses every round is a conflict.
func TestRegisterIsGivenUp(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		rounds := 0
		w.Tap.Set(func(c *hooked.Call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: "tenant"}}}
		})
		err := tenant.NewRegistrar(w.Deps()).Register(w.TB.Context(), interop.Organization{ID: owner.Subject, Name: "Comune"})
		if !table.IsKind(err, table.Conflict) || rounds != 8 || strings.Contains(err.Error(), "Comune") {
			t.Errorf("after %d rounds: %v", rounds, err)
		}
	})
}

// TestBrokenRegister fails every call, before and after it is carried out: the tenant has
// all its entries or does not exist, and the next call registers it.
func TestBrokenRegister(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		id := owner.Subject
		broken := func(o interop.Organization, k int, after bool) {
			w.Helper()
			w.Tap.Set(hooked.Broken(k, after))
			err := tenant.NewRegistrar(w.Deps()).Register(w.TB.Context(), o)
			w.Tap.Set(nil)
			if !errors.Is(err, hooked.ErrDown) {
				t.Errorf("call %d lost: %v", k, err)
			}
		}
		for i, o := range []interop.Organization{{ID: id}, {ID: id, Name: "Comune", Origin: "IPA", Value: "c_1"}} {
			var known []string // registered before
			if i > 0 {
				known = append(known, id)
			}
			for _, after := range []bool{false, true} {
				broken(o, 0, after)
				audit(w, known...)
			}
			broken(o, 1, false)
			audit(w, known...)
			o.Name += "!"
			broken(o, 1, true) // it is carried out
			audit(w, id)
			register(w, o)
			audit(w, id)
		}
	})
}

// TestLists reads the list of tenants by pages, in the order of their names.
func TestLists(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		w.Pages(reader, "/tenants", "name", nil)
		long := strings.Repeat("𝕒", 255)
		names := []string{
			"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "Àlpha", long,
			long + "B", long + "a", strings.Repeat("Ⱥ", 256),
		}
		for i := range 42 {
			names = append(names, fmt.Sprintf("More %02d", i))
		}
		for _, name := range names {
			register(w, interop.Organization{ID: interoptest.UnknownID(), Name: name, Origin: []string{"IPA", "ADE"}[len(name)%2], Value: "one"})
		}
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		w.Pages(reader, "/tenants", "name", names)
		w.Pages(reader, "/tenants?IPACode=&taxCode=", "name", names)
		ipa := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return len(name)%2 == 1 })
		w.Pages(reader, "/tenants?IPACode=one", "name", ipa)
		w.Pages(reader, "/tenants?taxCode=one&IPACode=", "name", names)
		w.Pages(reader, "/tenants?taxCode=on", "name", nil)
		w.Refused(w.As(reader, "GET", "/tenants?IPACode=one&taxCode=one", ""), interop.TaxCodeAndIPACodeConflict, "IPACode", "taxCode")
		for _, query := range []string{"IPACode=a&IPACode=b", "taxCode=a&taxCode=b"} {
			if res := w.As(reader, "GET", "/tenants?"+query, ""); res.Status != 400 && interoptest.Total(res) != 0 {
				t.Errorf("%s is answered %s", query, res.Raw)
			}
		}
	})
}

// TestTwins: tenants of one name are in the order of their ids.
func TestTwins(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		var ids []string
		for range 12 {
			ids = append(ids, interoptest.UnknownID())
			register(w, interop.Organization{ID: ids[len(ids)-1], Name: "Twin", Origin: "IPA", Value: "c"})
		}
		slices.Sort(ids)
		w.Pages(reader, "/tenants", "id", ids)
		w.Pages(reader, "/tenants?IPACode=c", "id", ids)
	})
}

// TestFirstCallsDiffer makes two first calls at once, with different names: the second
// changes the tenant that the first made.
func TestFirstCallsDiffer(t *testing.T) {
	t.Parallel()
	suite.Each(t, func(w *world) {
		got := w.Race(2, 2, func(i int) string {
			return fmt.Sprint(tenant.NewRegistrar(w.Deps()).Register(w.TB.Context(),
				interop.Organization{ID: owner.Subject, Name: []string{"Comune", "Regione"}[i]}))
		})
		if v := w.Items("TENANT#" + owner.Subject)["TENANT"]["version"]; got["<nil>"] != 2 || v != 2.0 {
			t.Errorf("they came to %v and version %v", got, v)
		}
		audit(w, owner.Subject)
	})
}
