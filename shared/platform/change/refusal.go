package change

import (
	"errors"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// Explain turns the refusal of a machine's Plan into the problem that answers it: p, with
// the state and the actions that the state allows the caller, or, where it allows none,
// whose turn it is. roles are the caller's. nil and other errors are returned as they are.
func Explain(err error, m *lifecycle.Machine, p *problem.Problem, roles ...lifecycle.Role) error {
	var refusal *lifecycle.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	return problem.Allowing(p, refusal.State, refusal.Allowed, lifecycle.WhoseTurn(m.Turns(refusal.State, roles...)...))
}
