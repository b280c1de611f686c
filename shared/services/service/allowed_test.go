package service_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// allowedPublication is what each publication of releases allows its owner.
var allowedPublication = map[string]string{
	"none": "", "unpublished 1": "publish", "published 1": "unpublish",
	"published 1 next 2": "publish unpublish", "unpublished 1 next 2": "publish",
}

// allowedTo reads what a service allows a caller.
func (w *world) allowedTo(as *api.Identity, path string) (actions []string, res apitest.Response) {
	w.Helper()
	res = w.Want(w.As(as, "GET", path+"/allowedActions", ""), http.StatusOK)
	all, _ := res.Body["allowedActions"].([]any)
	for _, a := range all {
		actions = append(actions, fmt.Sprint(a))
	}
	return actions, res
}

// words returns the words of a list as the tables write it.
func words(list string) []string { return strings.Fields(strings.Trim(list, "[]")) }

// keepsPromise checks that an action changes a service if it is listed for the caller, and
// only then. It returns whether something has changed.
func (w *world) keepsPromise(action lifecycle.Action, as *api.Identity, path string) (changed bool) {
	w.Helper()
	list, res := w.allowedTo(as, path)
	before := historyRows(w.records(path))
	w.sendNamed(string(action), path)
	changed = historyRows(w.records(path)) > before
	if changed != slices.Contains(list, string(action)) {
		w.Errorf("%s is listed in %v, and has changed something: %t\n%s", action, list, changed, res.Raw)
	}
	return changed
}

// TestAllowedActions reads at every start what the service allows, and sends a request for
// each action: those that are listed change something, the others are refused or change
// nothing.
func TestAllowedActions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		requests := map[lifecycle.Action]*api.Identity{
			"edit": owner, "submit": owner, "withdraw": owner, "delete": owner, "publish": owner, "unpublish": owner,
			"approve": reviewer, "reject": reviewer,
		}
		for _, s := range starts() {
			if s.state == lifecycle.None {
				continue
			}
			path := s.setUp(w)
			want := append(words(allowed[s.state][service.Owner]), strings.Fields(allowedPublication[s.existing()])...)
			got, res := w.allowedTo(owner, path)
			visibility, _, _ := strings.Cut(strings.TrimPrefix(s.existing(), "none"), " ")
			if !slices.Equal(got, want) || res.Text("state") != string(s.state) || res.Text("visibility") != visibility {
				w.Errorf("%v allows its owner %v, want %v\n%s", s, got, want, res.Raw)
			}
			if waits := strings.Contains(s.existing(), "next"); res.Body["waiting"] != waits {
				w.Errorf("%v: %s", s, res.Raw)
			}
			ofReviewer, _ := w.allowedTo(reviewer, path)
			if want := words(allowed[s.state][service.Reviewer]); !slices.Equal(ofReviewer, want) {
				w.Errorf("%v allows reviewers %v, want %v", s, ofReviewer, want)
			}
			for action, as := range requests {
				if w.keepsPromise(action, as, path) {
					path = s.setUp(w)
				}
			}
		}
	})
}

// TestAllowedActionsOfCallers reads what one service allows different callers: the roles of
// a key follow from its permission groups, its owner and its group.
func TestAllowedActionsOfCallers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		created := w.Want(w.As(grouped("a"), "POST", "/services", w.fresh()), http.StatusCreated)
		path := "/services/" + created.Text("id")
		w.submit(path, true)
		both := identity(services.KindManage, services.GroupWrite, services.GroupReview)
		other := *both
		other.Group = "b"
		for _, c := range []struct {
			name string
			as   *api.Identity
			want string
		}{
			{"owner", owner, "[withdraw]"},
			{"the service's group", grouped("a"), "[withdraw]"},
			{"reviewer", reviewer, "[approve reject]"},
			{"owner who reviews", both, "[withdraw approve reject]"},
			{"reviewer with the key of another group", &other, "[approve reject]"},
		} {
			if got, res := w.allowedTo(c.as, path); fmt.Sprint(got) != c.want || res.Body["detail"] != nil {
				w.Errorf("%s: %s, want %s", c.name, res.Raw, c.want)
			}
		}
		w.Refused(w.As(grouped("b"), "GET", path+"/allowedActions", ""), services.NoValidScopes)
		w.Refused(w.As(stranger, "GET", path+"/allowedActions", ""), services.NotAllowed)
		w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent)
		if got, res := w.allowedTo(reviewer, path); len(got) != 0 || res.Text("detail") == "" {
			w.Errorf("a draft tells reviewers %s", res.Raw)
		}
	})
}

// TestSearch selects services by name, state and visibility, in several orders.
func TestSearch(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		names := map[string]string{}
		add := func(name string, act func(path string)) {
			w.Clock.Advance(1e6)
			path := w.create(named("%s", name))
			names[path] = name
			act(path)
		}
		approve := func(path string) {
			w.submit(path, true)
			w.decide(path, "approve")
		}
		add("Mensa", func(string) {})
		add("anagrafe", approve)
		add("Tributi", func(path string) { w.submit(path, true) })
		add("Anagrafe estera", func(path string) {
			approve(path)
			w.Want(w.call("DELETE", path+"/release", ""), http.StatusNoContent)
		})
		add("Biblioteca", func(path string) { w.Want(w.call("DELETE", path, ""), http.StatusNoContent) })
		w.Clock.Advance(1e6)
		for _, c := range []struct{ query, want string }{
			{"", "Mensa, anagrafe, Tributi, Anagrafe estera, Biblioteca"},
			{"name=ANAGRAFE", "anagrafe, Anagrafe estera"},
			{"name=+estera+", "Anagrafe estera"},
			{"name=x", ""},
			{"state=draft", "Mensa"},
			{"state=approved&visibility=unpublished", "Anagrafe estera"},
			{"visibility=published", "anagrafe"},
			{"visibility=none", "Mensa, Tributi, Biblioteca"},
			{"order=-created", "Biblioteca, Anagrafe estera, Tributi, anagrafe, Mensa"},
			{"order=name", "anagrafe, Anagrafe estera, Biblioteca, Mensa, Tributi"},
			{"order=-last_update&name=a", "Biblioteca, Anagrafe estera, anagrafe, Mensa"},
		} {
			paths, pagination := w.page(owner, "/services?limit=100&"+c.query)
			var got []string
			for _, path := range paths {
				got = append(got, names[path])
			}
			if strings.Join(got, ", ") != c.want || pagination != fmt.Sprint("0 100 ", len(got)) {
				w.Errorf("%s: %v %s, want %s", c.query, got, pagination, c.want)
			}
			if c.query != "" {
				w.wantWindows(owner, "/services?"+c.query, paths)
			}
		}
		res := w.Want(w.call("GET", "/services?name=anagrafe", ""), http.StatusOK)
		values, _ := res.Body["value"].([]any)
		for i, want := range []string{"published", "unpublished"} {
			if v, _ := values[i].(map[string]any); v["visibility"] != want {
				w.Errorf("%v has the visibility %v, want %s", v["name"], v["visibility"], want)
			}
		}
		if ids, pagination := w.page(stranger, "/services?name=a"); len(ids) != 0 || pagination != "0 20 0" {
			w.Errorf("another owner finds %v %s", ids, pagination)
		}
		w.Refused(w.call("GET", "/services?order=owner", ""), services.RequestInvalid)
	})
}
