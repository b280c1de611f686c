// Package lifecycle holds state machines as data: a table of rules from which
// follow the decision in memory, the condition in the database, the list of
// allowed actions in a refusal, the documentation and the tests.
package lifecycle

import (
	"slices"
)

// State is where an item is in its lifecycle.
type State string

// Action is what can be done to an item.
type Action string

// Role is who does it.
type Role string

// Guard is a yes-or-no fact about the item or the request.
type Guard string

// None is the state of what does not exist yet.
const None State = "NONE"

// Rule is one row: who may do what in which states, and where it leads.
type Rule struct {
	Action Action
	From   []State
	To     State
	By     []Role
	When   []Guard // all must hold
	Unless []Guard // none may hold
	Why    string  // one sentence for the documentation
}

// Machine is a named table of rules with its vocabulary.
type Machine struct {
	Name   string
	Title  string
	States []State // None first when items can be created
	Final  []State // states that nothing leaves
	Guards []Guard
	Roles  []Role
	Rules  []Rule
}

// Facts says which guards hold; a guard that is missing does not.
type Facts map[Guard]bool

// Refusal says why an action is not allowed and what is.
type Refusal struct {
	Machine string
	State   State
	Action  Action
	Allowed []Action // that the same role may do in State, with the facts given
}

func (r *Refusal) Error() string {
	return r.Machine + ": " + string(r.Action) + " is not allowed in state " + string(r.State)
}

// Plan returns the rule by which role may do action in state, or a *Refusal.
func (m *Machine) Plan(state State, action Action, role Role, facts Facts) (Rule, error) {
	for _, r := range m.Rules {
		if r.Action == action && r.applies(state, role, facts) {
			return r, nil
		}
	}
	return Rule{}, &Refusal{Machine: m.Name, State: state, Action: action, Allowed: m.Allowed(state, role, facts)}
}

// Allowed lists the actions that role may do in state, in rule order.
func (m *Machine) Allowed(state State, role Role, facts Facts) []Action {
	var actions []Action
	for _, r := range m.Rules {
		if r.applies(state, role, facts) && !slices.Contains(actions, r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}

// Sources lists the states in which role may do action with these facts: what
// the condition of a write that has not read the item must test for.
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

// Actions lists the actions of the rules, in rule order.
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

// Possible lists the actions that the roles may do in state with some facts or
// other, in rule order.
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
