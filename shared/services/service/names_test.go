package service_test

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
	"ciclo/shared/services/servicestest"
)

// collision is a service that had a name first, and another one that asks for it.
type collision struct {
	first  func(w *world, path string) // what becomes of the first
	second map[string]any              // what is different with the second
	taken  taken                       // whether it may have the name
}

// taken says whom a name is refused to.
type taken int

const (
	byAll  taken = iota // it was approved
	byOwn               // it waits for a reviewer: to the owner's other services
	byNone              // it is free
)

var collisions = map[string]collision{
	"submitted":                {func(w *world, path string) { w.submit(path, true) }, nil, byOwn},
	"published":                {approve(true), nil, byAll},
	"unpublished":              {approve(false), nil, byAll},
	"another case":             {approve(true), map[string]any{"name": "tHE NAMÈ"}, byAll},
	"blanks around":            {approve(true), map[string]any{"name": " The Namè  "}, byAll},
	"blanks within":            {approve(true), map[string]any{"name": "The  Namè"}, byAll},
	"decomposed":               {approve(true), map[string]any{"name": "The Name\u0300"}, byAll},
	"full width":               {approve(true), map[string]any{"name": "Ｔｈｅ Namè"}, byAll},
	"zero width":               {func(w *world, path string) { w.submit(path, true) }, map[string]any{"name": "The\u200b Namè"}, byOwn},
	"without the accent":       {approve(true), map[string]any{"name": "The Name"}, byNone},
	"longer":                   {approve(true), map[string]any{"name": "The Namè 2"}, byNone},
	"another organization":     {approve(true), map[string]any{"organization.fiscal_code": "10987654321"}, byNone},
	"another name of the same": {approve(true), map[string]any{"organization.name": "Provincia"}, byAll},
	"draft":                    {func(*world, string) {}, nil, byNone},
	"withdrawn": {func(w *world, path string) {
		w.submit(path, true)
		w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
	}, nil, byNone},
	"rejected": {func(w *world, path string) {
		w.submit(path, true)
		w.decide(path, "reject")
	}, nil, byNone},
	"deleted": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
	}, nil, byNone},
	"renamed draft": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
	}, nil, byAll},
	"renamed and submitted": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		w.submit(path, true)
	}, nil, byAll},
	"renamed and approved": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
	}, nil, byNone},
	"hidden and renamed": {func(w *world, path string) {
		approve(false)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, byNone},
	"visible until the release": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, byAll},
	"staged": {func(w *world, path string) {
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		approve(false)(w, path)
	}, nil, byAll},
	"replaced by a release": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, byNone},
	"replaced, but asked for again": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.Want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		w.submit(path, true)
		w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, byOwn},
}

// TestNamesInUse submits a second service with the name of a first one, of another owner
// and of the same.
func TestNamesInUse(t *testing.T) {
	t.Parallel()
	for name, c := range collisions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.collide(c, stranger, c.taken == byAll)
				w.collide(c, owner, c.taken != byNone)
			})
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

// collide has caller submit a service with a name that a service of the owner may have, and
// frees the name in the end.
func (w *world) collide(c collision, caller *api.Identity, refused bool) {
	w.Helper()
	changes := map[string]any{"name": "The Namè"}
	maps.Copy(changes, c.second)
	one := w.create(named("The Namè"))
	c.first(w, one)
	w.audit(one)
	res := w.Want(w.As(caller, "POST", "/services", complete(changes)), http.StatusCreated)
	two := "/services/" + res.Text("id")
	check := w.Want(w.As(caller, "GET", two+"/review/check", ""), http.StatusOK)
	w.Want(w.As(caller, "PUT", two+"/review", `{"auto_publish":true}`), http.StatusNoContent)
	w.audit(one, two)
	status, _ := w.Want(w.As(caller, "GET", two, ""), http.StatusOK).Body["status"].(map[string]any)
	defer func() {
		w.discardBy(caller, two)
		w.audit(one, two)
	}()
	if !refused {
		if status["value"] != "submitted" || check.Text("outcome") != "submitted" || status["reason"] != nil {
			w.Errorf("the name is free, but the service %s", check.Raw)
		}
		w.discardBy(owner, one)
		return
	}
	reason, _ := status["reason"].(string)
	if status["value"] != "rejected" || check.Text("outcome") != "rejected" || !strings.HasPrefix(reason, "name: ") || status["code"] != "DUPLICATE_NAME" {
		w.Errorf("the name is in use, but the service is %v\n%s", status, check.Raw)
	}
	history := w.Want(w.As(caller, "GET", two+"/history", ""), http.StatusOK)
	if strings.Count(history.Raw, `"code":"DUPLICATE_NAME"`) != 1 {
		w.Errorf("the name is in use, but the history says %s", history.Raw)
	}
	if told := strings.Contains(reason+check.Raw, idOf(one)); told != (caller == owner) {
		w.Errorf("%s is told the id of the other service: %t\n%s", caller.Subject, told, reason)
	}
	// The loser may ask again as soon as the name is free.
	w.discardBy(owner, one)
	w.Want(w.As(caller, "PUT", two, complete(changes)), http.StatusOK)
	w.Want(w.As(caller, "PUT", two+"/review", `{"auto_publish":true}`), http.StatusNoContent)
	if got := w.stored(two).lifecycle.State; got != "submitted" {
		w.Errorf("the name is free again, but the service is %s", got)
	}
	w.audit(one, two)
}

// give deletes a service of the caller, if it is not deleted yet.
func (w *world) discardBy(caller *api.Identity, path string) {
	w.Helper()
	switch w.stored(path).lifecycle.State {
	case "deleted":
		return
	case "submitted":
		w.Want(w.As(caller, "DELETE", path+"/review", ""), http.StatusNoContent)
	}
	w.Want(w.As(caller, "DELETE", path, ""), http.StatusNoContent)
}

// TestUnapprovedNamesBlockNoOtherOwner has somebody ask for every name of a public body:
// the body gets its names approved all the same, and the other's requests end as duplicates.
func TestUnapprovedNamesBlockNoOtherOwner(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		squatted := "/services/" + w.Want(w.As(stranger, "POST", "/services", named("Anagrafe")), http.StatusCreated).Text("id")
		w.Want(w.As(stranger, "PUT", squatted+"/review", `{"auto_publish":true}`), http.StatusNoContent)
		path := w.create(named("ANAGRAFE"))
		w.submit(path, true)
		w.audit(path, squatted)
		w.decide(path, "approve")
		if got := w.verdict(path); got.state != "approved" {
			w.Fatalf("the service is %+v", got)
		}
		w.audit(path, squatted)
		res := w.Want(w.As(reviewer, "POST", squatted+"/review/approve", ""), http.StatusConflict)
		if !strings.HasSuffix(res.Text("type"), "DUPLICATE_NAME") || res.Text("state") != "rejected" || strings.Contains(res.Raw, idOf(path)) {
			w.Errorf("the second approval is answered %s", res.Raw)
		}
		status := w.Want(w.As(stranger, "GET", squatted, ""), http.StatusOK)
		if s, _ := status.Body["status"].(map[string]any); s["value"] != "rejected" || s["code"] != "DUPLICATE_NAME" || strings.Contains(status.Raw, idOf(path)) {
			w.Errorf("the other owner reads %s", status.Raw)
		}
		w.audit(path, squatted)
	})
}

// TestRaceOfApprovals approves services of two owners with one name at the same time, by a
// reviewer and, for owners that are trusted, by their submission: one is approved.
func TestRaceOfApprovals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		trusting := w.with(map[string]string{service.TrustedOwnersSetting: "*"})
		for round := range 4 {
			callers, paths := []*api.Identity{owner, stranger, servicestest.Manager("owner-3", services.GroupWrite), servicestest.Manager("owner-4", services.GroupWrite)}, make([]string, 4)
			for i, caller := range callers {
				name := []string{"Name %d", "NAME %d"}[i%2]
				paths[i] = "/services/" + w.Want(w.As(caller, "POST", "/services", named(name, round)), http.StatusCreated).Text("id")
				if i < 2 {
					w.Want(w.As(caller, "PUT", paths[i]+"/review", `{"auto_publish":true}`), http.StatusNoContent)
				}
			}
			answers := w.race(len(paths), func(i int) apitest.Response {
				if i < 2 {
					return w.As(reviewer, "POST", paths[i]+"/review/approve", "")
				}
				return trusting.As(callers[i], "PUT", paths[i]+"/review", `{"auto_publish":true}`)
			})
			states := map[string]int{}
			for i, path := range paths {
				got := w.stored(path).lifecycle
				states[got.State]++
				if i < 2 && (got.State == "approved") != (answers[i].Status == http.StatusNoContent) || i >= 2 && answers[i].Status != http.StatusNoContent {
					w.Errorf("%s is %s, its approval was answered %d %s", path, got.State, answers[i].Status, answers[i].Raw)
				}
			}
			if states["approved"] != 1 || states["rejected"] != 3 {
				w.Errorf("%v, want one approved and the others rejected", states)
			}
			w.audit(paths...)
		}
	})
}

// TestOwnNameIsNoDuplicate submits a service again with the names it has itself.
func TestOwnNameIsNoDuplicate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("A"))
		approve(true)(w, path)
		for i, name := range []string{"A", "a", "B", "A", "B", "C"} {
			w.Want(w.call("PUT", path, named("%s", name)), http.StatusOK)
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
			if got := w.verdict(path); !strings.Contains(got.reason, idOf(states["submitted"][0])) {
				w.Errorf("%s does not name the one that was first: %s", path, got.reason)
			}
		}
		w.audit(paths...)
	})
}
