package lifecycle

import (
	"slices"
	"strings"
)

// Turn lists the actions that a role may take.
type Turn struct {
	Role    Role
	Actions []Action
}

// Turns lists the actions that roles other than except may take in state for at least one
// valuation of the guards, in the order of the machine's roles.
func (m *Machine) Turns(state State, except ...Role) []Turn {
	var turns []Turn
	for _, role := range m.Roles {
		if actions := m.Possible(state, role); len(actions) > 0 && !slices.Contains(except, role) {
			turns = append(turns, Turn{Role: role, Actions: actions})
		}
	}
	return turns
}

// WhoseTurn returns the sentence that tells a caller without an allowed action which roles can
// act, and how.
func WhoseTurn(turns ...Turn) string {
	if len(turns) == 0 {
		return "No further change is possible."
	}
	all := make([]string, len(turns))
	for i, t := range turns {
		all[i] = "the " + string(t.Role) + " (" + join(t.Actions, ", ") + ")"
	}
	return "It is up to " + strings.Join(all, " or ") + " now."
}
