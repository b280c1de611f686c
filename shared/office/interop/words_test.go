package interop

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestActionsOfClientsHaveWords: every action that the API lists for a client has words, as
// one without is not shown.
func TestActionsOfClientsHaveWords(t *testing.T) {
	t.Parallel()
	names := wordsIn(t, "../../interop/client/actions.go", `action\w+ += "(\w+)"`)
	for _, name := range names {
		words, known := clientActions[name]
		if !known || words.button.IT == "" || words.button.EN == "" {
			t.Errorf("the action %s has no words", name)
		}
		if (words.question.IT == "") != (words.words.IT == "") || (words.question.EN == "") != (words.question.IT == "") {
			t.Errorf("the action %s asks without saying what happens", name)
		}
	}
	for name := range clientActions {
		if !slices.Contains(names, name) {
			t.Errorf("the API has no action %s", name)
		}
	}
}

// TestFailuresHaveWords: every reason for which the API refuses a voucher has words in both
// languages.
func TestFailuresHaveWords(t *testing.T) {
	t.Parallel()
	names := append(wordsIn(t, "../../interop/assertion/failure.go", `Kind\{"(\w+)"`),
		wordsIn(t, "../../interop/voucher/examine.go", `Kind\{Name: "(\w+)"`)...)
	for _, name := range names {
		if words, known := failures[name]; !known || words.Text.IT == "" || words.Text.EN == "" {
			t.Errorf("the reason %s has no words", name)
		}
	}
	for name := range failures {
		if !slices.Contains(names, name) {
			t.Errorf("the API has no reason %s", name)
		}
	}
}

// wordsIn returns what a pattern finds in a source file of the API: the office imports none.
func wordsIn(t *testing.T, file, pattern string) (names []string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1) {
		names = append(names, found[1])
	}
	if len(names) == 0 {
		t.Fatalf("%s names nothing by %s", file, pattern)
	}
	return names
}
