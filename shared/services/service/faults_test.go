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

// trial is a change that is broken at every call it makes. taken means that another service
// of the owner waits for review with the name.
type trial struct {
	setup, action string
	taken         bool
	repeats       bool // a client that repeats it makes one more version
	wired         bool // its requests to DynamoDB are broken, too
}

var trials = []trial{
	{setup: "renamed", action: "name it One", repeats: true},
	{setup: "draft", action: "submit", wired: true},
	{setup: "redrafted", action: "submit"},
	{setup: "staged, renamed", action: "submit"},
	{setup: "draft", action: "submit", taken: true},
	{setup: "renaming", action: "withdraw"},
	{setup: "submitted", action: "approve", wired: true},
	{setup: "staged, renaming", action: "approve"},
	{setup: "staged, renaming", action: "reject"},
	{setup: "staged", action: "publish"},
	{setup: "staged", action: "unpublish"},
	{setup: "staged", action: "delete"},
}

// outcome is the first answer to a trial, and the service after it.
type outcome struct {
	status  int
	state   string
	version int64
}

// summary returns the states and names of both records, and the sum of their versions.
func (w *world) summary(path string) (state string, version int64) {
	w.Helper()
	s := w.stored(path)
	state = s.lifecycle.State + " " + s.lifecycle.Data.Name
	version = s.lifecycle.Version
	if p := s.publication; p != nil {
		state += fmt.Sprint(" | ", p.State, " ", p.Data.Name, " ", p.approved().Name)
		version += p.Version
	}
	return state, version
}

// try runs the action of a trial under sabotage, and once more where it failed. Everything
// that is stored agrees after both.
func (w *world) try(tr trial, sabotage func(run func(w *world) int) int) (got outcome) {
	w.Helper()
	var paths []string
	if tr.taken {
		paths = append(paths, w.setUp("submitted"))
	}
	path := w.setUp(tr.setup)
	paths = append(paths, path)
	run := func(w *world) int { return actionOf(tr.action).do(w, path).Status }
	got.status = sabotage(run)
	w.audit(paths...)
	if got.status >= http.StatusInternalServerError {
		if again := run(w); again >= http.StatusInternalServerError {
			w.Errorf("the repetition is answered with %d", again)
		}
		w.audit(paths...)
	}
	got.state, got.version = w.summary(path)
	for _, p := range paths {
		w.discard(p)
	}
	return got
}

// TestBrokenCalls fails every call to the engine of every trial, before and after the engine
// carries it out. Nothing is half done, and a client that repeats its call gets what it
// wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, tr := range trials {
			calls := 0
			want := w.try(tr, func(run func(*world) int) int {
				w.Tap.Set(nil)
				status := run(w)
				calls = w.Tap.Seen()
				return status
			})
			if want.status >= http.StatusBadRequest {
				w.Fatalf("%+v is answered with %d", tr, want.status)
			}
			for k := range calls {
				w.breakCall(tr, want, k, false)
				w.breakCall(tr, want, k, true)
			}
		}
	})
}

// breakCall fails call k of a trial, before or after it is carried out.
func (w *world) breakCall(tr trial, want outcome, k int, after bool) {
	w.Helper()
	got := w.try(tr, func(run func(*world) int) int {
		w.Tap.Set(hooked.Broken(k, after))
		defer w.Tap.Set(nil)
		return run(w)
	})
	extra := got.version - want.version
	if got.status != http.StatusServiceUnavailable || got.state != want.state || extra != 0 && (extra != 1 || !tr.repeats || !after) {
		w.Errorf("%+v, call %d lost (after: %t): %+v, want %+v", tr, k, after, got, want)
	}
}

// TestBrokenCreate fails the calls of creating a service and of regenerating a key.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for stored, after := range []bool{false, true} {
			w.Tap.Set(hooked.Broken(0, after))
			w.Want(w.call("POST", "/services", named("One")), http.StatusServiceUnavailable)
			w.Tap.Set(nil)
			paths, count := w.list(owner)
			if len(paths) != stored || count != stored {
				w.Fatalf("after a lost creation (carried out: %t) there are %v, counted %d", after, paths, count)
			}
			w.audit(paths...)
		}
		path := w.create(named("Two"))
		before := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
		for k := range 2 {
			for _, after := range []bool{false, true} {
				w.Tap.Set(hooked.Broken(k, after))
				w.Want(w.call("PUT", path+"/keys/primary", ""), http.StatusServiceUnavailable)
				w.Tap.Set(nil)
				now := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
				changed := now.Text("primary_key") != before.Text("primary_key")
				if changed != (k == 1 && after) || now.Text("secondary_key") != before.Text("secondary_key") {
					w.Errorf("call %d lost (after: %t): the primary key changed: %t", k, after, changed)
				}
				w.wantKey(now.Text("primary_key"), true)
			}
		}
	})
}

// TestFaults breaks every request to DynamoDB in every way: once with time to send it again,
// so that the change succeeds, and once so that the caller is gone and repeats its call.
func TestFaults(t *testing.T) {
	t.Parallel()
	if _, ok := engine.Config(t, servicestest.Schemas); !ok {
		return // the embedded engine has no wire to break
	}
	for _, fault := range faults.All() {
		t.Run(fault.String(), func(t *testing.T) {
			t.Parallel()
			config, _ := engine.Config(t, servicestest.Schemas)
			engine.Dynamo(t, config)
			line := &faults.Line{Injector: faults.New(http.DefaultClient), At: -1, Fault: fault}
			config.HTTPClient = line
			w := &world{suite.On(t, dynamo.New(config))}
			for _, tr := range trials {
				if tr.wired {
					w.breakWire(line, tr)
				}
			}
		})
	}
}

// breakWire breaks every request of a trial.
func (w *world) breakWire(line *faults.Line, tr trial) {
	w.Helper()
	requests := 0
	want := w.try(tr, func(run func(*world) int) int {
		line.Disarm()
		status := run(w)
		requests = line.Requests()
		return status
	})
	for k := range requests {
		w.breakRequest(line, tr, want, k, false)
		w.breakRequest(line, tr, want, k, true)
	}
}

// breakRequest breaks request k of a trial. isGone means that the caller does not wait for
// another attempt.
func (w *world) breakRequest(line *faults.Line, tr trial, want outcome, k int, isGone bool) {
	w.Helper()
	if isGone {
		want.status = http.StatusServiceUnavailable
	}
	got := w.try(tr, func(run func(*world) int) int {
		ctx, cancel := context.WithCancel(w.Context())
		defer cancel()
		line.Arm(k, line.Fault)
		line.At = k
		line.GiveUp = nil
		if isGone {
			line.GiveUp = cancel
		}
		status := run(&world{w.For(apitest.Within{TB: w.TB, Ctx: ctx})})
		if line.Hits() != 1 {
			w.Errorf("%d requests broken, want 1", line.Hits())
		}
		line.At = -1
		line.Disarm()
		return status
	})
	if got != want {
		w.Errorf("%+v, request %d broken (caller gone: %t): %+v, want %+v", tr, k, isGone, got, want)
	}
}
