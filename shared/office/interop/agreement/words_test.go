package agreement

import (
	"slices"
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/published"
)

// withoutButton are the actions of the API that no button of an agreement is for, and why.
var withoutButton = map[string]string{
	"create":    "has a page of its own, /agreements/new",
	"replace":   "the platform does it when another agreement comes into use",
	"recompute": "the platform does it when attributes change",
}

func hasBoth(t office.Text) bool { return t.IT != "" && t.EN != "" }

// TestWords: every action of the API has its words, or is known to have none, and
// every state and every change of a history has words in both languages.
func TestWords(t *testing.T) {
	t.Parallel()
	actions, states := published.Values(t, "AgreementEvent", "action"), published.Values(t, "Agreement", "state")
	if len(actions) == 0 || len(states) == 0 {
		t.Fatal("the API publishes no actions or no states")
	}
	for _, action := range actions {
		_, excused := withoutButton[action]
		words, has := wordsOf[action]
		if has == excused {
			t.Errorf("%s has words: %t, is named as having none: %t", action, has, excused)
		}
		if has != slices.Contains(actionOrder, action) {
			t.Errorf("%s has words and no place among the buttons, or the other way round", action)
		}
		if has {
			for what, text := range map[string]office.Text{
				"button": words.Button, "question": words.Question, "done": words.Done, "words": words.Words(&detail{}),
			} {
				if !hasBoth(text) {
					t.Errorf("%s has no %s in both languages: %+v", action, what, text)
				}
			}
		}
		if !hasBoth(eventWords[action]) {
			t.Errorf("the history has no words for %s", action)
		}
	}
	for name := range wordsOf {
		if !slices.Contains(actions, name) {
			t.Errorf("%s has words and is no action of the API", name)
		}
	}
	for _, state := range states {
		if chip := stateChip(state); chip.Text == office.Same(state) {
			t.Errorf("%s has no words", state)
		}
	}
}

// TestReactivation: the page says who has to reactivate a suspended agreement.
func TestReactivation(t *testing.T) {
	t.Parallel()
	const consumer, producer = "C", "P"
	for name, tc := range map[string]struct {
		agreement agreement
		want      string
	}{
		"consumer": {agreement{ByConsumer: true}, "The consumer, Comune, has to reactivate it."},
		"producer": {agreement{ByProducer: true}, "The producer, Anagrafe, has to reactivate it."},
		"both":     {agreement{ByConsumer: true, ByProducer: true}, "Both have to reactivate it: Comune and Anagrafe."},
		"platform": {agreement{ByPlatform: true}, "It is active again once Comune owns the required attributes again."},
		"nobody":   {agreement{}, ""},
		"all together": {
			agreement{ByConsumer: true, ByProducer: true, ByPlatform: true},
			"Both have to reactivate it: Comune and Anagrafe. It is active again once Comune owns the required attributes again.",
		},
	} {
		p := detail{Agreement: tc.agreement, Consumer: "Comune", Producer: "Anagrafe"}
		p.Agreement.ConsumerID, p.Agreement.ProducerID = consumer, producer
		if got := p.Reactivation().EN; got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	own := detail{
		Agreement: agreement{ConsumerID: consumer, ProducerID: consumer, ByConsumer: true, ByProducer: true},
		Consumer:  "Comune",
	}
	if got := own.Reactivation().EN; got != "Comune has to reactivate it." {
		t.Errorf("one organization for both sides: %q", got)
	}
	held := detail{Agreement: agreement{ByConsumer: true, ByProducer: true}, Consumer: "Comune", Producer: "Anagrafe", IsConsumer: true}
	if got := held.heldByOthers().EN; got != "The producer, Anagrafe, has to reactivate it." {
		t.Errorf("after the consumer: %q", got)
	}
}

// TestEndOfDay: a verification is valid to the end of the day in Italy, in summer and winter.
func TestEndOfDay(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]string{
		"2026-12-31": "2026-12-31T23:59:59+01:00", "2026-07-01": "2026-07-01T23:59:59+02:00", "2026-03-29": "2026-03-29T23:59:59+02:00",
		"soon": "soon",
	} {
		if got := endOfDay(day); got != want {
			t.Errorf("%s ends at %s, want %s", day, got, want)
		}
	}
}
