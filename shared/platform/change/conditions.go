package change

import (
	"slices"

	"ciclo/shared/platform/table"
)

// Conditions collects the checks that a decision relies on, so that each part of a
// decision can say what it has read without knowing what the other parts do. The zero
// value is empty and ready to use.
type Conditions struct{ checks []table.Step }

// Require adds checks, steps made by [table.Check]. A check whose item and label are
// there already is not added again: two parts of a decision rely on the same thing.
func (c *Conditions) Require(checks ...table.Step) {
	for _, check := range checks {
		if !slices.ContainsFunc(c.checks, func(s table.Step) bool { return s.Key == check.Key && s.Label == check.Label }) {
			c.checks = append(c.checks, check)
		}
	}
}

// With returns a transaction of writes under all conditions. DynamoDB takes one step per
// item, so the conditions on an item that is written become conditions of its write,
// under the label of the write. The steps of writes are not changed.
func (c *Conditions) With(writes ...table.Step) []table.Step {
	steps := slices.Clone(writes)
	for _, check := range c.checks {
		i := slices.IndexFunc(steps[:len(writes)], func(w table.Step) bool { return w.Key == check.Key })
		if i < 0 {
			steps = append(steps, check)
			continue
		}
		steps[i].If = slices.Concat(steps[i].If, check.If)
	}
	return steps
}
