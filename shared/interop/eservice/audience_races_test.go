package eservice_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// TestRaceForAnAudience publishes one audience at the same time: one producer wins and
// owns it.
func TestRaceForAnAudience(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for n := range 8 {
			a := fmt.Sprintf("api.example.it/race/%d", n)
			racers := []*api.Identity{producer, other}
			if n%4 == 3 { // a crowd
				for i := range 6 {
					racers = append(racers, interoptest.Organization(fmt.Sprintf("00000000-0000-4000-9000-00000000000%d", i), interop.RoleAdmin))
				}
			}
			drafts := make([]string, len(racers))
			for i, as := range racers {
				_, drafts[i] = w.has(as, a)
			}
			w.came("publishing "+a, w.race(len(racers),
				times(len(racers), func(i int) apitest.Response { return w.publish(racers[i], drafts[i]) })...),
				map[string]int{"200": 1, interop.AudienceTaken.Name: len(racers) - 1})
			for i, as := range racers {
				if w.As(as, "GET", drafts[i], "").Text("state") == "PUBLISHED" {
					w.claimed(a, as, 1)
				}
			}
		}
	})
}

// TestRaceWithRelease archives the last descriptor that has an audience while another
// producer publishes it, and while its own producer publishes it again.
func TestRaceWithRelease(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for n := range 6 {
			a := fmt.Sprintf("api.example.it/release/%d", n)
			path, first := w.has(producer, a)
			w.Want(w.publish(producer, first), http.StatusOK)
			second := w.next(path, a+"/2")
			as := []*api.Identity{producer, other}[n%2]
			_, draft := w.has(as, a)
			got := w.race(2, func() apitest.Response { return w.publish(producer, second) }, func() apitest.Response { return w.publish(as, draft) })
			if got["200"]+got[interop.AudienceTaken.Name] != 2 || got["200"] < 1 || as == producer && got["200"] != 2 {
				w.Errorf("archiving and publishing came to %v", got)
			}
			w.are("archived", path, "1 ARCHIVED", "2 PUBLISHED")
			w.claimed(a, as, float64(got["200"]-1))
		}
	})
}

// TestTransactionsHaveRoom supersedes, retires and claims more descriptors, each with an
// audience of its own, than fit into one transaction.
func TestTransactionsHaveRoom(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, claims := range []bool{true, false} {
			path, first := w.public(nil)
			w.put(first, "SUSPENDED")
			w.copies(path, 90)
			for i, sk := range slices.Sorted(maps.Keys(w.Items("ESERVICE#" + idOf(path)))) {
				if !strings.HasPrefix(sk, "DESCRIPTOR#") {
					continue
				}
				do := table.Changes{Set: map[string]any{
					"audience":        []string{fmt.Sprintf("%s/%d/%t", idOf(path), i, claims)},
					"audienceClaimed": claims,
				}}
				if err := w.Tap.DB.Write(w.Context(),
					table.Update("own", table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: sk}, do)); err != nil {
					w.Fatal(err)
				}
				if !claims {
					w.use(path, int64(i+1), 1) // none is archived
				}
			}
			most := 0
			w.Tap.Set(func(c *hooked.Call) error {
				most = max(most, len(c.Steps))
				return c.Run()
			})
			w.move(w.draft(path), "publish")
			w.move(w.draft(path), "publish")
			w.Tap.Set(nil)
			if most > table.MaxSteps || most < 90 {
				w.Errorf("claims %t: the greatest transaction has %d steps", claims, most)
			}
		}
	})
}
