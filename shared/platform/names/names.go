// Package names compares the names of e-services, purposes and services. Names that look alike
// are the same name.
package names

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the same text for all names that look alike. It composes characters and
// replaces compatible ones (NFKC: full width, ligatures), folds case, drops invisible
// characters (zero width, soft hyphens, controls), replaces each run of blanks by one space,
// and trims blanks. It follows the comparison of the nickname profile of PRECIS (RFC 8266
// §2.4), but accepts all names. Letters of different scripts that look alike stay different.
//
// Fold(Fold(s)) is Fold(s). TestLookAlikes and TestFoldIsStable prove it.
func Fold(s string) string {
	if isPlain(s) {
		return strings.ToLower(s)
	}
	// After characters are dropped or folded, others can compose that did not before, so the
	// rules are applied until the text is stable, as in RFC 8266 §2.1.
	for range maxPasses {
		// Dropped before the marks are composed: norm composes U+E0041, an invisible character,
		// with a mark as if it were U+0041, the letter.
		next := strings.Map(visible, norm.NFKD.String(s))
		next = strings.ReplaceAll(next, iotaBelow, "ι") // its capital is a separate letter
		next = strings.Map(fold, norm.NFKC.String(next))
		next = strings.ReplaceAll(next, "i"+dotAbove, "i") // its capital is the dotted I
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

// maxPasses limits the passes of Fold. No text is known to need more than three.
const maxPasses = 8

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

// visible returns r, or -1 for an invisible character.
func visible(r rune) rune {
	switch {
	case isSpace(r), unicode.Is(unicode.Prepended_Concatenation_Mark, r): // of class Cf, but visible
		return r
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return -1
	}
	return r
}

// fold folds one character; -1 is dropped.
func fold(r rune) rune {
	if isSpace(r) {
		return ' '
	}
	if visible(r) < 0 {
		return -1
	}
	if unicode.Is(unicode.Prepended_Concatenation_Mark, r) {
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r)) // through the capital, so that a final sigma is a sigma
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r == brailleBlank }

// Claims returns the texts that a name claims: Fold of the name and, where that differs, the
// name in lower case. Releases before Fold claimed names in lower case, so without the second
// claim a new name could equal one of theirs. A name of theirs that looks like another one
// without being equal in lower case stays until it is renamed. TestClaims proves it.
func Claims(name string) []string {
	folded := Fold(name)
	earlier := Earlier(name)
	if folded == earlier {
		return []string{folded}
	}
	return []string{folded, earlier}
}

// Earlier returns the text that a name claimed in releases before Fold: the name in lower case.
func Earlier(name string) string { return strings.ToLower(name) }

// Filter returns a function that tells whether a name contains part. Every name contains an
// empty part, and no name contains a part of invisible characters.
func Filter(part string) func(name string) bool {
	folded := Fold(part)
	return func(name string) bool {
		return part == "" || folded != "" && strings.Contains(Fold(name), folded)
	}
}
