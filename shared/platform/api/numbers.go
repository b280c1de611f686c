package api

import (
	"encoding/json"
	"strconv"
	"strings"

	"ciclo/shared/platform/form"
)

// isNumber reports whether a text is a number as JSON has it (RFC 8259 §6): JSON of other
// kinds begins or ends with another character.
func isNumber(text string) bool {
	return text != "" && strings.IndexByte(form.Digits+"-", text[0]) >= 0 && strings.IndexByte(form.Digits, text[len(text)-1]) >= 0 &&
		json.Valid([]byte(text))
}

// maxDigits is how many digits a 64-bit number has at most.
const maxDigits = 19

// wholeNumber returns a JSON number in digits alone: 5 for 5.0, 5e0 and 0.05E+2, which are
// the same number (RFC 8259 §6). It is false for what is no whole number or does not
// fit 64 bits. The time it takes does not depend on the exponent.
func wholeNumber(number string) (string, bool) {
	unsigned, negative := strings.CutPrefix(number, "-")
	mantissa, exponent, scaled := strings.Cut(strings.ToLower(unsigned), "e")
	integer, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(integer+fraction, "0")
	point := len(digits) - len(fraction) // how many of the digits are before the point
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return "0", true
	}
	if scaled {
		shift, err := strconv.Atoi(exponent)
		if err != nil || shift > 2*MaxBodyBytes || shift < -2*MaxBodyBytes {
			return "", false
		}
		point += shift
	}
	if point < len(digits) || point > maxDigits {
		return "", false
	}
	digits += strings.Repeat("0", point-len(digits))
	if negative {
		digits = "-" + digits
	}
	return digits, true
}
