package change_test

import (
	"errors"
	"fmt"
	"testing"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/problemtest"
)

var door = &lifecycle.Machine{
	Name: "door", Rules: []lifecycle.Rule{
		{Action: "open", From: []lifecycle.State{"CLOSED"}, To: "OPEN", By: []lifecycle.Role{"guest"}},
		{Action: "lock", From: []lifecycle.State{"CLOSED"}, To: "LOCKED", By: []lifecycle.Role{"guard"}},
		{Action: "unlock", From: []lifecycle.State{"LOCKED"}, To: "CLOSED", By: []lifecycle.Role{"guard"}},
	},
}

// TestExplain: the answer says what the state allows, or whose turn it is.
func TestExplain(t *testing.T) {
	t.Parallel()
	explain := func(state lifecycle.State, action lifecycle.Action) *problem.Problem {
		_, err := door.Plan(state, action, "guest", nil)
		return problem.As(change.Explain(err, door, problem.New(problemtest.NotFound, "Not now."), "guest"))
	}
	if p := explain("CLOSED", "knock"); p.State != "CLOSED" || fmt.Sprint(p.AllowedActions) != "[open]" || p.Detail != "Not now." {
		t.Errorf("a closed door answers %+v", p)
	}
	if p := explain("LOCKED", "open"); p.State != "LOCKED" || len(p.AllowedActions) != 0 || p.Detail == "Not now." {
		t.Errorf("a locked door answers %+v, want whose turn it is", p)
	}
	other := errors.New("other")
	if err := change.Explain(other, door, problem.New(problemtest.NotFound, "Not now.")); !errors.Is(err, other) || problem.As(err) != nil {
		t.Errorf("another error becomes %v", err)
	}
	if err := change.Explain(nil, door, nil); err != nil {
		t.Errorf("no error becomes %v", err)
	}
}
