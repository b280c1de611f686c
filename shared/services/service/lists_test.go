package service_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
)

// page reads a page of a list: the paths of its services, and "offset limit count".
func (w *world) page(as *api.Identity, path string) (ids []string, pagination string) {
	w.Helper()
	res := w.Want(w.As(as, "GET", path, ""), http.StatusOK)
	values, _ := res.Body["value"].([]any)
	for _, v := range values {
		v, _ := v.(map[string]any)
		if inner, ok := v["service"].(map[string]any); ok {
			v = inner
		}
		ids = append(ids, fmt.Sprint("/services/", v["id"]))
	}
	p, _ := res.Body["pagination"].(map[string]any)
	return ids, fmt.Sprint(p["offset"], " ", p["limit"], " ", p["count"])
}

// wantWindows fails unless every page of a list is a part of all.
func (w *world) wantWindows(as *api.Identity, path string, all []string) {
	w.Helper()
	between := "?"
	if strings.Contains(path, "?") {
		between = "&"
	}
	for offset := range len(all) + 3 {
		for _, limit := range []int{1, 2, len(all), 100} {
			if limit == 0 {
				continue
			}
			got, pagination := w.page(as, fmt.Sprintf("%s%soffset=%d&limit=%d", path, between, offset, limit))
			from := min(offset, len(all))
			want := all[from:min(from+limit, len(all))]
			if !slices.Equal(got, want) || pagination != fmt.Sprint(offset, " ", limit, " ", len(all)) {
				w.Errorf("%s from %d, at most %d: %v %s, want %v of %d", path, offset, limit, got, pagination, want, len(all))
			}
		}
	}
}

// TestLists creates services of an owner, a group and another owner.
func TestLists(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.wantWindows(owner, "/services", nil)
		var all, ofGroup []string
		for i := range 7 {
			w.Clock.Advance(1e6)
			caller := []*api.Identity{owner, grouped("g"), stranger}[i%3]
			res := w.Want(w.As(caller, "POST", "/services", named("Service %d", i)), http.StatusCreated)
			path := "/services/" + res.Text("id")
			if i%3 != 2 {
				all = append(all, path)
			}
			if i%3 == 1 {
				ofGroup = append(ofGroup, path)
			}
		}
		w.Want(w.call("DELETE", all[1], ""), http.StatusNoContent)
		w.wantWindows(owner, "/services", all)
		w.wantWindows(grouped("g"), "/services", ofGroup)
		w.wantWindows(grouped("h"), "/services", nil)
		if theirs, pagination := w.page(stranger, "/services"); len(theirs) != 2 || pagination != "0 20 2" {
			w.Errorf("another owner has %v %s", theirs, pagination)
		}
		for range 15 {
			w.Clock.Advance(1e6)
			w.Want(w.call("PUT", all[0], named("Newer")), http.StatusOK)
			all = append(all, w.create(named("More")))
		}
		if got, pagination := w.page(owner, "/services"); !slices.Equal(got, all[:20]) || pagination != "0 20 20" {
			w.Errorf("by default %v %s", got, pagination)
		}
		for _, path := range []string{all[0], all[1]} {
			listed := w.Want(w.call("GET", fmt.Sprintf("/services?limit=1&offset=%d", slices.Index(all, path)), ""), http.StatusOK)
			values, _ := listed.Body["value"].([]any)
			if read := w.Want(w.call("GET", path, ""), http.StatusOK); len(values) != 1 || !reflect.DeepEqual(values[0], any(read.Body)) {
				w.Errorf("listed as %v, read as %v", values, read.Body)
			}
		}
	})
}

// TestQueue fills the queue of reviewers and takes services out of it in every way.
func TestQueue(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.wantWindows(reviewer, "/reviews", nil)
		var paths []string
		for i := range 6 {
			paths = append(paths, w.create(named("Service %d", i)))
			w.Clock.Advance(1e6)
		}
		order := []int{3, 0, 5, 1, 4}
		var waiting []string
		for _, i := range order {
			w.Clock.Advance(1e9)
			w.submit(paths[i], true)
			waiting = append(waiting, paths[i])
		}
		w.wantWindows(reviewer, "/reviews", waiting)
		leave := func(i int, act func(path string)) {
			act(waiting[i])
			waiting = slices.Delete(waiting, i, i+1)
			if got, pagination := w.page(reviewer, "/reviews"); !slices.Equal(got, waiting) || pagination != fmt.Sprint("0 20 ", len(waiting)) {
				w.Errorf("waiting are %v %s, want %v", got, pagination, waiting)
			}
		}
		leave(1, func(path string) { w.decide(path, "approve") })
		leave(2, func(path string) { w.decide(path, "reject") })
		withdrawn := waiting[0]
		leave(0, func(path string) { w.Want(w.call("DELETE", path+"/review", ""), http.StatusNoContent) })
		w.Clock.Advance(1e9)
		w.submit(withdrawn, true)
		waiting = append(waiting, withdrawn)
		w.wantWindows(reviewer, "/reviews", waiting)
		w.audit(paths...)
	})
}

// TestQueueIsOrdered submits several services at one instant: they are ordered by id.
func TestQueueIsOrdered(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var paths []string
		for i := range 5 {
			paths = append(paths, w.create(named("Service %d", i)))
		}
		for _, path := range paths {
			w.submit(path, false)
		}
		all, _ := w.page(reviewer, "/reviews")
		slices.Sort(paths)
		if !slices.Equal(all, paths) {
			w.Errorf("waiting are %v, want %v", all, paths)
		}
		w.wantWindows(reviewer, "/reviews", all)
	})
}

// TestQueueEntries compares the entries of the queue with the services.
func TestQueueEntries(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("One"))
		entry := func() map[string]any {
			w.Helper()
			res := w.Want(w.As(reviewer, "GET", "/reviews", ""), http.StatusOK)
			values, _ := res.Body["value"].([]any)
			if len(values) != 1 {
				w.Fatalf("waiting: %s", res.Raw)
			}
			v, _ := values[0].(map[string]any)
			if read := w.Want(w.call("GET", path, ""), http.StatusOK); !reflect.DeepEqual(v["service"], any(read.Body)) {
				w.Errorf("waiting is %v, read is %v", v["service"], read.Body)
			}
			if one := w.Want(w.As(reviewer, "GET", path+"/review", ""), http.StatusOK); !reflect.DeepEqual(v, one.Body) {
				w.Errorf("in the list %v, alone %v", v, one.Body)
			}
			delete(v, "service")
			return v
		}
		want := map[string]any{
			"owner": owner.Subject, "submitted_at": nil, "waiting_seconds": 0.0, "auto_publish": true, "first": true,
			"priority": "medium", "changes": []any{}, "allowedActions": []any{"approve", "reject"},
		}
		compare := func() {
			w.Helper()
			if got := entry(); !reflect.DeepEqual(got, want) {
				w.Errorf("waiting: %v\nwant %v", got, want)
			}
		}
		w.submit(path, true)
		want["submitted_at"] = w.Want(w.call("GET", path, ""), http.StatusOK).Body["last_update"]
		compare()
		w.Clock.Advance(1999e6)
		want["waiting_seconds"] = 1.0
		compare()
		w.Clock.Advance(-3600e9)
		want["waiting_seconds"] = 0.0
		compare()
		w.Clock.Advance(7200e9)
		w.decide(path, "approve")
		w.Want(w.call("PUT", path, complete(map[string]any{
			"name": "Two", "metadata.scope": "NATIONAL", "authorized_cidrs": []string{"1.2.3.4"}, "suitable_for_minors": true,
			"metadata.topic_id": nil, "metadata.phone": "1", "metadata.email": nil, "max_allowed_payment_amount": 7,
		})), http.StatusOK)
		w.submit(path, false)
		want["submitted_at"] = w.Want(w.call("GET", path, ""), http.StatusOK).Body["last_update"]
		want["auto_publish"] = false
		want["first"] = false
		want["priority"] = "high"
		change := func(field string, approved, submitted any) any {
			return map[string]any{"field": field, "approved": approved, "submitted": submitted}
		}
		want["changes"] = []any{
			change("name", "One", "Two"),
			change("authorized_cidrs", []any{}, []any{"1.2.3.4"}),
			change("suitable_for_minors", false, true),
			change("metadata.scope", "LOCAL", "NATIONAL"),
			change("metadata.topic_id", 3.0, nil),
			change("metadata.phone", "", "1"),
			change("metadata.email", "ufficio@example.it", ""),
		}
		compare()
	})
}
