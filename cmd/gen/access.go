package main

import (
	"fmt"
	"slices"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// patterns is the page of access patterns, which has a generated part for each table.
const patterns = "docs/access-patterns.md"

// accessed is a function that does something to tables, and what starts it.
type accessed struct {
	id, start string
	access    []api.Access
}

// functions returns the functions in the order of the catalogue.
func functions() []accessed {
	var all []accessed
	for _, a := range catalog.Artifacts() {
		for _, op := range a.Operations {
			s := op.Describe()
			all = append(all, accessed{s.ID, "`" + s.Method + " " + s.Path + "`", s.Access})
		}
		for _, o := range a.Others {
			all = append(all, accessed{o.ID, strings.ToLower(o.Kind), o.Access})
		}
	}
	return all
}

// accessOf is a table's part of the page: its shape, and what functions do to it.
func accessOf(s table.Schema, all []accessed) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Key `%s`, `%s`.", table.PK, table.SK)
	head := []string{"function", "started by", "actions"}
	for _, i := range s.Indexes {
		fmt.Fprintf(&b, " Index `%s`: `%s`, `%s`", i.Name, i.PK, i.SK)
		if len(i.Project) > 0 {
			fmt.Fprintf(&b, ", with `%s`", strings.Join(i.Project, "`, `"))
		}
		b.WriteString(".")
		head = append(head, "index `"+i.Name+"`")
	}
	if s.Stream {
		b.WriteString(" Changes go to a stream.")
	}
	if s.Expires {
		fmt.Fprintf(&b, " Items end by `%s`.", table.TTL)
	}
	fmt.Fprintf(&b, "\n\n| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, f := range all {
		actions := map[string][]string{} // by index, "" for the table itself
		for _, a := range f.access {
			if a.Table.Name == s.Name {
				actions[a.Index] = append(actions[a.Index], a.Actions...)
			}
		}
		if len(actions) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |", f.id, f.start, sorted(actions[""]))
		for _, i := range s.Indexes {
			fmt.Fprintf(&b, " %s |", sorted(actions[i.Name]))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func sorted(actions []string) string {
	actions = slices.Clone(actions)
	slices.Sort(actions)
	return strings.Join(slices.Compact(actions), ", ")
}
