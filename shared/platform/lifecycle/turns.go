package lifecycle

import (
	"slices"
	"strings"
)

// Turn is what a role may do.
type Turn struct {
	Role    Role
	Actions []Action
}

// Turns lists what roles other than those given may do in state with some facts or
// other, in the order of the machine's roles.
func (m *Machine) Turns(state State, but ...Role) []Turn {
	var turns []Turn
	for _, role := range m.Roles {
		if actions := m.Possible(state, role); len(actions) > 0 && !slices.Contains(but, role) {
			turns = append(turns, Turn{role, actions})
		}
	}
	return turns
}

// WhoseTurn says in a sentence, for a caller that may do nothing, who may do what.
func WhoseTurn(turns ...Turn) string {
	if len(turns) == 0 {
		return "Nobody can change that any more."
	}
	all := make([]string, len(turns))
	for i, t := range turns {
		names := make([]string, len(t.Actions))
		for j, a := range t.Actions {
			names[j] = string(a)
		}
		all[i] = "the " + string(t.Role) + " (" + strings.Join(names, ", ") + ")"
	}
	return "It is up to " + strings.Join(all, " or ") + " now."
}
