package client

import (
	"slices"
	"testing"

	"ciclo/shared/office/interop/published"
)

// TestActionsHaveWords: every action that the API lists for a client has words, as
// one without is not shown.
func TestActionsHaveWords(t *testing.T) {
	t.Parallel()
	names := published.Matches(t, "../../../interop/client/actions.go", `action\w+ += "(\w+)"`)
	for _, name := range names {
		words, known := actions[name]
		if !known || words.button.IT == "" || words.button.EN == "" {
			t.Errorf("the action %s has no words", name)
		}
		if (words.question.IT == "") != (words.words.IT == "") || (words.question.EN == "") != (words.question.IT == "") {
			t.Errorf("the action %s asks without saying what happens", name)
		}
	}
	for name := range actions {
		if !slices.Contains(names, name) {
			t.Errorf("the API has no action %s", name)
		}
	}
}
