// Package lifecycle describes state machines as data. One table of rules gives the decision in
// memory, the condition in the database, the list of allowed actions in a refusal, the
// documentation and the tests.
package lifecycle

import (
	"slices"
)

// State is a state of an item.
type State string

// Action is an action on an item.
type Action string

// Words returns actions as text, never nil: answers list none as [] and not as null.
func Words(actions []Action) []string {
	words := make([]string, len(actions))
	for i, action := range actions {
		words[i] = string(action)
	}
	return words
}

// Role is the role of the party that takes an action.
type Role string

// Guard is a condition on the item or the request that is true or false.
type Guard string

// None is the state of an item that does not exist.
const None State = "NONE"

// Rule is one row of the table: the roles in By may take Action in the states From, and the
// item is in state To afterwards.
type Rule struct {
	Action Action
	From   []State
	To     State
	By     []Role
	When   []Guard // all must be true
	Unless []Guard // all must be false
	Why    string  // one sentence for the documentation
}

// Machine is a table of rules with the words that the rules may use.
type Machine struct {
	Name   string
	Title  string
	States []State // None first when items can be created
	Final  []State // states without an exit
	Guards []Guard
	Roles  []Role
	Rules  []Rule
}

// Facts holds the values of guards; a guard that is missing is false.
type Facts map[Guard]bool

// Refusal is the error for an action that the state does not allow.
type Refusal struct {
	Machine string
	State   State
	Action  Action
	Allowed []Action // actions that the same role may take in State with the same facts
}

func (r *Refusal) Error() string {
	return r.Machine + ": " + string(r.Action) + " is not allowed in state " + string(r.State)
}

// State returns a state by its name, which it does not keep: records in memory share the
// machine's own. It returns other names as they are.
func (m *Machine) State(name string) State {
	for _, s := range m.States {
		if string(s) == name {
			return s
		}
	}
	return State(name)
}

// Plan returns the rule by which role may take action in state, or a *Refusal.
func (m *Machine) Plan(state State, action Action, role Role, facts Facts) (Rule, error) {
	for _, r := range m.Rules {
		if r.Action == action && r.applies(state, role, facts) {
			return r, nil
		}
	}
	return Rule{}, &Refusal{Machine: m.Name, State: state, Action: action, Allowed: m.Allowed(state, role, facts)}
}

// Allowed lists the actions that role may take in state, in the order of the rules.
func (m *Machine) Allowed(state State, role Role, facts Facts) []Action {
	var actions []Action
	for _, r := range m.Rules {
		if r.applies(state, role, facts) && !slices.Contains(actions, r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}

// Sources lists the states in which role may take action with these facts. They are the
// condition of a write that has not read the item.
func (m *Machine) Sources(action Action, role Role, facts Facts) []State {
	var sources []State
	for _, s := range m.States {
		if s == None {
			continue
		}
		if _, err := m.Plan(s, action, role, facts); err == nil {
			sources = append(sources, s)
		}
	}
	return sources
}

// Actions lists the actions of the rules, in the order of the rules.
func (m *Machine) Actions() []Action {
	var actions []Action
	for _, r := range m.Rules {
		if !slices.Contains(actions, r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}

func (r Rule) applies(state State, role Role, facts Facts) bool {
	return slices.Contains(r.From, state) && slices.Contains(r.By, role) &&
		!slices.ContainsFunc(r.When, func(g Guard) bool { return !facts[g] }) &&
		!slices.ContainsFunc(r.Unless, func(g Guard) bool { return facts[g] })
}

// Possible lists the actions that the roles may take in state for at least one valuation of
// the guards, in the order of the rules.
func (m *Machine) Possible(state State, roles ...Role) []Action {
	var actions []Action
	for _, r := range m.Rules {
		by := func(role Role) bool { return slices.Contains(r.By, role) }
		if slices.Contains(r.From, state) && slices.ContainsFunc(roles, by) && !slices.Contains(actions, r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}
