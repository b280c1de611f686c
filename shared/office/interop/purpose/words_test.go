package purpose

import (
	"slices"
	"strings"
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
	"ciclo/shared/office/interop/published"
)

// withoutButton are the actions of the API that no button of a purpose is for, and why.
var withoutButton = map[string]string{
	"create":   "has a page of its own, /purposes/new",
	"replace":  "the platform does it when another version comes into use",
	"withdraw": "the platform does it when a request lapses",
}

// TestWords: every action of the API has its words, or is named as having none, and
// every state has a chip.
func TestWords(t *testing.T) {
	t.Parallel()
	events, states := published.Values(t, "PurposeEvent", "action"), published.Values(t, "PurposeVersion", "state")
	sight := &sight{names: &names{}, Purpose: m2m.Purpose{
		Current: &m2m.PurposeVersion{State: m2m.PurposeActive, DailyCalls: 10},
		Waiting: &m2m.PurposeVersion{State: m2m.PurposeWaiting, DailyCalls: 20},
	}}
	for _, name := range events {
		a, known := actions[name]
		if !known || !published.HasBoth(a.Event) {
			t.Errorf("the history has no words for %s", name)
			continue
		}
		_, excused := withoutButton[name]
		if has := slices.Contains(order, name); has == excused || has != published.HasBoth(a.Button) {
			t.Errorf("%s has a button: %t, with words: %t, is named as having none: %t", name, has, published.HasBoth(a.Button), excused)
		}
		if excused || a.Page != "" {
			continue
		}
		if !published.HasBoth(a.Question) || !published.HasBoth(sentences(a.Words(sight))) ||
			!published.HasBoth(a.Done(&sight.Purpose, &sight.Purpose)) {
			t.Errorf("%s has no question, no consequence or no words afterwards", name)
		}
	}
	for name := range actions {
		if !slices.Contains(events, name) {
			t.Errorf("%s has words and is no action of the API", name)
		}
	}
	words := map[string]office.Text{}
	for state, chip := range m2m.PurposeChips {
		words[state] = chip.Text
	}
	published.Check(t, "state", words, states)
	for _, state := range states {
		if !slices.Contains(m2m.PurposeStates, state) {
			t.Errorf("%s is not in the filter", state)
		}
	}
}

// TestSeenWords: what a lost race shows has words.
func TestSeenWords(t *testing.T) {
	t.Parallel()
	all := seen{"DRAFT", 1, true, true, "id", 1, "2026-01-01", "no", "yes"}
	for _, c := range office.Diff(seen{}, all) {
		if _, known := seenWords[c.Name]; !known {
			t.Errorf("%s has no words", c.Name)
		}
	}
}

// TestVerdict compares calls a day with the thresholds (seed 000): up to a threshold they
// fit, above one or both they wait, and fewer than those in use are accepted in any case.
func TestVerdict(t *testing.T) {
	t.Parallel()
	usual := &load{Consumer: 60, Total: 950, PerConsumer: 100, InTotal: 1000}
	for name, c := range map[string]struct {
		load                  *load
		calls, counted, inUse int64
		fits                  bool
		consumer, total       int64 // over the thresholds
	}{
		"at the threshold":         {usual, 40, 0, 0, true, 0, 0},
		"one above":                {usual, 41, 0, 0, false, 1, 0},
		"above both":               {usual, 100, 0, 0, false, 60, 50},
		"more than before":         {usual, 70, 30, 30, true, 0, 0},
		"fewer, above":             {&load{Consumer: 150, Total: 150, PerConsumer: 100, InTotal: 1000}, 120, 150, 150, true, 20, 0},
		"the total alone":          {&load{Consumer: 0, Total: 980, PerConsumer: 100, InTotal: 1000}, 21, 0, 0, false, 0, 1},
		"while suspended, as many": {usual, 40, 0, 40, true, 0, 0},
	} {
		got := c.load.verdict("Comune", c.calls, c.counted, c.inUse)
		consumer, total := c.load.over(c.calls - c.counted)
		if got.Fits != c.fits || consumer != c.consumer || total != c.total {
			t.Errorf("%s: fits %t, over by %d and %d", name, got.Fits, consumer, total)
		}
		over := int64(0)
		for _, b := range got.Bars {
			over += b.Exceeded()
		}
		if over != c.consumer+c.total {
			t.Errorf("%s: the bars exceed by %d", name, over)
		}
	}
	if free := usual.Free(); free != 40 {
		t.Errorf("%d calls a day are free", free)
	}
}

// TestSuspendedBy says by whom a purpose is suspended and who has to reactivate it.
func TestSuspendedBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		byConsumer, byProducer, self bool
		title, line                  string
	}{
		{true, false, false, "La finalità è sospesa dal fruitore", "Può riattivarla solo il fruitore (Comune)."},
		{false, true, false, "La finalità è sospesa dall’erogatore", "Può riattivarla solo l’erogatore (Anagrafe)."},
		{
			true, true, false, "La finalità è sospesa dal fruitore e dall’erogatore",
			"Torna attiva quando la riattivano entrambi: il fruitore (Comune) e l’erogatore (Anagrafe).",
		},
		{false, true, true, "La finalità è sospesa", "L’hai sospesa tu, e tu la puoi riattivare."},
	} {
		s := &sight{
			names: &names{tenants: map[string]string{"c": "Comune", "p": "Anagrafe"}},
			Purpose: m2m.Purpose{
				ConsumerID: "c", SuspendedByConsumer: c.byConsumer, SuspendedByProducer: c.byProducer,
				Current: &m2m.PurposeVersion{State: m2m.PurposeSuspended, DailyCalls: 1500},
			},
			AsConsumer: true, AsProducer: c.self, Agreement: &agreement{ProducerID: "p", State: m2m.AgreementActive},
		}
		all := s.banners()
		if len(all) != 1 || all[0].Title.IT != c.title || all[0].Lines[0].IT != c.line {
			t.Errorf("%+v, want %s %s", all, c.title, c.line)
		}
		if want := "its 1,500 calls a day do not count"; !slices.ContainsFunc(all[0].Lines,
			func(l office.Text) bool { return strings.Contains(l.EN, want) }) {
			t.Errorf("%+v does not say %s", all[0].Lines, want)
		}
	}
}
