package service_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/platform/testing/apitest"
)

// historyPage reads a page of the history of a service: a line per change, and the token of
// the next page.
func (w *world) historyPage(path, query string) (lines []string, token string) {
	w.Helper()
	res := w.Want(w.call("GET", path+"/history?"+query, ""), http.StatusOK)
	items, _ := res.Body["items"].([]any)
	for _, item := range items {
		item, _ := item.(map[string]any)
		status, _ := item["status"].(map[string]any)
		if item["id"] != idOf(path) {
			w.Errorf("the id of a change is %v", item["id"])
		}
		lines = append(lines, fmt.Sprint(status["kind"], " ", status["value"], " v", item["version"], " ", item["name"]))
	}
	return lines, res.Text("continuationToken")
}

// historyPages reads a whole history, page by page, and runs act between two pages.
func (w *world) historyPages(path, query string, act func()) (pages [][]string) {
	w.Helper()
	for token := ""; ; {
		lines, next := w.historyPage(path, query+token)
		pages = append(pages, lines)
		if next == "" {
			return pages
		}
		if token = "&continuationToken=" + next; len(pages) > 100 {
			w.Fatal("there is no last page")
		}
		act()
	}
}

// withHistory makes a service with eight changes and returns them, oldest first. It runs step
// before each action.
func (w *world) withHistory(step func()) (path string, lines []string) {
	w.Helper()
	path = w.create(named("A"))
	for _, act := range []func(){
		func() { w.submit(path, true) },
		func() { w.decide(path, "approve") }, // two changes
		func() { w.Want(w.call("PUT", path, named("B")), http.StatusOK) },
		func() { w.submit(path, false) },
		func() { w.decide(path, "reject") },
		func() { w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent) },
	} {
		step()
		act()
	}
	return path, []string{
		"lifecycle draft v1 A", "lifecycle submitted v2 A", "lifecycle approved v3 A", "publication published v1 A",
		"lifecycle draft v4 B", "lifecycle submitted v5 B", "lifecycle rejected v6 B", "publication unpublished v2 A",
	}
}

// reversed returns the lines in reverse order.
func reversed(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Reverse(lines)
	return lines
}

// TestHistoryIsPaged reads a history in both orders with pages of all sizes.
func TestHistoryIsPaged(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, all := w.withHistory(func() { w.Clock.Advance(1e6) })
		for order, want := range map[string][]string{"ASC": all, "DESC": reversed(all)} {
			for limit := 1; limit <= 9; limit++ {
				pages := w.historyPages(path, fmt.Sprintf("order=%s&limit=%d", order, limit), func() {})
				if got := slices.Concat(pages...); !slices.Equal(got, want) || len(pages) != (7+limit)/limit {
					w.Errorf("%s, %d at a time: %q, want %q", order, limit, pages, want)
				}
			}
		}
		if got, token := w.historyPage(path, ""); !slices.Equal(got, reversed(all)) || token != "" {
			w.Errorf("by default: %q", got)
		}
		for i := range 5 {
			w.Want(w.call("PUT", path, named("C%d", i)), http.StatusOK)
		}
		if got, token := w.historyPage(path, ""); len(got) != 10 || token == "" {
			w.Errorf("by default %d changes", len(got))
		}
	})
}

// TestHistoryGrows adds a change between pages. Going back in time no change is missing or
// repeated; going forward the new ones come last.
func TestHistoryGrows(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, all := w.withHistory(func() { w.Clock.Advance(1e6) })
		n := 0
		add := func() {
			if n++; n > 6 {
				return
			}
			w.Clock.Advance(1e6)
			w.Want(w.call("PUT", path, named("N%d", n)), http.StatusOK)
			all = append(all, fmt.Sprintf("lifecycle draft v%d N%d", 6+n, n))
		}
		before := slices.Clone(all)
		if got := slices.Concat(w.historyPages(path, "limit=3", add)...); !slices.Equal(got, reversed(before)) {
			w.Errorf("back: %q, want %q", got, reversed(before))
		}
		if got := slices.Concat(w.historyPages(path, "order=ASC&limit=3", add)...); !slices.Equal(got, all) {
			w.Errorf("forth: %q, want %q", got, all)
		}
	})
}

// TestClocks makes changes while the clock stands still and while it goes back. The changes
// of each record stay in their order, and no change is earlier than the one before.
func TestClocks(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		back := apitest.Start
		for name, step := range map[string]func(){
			"still": func() {},
			"back": func() {
				back = back.Add(-time.Hour)
				w.Clock.Set(back)
			},
			"both ways": func() {
				w.Clock.Set(apitest.Start.Add(time.Hour - w.Clock.Now().Sub(apitest.Start)))
			},
		} {
			w.Clock.Set(apitest.Start)
			path, all := w.withHistory(step)
			for _, order := range []string{"ASC", "DESC"} {
				got := slices.Concat(w.historyPages(path, "limit=3&order="+order, func() {})...)
				if order == "DESC" {
					slices.Reverse(got)
				}
				for _, kind := range []string{"lifecycle", "publication"} {
					other := func(line string) bool { return !strings.HasPrefix(line, kind) }
					if g, want := slices.DeleteFunc(slices.Clone(got), other), slices.DeleteFunc(slices.Clone(all), other); !slices.Equal(g, want) {
						w.Errorf("%s, %s: %q, want %q", name, order, g, want)
					}
				}
				if slices.Index(got, all[2]) > slices.Index(got, all[3]) {
					w.Errorf("%s, %s: published before it was approved: %q", name, order, got)
				}
			}
			if read := w.Want(w.call("GET", path, ""), http.StatusOK); read.Text("last_update") < "2026-11-21T10:00:00.000Z" {
				w.Errorf("%s: last update %s", name, read.Text("last_update"))
			}
			// The publication alone is ahead of the clock.
			w.Clock.Set(apitest.Start.Add(2 * time.Hour))
			w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
			w.Clock.Set(apitest.Start)
			w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
			w.audit(path)
			w.discard(path)
		}
	})
}

// TestHistoryShows compares each change with the record that was read after it.
func TestHistoryShows(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(complete(map[string]any{"max_allowed_payment_amount": 5}))
		var seen []map[string]any
		read := func(below, kind string) {
			res := w.Want(w.call("GET", path+below, ""), http.StatusOK)
			status, ok := res.Body["status"].(map[string]any)
			if !ok {
				status = map[string]any{"value": res.Body["status"]}
			}
			status["kind"] = kind
			res.Body["status"] = status
			seen = append(seen, res.Body)
		}
		read("", "lifecycle")
		for _, act := range []func(){
			func() { w.submit(path, true) },
			func() {
				w.Want(w.As(reviewer, "POST", path+"/review/reject", `{"reason":"R","code":"INVALID_FIELDS"}`), http.StatusNoContent)
			},
			func() {
				w.Want(w.call("PUT", path, complete(map[string]any{"name": "B", "suitable_for_minors": true})), http.StatusOK)
			},
			func() { w.submit(path, true) },
			func() { w.decide(path, "approve") },
		} {
			w.Clock.Advance(1e9)
			act()
			read("", "lifecycle")
		}
		read("/release", "publication")
		res := w.Want(w.As(reviewer, "GET", path+"/history?order=ASC", ""), http.StatusOK)
		items, _ := res.Body["items"].([]any)
		for i, want := range seen {
			if i >= len(items) || !reflect.DeepEqual(items[i], any(want)) {
				w.Errorf("change %d of %d is not %v", i, len(items), want)
			}
		}
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
		w.Want(w.call("GET", path+"/history", ""), http.StatusNotFound)
	})
}
