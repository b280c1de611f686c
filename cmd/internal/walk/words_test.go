package walk_test

import (
	"strings"
	"testing"
)

// TestGoWords: Go's words are found in sentences, and not in tokens and keys.
func TestGoWords(t *testing.T) {
	t.Parallel()
	found := func(text string) bool { return goWords.MatchString(encoded.ReplaceAllString(text, "")) }
	random := strings.Repeat("x7_", 15) + "EOFu003" + strings.Repeat("-Q", 15)
	for _, text := range []string{"unexpected EOF", `{"detail":"unexpected EOF in ` + random + `"}`, "strconv.ParseInt", `parse "x"`} {
		if !found(text) {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{`{"access_token":"` + random + "." + random + `"}`, `{"n":"` + random + `"}`, "must be a whole number"} {
		if found(text) {
			t.Errorf("%q is refused", text)
		}
	}
}
