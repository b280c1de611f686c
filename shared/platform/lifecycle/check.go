package lifecycle

import (
	"errors"
	"fmt"
	"slices"
)

// Check returns an error that joins all findings unless the machine is sound. In a sound
// machine each word is declared and used, at most one rule matches for each state, action,
// role and valuation of the guards, each state can be reached from the first one, and no rule
// leaves a final state.
func (m *Machine) Check() error {
	return errors.Join(slices.Concat(m.vocabulary(), m.ambiguities(), m.unreachable(), m.exits())...)
}

func (m *Machine) vocabulary() []error {
	var errs []error
	used := map[any]bool{m.first(): true}
	word := func(r Rule, kind string, w any, declared bool) {
		used[w] = true
		if !declared {
			errs = append(errs, fmt.Errorf("%s: rule %q uses the undeclared %s %q", m.Name, r.Action, kind, w))
		}
	}
	for _, r := range m.Rules {
		if r.Action == "" || r.Why == "" || len(r.From) == 0 || len(r.By) == 0 {
			errs = append(errs, fmt.Errorf("%s: rule %q lacks an action, source, role or reason", m.Name, r.Action))
		}
		for _, s := range append([]State{r.To}, r.From...) {
			word(r, "state", s, slices.Contains(m.States, s))
		}
		for _, by := range r.By {
			word(r, "role", by, slices.Contains(m.Roles, by))
		}
		for _, g := range slices.Concat(r.When, r.Unless) {
			word(r, "guard", g, slices.Contains(m.Guards, g))
		}
	}
	for _, g := range m.Guards {
		if !used[g] {
			errs = append(errs, fmt.Errorf("%s: guard %q is never used", m.Name, g))
		}
	}
	for _, r := range m.Roles {
		if !used[r] {
			errs = append(errs, fmt.Errorf("%s: role %q may do nothing", m.Name, r))
		}
	}
	return errs
}

func (m *Machine) ambiguities() []error {
	var errs []error
	for facts := range m.Valuations() {
		for _, state := range m.States {
			for _, role := range m.Roles {
				count := map[Action]int{}
				for _, r := range m.Rules {
					if r.applies(state, role, facts) {
						count[r.Action]++
					}
				}
				for action, n := range count {
					if n > 1 {
						errs = append(errs, fmt.Errorf("%s: %d rules for %q by %s in %s with %v", m.Name, n, action, role, state, facts))
					}
				}
			}
		}
	}
	return errs
}

// Valuations yields each valuation of the guards.
func (m *Machine) Valuations() func(yield func(Facts) bool) {
	return func(yield func(Facts) bool) {
		for bits := range 1 << len(m.Guards) {
			facts := Facts{}
			for i, g := range m.Guards {
				facts[g] = bits>>i&1 == 1
			}
			if !yield(facts) {
				return
			}
		}
	}
}

func (m *Machine) unreachable() []error {
	reached := map[State]bool{m.first(): true}
	for again := true; again; {
		again = false
		for _, r := range m.Rules {
			if !reached[r.To] && slices.ContainsFunc(r.From, func(s State) bool { return reached[s] }) {
				reached[r.To] = true
				again = true
			}
		}
	}
	var errs []error
	for _, s := range m.States {
		if !reached[s] {
			errs = append(errs, fmt.Errorf("%s: state %s cannot be reached", m.Name, s))
		}
	}
	return errs
}

func (m *Machine) exits() []error {
	var errs []error
	for _, r := range m.Rules {
		for _, s := range r.From {
			if slices.Contains(m.Final, s) && r.To != s {
				errs = append(errs, fmt.Errorf("%s: %q leaves the final state %s", m.Name, r.Action, s))
			}
		}
	}
	for _, s := range m.States {
		leaves := slices.ContainsFunc(m.Rules, func(r Rule) bool { return r.To != s && slices.Contains(r.From, s) })
		if !leaves && !slices.Contains(m.Final, s) {
			errs = append(errs, fmt.Errorf("%s: nothing leaves %s, yet it is not declared final", m.Name, s))
		}
	}
	return errs
}

func (m *Machine) first() State {
	if len(m.States) == 0 {
		return None
	}
	return m.States[0]
}
