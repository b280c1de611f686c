package table

import "time"

// stampLayout has a fixed width, so that stamps sort as text like the instants
// they name, and three fractional digits, as the published APIs have.
const stampLayout = "2006-01-02T15:04:05.000Z07:00"

// Stamp formats an instant in UTC, cut to milliseconds: 2022-06-16T06:28:02.492Z.
func Stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// Day formats the UTC day of an instant: 2022-06-16.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// ParseStamp reads what Stamp wrote.
func ParseStamp(s string) (time.Time, error) {
	t, err := time.Parse(stampLayout, s)
	if err != nil {
		return time.Time{}, &Error{Kind: Invalid, Op: "decode", Err: err}
	}
	return t, nil
}
