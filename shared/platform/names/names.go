// Package names compares names that people give to things: two that look alike are one.
package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns what names that look alike have in common: it composes characters and
// replaces compatible ones (NFKC: full width, ligatures), folds case, drops what is not
// seen (zero width, soft hyphens, controls), and makes every run of blanks one space, none
// at the ends. It follows the comparison of the nickname profile of PRECIS (RFC 8266 §2.4),
// but refuses nothing. Letters of different scripts that look alike stay different.
//
// Fold(Fold(s)) is Fold(s). TestLookAlikes and TestFoldIsStable prove it.
func Fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	// Dropping and folding can make characters compose that did not before, and the other
	// way round; RFC 8266 §2.1 repeats its rules, too.
	for range maxRounds {
		next := strings.ReplaceAll(norm.NFKD.String(s), iotaBelow, "ι") // whose capital is a letter beside
		next = strings.Map(fold, norm.NFKC.String(next))
		next = strings.ReplaceAll(next, "i"+dotAbove, "i") // whose capital is that of the dotted I alone
		next = norm.NFKC.String(strings.Join(strings.FieldsFunc(next, isSpace), " "))
		if next == s {
			break
		}
		s = next
	}
	return s
}

const (
	dotAbove     = "\u0307"
	iotaBelow    = "\u0345"
	brailleBlank = '\u2800'
)

// maxRounds bounds the rounds of Fold; no text is known that needs more than three.
const maxRounds = 8

// isPlain tells whether s is printable ASCII with single blanks inside.
func isPlain(s string) bool {
	blank := true
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && blank {
			return false
		}
		blank = c == ' '
	}
	return !blank || s == ""
}

// fold folds one character; a negative one is dropped.
func fold(r rune) rune {
	switch {
	case isSpace(r):
		return ' '
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return r // of class Cf, and seen
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return -1
	}
	return unicode.ToLower(unicode.ToUpper(r)) // by way of the capital: a final sigma is a sigma
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r == brailleBlank }

// Claims lists by what a name is claimed: by Fold and, where that differs, by the name in
// lower case, as releases before Fold did. So a name also meets what those have claimed, if
// it differs from it in case alone; look-alikes of the rest stay until one is renamed.
func Claims(name string) []string {
	folded, earlier := Fold(name), Earlier(name)
	if folded == earlier {
		return []string{folded}
	}
	return []string{folded, earlier}
}

// Earlier returns by what releases before Fold claimed a name: itself in lower case.
func Earlier(name string) string { return strings.ToLower(name) }

// Filter returns a test whether a name contains part. An empty part is in every name, one
// that cannot be seen in none.
func Filter(part string) func(name string) bool {
	folded := Fold(part)
	return func(name string) bool {
		return part == "" || folded != "" && strings.Contains(Fold(name), folded)
	}
}
