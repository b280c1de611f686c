package m2m

import (
	"slices"
	"testing"

	"ciclo/shared/office/interop/published"
)

// TestFailuresHaveWords: every reason for which the API refuses a voucher has words in both
// languages.
func TestFailuresHaveWords(t *testing.T) {
	t.Parallel()
	names := append(published.Matches(t, "../../../interop/assertion/failure.go", `Kind\{"(\w+)"`),
		published.Matches(t, "../../../interop/voucher/examine.go", `Kind\{Name: "(\w+)"`)...)
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
