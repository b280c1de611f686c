package client_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/namestest"
)

// checkListed checks what a list shows of each client: everything of the first ones, which
// are the owner's and have the names, and of the others the id and the owner.
func checkListed(w *world, caller *api.Identity, path string, names ...string) {
	w.Helper()
	for i, c := range interoptest.Results(w.Want(w.As(caller, "GET", path, ""), 200)) {
		want := object{"id": c["id"], "consumerId": c["consumerId"]}
		if i < len(names) {
			want = object{
				"id": c["id"], "consumerId": owner.Subject, "name": names[i], "description": "What it is for",
				"createdAt": "2026-11-21T10:00:00.000Z",
			}
		}
		if diff := cmp.Diff(want, c); diff != "" {
			w.Errorf("%s, entry %d (-want +got):\n%s", path, i, diff)
		}
	}
}

// TestLists: the caller's own by name, others' by id, and what each may see of them.
func TestLists(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Pages(home, "/clients", "id", nil)
		names := []string{"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "Àlpha", "àlphabet"}
		for i := range 21 {
			names = append(names, fmt.Sprintf("More %02d", i))
		}
		own, foreign := map[string]string{}, []string(nil)
		for _, name := range names {
			own[name] = made(w, owner, object{"name": name, "description": "What it is for"})
			foreign = append(foreign, made(w, other, object{"name": name}))
		}
		slices.Sort(foreign)
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		ids := func(names []string) (all []string) {
			for _, name := range names {
				all = append(all, own[name])
			}
			return all
		}
		mine := ids(names)
		w.Pages(home, "/clients", "id", slices.Concat(mine, foreign))
		w.Pages(home, "/clients?name=", "id", slices.Concat(mine, foreign))
		w.Pages(home, "/clients?consumerId="+owner.Subject, "id", mine)
		w.Pages(home, "/clients?consumerId="+other.Subject, "id", foreign)
		w.Pages(home, "/clients?consumerId="+nobody(), "id", nil)
		sorted := slices.Sorted(slices.Values(mine))
		w.Pages(reader, "/clients?consumerId="+owner.Subject, "id", sorted)
		everybodys := slices.Sorted(slices.Values(slices.Concat(mine, foreign)))
		w.Pages(reader, "/clients", "id", everybodys)
		for query, want := range map[string][]string{
			"name=ALPHAB": {"Alphabet"}, "name=%C3%80": {"Àlpha", "àlphabet"}, "name=pha+b": {"alpha beta"}, "name=%23": {"alpha #2"},
			"name=alpha%24": {"Alpha$"}, "name=More+1": names[20:30], "name=%25": nil, "name=.": nil,
			"name=bet&consumerId=" + owner.Subject: {"alpha beta", "Alphabet", "àlphabet"},
			"name=bet&consumerId=" + other.Subject: nil, "name=bet&consumerId=" + nobody(): nil,
		} {
			if strings.HasPrefix(query, "name=More") {
				want = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, "More 1") })
			}
			w.Pages(home, "/clients?"+query, "id", ids(want))
			w.Pages(reader, "/clients?"+query, "id", nil) // who has none
		}
		for _, alike := range namestest.Alike("alpha beta") {
			w.Pages(home, "/clients?name="+url.QueryEscape(alike), "id", ids([]string{"alpha beta"}))
		}
		w.Pages(home, "/clients?name=%E2%80%8B", "id", nil) // zero width: what cannot be seen is in no name
		checkListed(w, home, "/clients", names...)
		checkListed(w, home, "/clients?consumerId="+owner.Subject, names...)
		checkListed(w, home, "/clients?consumerId="+other.Subject)
		checkListed(w, reader, "/clients")
		checkListed(w, reader, "/clients?consumerId="+owner.Subject)
		// Names need not be unique.
		first, second := made(w, owner, object{"name": "Alpha"}), own["Alpha"]
		w.Pages(home, "/clients?consumerId="+owner.Subject, "id", append(slices.Sorted(slices.Values([]string{first, second})), mine[1:]...))
		w.Want(remove(w, owner, second), 200)
		w.Pages(home, "/clients?consumerId="+owner.Subject, "id", append([]string{first}, mine[1:]...))
	})
}

// TestMadeMeanwhile makes and removes clients while a list is read.
func TestMadeMeanwhile(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		listed := []string{made(w, owner, nil)}
		for n := range 2 { // the caller's own are in the first of two queries, by that they are listed once
			var late string
			w.Tap.During(n, func(c *call) bool { return c.Query != nil }, func() {
				w.Tap.Set(nil)
				late = made(w, owner, nil)
			})
			got := interoptest.Members(w.As(home, "GET", "/clients", ""), "id")
			w.Tap.Set(nil)
			if n == 0 {
				listed = append(listed, late)
			}
			if diff := cmp.Diff(slices.Sorted(slices.Values(listed)), slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("a client made before query %d (-want +got):\n%s", n, diff)
			}
		}
	})
}
