package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// racers is how many calls are under way at a time.
const racers = 32

// race makes n calls at the same time, none of which writes before all want to,
// and returns their answers.
func (w *world) race(tap *tap, n int, call func(i int) apitest.Response) []apitest.Response {
	w.Helper()
	if tap != nil {
		tap.Set(hooked.Gate(n, nil))
		defer tap.Set(nil)
	}
	answers := make([]apitest.Response, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	return answers
}

// tally counts answers by status and code.
func tally(answers []apitest.Response) map[string]int {
	count := map[string]int{}
	for _, res := range answers {
		name := res.Text("type")
		count[strings.TrimSpace(fmt.Sprint(res.Status, " ", name[strings.LastIndex(name, ":")+1:]))]++
	}
	return count
}

func refusal(code problem.Code) string {
	urn := problem.URN(code)
	return fmt.Sprint(code.Status, " ", urn[strings.LastIndex(urn, ":")+1:])
}

// TestRaceOfEditors lets editors read the same version: one of them wins, the
// others are told the version that won, whether they asked for theirs or not.
func TestRaceOfEditors(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		path := w.create(named("Zero"))
		for round, header := range [][]string{nil, {"If-Match", `"2"`}} {
			version := round + 2
			for _, n := range []int{2, racers}[round : round+1] {
				answers := w.race(tap, n, func(i int) apitest.Response {
					w.Clock.Advance(1e6) // or a row of the history would give the losers away
					return w.call("PUT", path, complete(map[string]any{"description": fmt.Sprint(round, "-", i)}), header...)
				})
				count := tally(answers)
				if count["200"] != 1 || count[refusal(services.VersionConflict)] != n-1 {
					w.Fatalf("round %d: %v, want one winner", round, count)
				}
				current := w.want(w.call("GET", path, ""), http.StatusOK)
				for i, res := range answers {
					if res.Header.Get("ETag") != api.ETag(int64(version)) || res.Body["version"] != float64(version) {
						w.Errorf("round %d: a racer is told %v of version %d: %s", round, res.Header, version, res.Raw)
					}
					if res.Status == http.StatusOK && current.Body["description"] != fmt.Sprint(round, "-", i) {
						w.Errorf("round %d: the winner %d does not stand in %s", round, i, current.Raw)
					}
				}
			}
		}
		stale := w.call("PUT", path, named("Late"), "If-Match", `"2"`)
		if got := tally([]apitest.Response{stale}); got[refusal(services.PreconditionFailed)] != 1 || stale.Body["version"] != 3.0 || stale.Header.Get("ETag") != `"3"` {
			w.Errorf("a stale If-Match is answered %v %s", got, stale.Raw)
		}
		w.audit(path)
	})
}

// TestRaceForAName lets several services ask for review with one name: one waits
// for review, the others are rejected.
func TestRaceForAName(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		paths := make([]string, 8)
		for i := range paths {
			paths[i] = w.create(named("%s", []string{"Anagrafe", "ANAGRAFE"}[i%2]))
		}
		// The losers write their rejection afterwards.
		answers := w.race(tap, len(paths), func(i int) apitest.Response {
			return w.call("PUT", paths[i]+"/review", `{"auto_publish":true}`)
		})
		if count := tally(answers); count["204"] != len(paths) {
			w.Errorf("%v, want every request accepted", count)
		}
		states := map[string]int{}
		for _, path := range paths {
			states[w.state(path)]++
		}
		if states["submitted"] != 1 || states["rejected"] != len(paths)-1 {
			w.Errorf("%v, want one to wait", states)
		}
		w.audit(paths...)
	})
}

// TestManyActors lets everybody do everything to one service at the same time,
// while somebody watches the records.
func TestManyActors(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("Zero"))
		w.submit(path, true)
		w.decide(path, "approve")
		var accepted, busy atomic.Int64
		var watching, racing sync.WaitGroup
		done := make(chan struct{})
		watching.Go(func() { w.watch(path, done) })
		for i := range racers {
			racing.Go(func() {
				for round := range 8 {
					res := w.act(path, i, round)
					switch {
					case res.Status == http.StatusServiceUnavailable:
						busy.Add(1)
					case res.Status >= http.StatusInternalServerError, res.Status == http.StatusBadRequest, res.Status == http.StatusForbidden:
						w.Errorf("actor %d: %d %s", i%8, res.Status, res.Raw)
					case res.Status < http.StatusMultipleChoices && i%8 < 6:
						accepted.Add(1)
					}
				}
			})
		}
		racing.Wait()
		close(done)
		watching.Wait()
		s := w.sheet(path)
		if got := s.lifecycle.Version; got != accepted.Load()+3 || len(s.rows["publication"]) < 2 {
			w.Errorf("%d changes were accepted after version 3, the version is %d; %d rows of the publication, %d calls gave up",
				accepted.Load(), got, len(s.rows["publication"]), busy.Load())
		}
		w.audit(path)
	})
}

// act is what actor i does to a service in that round. All but the last two
// kinds of actors change the service itself.
func (w *world) act(path string, i, round int) apitest.Response {
	w.Clock.Advance(1e6)
	switch i % 8 {
	case 0, 1:
		name := []string{"Zero", "One", "Two"}[(i+round)%3]
		return w.call("PUT", path, complete(map[string]any{"name": name, "metadata.phone": fmt.Sprint(i, "-", round)}))
	case 2, 3:
		return w.call("PUT", path+"/review", fmt.Sprintf(`{"auto_publish":%t}`, round%2 == 0))
	case 4:
		if i < 8 && round%4 == 0 {
			return w.call("DELETE", path+"/review", "")
		}
		return w.as(reviewer, "POST", path+"/review/approve", "")
	case 5:
		if round%2 == 0 {
			return w.as(reviewer, "POST", path+"/review/reject", `{"reason":"R"}`)
		}
		return w.as(reviewer, "POST", path+"/review/approve", "")
	case 6:
		return w.call("POST", path+"/release", "")
	default:
		return w.call("DELETE", path+"/release", "")
	}
}

// watch compares the records until done: when the service is the same before and
// after the publication was read, they do not contradict each other.
func (w *world) watch(path string, done <-chan struct{}) {
	read := func(sk string) *record {
		item, err := w.DB.Get(w.Context(), table.Key{Table: services.Table.Name, PK: "SERVICE#" + idOf(path), SK: sk})
		if err != nil {
			w.Error(err)
		}
		if item == nil {
			return nil
		}
		return asStored[record](w.TB, item)
	}
	for {
		select {
		case <-done:
			return
		default:
		}
		before, publication, after := read("LIFECYCLE"), read("PUBLICATION"), read("LIFECYCLE")
		if before.Version != after.Version {
			continue
		}
		if wrong := contradictions(before, publication); wrong != "" {
			w.Errorf("version %d: %s", before.Version, wrong)
		}
	}
}

// TestRaceOfCreates compares the count of a list with the list.
func TestRaceOfCreates(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		created := map[string]bool{}
		for range 2 {
			for _, res := range w.race(nil, racers/2, func(i int) apitest.Response {
				return w.as([]*api.Identity{owner, grouped("g")}[i%2], "POST", "/services", named("Service %d", i))
			}) {
				if res.Status == http.StatusCreated {
					created[res.Text("id")] = true
				} else if res.Status != http.StatusServiceUnavailable {
					w.Errorf("%d %s", res.Status, res.Raw)
				}
			}
			w.Clock.Advance(1e6)
		}
		listed := map[string]bool{}
		for offset := 0; offset == 0 || offset < len(created); offset += 7 {
			res := w.want(w.call("GET", fmt.Sprintf("/services?limit=7&offset=%d", offset), ""), http.StatusOK)
			var page struct {
				Value      []struct{ ID string }
				Pagination struct{ Count int }
			}
			if err := json.Unmarshal([]byte(res.Raw), &page); err != nil {
				w.Fatal(err)
			}
			for _, s := range page.Value {
				listed[s.ID] = true
			}
			if page.Pagination.Count != len(created) {
				w.Errorf("count is %d, %d were created", page.Pagination.Count, len(created))
			}
		}
		if len(listed) != len(created) || len(created) < racers/2 {
			w.Errorf("%d listed, %d created", len(listed), len(created))
		}
	})
}

// TestRaceOfKeys regenerates both keys of a service at the same time: each 200
// stands for one stored change, and the keys are what one of them answered.
func TestRaceOfKeys(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		path := w.create(named("Zero"))
		pair := func(res apitest.Response) [2]string {
			return [2]string{res.Text("primary_key"), res.Text("secondary_key")}
		}
		now := pair(w.want(w.call("GET", path+"/keys", ""), http.StatusOK))
		version := int64(1)
		for range 4 {
			known := now
			var answered [][2]string
			for _, res := range w.race(tap, 8, func(i int) apitest.Response {
				return w.call("PUT", path+"/keys/"+[]string{"primary", "secondary"}[i%2], "")
			}) {
				if res.Status == http.StatusOK {
					answered = append(answered, pair(res))
				} else if got := tally([]apitest.Response{res}); got[refusal(services.VersionConflict)] != 1 {
					w.Errorf("%v %s", got, res.Raw)
				}
			}
			version += int64(len(answered))
			now = pair(w.want(w.call("GET", path+"/keys", ""), http.StatusOK))
			if len(answered) != 1 || !slices.Contains(answered, now) || (now[0] == known[0]) == (now[1] == known[1]) {
				w.Errorf("answered were %v, stored is %v", answered, now)
			}
			for _, key := range now {
				w.authenticates(key, true)
			}
		}
		sub := asStored[subscription.Subscription](w.TB, w.items("SUB#" + idOf(path))[0])
		if sub.Version != version {
			w.Errorf("version %d after %d changes", sub.Version, version-1)
		}
	})
}

// authenticates fails unless key is a valid one, or is not.
func (w *world) authenticates(key string, valid bool) {
	w.Helper()
	checker, err := subscription.NewChecker(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	id, err := checker.Authenticate(w.Context(), key)
	if (err == nil) != valid || valid && id.Subject != owner.Subject {
		w.Errorf("the key is somebody's: %+v, %v; want valid: %t", id, err, valid)
	}
}
