package main

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/cmd/internal/catalog"
)

// TestGoals: sections reach goals of the list, and docs/performance.md has a row for each
// goal, with the limit that is checked. A goal that no section reaches fails the run.
func TestGoals(t *testing.T) {
	t.Parallel()
	titles := map[string]bool{}
	for _, p := range parts {
		if titles[p.title] || p.bench == nil {
			t.Errorf("section %q is there twice or does nothing", p.title)
		}
		titles[p.title] = true
		for _, g := range p.goals {
			if !slices.Contains(goals, g) {
				t.Errorf("%s: %q is not among the goals", p.title, g.name)
			}
		}
	}
	document, err := os.ReadFile("../../docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range goals {
		if !g.limit.set {
			t.Errorf("%q has no limit", g.name)
		}
		if row := "| " + g.name + " | " + g.limit.String() + g.unit + " |"; !strings.Contains(string(document), row) {
			t.Errorf("docs/performance.md has no row that begins %q", row)
		}
	}
}

// TestSample: the sample has functions of every kind, and reads, lists, changes and what
// asks KMS among the operations.
func TestSample(t *testing.T) {
	t.Parallel()
	kinds, goalsOf := map[string]int{}, map[*goal]int{}
	for _, f := range chosen(false) {
		kinds[f.Kind]++
		goalsOf[initGoal(f.ID)]++
	}
	for _, id := range sampled {
		if _, known := catalog.FunctionOf(id); !known {
			t.Errorf("%s is no function", id)
		}
	}
	for _, f := range catalog.Functions() {
		if kinds[f.Kind] == 0 {
			t.Errorf("no function of the kind %s, as %s is", f.Kind, f.ID)
		}
	}
	if goalsOf[goalInit] == 0 || goalsOf[goalInitSigning] == 0 {
		t.Errorf("functions by goal: %v", goalsOf)
	}
	if all := chosen(true); len(all) != len(catalog.Functions()) {
		t.Errorf("all are %d functions of %d", len(all), len(catalog.Functions()))
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit   limit
		figure  float64
		verdict string
		over    bool
		text    string
	}{
		{limit{}, 7, "-", false, "-"},
		{atMost(1.3), 1.3, "ok", false, "≤ 1.3"},
		{atMost(1.3), 1.31, "OVER", true, "≤ 1.3"},
		{atMost(1.3).withBar(1.5), 1.5, "within the bar", false, "≤ 1.3, bar 1.5"},
		{atMost(1.3).withBar(1.5), 1.51, "OVER", true, "≤ 1.3, bar 1.5"},
		{atLeast(0.8), 0.8, "ok", false, "≥ 0.8"},
		{atLeast(0.8), 0.79, "OVER", true, "≥ 0.8"},
	} {
		verdict, over := c.limit.verdict(c.figure)
		if verdict != c.verdict || over != c.over || c.limit.String() != c.text {
			t.Errorf("%g, %s: %q, %v", c.figure, c.limit, verdict, over)
		}
	}
}

// TestReport: a section prints figure and goal beside each other, the summary has the worst
// figure of every goal, and a goal that nobody reached is a failure.
func TestReport(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := newReport(&out)
	err := r.run(t.Context(), options{}, part{"Some", []*goal{goalPurge}, func(_ context.Context, _ *bench, s *section) error {
		s.reach(goalPurge, 0.9, "one")
		s.reach(goalPurge, 0.5, "two")
		s.reach(goalInit, 1.2)
		s.reach(goalInit, 1.4)
		s.info("rows", 1234, "/s")
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.summary(options{}, time.Second)
	text := out.String()
	for _, want := range []string{"## Some", "## Goals", "1234/s"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	_, summary, _ := strings.Cut(text, "## Goals")
	for _, g := range goals {
		if strings.Count(summary, g.name+"  ") != 1 {
			t.Errorf("%q is in the summary %d times", g.name, strings.Count(summary, g.name+"  "))
		}
	}
	var fields []string
	for l := range strings.SplitSeq(summary, "\n") {
		if strings.HasPrefix(l, goalPurge.name) || strings.HasPrefix(l, goalInit.name+"  ") || strings.HasPrefix(l, goalTime.name) {
			fields = append(fields, strings.Join(strings.Fields(l), " "))
		}
	}
	want := []string{
		goalInit.name + " 1.4 ≤ 1.3, bar 1.5 within the bar", goalPurge.name + " 0.5 ≥ 0.8 OVER", goalTime.name + " 1 s ≤ 180 ok",
	}
	if !slices.Equal(fields, want) {
		t.Errorf("summary %q, want %q", fields, want)
	}
	if missing := len(goals) - 3; len(r.over) != missing+1 || !strings.HasPrefix(r.over[0], goalPurge.name+": two: 0.5") {
		t.Errorf("over: %q", r.over)
	}
}
