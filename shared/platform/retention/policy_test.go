package retention_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

func policy(t testing.TB, months int) retention.Policy {
	t.Helper()
	p, err := retention.NewPolicy(months)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestExpiresAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		months      int
		start, want string
	}{
		{"same day and time", 3, "2026-11-21T10:00:00.123Z", "2027-02-21T10:00:00.123Z"},
		{"last millisecond of a day", 3, "2026-01-15T23:59:59.999Z", "2026-04-15T23:59:59.999Z"},
		{"first instant of a year", 3, "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z"},
		{"no 29 February", 3, "2025-11-29T01:00:00Z", "2026-03-01T00:00:00Z"},
		{"no 30 February", 3, "2025-11-30T10:00:00Z", "2026-03-01T00:00:00Z"},
		{"last day that has one", 3, "2025-11-28T23:00:00Z", "2026-02-28T23:00:00Z"},
		{"first day after", 3, "2025-12-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"29 February", 3, "2023-11-29T01:00:00Z", "2024-02-29T01:00:00Z"},
		{"no 30 February in a leap year", 3, "2023-11-30T10:00:00Z", "2024-03-01T00:00:00Z"},
		{"no 31 April", 3, "2024-01-31T23:00:00Z", "2024-05-01T00:00:00Z"},
		{"after 31 January", 3, "2024-02-01T00:00:00Z", "2024-05-01T00:00:00Z"},
		{"31 to 31", 3, "2025-10-31T10:00:00Z", "2026-01-31T10:00:00Z"},
		{"a year from 29 February", 12, "2024-02-29T10:00:00Z", "2025-03-01T00:00:00Z"},
		{"two years", 24, "2026-11-30T10:00:00Z", "2028-11-30T10:00:00Z"},
		{"the UTC day counts", 3, "2026-01-31T23:30:00-02:00", "2026-05-01T01:30:00Z"},
		{"a zone ahead", 3, "2026-02-01T01:00:00+02:00", "2026-05-01T00:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := policy(t, c.months).ExpiresAt(instant(t, c.start))
			if !got.Equal(instant(t, c.want)) || got.Location() != time.UTC {
				t.Errorf("ExpiresAt(%s) = %v, want %s", c.start, got, c.want)
			}
		})
	}
}

// calendar is an instant with a date that may not exist, such as 31 February. Such dates compare
// by month, day and time of day, in that order.
func calendar(t time.Time, months int) [3]int64 {
	t = t.UTC()
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return [3]int64{int64(t.Year()*12 + int(t.Month()) + months), int64(t.Day()), int64(t.Sub(day))}
}

func before(a, b [3]int64) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// exact tells whether expires is the first instant with a date not before that of start, months
// later. For each start there is exactly one such instant.
func exact(start, expires time.Time, months int) bool {
	due := calendar(start, months)
	return !before(calendar(expires, 0), due) && before(calendar(expires.Add(-1), 0), due)
}

func TestExpiresAtOverFourYears(t *testing.T) {
	t.Parallel()
	p := policy(t, retention.MinMonths)
	last := time.Time{}
	end := time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)
	for start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); start.Before(end); start = start.Add(time.Hour) {
		expires := p.ExpiresAt(start)
		if !exact(start, expires, retention.MinMonths) {
			t.Errorf("ExpiresAt(%v) = %v", start, expires)
		}
		if expires.Before(last) {
			t.Errorf("ExpiresAt(%v) = %v, an hour earlier it was %v", start, expires, last)
		}
		last = expires
	}
}

func TestExpiresAtOfAnyInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		months := rapid.IntRange(retention.MinMonths, 24).Draw(t, "months")
		p, err := retention.NewPolicy(months)
		if err != nil {
			t.Fatal(err)
		}
		// Between 1970 and 2286, to the nanosecond, in any zone.
		zone := time.FixedZone("", rapid.IntRange(-14*3600, 14*3600).Draw(t, "zone"))
		a := time.Unix(rapid.Int64Range(0, 9999999999).Draw(t, "second"), rapid.Int64Range(0, 999999999).Draw(t, "nano")).In(zone)
		b := a.Add(time.Duration(rapid.Int64Range(0, int64(100*24*time.Hour)).Draw(t, "later")))
		if !exact(a, p.ExpiresAt(a), months) {
			t.Errorf("ExpiresAt(%v) = %v", a, p.ExpiresAt(a))
		}
		if p.ExpiresAt(b).Before(p.ExpiresAt(a)) {
			t.Errorf("ExpiresAt(%v) = %v, but ExpiresAt(%v) = %v", a, p.ExpiresAt(a), b, p.ExpiresAt(b))
		}
	})
}

func TestPolicyRefuses(t *testing.T) {
	t.Parallel()
	for _, months := range []int{math.MinInt, -3, -1, 0, 1, 2, 1201, math.MaxInt} {
		if _, err := retention.NewPolicy(months); err == nil {
			t.Errorf("NewPolicy(%d) was accepted", months)
		}
	}
	for _, text := range []string{
		"2", "0", "-3", "3.0", "three", " 3", "3 ", "0x3", "3e0", "1201", strconv.Itoa(math.MaxInt),
		"99999999999999999999",
	} {
		if _, err := retention.PolicyFrom(func(string) string { return text }); err == nil {
			t.Errorf("%s=%q was accepted", retention.Setting, text)
		}
	}
}

func TestPolicyFrom(t *testing.T) {
	t.Parallel()
	for text, months := range map[string]int{"": 3, "3": 3, "6": 6, "24": 24, "1200": 1200} {
		got, err := retention.PolicyFrom(func(name string) string {
			if name != "RETENTION_MONTHS" {
				t.Errorf("reads %s", name)
			}
			return text
		})
		if err != nil || got != policy(t, months) {
			t.Errorf("%q: %+v, %v; want %d months", text, got, err, months)
		}
	}
	// The longest retention still has stamps that sort as text.
	if s := table.Stamp(policy(t, 1200).ExpiresAt(time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC))); !strings.HasPrefix(s, "9100-") {
		t.Errorf("expires %s", s)
	}
}

// TestTTL: the backstop is a day after the expiry, rounded up to the second.
func TestTTL(t *testing.T) {
	t.Parallel()
	for expires, want := range map[string]string{
		"2027-02-21T10:00:00Z":           "2027-02-22T10:00:00Z",
		"2027-02-21T10:00:00.001Z":       "2027-02-22T10:00:01Z",
		"2027-02-21T10:00:00.999Z":       "2027-02-22T10:00:01Z",
		"2027-02-21T10:00:00.000000001Z": "2027-02-22T10:00:01Z",
	} {
		if got := retention.TTL(instant(t, expires)); got != instant(t, want).Unix() {
			t.Errorf("TTL(%s) = %v, want %s", expires, time.Unix(got, 0).UTC(), want)
		}
	}
}
