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

// TestWords: every action of the API has its words, or is known to have none, and
// every state and every change of a history has words in both languages.
func TestWords(t *testing.T) {
	t.Parallel()
	actions, states := published.Values(t, "AgreementEvent", "action"), published.Values(t, "Agreement", "state")
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
				if !published.HasBoth(text) {
					t.Errorf("%s has no %s in both languages: %+v", action, what, text)
				}
			}
		}
	}
	for name := range wordsOf {
		if !slices.Contains(actions, name) {
			t.Errorf("%s has words and is no action of the API", name)
		}
	}
	words := map[string]office.Text{}
	for _, s := range stateChips {
		words[s.State] = s.Chip.Text
	}
	published.Check(t, "state", words, states)
	published.Check(t, "event", eventWords, actions)
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

// TestLifespan: the lifetime of a voucher has the separators of the language.
func TestLifespan(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int64]office.Text{
		60: office.T("60 secondi", "60 seconds"), 600: office.T("10 minuti", "10 minutes"),
		86_399: office.T("86.399 secondi", "86,399 seconds"), 86_400: office.T("1.440 minuti", "1,440 minutes"),
	} {
		if got := (descriptor{VoucherLifespan: seconds}).Lifespan(); got != want {
			t.Errorf("%d: %+v, want %+v", seconds, got, want)
		}
	}
}
