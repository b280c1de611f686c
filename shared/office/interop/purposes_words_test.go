package interop

import (
	"slices"
	"strings"
	"testing"

	"ciclo/shared/office"
)

// purposeWithoutButton are the actions of the API that no button of a purpose is for, and why.
var purposeWithoutButton = map[string]string{
	"create":   "has a page of its own, /purposes/new",
	"replace":  "the platform does it when another version comes into use",
	"withdraw": "the platform does it when a request lapses",
}

func hasBoth(t office.Text) bool { return t.IT != "" && t.EN != "" }

// TestPurposeWords: every action of the API has its words, or is named as having none, and
// every state has a chip.
func TestPurposeWords(t *testing.T) {
	t.Parallel()
	actions, states := publishedValues(t, "PurposeEvent", "action"), publishedValues(t, "PurposeVersion", "state")
	if len(actions) == 0 || len(states) == 0 {
		t.Fatal("the API publishes no actions or no states")
	}
	sight := &purposeSight{purposeNames: &purposeNames{}, Purpose: purpose{
		Current: &purposeVersion{State: purposeActive, DailyCalls: 10}, Waiting: &purposeVersion{State: purposeWaiting, DailyCalls: 20},
	}}
	for _, name := range actions {
		a, known := purposeActions[name]
		if !known || !hasBoth(a.Event) {
			t.Errorf("the history has no words for %s", name)
			continue
		}
		_, excused := purposeWithoutButton[name]
		if has := slices.Contains(purposeOrder, name); has == excused || has != hasBoth(a.Button) {
			t.Errorf("%s has a button: %t, with words: %t, is named as having none: %t", name, has, hasBoth(a.Button), excused)
		}
		if excused || a.Page != "" {
			continue
		}
		if !hasBoth(a.Question) || !hasBoth(purposeSentences(a.Words(sight))) || !hasBoth(a.Done(&sight.Purpose, &sight.Purpose)) {
			t.Errorf("%s has no question, no consequence or no words afterwards", name)
		}
	}
	for name := range purposeActions {
		if !slices.Contains(actions, name) {
			t.Errorf("%s has words and is no action of the API", name)
		}
	}
	for _, state := range states {
		if !hasBoth(purposeChips[state].Text) || !slices.Contains(purposeStates, state) {
			t.Errorf("%s has no words", state)
		}
	}
}

// TestPurposeSeenNames: what a lost race shows has words.
func TestPurposeSeenNames(t *testing.T) {
	t.Parallel()
	all := purposeSeen{"DRAFT", 1, true, true, "id", 1, "2026-01-01", "no", "yes"}
	for _, c := range office.Diff(purposeSeen{}, all) {
		if _, known := purposeSeenNames[c.Name]; !known {
			t.Errorf("%s has no words", c.Name)
		}
	}
}

// TestPurposeVerdict compares calls a day with the thresholds (seed 000): up to a threshold they
// fit, above one or both they wait, and fewer than those in use are accepted in any case.
func TestPurposeVerdict(t *testing.T) {
	t.Parallel()
	load := &purposeLoad{Consumer: 60, Total: 950, PerConsumer: 100, InTotal: 1000}
	for name, c := range map[string]struct {
		load                  *purposeLoad
		calls, counted, inUse int64
		fits                  bool
		consumer, total       int64 // over the thresholds
	}{
		"at the threshold":         {load, 40, 0, 0, true, 0, 0},
		"one above":                {load, 41, 0, 0, false, 1, 0},
		"above both":               {load, 100, 0, 0, false, 60, 50},
		"more than before":         {load, 70, 30, 30, true, 0, 0},
		"fewer, above":             {&purposeLoad{Consumer: 150, Total: 150, PerConsumer: 100, InTotal: 1000}, 120, 150, 150, true, 20, 0},
		"the total alone":          {&purposeLoad{Consumer: 0, Total: 980, PerConsumer: 100, InTotal: 1000}, 21, 0, 0, false, 0, 1},
		"while suspended, as many": {load, 40, 0, 40, true, 0, 0},
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
	if free := load.Free(); free != 40 {
		t.Errorf("%d calls a day are free", free)
	}
}

// TestPurposeSuspendedBy says by whom a purpose is suspended and who has to reactivate it.
func TestPurposeSuspendedBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		byConsumer, byProducer, self bool
		title, line                  string
	}{
		{true, false, false, "La finalità è sospesa dal fruitore", "Può riattivarla solo il fruitore (Comune)."},
		{false, true, false, "La finalità è sospesa dall’erogatore", "Può riattivarla solo l’erogatore (Anagrafe)."},
		{true, true, false, "La finalità è sospesa dal fruitore e dall’erogatore",
			"Torna attiva quando la riattivano entrambi: il fruitore (Comune) e l’erogatore (Anagrafe)."},
		{false, true, true, "La finalità è sospesa", "L’hai sospesa tu, e tu la puoi riattivare."},
	} {
		s := &purposeSight{
			purposeNames: &purposeNames{tenants: map[string]string{"c": "Comune", "p": "Anagrafe"}},
			Purpose: purpose{ConsumerID: "c", SuspendedByConsumer: c.byConsumer, SuspendedByProducer: c.byProducer,
				Current: &purposeVersion{State: purposeSuspended, DailyCalls: 1500}},
			AsConsumer: true, AsProducer: c.self, Agreement: &purposeAgreement{ProducerID: "p", State: purposeActive},
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
