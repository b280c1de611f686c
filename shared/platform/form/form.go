// Package form checks the form of identifiers and of other short texts byte by byte. A
// regular expression of a package would be compiled at every start of a function, before
// anybody asks: one with a count such as {1,128} takes longer than a request.
package form

import "strings"

// Sets of characters.
const (
	Digits    = "0123456789"
	Lower     = "abcdefghijklmnopqrstuvwxyz"
	Letters   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + Lower
	Base64URL = Letters + Digits + "-_" // RFC 4648 §5
)

// lenUUID is the length of a UUID.
const lenUUID = 36

// Is reports whether a text has between least and most characters, all of them of a set of
// ASCII characters.
func Is(text string, least, most int, set string) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for i := range len(text) {
		if strings.IndexByte(set, text[i]) < 0 {
			return false
		}
	}
	return true
}

// IsVisible reports whether a text has between least and most characters, all of them
// visible ones of ASCII.
func IsVisible(text string, least, most int) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for i := range len(text) {
		if text[i] < '!' || text[i] > '~' {
			return false
		}
	}
	return true
}

// IsUUID reports whether a text is a UUID, in lower or upper case, written as 32
// hexadecimal digits in groups of 8-4-4-4-12 (RFC 9562 §4).
func IsUUID(text string) bool {
	if len(text) != lenUUID {
		return false
	}
	for i := range len(text) {
		isDash := i == 8 || i == 13 || i == 18 || i == 23
		if isDash != (text[i] == '-') || !isDash && strings.IndexByte(Digits+"abcdefABCDEF", text[i]) < 0 {
			return false
		}
	}
	return true
}

// IsLowerUUID reports whether a text is a UUID in lower case.
func IsLowerUUID(text string) bool { return IsUUID(text) && strings.ToLower(text) == text }

// IsInteger reports whether a text is a whole number in decimal digits, without a plus sign
// and leading zeros.
func IsInteger(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	return Is(digits, 1, len(digits), Digits) && (digits == "0" || digits[0] != '0')
}
