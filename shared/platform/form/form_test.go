package form_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ciclo/shared/platform/form"
)

// TestForms compares every check with the regular expression of the same form.
func TestForms(t *testing.T) {
	t.Parallel()
	for pattern, is := range map[string]func(string) bool{
		`^[A-Za-z0-9_-]{43}$`:  func(s string) bool { return form.Is(s, 43, 43, form.Base64URL) },
		`^[A-Za-z0-9_-]{1,4}$`: func(s string) bool { return form.Is(s, 1, 4, form.Base64URL) },
		`^[a-z]*$`:             func(s string) bool { return form.Is(s, 0, len(s), form.Lower) },
		`^[!-~]{1,40}$`:        func(s string) bool { return form.IsVisible(s, 1, 40) },
		`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`: form.IsUUID,
		`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`:          form.IsLowerUUID,
		`^-?(0|[1-9][0-9]*)$`:                                  form.IsInteger,
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			expression := regexp.MustCompile(pattern)
			matching := rapid.StringMatching(strings.Trim(pattern, "^$"))
			rapid.Check(t, func(t *rapid.T) {
				text := matching.Draw(t, "text")
				if !is(text) {
					t.Errorf("%q is refused", text)
				}
				damaged := text
				if at := rapid.IntRange(0, len(text)).Draw(t, "at"); at < len(text) {
					damaged = text[:at] + rapid.SampledFrom([]string{"", "-", "é", "\n", " ", "0", "G", "\x00", "z~"}).Draw(t, "with") + text[at+1:]
				} else {
					damaged += rapid.SampledFrom([]string{"\n", "0", "-", "a"}).Draw(t, "end")
				}
				if got, want := is(damaged), expression.MatchString(damaged); got != want {
					t.Errorf("%q: %t, want %t", damaged, got, want)
				}
			})
			if got, want := is(""), expression.MatchString(""); got != want {
				t.Errorf("an empty text: %t, want %t", got, want)
			}
		})
	}
}
