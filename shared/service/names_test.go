package service_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// collision is a service that had a name first, and another one that asks for it.
type collision struct {
	first  func(w *world, path string) // what becomes of the first
	second map[string]any              // what is different with the second
	free   bool                        // whether it may have the name
}

var collisions = map[string]collision{
	"submitted":                {func(w *world, path string) { w.submit(path, true) }, nil, false},
	"published":                {approve(true), nil, false},
	"unpublished":              {approve(false), nil, false},
	"another case":             {approve(true), map[string]any{"name": "tHE NAMÈ"}, false},
	"blanks around":            {approve(true), map[string]any{"name": " The Namè  "}, false},
	"blanks within":            {approve(true), map[string]any{"name": "The  Namè"}, true},
	"without the accent":       {approve(true), map[string]any{"name": "The Name"}, true},
	"longer":                   {approve(true), map[string]any{"name": "The Namè 2"}, true},
	"another organization":     {approve(true), map[string]any{"organization.fiscal_code": "10987654321"}, true},
	"another name of the same": {approve(true), map[string]any{"organization.name": "Provincia"}, false},
	"draft":                    {func(*world, string) {}, nil, true},
	"withdrawn": {func(w *world, path string) {
		w.submit(path, true)
		w.want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
	}, nil, true},
	"rejected": {func(w *world, path string) {
		w.submit(path, true)
		w.decide(path, "reject")
	}, nil, true},
	"deleted": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("DELETE", path, ""), http.StatusNoContent)
	}, nil, true},
	"renamed draft": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
	}, nil, false},
	"renamed and submitted": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		w.submit(path, true)
	}, nil, false},
	"renamed and approved": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
	}, nil, true},
	"hidden and renamed": {func(w *world, path string) {
		approve(false)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, true},
	"visible until the release": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, false},
	"staged": {func(w *world, path string) {
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		approve(false)(w, path)
	}, nil, false},
	"replaced by a release": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, true},
	"replaced, but asked for again": {func(w *world, path string) {
		approve(true)(w, path)
		w.want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		w.submit(path, true)
		w.want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, false},
}

// TestNamesInUse submits a second service with the name of a first one.
func TestNamesInUse(t *testing.T) {
	t.Parallel()
	for name, c := range collisions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) { w.collide(c) })
		})
	}
}

// approve brings a draft to its approval.
func approve(autoPublish bool) func(*world, string) {
	return func(w *world, path string) {
		w.submit(path, autoPublish)
		w.decide(path, "approve")
	}
}

// collide submits a service of another owner with a name that may be in use.
func (w *world) collide(c collision) {
	w.Helper()
	changes := map[string]any{"name": "The Namè"}
	maps.Copy(changes, c.second)
	one := w.create(named("The Namè"))
	c.first(w, one)
	w.audit(one)
	res := w.want(w.as(stranger, "POST", "/services", complete(changes)), http.StatusCreated)
	two := "/services/" + res.Text("id")
	check := w.want(w.as(stranger, "GET", two+"/review/check", ""), http.StatusOK)
	w.want(w.as(stranger, "PUT", two+"/review", `{"auto_publish":true}`), http.StatusNoContent)
	w.audit(one, two)
	status, _ := w.want(w.as(stranger, "GET", two, ""), http.StatusOK).Body["status"].(map[string]any)
	if c.free {
		if status["value"] != "submitted" || check.Text("outcome") != "submitted" || status["reason"] != nil {
			w.Errorf("the name is free, but the service %s", check.Raw)
		}
		return
	}
	reason, _ := status["reason"].(string)
	if status["value"] != "rejected" || check.Text("outcome") != "rejected" || !strings.HasPrefix(reason, "name: ") || !strings.Contains(reason, idOf(one)) ||
		status["code"] != "DUPLICATE_NAME" {
		w.Errorf("the name is in use, but the service is %v\n%s", status, check.Raw)
	}
	history := w.want(w.as(stranger, "GET", two+"/history", ""), http.StatusOK)
	if strings.Count(history.Raw, `"code":"DUPLICATE_NAME"`) != 1 {
		w.Errorf("the name is in use, but the history says %s", history.Raw)
	}
	// The loser may ask again as soon as the name is free.
	if w.state(one) == "submitted" {
		w.want(w.call("DELETE", one+"/review", ""), http.StatusNoContent)
	}
	w.want(w.call("DELETE", one, ""), http.StatusNoContent)
	w.want(w.as(stranger, "PUT", two, complete(changes)), http.StatusOK)
	w.want(w.as(stranger, "PUT", two+"/review", `{"auto_publish":true}`), http.StatusNoContent)
	if got := w.sheet(two).lifecycle.State; got != "submitted" {
		w.Errorf("the name is free again, but the service is %s", got)
	}
	w.audit(one, two)
}

// TestOwnNameIsNoDuplicate submits a service again with the names it has itself.
func TestOwnNameIsNoDuplicate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("A"))
		approve(true)(w, path)
		for i, name := range []string{"A", "a", "B", "A", "B", "C"} {
			w.want(w.call("PUT", path, named("%s", name)), http.StatusOK)
			w.submit(path, i%2 == 0)
			if w.state(path) == "submitted" {
				w.decide(path, "approve")
			}
			if state := w.state(path); state != "approved" {
				w.Errorf("step %d: %s is %s", i, name, state)
			}
			w.audit(path)
		}
	})
}

// TestManySubmitOneName has many services asking for a name at once.
func TestManySubmitOneName(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		paths := make([]string, 16)
		for i := range paths {
			paths[i] = w.create(named("%s", []string{"One", "one", "ONE"}[i%3]))
		}
		var wg sync.WaitGroup
		for _, path := range paths {
			wg.Go(func() {
				if res := w.call("PUT", path+"/review", `{"auto_publish":true}`); res.Status != http.StatusNoContent {
					w.Errorf("a submission = %d\n%s", res.Status, res.Raw)
				}
			})
		}
		wg.Wait()
		states := map[string][]string{}
		for _, path := range paths {
			states[w.state(path)] = append(states[w.state(path)], path)
		}
		if len(states["submitted"]) != 1 || len(states["rejected"]) != 15 {
			w.Fatalf("states = %v, want one submitted and 15 rejected", states)
		}
		for _, path := range states["rejected"] {
			if got := w.judged(path); !strings.Contains(got.reason, idOf(states["submitted"][0])) {
				w.Errorf("%s does not name the one that was first: %s", path, got.reason)
			}
		}
		w.audit(paths...)
	})
}
