package rate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/rate"
)

// TestSettings: a rule is read from the settings of its prefix alone, and a value out of
// range is refused by its name.
func TestSettings(t *testing.T) {
	t.Parallel()
	open := rate.Rule{Limit: 9_999_999, Interval: time.Second}
	for text, want := range map[string]rate.Rule{
		"":                              open,
		"RATE_LIMIT=5":                  {Limit: 5, Interval: time.Second},
		"RATE_INTERVAL_MS=1":            {Limit: open.Limit, Interval: time.Millisecond},
		"RATE_BURST_PERCENT=20":         {Limit: open.Limit, Interval: time.Second, Burst: 20},
		"RATE_LIMIT=2147483647":         {Limit: 1<<31 - 1, Interval: time.Second},
		"TOKEN_RATE_LIMIT=5":            open,
		"TOKEN_RATE_INTERVAL_MS=x":      open,
		"RATE_INTERVAL_MS=86400000":     {Limit: open.Limit, Interval: 24 * time.Hour},
		"RATE_LIMIT=0":                  {},
		"RATE_LIMIT=2147483648":         {},
		"RATE_LIMIT=1e3":                {},
		"RATE_INTERVAL_MS=0":            {},
		"RATE_INTERVAL_MS=86400001":     {},
		"RATE_BURST_PERCENT=-1":         {},
		"RATE_BURST_PERCENT=1001":       {},
		"RATE_BURST_PERCENT=20%":        {},
		"RATE_LIMIT=99999999999999999x": {},
	} {
		name, value, _ := strings.Cut(text, "=")
		got, err := rate.RuleFrom(func(asked string) string {
			if asked == name {
				return value
			}
			return ""
		}, "")
		if want == (rate.Rule{}) {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %+v, %v, want an error that names it", text, got, err)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
	}
	asked := map[string]bool{}
	if _, err := rate.RuleFrom(func(name string) string { asked[name] = true; return "" }, "TOKEN_"); err != nil {
		t.Fatal(err)
	}
	names := rate.Settings("TOKEN_")
	for name := range asked {
		if !slices.Contains(names, name) {
			t.Errorf("%s is read and not named", name)
		}
	}
	if d := cmp.Diff([]string{"TOKEN_RATE_LIMIT", "TOKEN_RATE_INTERVAL_MS", "TOKEN_RATE_BURST_PERCENT"}, names); d != "" {
		t.Error(d)
	}
}
