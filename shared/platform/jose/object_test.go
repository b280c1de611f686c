package jose_test

import (
	"testing"

	"ciclo/shared/platform/jose"
)

// TestDates: a date is any JSON number from 1970 to 9999, without its fraction.
func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "0.9": 0, "1": 1, "1.9": 1, "1e3": 1000, "1800000000.25": 1800000000,
		"253402300799": 253402300799, "253402300799.5": 253402300799,
		"-1": -1, "-0.5": -1, "253402300800": -1, "1e400": -1, `"1"`: -1, `""`: -1, "null": -1, "true": -1, "[1]": -1, "{}": -1,
	} {
		o, ok := jose.ReadObject([]byte(`{"exp":` + text + `}`))
		if !ok {
			t.Fatalf("%s is not read", text)
		}
		got, ok := o.Date("exp")
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%s is %d, %t, want %d", text, got, ok, want)
		}
	}
	if _, ok := (jose.Object{}).Date("exp"); ok {
		t.Error("a member that is absent is a date")
	}
}
