package service_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services/servicestest"
)

// breakable lists what is broken at every call it makes, and where it begins.
// repeats tells that a client who repeats it makes one more version of it.
var breakable = []struct {
	situation, deed string
	repeats, wired  bool
}{
	{"renamed", "name it One", true, false},
	{"draft", "submit", false, true},
	{"redrafted", "submit", false, false},
	{"staged, renamed", "submit", false, false},
	{"taken", "submit", false, false},
	{"renaming", "withdraw", false, false},
	{"submitted", "approve", false, true},
	{"staged, renaming", "approve", false, false},
	{"staged, renaming", "reject", false, false},
	{"staged", "publish", false, false},
	{"staged", "unpublish", false, false},
	{"staged", "delete", false, false},
}

// begun makes a service that is as a situation says; its name may be taken.
func (w *world) begun(situation string) (path string, others []string) {
	w.Helper()
	if situation == "taken" {
		return w.create(named("One")), []string{w.situated("submitted")}
	}
	return w.situated(situation), nil
}

// told is what a reader sees of a service, and both versions.
func (w *world) told(path string) (line string, version int64) {
	w.Helper()
	s := w.sheet(path)
	line = s.lifecycle.State + " " + s.lifecycle.Data.Name
	version = s.lifecycle.Version
	if p := s.publication; p != nil {
		line += fmt.Sprint(" | ", p.State, " ", p.Data.Name, " ", p.approved().Name)
		version += p.Version
	}
	return line, version
}

// endsAs does a deed in a situation with sabotage, and once more when it failed;
// it returns the first answer and what became of the service.
func (w *world) endsAs(situation, deed string, sabotage func(do func(w *world) int) int) (status int, line string, version int64) {
	w.Helper()
	path, others := w.begun(situation)
	try := func(w *world) int { return deedOf(deed).do(w, path).Status }
	if status = sabotage(try); status >= http.StatusInternalServerError {
		w.audit(append(others, path)...)
		if again := try(w); again >= http.StatusInternalServerError {
			w.Errorf("the repetition is answered %d", again)
		}
	}
	w.audit(append(others, path)...)
	line, version = w.told(path)
	for _, p := range append(others, path) {
		w.free(p)
	}
	return status, line, version
}

// TestBrokenCalls fails every call to the engine of every change, before and
// after it is carried out: nothing is half done, and the client who repeats its
// call has what it wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, b := range breakable {
			calls := 0
			status, want, version := w.endsAs(b.situation, b.deed, func(do func(*world) int) int {
				w.Tap.Set(nil)
				status := do(w)
				calls = w.Tap.Seen()
				return status
			})
			if status >= http.StatusBadRequest {
				w.Fatalf("%s of a %s service is answered %d", b.deed, b.situation, status)
			}
			for _, after := range []bool{false, true} {
				for k := range calls {
					answer, line, got := w.endsAs(b.situation, b.deed, func(do func(*world) int) int {
						w.Tap.Set(hooked.Broken(k, after))
						defer w.Tap.Set(nil)
						return do(w)
					})
					extra := got - version
					if answer != http.StatusServiceUnavailable || line != want || extra != 0 && (extra != 1 || !b.repeats || !after) {
						w.Errorf("%s of a %s service, call %d lost (after: %t): %d, then %q and %d versions more, want %q", b.deed, b.situation, k, after, answer, line, extra, want)
					}
				}
			}
		}
	})
}

// TestBrokenCreate loses the answer of creating, and of regenerating a key.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for stored, after := range []bool{false, true} {
			w.Tap.Set(hooked.Broken(0, after))
			w.Want(w.call("POST", "/services", named("One")), http.StatusServiceUnavailable)
			w.Tap.Set(nil)
			res := w.Want(w.call("GET", "/services", ""), http.StatusOK)
			all, _ := res.Body["value"].([]any)
			pagination, _ := res.Body["pagination"].(map[string]any)
			if len(all) != stored || pagination["count"] != float64(stored) {
				w.Fatalf("after a lost create (carried out: %t): %s", after, res.Raw)
			}
			for _, s := range all {
				s, _ := s.(map[string]any)
				w.audit(fmt.Sprint("/services/", s["id"]))
			}
		}
		path := w.create(named("Two"))
		before := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
		for k := range 2 {
			for _, after := range []bool{false, true} {
				w.Tap.Set(hooked.Broken(k, after))
				w.Want(w.call("PUT", path+"/keys/primary", ""), http.StatusServiceUnavailable)
				w.Tap.Set(nil)
				now := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
				if changed := now.Text("primary_key") != before.Text("primary_key"); changed != (k == 1 && after) || now.Text("secondary_key") != before.Text("secondary_key") {
					w.Errorf("call %d lost (after: %t): the primary key changed: %t", k, after, changed)
				}
				w.authenticates(now.Text("primary_key"), true)
			}
		}
	})
}

// TestFaults breaks every request to DynamoDB in every way: once so that the
// service tries again and succeeds, once so that the caller is gone and repeats
// its call.
func TestFaults(t *testing.T) {
	t.Parallel()
	if _, ok := engine.Config(t, servicestest.Schemas); !ok {
		return // there is no wire to break in the embedded engine
	}
	for _, fault := range faults.All() {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			config, _ := engine.Config(t, servicestest.Schemas)
			engine.Dynamo(t, config)
			line := &faults.Line{Injector: faults.New(http.DefaultClient), At: -1, Fault: fault}
			config.HTTPClient = line
			w := &world{suite.On(t, dynamo.New(config))}
			for _, b := range breakable {
				if b.wired {
					w.wired(line, b.situation, b.deed)
				}
			}
		})
	}
}

// wired breaks every request of a deed. Either the caller is gone by then or the
// service has time to try again.
func (w *world) wired(line *faults.Line, situation, deed string) {
	w.Helper()
	requests := 0
	succeeds, want, version := w.endsAs(situation, deed, func(do func(*world) int) int {
		line.Disarm()
		status := do(w)
		requests = line.Requests()
		return status
	})
	for k := range requests {
		for _, gone := range []bool{false, true} {
			status, got, ends := w.endsAs(situation, deed, func(do func(*world) int) int {
				ctx, cancel := context.WithCancel(w.Context())
				defer cancel()
				line.Arm(k, line.Fault)
				if line.At, line.GiveUp = k, nil; gone {
					line.GiveUp = cancel
				}
				status := do(&world{w.For(apitest.Within{TB: w.TB, Ctx: ctx})})
				if line.Hits() != 1 {
					w.Errorf("%d requests broken, want 1", line.Hits())
				}
				line.At = -1
				line.Disarm()
				return status
			})
			if !gone && status != succeeds || gone && status != http.StatusServiceUnavailable || got != want || ends != version {
				w.Errorf("%s of a %s service, request %d broken (gone: %t): %d, then %q version %d; want %q version %d", deed, situation, k, gone, status, got, ends, want, version)
			}
		}
	}
}
