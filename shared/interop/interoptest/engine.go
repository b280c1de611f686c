package interoptest

import (
	"strings"
	"sync"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/platform/testing/listtest"
)

// Calls counts the calls to the engine that do makes.
func (w *World) Calls(do func()) int {
	w.Helper()
	w.Tap.Set(nil)
	do()
	return w.Tap.Seen()
}

// Broken is the answer to a request during which a call to the engine failed.
type Broken struct {
	apitest.Response
	Reached bool // the request made that call
	Wrote   bool // the call was a write, and it was carried out
}

// Break sends a request of which call k to the engine fails, counted from 0: before it
// is carried out or, with after, after it, so that only its answer is lost.
func (w *World) Break(k int, after bool, send func() apitest.Response) Broken {
	w.Helper()
	var (
		mu     sync.Mutex // a list makes several calls at once
		broken Broken
	)
	w.Tap.Set(func(c *hooked.Call) error {
		if c.N != k {
			return c.Run()
		}
		wrote := after && c.Run() == nil && c.Writes()
		mu.Lock()
		defer mu.Unlock()
		broken.Reached = true
		broken.Wrote = wrote
		return hooked.ErrDown
	})
	defer w.Tap.Set(nil)
	res := send()
	mu.Lock()
	defer mu.Unlock()
	broken.Response = res
	return broken
}

// Cost returns the round trips and the items read that the log counts for the last request.
func (w *World) Cost() (trips, items float64) {
	lines := w.World.Log.Lines(w.TB)
	last := lines[len(lines)-1]
	trips, _ = last["roundTrips"].(float64)
	items, _ = last["itemsRead"].(float64)
	return trips, items
}

// Costs sends a request and checks how many round trips it takes and how many items it reads.
func (w *World) Costs(what string, trips, items float64, caller *api.Identity, method, path, body string) {
	w.Helper()
	if res := w.As(caller, method, path, body); res.Status >= 500 {
		w.Errorf("%s: %s", what, res.Raw)
	}
	if t, i := w.Cost(); t != trips || i != items {
		w.Errorf("%s takes %v round trips and %v items, want %v and %v", what, t, i, trips, items)
	}
}

// Copies stores n copies of every stored item that is picked, see [listtest.Copies], and lets
// functions start again: the copies are as old as if readers had seen them.
func (w *World) Copies(picked func(table.Key) bool, n int, replace func(i int) []string) {
	w.Helper()
	if err := listtest.Copies(w.Context(), w.Engine(), listtest.Live(w.Stored(picked)), n, replace); err != nil {
		w.Fatal(err)
	}
	w.Restart()
}

// CheapPage reads a page of a list twice and checks that it counts all that match and has so
// many of them, and that the second read costs the same at any size: two round trips, and three
// read units besides one for each item of the page, which are the only ones it reads.
func (w *World) CheapPage(caller *api.Identity, path string, total, results int) {
	w.Helper()
	for range 2 {
		res := w.OK(caller, "GET", path, "")
		if got, n := Total(res), len(Results(res)); got != total || n != results {
			w.Errorf("%s has %d of %d, want %d of %d", path, n, got, results, total)
		}
	}
	lines := w.World.Log.Lines(w.TB)
	units, _ := lines[len(lines)-1]["readUnits"].(float64)
	if trips, items := w.Cost(); trips > 2 || items != float64(results) || units > 3+float64(results) {
		w.Errorf("%s takes %v round trips, %v items and %v units for a page of %d", path, trips, items, units, results)
	}
}

// Race makes n calls at the same time and counts their answers. No call writes before
// that many writers want to.
func (w *World) Race(n, writers int, call func(i int) string) map[string]int {
	w.Helper()
	w.Tap.Set(hooked.Gate(writers, nil))
	defer w.Tap.Set(nil)
	answers := make([]string, n)
	var racing sync.WaitGroup
	for i := range n {
		racing.Go(func() { answers[i] = call(i) })
	}
	racing.Wait()
	count := map[string]int{}
	for _, answer := range answers {
		count[answer]++
	}
	return count
}

// NotLogged checks that a secret is nowhere in the log, which has at least that many lines.
func (w *World) NotLogged(secret string, lines int) {
	w.Helper()
	log := w.World.Log.String()
	for line := range strings.Lines(log) {
		if strings.Contains(strings.ToLower(line), strings.ToLower(secret)) {
			w.Errorf("logged: %s", line)
		}
	}
	if got := strings.Count(log, "\n"); got < lines {
		w.Errorf("the log has %d lines, want %d", got, lines)
	}
}
