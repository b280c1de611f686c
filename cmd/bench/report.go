package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// limit is what a figure must be. The zero limit allows every figure.
type limit struct {
	set   bool
	value float64
	bar   float64 // beyond the value, but still allowed; 0 for none
	least bool    // the figure must be at least the value
}

func atMost(value float64) limit  { return limit{set: true, value: value} }
func atLeast(value float64) limit { return limit{set: true, value: value, least: true} }

// withBar returns a limit whose value is the aim and whose bar must be kept.
func (l limit) withBar(bar float64) limit {
	l.bar = bar
	return l
}

func (l limit) String() string {
	sign := "≤"
	switch {
	case !l.set:
		return "-"
	case l.least:
		sign = "≥"
	}
	text := sign + " " + number(l.value)
	if l.bar != 0 {
		text += ", bar " + number(l.bar)
	}
	return text
}

// verdict tells how a figure stands to a limit.
func (l limit) verdict(figure float64) (text string, over bool) {
	keeps := func(value float64) bool {
		if l.least {
			return figure >= value
		}
		return figure <= value
	}
	switch {
	case !l.set:
		return "-", false
	case keeps(l.value):
		return "ok", false
	case l.bar != 0 && keeps(l.bar):
		return "within the bar", false
	default:
		return "OVER", true
	}
}

// number writes a figure with three digits or, where it has more, all before the point.
func number(v float64) string {
	if v >= 100 || v <= -100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// report is the output.
type report struct {
	out     io.Writer
	reached map[*goal]float64 // the worst figure of each
	over    []string          // rows over their limits
	built   time.Duration     // spent by compilers
}

func newReport(out io.Writer) *report { return &report{out: out, reached: map[*goal]float64{}} }

// run prints a section.
func (r *report) run(ctx context.Context, o options, p part) (err error) {
	b, err := newBench()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	b.all = o.all
	began := time.Now()
	fmt.Fprintf(r.out, "\n## %s\n", p.title)
	s := &section{report: r}
	err = p.bench(ctx, b, s)
	r.built += b.built
	s.print()
	fmt.Fprintf(r.out, "(%.0f s)\n", (time.Since(began) - b.built).Seconds())
	r.over = append(r.over, *b.failed...)
	return err
}

// summary prints all goals. One that was not reached counts as over.
func (r *report) summary(o options, took time.Duration) {
	fmt.Fprint(r.out, "\n## Goals\n")
	s := &section{report: r}
	if !o.all {
		s.reach(goalTime, (took - r.built).Seconds())
	}
	s.rows = nil
	for _, g := range goals {
		figure, reached := r.reached[g]
		switch {
		case reached:
			text, _ := g.limit.verdict(figure)
			s.rows = append(s.rows, row{g.name, number(figure) + g.unit, g.limit.String(), text})
		case g == goalTime: // says nothing about a run of everything
		default:
			s.rows = append(s.rows, row{g.name, "not measured", g.limit.String(), "OVER"})
			r.over = append(r.over, g.name+": not measured")
		}
	}
	s.print()
	fmt.Fprintf(r.out, "(%.0f s, and %.0f s to build functions)\n", (took - r.built).Seconds(), r.built.Seconds())
}

// section collects the rows of one part, which are printed at its end.
type section struct {
	report *report
	rows   []row
}

type row struct{ name, figure, limit, verdict string }

// row adds a figure with its limit.
func (s *section) row(name string, figure float64, unit string, l limit) {
	text, over := l.verdict(figure)
	if over {
		s.report.over = append(s.report.over, fmt.Sprintf("%s: %s%s, want %s", name, number(figure), unit, l))
	}
	s.rows = append(s.rows, row{name, number(figure) + unit, l.String(), text})
}

// info adds a figure without a limit.
func (s *section) info(name string, figure float64, unit string) { s.row(name, figure, unit, limit{}) }

// reach adds a figure for a goal. Of several the worst one counts, so each says what it is of.
func (s *section) reach(g *goal, figure float64, of ...string) {
	s.row(strings.Join(append([]string{g.name}, of...), ": "), figure, g.unit, g.limit)
	if worst, reached := s.report.reached[g]; !reached || (figure > worst) != g.limit.least {
		s.report.reached[g] = figure
	}
}

// note prints a line at once.
func (s *section) note(format string, a ...any) { fmt.Fprintf(s.report.out, format+"\n", a...) }

// table returns a writer of columns, to be flushed by the caller.
func (s *section) table() *tabwriter.Writer {
	return tabwriter.NewWriter(s.report.out, 0, 4, 2, ' ', tabwriter.AlignRight)
}

// print prints the rows.
func (s *section) print() {
	out := tabwriter.NewWriter(s.report.out, 0, 4, 2, ' ', 0)
	for _, r := range s.rows {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.name, r.figure, r.limit, r.verdict)
	}
	_ = out.Flush() // to standard output
	s.rows = nil
}
