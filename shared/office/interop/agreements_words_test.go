package interop

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"ciclo/shared/office"
)

// withoutButton are the actions of the API that no button of an agreement is for, and why.
var withoutButton = map[string]string{
	"create":    "has a page of its own, /agreements/new",
	"replace":   "the platform does it when another agreement comes into use",
	"recompute": "the platform does it when attributes change",
}

// TestAgreementWords: every action of the API has its words, or is known to have none, and
// every state and every change of a history has words in both languages.
func TestAgreementWords(t *testing.T) {
	t.Parallel()
	actions, states := publishedValues(t, "AgreementEvent", "action"), publishedValues(t, "Agreement", "state")
	if len(actions) == 0 || len(states) == 0 {
		t.Fatal("the API publishes no actions or no states")
	}
	for _, action := range actions {
		_, excused := withoutButton[action]
		words, has := agreementActionWords[action]
		if has == excused {
			t.Errorf("%s has words: %t, is named as having none: %t", action, has, excused)
		}
		if has != slices.Contains(agreementActions, action) {
			t.Errorf("%s has words and no place among the buttons, or the other way round", action)
		}
		if has {
			for what, text := range map[string]office.Text{
				"button": words.Button, "question": words.Question, "done": words.Done, "words": words.Words(&agreementPage{}),
			} {
				if text.IT == "" || text.EN == "" {
					t.Errorf("%s has no %s in both languages: %+v", action, what, text)
				}
			}
		}
		if text := agreementEventWords[action]; text.IT == "" || text.EN == "" {
			t.Errorf("the history has no words for %s", action)
		}
	}
	for name := range agreementActionWords {
		if !slices.Contains(actions, name) {
			t.Errorf("%s has words and is no action of the API", name)
		}
	}
	for _, state := range states {
		if chip := agreementChip(state); chip.Text == office.Same(state) {
			t.Errorf("%s has no words", state)
		}
	}
}

// publishedValues returns the values that the published API has for a member.
func publishedValues(t *testing.T, schema, member string) []string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/openapi/interop.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas[schema].Properties[member].Enum
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
		"all together": {agreement{ByConsumer: true, ByProducer: true, ByPlatform: true},
			"Both have to reactivate it: Comune and Anagrafe. It is active again once Comune owns the required attributes again."},
	} {
		p := agreementPage{Agreement: tc.agreement, Consumer: "Comune", Producer: "Anagrafe"}
		p.Agreement.ConsumerID, p.Agreement.ProducerID = consumer, producer
		if got := p.Reactivation().EN; got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	own := agreementPage{Agreement: agreement{ConsumerID: consumer, ProducerID: consumer, ByConsumer: true, ByProducer: true},
		Consumer: "Comune"}
	if got := own.Reactivation().EN; got != "Comune has to reactivate it." {
		t.Errorf("one organization for both sides: %q", got)
	}
	held := agreementPage{Agreement: agreement{ByConsumer: true, ByProducer: true}, Consumer: "Comune", Producer: "Anagrafe", IsConsumer: true}
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
