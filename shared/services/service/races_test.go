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
	"ciclo/shared/services/servicestest"
	"ciclo/shared/services/subscription"
)

// racers is the number of calls that race.
const racers = 32

// race makes n calls at the same time, of which none writes before all are about to, and
// returns their answers.
func (w *world) race(n int, call func(i int) apitest.Response) []apitest.Response {
	w.Helper()
	w.Tap.Set(hooked.Gate(n, nil))
	defer w.Tap.Set(nil)
	return w.atOnce(n, call)
}

// atOnce makes n calls at the same time and returns their answers.
func (w *world) atOnce(n int, call func(i int) apitest.Response) []apitest.Response {
	w.Helper()
	answers := make([]apitest.Response, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	return answers
}

// tally counts answers by status and code: see line.
func tally(answers []apitest.Response) map[string]int {
	count := map[string]int{}
	for _, res := range answers {
		count[strings.TrimSpace(fmt.Sprint(res.Status, " ", servicestest.CodeOf(res)))]++
	}
	return count
}

// line is how tally names the refusals with a code.
func line(code problem.Code) string { return fmt.Sprint(code.Status, " ", code.Name) }

// TestRaceOfEditors races edits of one version: one wins, the answers of the others have the
// version that won, with If-Match and without.
func TestRaceOfEditors(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("Zero"))
		w.raceOfEditors(path, 2, 2)
		w.raceOfEditors(path, racers, 3, "If-Match", `"2"`)
		stale := w.call("PUT", path, named("Late"), "If-Match", `"2"`)
		w.Refused(stale, services.PreconditionFailed)
		if stale.Body["version"] != 3.0 || stale.Header.Get("ETag") != `"3"` {
			w.Errorf("a stale If-Match is answered with %v %s", stale.Header, stale.Raw)
		}
		w.audit(path)
	})
}

// raceOfEditors races n edits, of which one makes the version.
func (w *world) raceOfEditors(path string, n, version int, header ...string) {
	w.Helper()
	description := func(i int) string { return fmt.Sprint(version, "-", i) }
	answers := w.race(n, func(i int) apitest.Response {
		w.Clock.Advance(1e6) // at one instant, the rows of the history would refuse the losers
		return w.call("PUT", path, complete(map[string]any{"description": description(i)}), header...)
	})
	count := tally(answers)
	if count["200"] != 1 || count[line(services.VersionConflict)] != n-1 {
		w.Fatalf("%v, want one winner", count)
	}
	current := w.Want(w.call("GET", path, ""), http.StatusOK)
	for i, res := range answers {
		if res.Header.Get("ETag") != api.ETag(int64(version)) || res.Body["version"] != float64(version) {
			w.Errorf("an editor is answered with %v in version %d: %s", res.Header, version, res.Raw)
		}
		if res.Status == http.StatusOK && current.Body["description"] != description(i) {
			w.Errorf("editor %d won, but stored is %s", i, current.Raw)
		}
	}
}

// TestRaceForAName races submissions of several services with one name: one waits for
// review, the others are rejected.
func TestRaceForAName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		paths := make([]string, 8)
		for i := range paths {
			paths[i] = w.create(named("%s", []string{"Anagrafe", "ANAGRAFE"}[i%2]))
		}
		// The gate holds the first write of each. The losers write their rejection later.
		answers := w.race(len(paths), func(i int) apitest.Response {
			return w.call("PUT", paths[i]+"/review", `{"auto_publish":true}`)
		})
		if count := tally(answers); count["204"] != len(paths) {
			w.Errorf("%v, want every submission accepted", count)
		}
		states := map[string]int{}
		for _, path := range paths {
			states[w.state(path)]++
		}
		if states["submitted"] != 1 || states["rejected"] != len(paths)-1 {
			w.Errorf("%v, want one submitted", states)
		}
		w.audit(paths...)
	})
}

// TestManyActors lets 32 actors make all changes of one service at the same time, while the
// records are watched.
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
		s := w.stored(path)
		if got := s.lifecycle.Version; got != accepted.Load()+3 || len(s.rows["publication"]) < 2 {
			w.Errorf("%d changes were accepted after version 3, the version is %d; %d rows of the publication, %d calls gave up",
				accepted.Load(), got, len(s.rows["publication"]), busy.Load())
		}
		w.audit(path)
	})
}

// act makes the change of actor i in that round. The last two of every eight actors change
// the publication, the others the service.
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
		return w.As(reviewer, "POST", path+"/review/approve", "")
	case 5:
		if round%2 == 0 {
			return w.As(reviewer, "POST", path+"/review/reject", `{"reason":"R"}`)
		}
		return w.As(reviewer, "POST", path+"/review/approve", "")
	case 6:
		return w.call("POST", path+"/release", "")
	default:
		return w.call("DELETE", path+"/release", "")
	}
}

// watch reads the records until done. When the service is the same before and after the
// publication is read, they must not contradict each other.
func (w *world) watch(path string, done <-chan struct{}) {
	read := func(sk string) *record {
		item, err := w.DB.Get(w.Context(), table.Key{Table: services.Table.Name, PK: "SERVICE#" + idOf(path), SK: sk})
		if err != nil {
			w.Error(err)
		}
		if item == nil {
			return nil
		}
		return servicestest.Decode[record](w.TB, item)
	}
	for {
		select {
		case <-done:
			return
		default:
		}
		before := read("LIFECYCLE")
		publication := read("PUBLICATION")
		after := read("LIFECYCLE")
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
			for _, res := range w.atOnce(racers/2, func(i int) apitest.Response {
				return w.As([]*api.Identity{owner, grouped("g")}[i%2], "POST", "/services", named("Service %d", i))
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
			res := w.Want(w.call("GET", fmt.Sprintf("/services?limit=7&offset=%d", offset), ""), http.StatusOK)
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

// TestRaceOfKeys regenerates both keys of a service at the same time: each 200 stands for
// one stored change, and the stored keys are those of one answer.
func TestRaceOfKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("Zero"))
		pair := func(res apitest.Response) [2]string {
			return [2]string{res.Text("primary_key"), res.Text("secondary_key")}
		}
		now := pair(w.Want(w.call("GET", path+"/keys", ""), http.StatusOK))
		version := int64(1)
		for range 4 {
			before := now
			var answered [][2]string
			for _, res := range w.race(8, func(i int) apitest.Response {
				return w.call("PUT", path+"/keys/"+[]string{"primary", "secondary"}[i%2], "")
			}) {
				if res.Status == http.StatusOK {
					answered = append(answered, pair(res))
				} else {
					w.Refused(res, services.VersionConflict)
				}
			}
			version += int64(len(answered))
			now = pair(w.Want(w.call("GET", path+"/keys", ""), http.StatusOK))
			if len(answered) != 1 || !slices.Contains(answered, now) || (now[0] == before[0]) == (now[1] == before[1]) {
				w.Errorf("answered were %v, stored is %v", answered, now)
			}
			for _, key := range now {
				w.wantKey(key, true)
			}
		}
		sub := servicestest.Decode[subscription.Subscription](w.TB, w.Items("SUB#" + idOf(path))[0])
		if sub.Version != version {
			w.Errorf("version %d after %d changes", sub.Version, version-1)
		}
	})
}

// wantKey fails unless key is valid and of the owner, or is not valid.
func (w *world) wantKey(key string, isValid bool) {
	w.Helper()
	checker, err := subscription.NewChecker(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	id, err := checker.Authenticate(w.Context(), key)
	if (err == nil) != isValid || isValid && id.Subject != owner.Subject {
		w.Errorf("the key identifies %+v, %v; want valid: %t", id, err, isValid)
	}
}
