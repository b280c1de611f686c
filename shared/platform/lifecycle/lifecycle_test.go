package lifecycle_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/lifecycle"
)

const (
	draft, live, gone lifecycle.State  = "DRAFT", "LIVE", "GONE"
	create, publish   lifecycle.Action = "create", "publish"
	drop              lifecycle.Action = "drop"
	owner, reviewer   lifecycle.Role   = "owner", "reviewer"
	complete          lifecycle.Guard  = "complete"
)

func door() *lifecycle.Machine {
	return &lifecycle.Machine{
		Name: "door", Title: "Door",
		States: []lifecycle.State{lifecycle.None, draft, live, gone},
		Final:  []lifecycle.State{gone},
		Guards: []lifecycle.Guard{complete},
		Roles:  []lifecycle.Role{owner, reviewer},
		Rules: []lifecycle.Rule{
			{Action: create, From: []lifecycle.State{lifecycle.None}, To: draft, By: []lifecycle.Role{owner}, Why: "starts"},
			{
				Action: publish, From: []lifecycle.State{draft}, To: live, By: []lifecycle.Role{reviewer}, When: []lifecycle.Guard{complete},
				Why: "good",
			},
			{
				Action: publish, From: []lifecycle.State{draft}, To: draft, By: []lifecycle.Role{reviewer}, Unless: []lifecycle.Guard{complete},
				Why: "not yet",
			},
			{Action: drop, From: []lifecycle.State{draft, live}, To: gone, By: []lifecycle.Role{owner, reviewer}, Why: "done"},
		},
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	m := door()
	for _, tc := range []struct {
		state  lifecycle.State
		action lifecycle.Action
		role   lifecycle.Role
		facts  lifecycle.Facts
		to     lifecycle.State
	}{
		{lifecycle.None, create, owner, nil, draft},
		{draft, publish, reviewer, lifecycle.Facts{complete: true}, live},
		{draft, publish, reviewer, nil, draft},
		{live, drop, owner, nil, gone},
	} {
		rule, err := m.Plan(tc.state, tc.action, tc.role, tc.facts)
		if err != nil || rule.To != tc.to {
			t.Errorf("Plan(%s, %s, %s, %v) = %s, %v; want %s", tc.state, tc.action, tc.role, tc.facts, rule.To, err, tc.to)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	_, err := door().Plan(draft, create, reviewer, nil)
	var refusal *lifecycle.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("err = %v, want a Refusal", err)
	}
	want := &lifecycle.Refusal{Machine: "door", State: draft, Action: create, Allowed: []lifecycle.Action{publish, drop}}
	if diff := cmp.Diff(want, refusal); diff != "" {
		t.Error(diff)
	}
}

func TestPossible(t *testing.T) {
	t.Parallel()
	m := door()
	if got := m.Possible(draft, owner, reviewer); !slices.Equal(got, []lifecycle.Action{publish, drop}) {
		t.Errorf("Possible(draft) = %v; facts decide about publish, but it is possible", got)
	}
	if got := m.Possible(live, owner); !slices.Equal(got, []lifecycle.Action{drop}) {
		t.Errorf("Possible(live) = %v", got)
	}
	if got := m.Possible(draft); got != nil {
		t.Errorf("Possible by nobody = %v", got)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	if got := lifecycle.Words([]lifecycle.Action{publish, drop}); !slices.Equal(got, []string{"publish", "drop"}) {
		t.Errorf("Words = %v", got)
	}
	if got := lifecycle.Words(nil); got == nil || len(got) != 0 {
		t.Errorf("Words of no actions = %#v, want an empty list and not nil", got)
	}
}

func TestSources(t *testing.T) {
	t.Parallel()
	m := door()
	if got := m.Sources(drop, owner, nil); !slices.Equal(got, []lifecycle.State{draft, live}) {
		t.Errorf("Sources(drop) = %v", got)
	}
	if got := m.Sources(create, owner, nil); got != nil {
		t.Errorf("Sources(create) = %v; None is no state of a stored item", got)
	}
	if got := m.Actions(); !slices.Equal(got, []lifecycle.Action{create, publish, drop}) {
		t.Errorf("Actions = %v", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	if err := door().Check(); err != nil {
		t.Fatalf("a sound machine: %v", err)
	}
	for name, tc := range map[string]struct {
		spoil func(*lifecycle.Machine)
		want  string
	}{
		"two rules match":         {func(m *lifecycle.Machine) { m.Rules[2].Unless = nil }, `2 rules for "publish" by reviewer in DRAFT`},
		"undeclared state":        {func(m *lifecycle.Machine) { m.Rules[1].To = "LOST" }, `undeclared state "LOST"`},
		"undeclared source":       {func(m *lifecycle.Machine) { m.Rules[1].From = []lifecycle.State{"LOST"} }, `undeclared state "LOST"`},
		"undeclared role":         {func(m *lifecycle.Machine) { m.Rules[0].By = []lifecycle.Role{"ghost"} }, `undeclared role "ghost"`},
		"undeclared guard":        {func(m *lifecycle.Machine) { m.Rules[1].When = []lifecycle.Guard{"luck"} }, `undeclared guard "luck"`},
		"unused guard":            {func(m *lifecycle.Machine) { m.Guards = append(m.Guards, "idle") }, `guard "idle" is never used`},
		"idle role":               {func(m *lifecycle.Machine) { m.Roles = append(m.Roles, "guest") }, `role "guest" may do nothing`},
		"unreachable state":       {func(m *lifecycle.Machine) { m.Rules[1].To = draft; m.Rules[1].Why = "x" }, "LIVE cannot be reached"},
		"final state with exit":   {func(m *lifecycle.Machine) { m.Final = append(m.Final, live) }, `"drop" leaves the final state LIVE`},
		"dead end is not final":   {func(m *lifecycle.Machine) { m.Final = nil }, "nothing leaves GONE"},
		"rule without a reason":   {func(m *lifecycle.Machine) { m.Rules[0].Why = "" }, "lacks an action, source, role or reason"},
		"rule without a source":   {func(m *lifecycle.Machine) { m.Rules[0].From = nil }, "lacks an action, source, role or reason"},
		"rule that nobody may do": {func(m *lifecycle.Machine) { m.Rules[0].By = nil }, "lacks an action, source, role or reason"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := door()
			tc.spoil(m)
			if err := m.Check(); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Check = %v, want %q", err, tc.want)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	doc := door().Document()
	for _, want := range []string{
		"# Door\n", "[*] --> DRAFT: create\n", "DRAFT --> LIVE: publish (complete)\n", "DRAFT --> DRAFT: publish (not complete)\n",
		"LIVE --> GONE: drop\n", "GONE --> [*]\n",
		"| `drop` | `DRAFT`, `LIVE` | `GONE` | owner, reviewer |  | done |\n",
	} {
		if !strings.Contains(doc, want) {
			t.Errorf("document lacks %q:\n%s", want, doc)
		}
	}
}
