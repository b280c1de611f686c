package bolt

import (
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// DynamoDB's range of numbers: 38 significant digits, magnitudes from 1E-130
// to below 1E+126.
const (
	maxDigits    = 38
	maxIntDigits = 126
	maxFracZeros = 129
)

var numberForm = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?$`)

// parseNumber reads a DynamoDB number exactly.
func parseNumber(s string) (*big.Rat, error) {
	if !numberForm.MatchString(s) {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("%q is not a number", s)
	}
	return r, nil
}

// formatNumber writes r the one way DynamoDB returns it: plain decimal without
// superfluous zeros. The error says that DynamoDB could not hold it.
func formatNumber(r *big.Rat) (string, error) {
	precision, exact := r.FloatPrec()
	if !exact {
		return "", errors.New("number is not a decimal")
	}
	s := r.FloatString(precision)
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	switch {
	case len(whole) > maxIntDigits:
		return "", errors.New("number overflow")
	case whole == "0" && len(frac)-len(strings.TrimLeft(frac, "0")) > maxFracZeros:
		return "", errors.New("number underflow")
	case significantDigits(s) > maxDigits:
		return "", fmt.Errorf("number with more than %d significant digits", maxDigits)
	}
	return s, nil
}

// significantDigits counts the digits of a number that formatNumber wrote,
// without the zeros at both ends.
func significantDigits(s string) int {
	return len(strings.Trim(strings.ReplaceAll(strings.TrimPrefix(s, "-"), ".", ""), "0"))
}
