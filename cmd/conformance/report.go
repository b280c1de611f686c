package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// mismatch is a finding at an operation's answers with a status.
type mismatch struct {
	operation string
	status    int
	finding
}

// report is what was seen.
type report struct {
	contract   *contract
	calls      int
	reached    map[*operation]map[int]bool
	mismatches map[mismatch]int
	known      map[string]map[string]bool // reasons, and where they were needed
	example    map[mismatch]string
	broken     []string // stories that could not be told to their end
}

func newReport(c *contract) *report {
	return &report{
		contract: c, reached: map[*operation]map[int]bool{}, mismatches: map[mismatch]int{},
		known: map[string]map[string]bool{}, example: map[mismatch]string{},
	}
}

// add adds an answer and what is wrong with it.
func (r *report) add(o *operation, a answer, found []finding) {
	r.calls++
	if r.reached[o] == nil {
		r.reached[o] = map[int]bool{}
	}
	r.reached[o][a.status] = true
	r.blame(o, a, found)
}

// blame adds what is wrong with an answer that has been added.
func (r *report) blame(o *operation, a answer, found []finding) {
	for _, f := range found {
		if i := slices.IndexFunc(differences, func(d difference) bool { return d.covers(r.contract, o, a, f) }); i >= 0 {
			reason := differences[i].reason
			if r.known[reason] == nil {
				r.known[reason] = map[string]bool{}
			}
			r.known[reason][o.id+" "+strconv.Itoa(a.status)] = true
			continue
		}
		m := mismatch{o.id, a.status, f}
		r.mismatches[m]++
		if r.example[m] == "" {
			r.example[m] = fmt.Sprintf("%s %s %.300s", a.call.method, a.call.path, a.call.body)
		}
	}
}

// count returns how many operations the document has, how many of them are offered, and
// those of the offered that no call has reached.
func (r *report) count() (all, offered int, missed []string) {
	for _, o := range r.contract.operations {
		all++
		if !o.offered {
			continue
		}
		offered++
		if r.reached[o] == nil {
			missed = append(missed, o.id)
		}
	}
	return all, offered, missed
}

// print prints the report and tells whether all is well.
func (r *report) print(out io.Writer, verbose bool) bool {
	r.coverage(out)
	all, offered, missed := r.count()
	fmt.Fprintf(out, "\noffered %d of %d operations of %s %s, at the base path %q, %d calls\n",
		offered, all, r.contract.title, r.contract.version, r.contract.base, r.calls)
	fmt.Fprintf(out, "offered and not driven: %d %s\n", len(missed), strings.Join(missed, " "))
	for _, reason := range slices.Sorted(maps.Keys(r.known)) {
		fmt.Fprintf(out, "known difference: %s (%s)\n", reason, some(slices.Sorted(maps.Keys(r.known[reason]))))
	}
	for _, story := range r.broken {
		fmt.Fprintln(out, "cut short:", story)
	}
	fmt.Fprintf(out, "mismatches: %d\n", len(r.mismatches))
	r.list(out, verbose)
	return len(missed) == 0 && len(r.mismatches) == 0 && len(r.broken) == 0 && offered > 0
}

// coverage lists the declared statuses that were reached, and those that were not.
func (r *report) coverage(out io.Writer) {
	fmt.Fprintf(out, "%s %s: statuses reached (and those that are declared and were not)\n", r.contract.title, r.contract.version)
	for _, o := range r.contract.operations {
		if !o.offered {
			continue
		}
		var yes, no []string
		for _, status := range o.declared() {
			if n, err := strconv.Atoi(status); err == nil && r.reached[o][n] {
				yes = append(yes, status)
			} else {
				no = append(no, status)
			}
		}
		line := fmt.Sprintf("  %-7s %s: %s", o.method, o.path, strings.Join(yes, " "))
		if len(no) > 0 {
			line += " (" + strings.Join(no, " ") + ")"
		}
		fmt.Fprintln(out, line)
	}
}

// list lists the mismatches, one way to differ after the other.
func (r *report) list(out io.Writer, verbose bool) {
	ways := map[finding][]mismatch{}
	for m := range r.mismatches {
		ways[m.finding] = append(ways[m.finding], m)
	}
	order := slices.SortedFunc(maps.Keys(ways), func(a, b finding) int {
		return cmp.Or(cmp.Compare(len(ways[b]), len(ways[a])), cmp.Compare(a.where, b.where), cmp.Compare(a.why, b.why))
	})
	for _, way := range order {
		all := ways[way]
		slices.SortFunc(all, func(a, b mismatch) int {
			return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.status, b.status))
		})
		answers := make([]string, 0, len(all))
		for _, m := range all {
			answers = append(answers, fmt.Sprintf("%s %d ×%d", m.operation, m.status, r.mismatches[m]))
		}
		fmt.Fprintf(out, "%s: %s\n    %s\n", way.where, way.why, some(answers))
		for _, m := range all {
			if verbose || m == all[0] {
				fmt.Fprintf(out, "    %s %d: %s\n", m.operation, m.status, r.example[m])
			}
		}
	}
}

// some shortens a long list.
func some(all []string) string {
	const most = 4
	if len(all) <= most {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:most], ", "), len(all)-most)
}
