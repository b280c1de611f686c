package services

import (
	"slices"
	"strings"

	"ciclo/shared/office"
)

// difference is a member that differs between two copies of a service.
type difference struct {
	Name          string
	Label         office.Text
	Before, After office.Text
}

// differences lists the members in which two copies of a service differ, in the order of the
// form.
func differences(before, after sheet) []difference {
	var all []difference
	seen := map[string]bool{}
	for _, c := range office.Diff(before.payload(), after.payload()) {
		d := difference{Name: c.Name, Label: office.Same(c.Name), Before: office.Same(c.Before), After: office.Same(c.After)}
		if m := memberOf(c.Name); m != nil {
			d = difference{Name: m.Name, Label: m.Label, Before: m.shown(before), After: m.shown(after)}
		}
		if !seen[d.Name] {
			all = append(all, d)
		}
		seen[d.Name] = true
	}
	slices.SortStableFunc(all, func(a, b difference) int { return place(a.Name) - place(b.Name) })
	return all
}

// place returns the place of a member in the form, the last one when it has none.
func place(name string) int {
	i := slices.IndexFunc(members, func(m member) bool { return m.Name == name })
	if i < 0 {
		return len(members)
	}
	return i
}

// withoutCeiling removes the largest payment, in which the approved copy differs always: it
// has the platform's.
func withoutCeiling(all []difference) []difference {
	return slices.DeleteFunc(all, func(d difference) bool { return d.Name == "max_allowed_payment_amount" })
}

// labels returns the labels of differences, as one text.
func labels(all []difference) office.Text {
	var it, en []string
	for _, d := range all {
		it, en = append(it, d.Label.IT), append(en, d.Label.EN)
	}
	return office.T(strings.Join(it, ", "), strings.Join(en, ", "))
}
