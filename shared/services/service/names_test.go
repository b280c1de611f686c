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

// collision is a service with a name, and another one that is submitted with it.
type collision struct {
	first  func(w *world, path string) // leads the first one, a draft, to its state
	second map[string]any              // members of the second one that differ
	taken  taken                       // the owners whose services the name is refused to
}

// taken is the set of owners whose services a name is refused to.
type taken int

const (
	forAll   taken = iota // the first service is approved
	forOwner              // it waits for a reviewer: only its owner's services are refused
	forNone               // the name is free
)

var collisions = map[string]collision{
	"submitted":                {func(w *world, path string) { w.submit(path, true) }, nil, forOwner},
	"published":                {approve(true), nil, forAll},
	"unpublished":              {approve(false), nil, forAll},
	"another case":             {approve(true), map[string]any{"name": "tHE NAMÈ"}, forAll},
	"blanks around":            {approve(true), map[string]any{"name": " The Namè  "}, forAll},
	"blanks within":            {approve(true), map[string]any{"name": "The  Namè"}, forAll},
	"decomposed":               {approve(true), map[string]any{"name": "The Name\u0300"}, forAll},
	"full width":               {approve(true), map[string]any{"name": "Ｔｈｅ Namè"}, forAll},
	"zero width":               {func(w *world, path string) { w.submit(path, true) }, map[string]any{"name": "The\u200b Namè"}, forOwner},
	"without the accent":       {approve(true), map[string]any{"name": "The Name"}, forNone},
	"longer":                   {approve(true), map[string]any{"name": "The Namè 2"}, forNone},
	"another organization":     {approve(true), map[string]any{"organization.fiscal_code": "10987654321"}, forNone},
	"another name of the same": {approve(true), map[string]any{"organization.name": "Provincia"}, forAll},
	"draft":                    {func(*world, string) {}, nil, forNone},
	"withdrawn": {func(w *world, path string) {
		w.submit(path, true)
		w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
	}, nil, forNone},
	"rejected": {func(w *world, path string) {
		w.submit(path, true)
		w.decide(path, "reject")
	}, nil, forNone},
	"deleted": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
	}, nil, forNone},
	"renamed draft": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
	}, nil, forAll},
	"renamed and submitted": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		w.submit(path, true)
	}, nil, forAll},
	"renamed and approved": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
	}, nil, forNone},
	"hidden and renamed": {func(w *world, path string) {
		approve(false)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, forNone},
	"visible until the release": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
	}, nil, forAll},
	"staged": {func(w *world, path string) {
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		approve(false)(w, path)
	}, nil, forAll},
	"replaced by a release": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, forNone},
	"replaced, but submitted again": {func(w *world, path string) {
		approve(true)(w, path)
		w.Want(w.call("PUT", path, named("Other")), http.StatusOK)
		approve(false)(w, path)
		w.Want(w.call("PUT", path, named("The Namè")), http.StatusOK)
		w.submit(path, true)
		w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent)
	}, nil, forOwner},
}

// TestNamesInUse submits a second service with the name of a first one, of another owner and
// of the same owner.
func TestNamesInUse(t *testing.T) {
	t.Parallel()
	for name, c := range collisions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.collide(c, stranger, c.taken == forAll)
				w.collide(c, owner, c.taken != forNone)
			})
		})
	}
}

// approve submits a draft and approves it.
func approve(autoPublish bool) func(*world, string) {
	return func(w *world, path string) {
		w.submit(path, autoPublish)
		w.decide(path, "approve")
	}
}

// collide submits a service of the caller after the first one of the collision, which is the
// owner's, and deletes both.
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
	isDuplicate := status["value"] == "rejected" && status["code"] == "DUPLICATE_NAME" && strings.HasPrefix(reason, "name: ")
	if !isDuplicate || check.Text("outcome") != "rejected" {
		w.Errorf("the name is in use, but the service is %v\n%s", status, check.Raw)
	}
	history := w.Want(w.As(caller, "GET", two+"/history", ""), http.StatusOK)
	if strings.Count(history.Raw, `"code":"DUPLICATE_NAME"`) != 1 {
		w.Errorf("the name is in use, but the history says %s", history.Raw)
	}
	if hasID := strings.Contains(reason+check.Raw, idOf(one)); hasID != (caller == owner) {
		w.Errorf("the answers to %s have the id of the other service: %t\n%s", caller.Subject, hasID, reason)
	}
	// The second service may be submitted again when the name is free.
	w.discardBy(owner, one)
	w.Want(w.As(caller, "PUT", two, complete(changes)), http.StatusOK)
	w.Want(w.As(caller, "PUT", two+"/review", `{"auto_publish":true}`), http.StatusNoContent)
	if got := w.stored(two).lifecycle.State; got != "submitted" {
		w.Errorf("the name is free again, but the service is %s", got)
	}
	w.audit(one, two)
}

// discardBy deletes a service of the caller, unless it is deleted.
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

// TestUnapprovedNamesBlockNoOtherOwner submits the name of a public body as another owner:
// the body still gets its service approved, and the other submission ends as a duplicate.
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
		res := w.As(reviewer, "POST", squatted+"/review/approve", "")
		w.Refused(res, services.DuplicateName)
		if res.Text("state") != "rejected" || strings.Contains(res.Raw, idOf(path)) {
			w.Errorf("the second approval is answered with %s", res.Raw)
		}
		read := w.Want(w.As(stranger, "GET", squatted, ""), http.StatusOK)
		status, _ := read.Body["status"].(map[string]any)
		if status["value"] != "rejected" || status["code"] != "DUPLICATE_NAME" || strings.Contains(read.Raw, idOf(path)) {
			w.Errorf("the other owner reads %s", read.Raw)
		}
		w.audit(path, squatted)
	})
}

// TestRaceOfApprovals approves services of four owners with one name at the same time, two by
// a reviewer and two, of trusted owners, by their submission: one is approved.
func TestRaceOfApprovals(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		trusting := w.with(map[string]string{service.TrustedOwnersSetting: "*"})
		for round := range 4 {
			w.raceOfApprovals(trusting, round)
		}
	})
}

// raceOfApprovals is one round of TestRaceOfApprovals. Only the last two of the four owners
// submit to the deployment that trusts them.
func (w *world) raceOfApprovals(trusting *world, round int) {
	w.Helper()
	callers := []*api.Identity{owner, stranger}
	for _, id := range []string{"owner-3", "owner-4"} {
		callers = append(callers, servicestest.Manager(id, services.GroupWrite))
	}
	const submission = `{"auto_publish":true}`
	paths := make([]string, len(callers))
	for i, caller := range callers {
		name := []string{"Name %d", "NAME %d"}[i%2]
		paths[i] = "/services/" + w.Want(w.As(caller, "POST", "/services", named(name, round)), http.StatusCreated).Text("id")
		if i < 2 {
			w.Want(w.As(caller, "PUT", paths[i]+"/review", submission), http.StatusNoContent)
		}
	}
	answers := w.race(len(paths), func(i int) apitest.Response {
		if i < 2 {
			return w.As(reviewer, "POST", paths[i]+"/review/approve", "")
		}
		return trusting.As(callers[i], "PUT", paths[i]+"/review", submission)
	})
	states := map[string]int{}
	for i, path := range paths {
		state := w.stored(path).lifecycle.State
		states[state]++
		want := http.StatusNoContent
		if i < 2 && state != "approved" {
			want = http.StatusConflict
		}
		if answers[i].Status != want {
			w.Errorf("%s is %s, its approval was answered %d %s", path, state, answers[i].Status, answers[i].Raw)
		}
	}
	if states["approved"] != 1 || states["rejected"] != 3 {
		w.Errorf("%v, want one approved and the others rejected", states)
	}
	w.audit(paths...)
}

// TestOwnNameIsNoDuplicate submits a service again with the names that it has claimed.
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

// TestManySubmitOneName submits many services with one name at the same time.
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
