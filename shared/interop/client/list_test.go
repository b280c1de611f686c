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
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/namestest"
)

// checkListed checks the entries of a list: the first ones are clients of owner with these
// names and have all members; the others have only the id and the owner.
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

// TestLists lists the caller's own clients by name, then all others by id, each with the
// members that the caller may see.
func TestLists(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Pages(ownerReader, "/clients", "id", nil)
		names := []string{"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "Àlpha", "àlphabet"}
		for i := range 21 {
			names = append(names, fmt.Sprintf("More %02d", i))
		}
		own, foreign := map[string]string{}, []string(nil)
		for _, name := range names {
			own[name] = createClient(w, owner, object{"name": name, "description": "What it is for"})
			foreign = append(foreign, createClient(w, other, object{"name": name}))
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
		w.Pages(ownerReader, "/clients", "id", slices.Concat(mine, foreign))
		w.Pages(ownerReader, "/clients?name=", "id", slices.Concat(mine, foreign))
		w.Pages(ownerReader, "/clients?consumerId="+owner.Subject, "id", mine)
		w.Pages(ownerReader, "/clients?consumerId="+other.Subject, "id", foreign)
		w.Pages(ownerReader, "/clients?consumerId="+interoptest.UnknownID(), "id", nil)
		sorted := slices.Sorted(slices.Values(mine))
		w.Pages(reader, "/clients?consumerId="+owner.Subject, "id", sorted)
		all := slices.Sorted(slices.Values(slices.Concat(mine, foreign)))
		w.Pages(reader, "/clients", "id", all)
		for query, want := range map[string][]string{
			"name=ALPHAB": {"Alphabet"}, "name=%C3%80": {"Àlpha", "àlphabet"}, "name=pha+b": {"alpha beta"}, "name=%23": {"alpha #2"},
			"name=alpha%24": {"Alpha$"}, "name=More+1": names[20:30], "name=%25": nil, "name=.": nil,
			"name=bet&consumerId=" + owner.Subject: {"alpha beta", "Alphabet", "àlphabet"},
			"name=bet&consumerId=" + other.Subject: nil, "name=bet&consumerId=" + interoptest.UnknownID(): nil,
		} {
			if strings.HasPrefix(query, "name=More") {
				want = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, "More 1") })
			}
			w.Pages(ownerReader, "/clients?"+query, "id", ids(want))
			w.Pages(reader, "/clients?"+query, "id", nil) // which has no clients
		}
		for _, alike := range namestest.Alike("alpha beta") {
			w.Pages(ownerReader, "/clients?name="+url.QueryEscape(alike), "id", ids([]string{"alpha beta"}))
		}
		w.Pages(ownerReader, "/clients?name=%E2%80%8B", "id", nil) // zero width characters are in no name
		checkListed(w, ownerReader, "/clients", names...)
		checkListed(w, ownerReader, "/clients?consumerId="+owner.Subject, names...)
		checkListed(w, ownerReader, "/clients?consumerId="+other.Subject)
		checkListed(w, reader, "/clients")
		checkListed(w, reader, "/clients?consumerId="+owner.Subject)
		// Names need not be unique.
		first, second := createClient(w, owner, object{"name": "Alpha"}), own["Alpha"]
		sameName := slices.Sorted(slices.Values([]string{first, second}))
		w.Pages(ownerReader, "/clients?consumerId="+owner.Subject, "id", slices.Concat(sameName, mine[1:]))
		w.Want(deleteClient(w, owner, second), 200)
		w.Pages(ownerReader, "/clients?consumerId="+owner.Subject, "id", append([]string{first}, mine[1:]...))
	})
}

// TestCreateDuringList makes clients while a list is read.
func TestCreateDuringList(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		listed := []string{createClient(w, owner, nil)}
		for n := range 2 { // the caller's own list and that of all are read at once, each client is in one of them
			w.Tap.During(n, func(c *call) bool { return c.Query != nil }, func() {
				w.Tap.Set(nil)
				listed = append(listed, createClient(w, owner, nil))
			})
			got := interoptest.Members(w.As(ownerReader, "GET", "/clients", ""), "id")
			w.Tap.Set(nil)
			distinct := slices.Compact(slices.Sorted(slices.Values(got)))
			if before := len(listed) - 1; len(got) != before && len(got) != before+1 || len(distinct) != len(got) {
				t.Errorf("while a client is made, before query %d: listed %v of %v", n, got, listed)
			}
			got = interoptest.Members(w.As(ownerReader, "GET", "/clients", ""), "id")
			if diff := cmp.Diff(slices.Sorted(slices.Values(listed)), slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("after that (-want +got):\n%s", diff)
			}
		}
	})
}

// TestPagesCostTheSame: a page of clients reads those of the caller that it shows, and none of
// others, among four thousand.
func TestPagesCostTheSame(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		copies := func(as *api.Identity, group, n int) {
			w.Helper()
			for _, id := range []string{createClient(w, owner, object{"name": "Client"}), createAPIClient(w, owner, object{"name": "Client"})} {
				group++
				w.Copies(func(key table.Key) bool { return strings.Contains(key.PK+key.SK, id) }, n, func(i int) []string {
					return []string{
						id, fmt.Sprintf("%08d-0000-4000-8000-%012d", group, i), "Client", fmt.Sprintf("Client %04d", i), owner.Subject, as.Subject,
					}
				})
			}
			w.Reset(nil)
		}
		copies(owner, 10, 1000)
		copies(other, 20, 3000)
		w.CheapPage(ownerReader, "/clients", 4000, 50)
		w.CheapPage(ownerReader, "/clients?name=client+0007", 1, 1)
		w.CheapPage(ownerReader, "/clients?limit=10&offset=600&consumerId="+owner.Subject, 1000, 10)
		w.CheapPage(ownerReader, "/clientsApi?limit=10&offset=600", 1000, 10)
		w.CheapPage(ownerReader, "/clientsApi?name=client+0007", 1, 1)
		w.CheapPage(ownerReader, "/clientsApi?name=nobody", 0, 0)
		// Of others' clients nothing is read but the list.
		for _, path := range []string{"/clients?offset=2000", "/clients?consumerId=" + other.Subject} {
			w.Want(w.As(ownerReader, "GET", path, ""), 200)
			w.Costs(path, 1, 0, ownerReader, "GET", path, "")
		}
		w.Costs("another's by name", 0, 0, ownerReader, "GET", "/clients?name=A&consumerId="+other.Subject, "")
		w.Costs("a caller without clients", 1, 0, reader, "GET", "/clients", "")
		id := createClient(w, owner, object{"name": "Client 0007 too"})
		w.Pages(ownerReader, "/clients?name=client+0007", "name", []string{"Client 0007", "Client 0007 too"})
		w.Want(deleteClient(w, owner, id), 200)
		w.Pages(ownerReader, "/clients?name=client+0007", "name", []string{"Client 0007"})
	})
}
