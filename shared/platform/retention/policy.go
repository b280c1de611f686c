// Package retention decides when recorded rows expire, and removes them. It has a policy
// in calendar months, a queue of the rows to look at on each day, and the purge that
// processes the queue.
package retention

import (
	"fmt"
	"strconv"
	"time"
)

// MinMonths is the shortest retention that can be configured: D1 keeps operations for three
// months.
const MinMonths = 3

// maxMonths is the longest retention that can be configured. A table.Stamp sorts by time up to
// the year 9999.
const maxMonths = 1200

// Setting names the environment variable that holds the retention in months.
const Setting = "RETENTION_MONTHS"

// Policy is a retention of whole calendar months.
type Policy struct{ months int }

// NewPolicy makes a policy. It returns an error for fewer than MinMonths months and for more
// than 1,200.
func NewPolicy(months int) (Policy, error) {
	if months < MinMonths {
		return Policy{}, fmt.Errorf("retention of %d months is below the minimum of %d", months, MinMonths)
	}
	if months > maxMonths {
		return Policy{}, fmt.Errorf("retention of %d months is above the maximum of %d", months, maxMonths)
	}
	return Policy{months: months}, nil
}

// PolicyFrom reads the policy from Setting. Without the setting it is MinMonths.
func PolicyFrom(setting func(string) string) (Policy, error) {
	text := setting(Setting)
	if text == "" {
		return NewPolicy(MinMonths)
	}
	months, err := strconv.Atoi(text)
	if err != nil {
		return Policy{}, fmt.Errorf("%s=%q is not a number of months", Setting, text)
	}
	return NewPolicy(months)
}

// ExpiresAt returns the first instant at which a row recorded at start has expired: the same
// day of the month and time, that many months later in UTC, or, when that day does not
// exist, the first instant of the following month.
//
// A later start never expires earlier. With AddDate or with clamping to the end of the month
// it could: operations would then disappear from a list out of order.
// TestExpiresAtOfAnyInstant proves it.
func (p Policy) ExpiresAt(start time.Time) time.Time {
	start = start.UTC()
	first := time.Date(start.Year(), start.Month()+time.Month(p.months), 1, 0, 0, 0, 0, time.UTC)
	same := first.AddDate(0, 0, start.Day()-1)
	if same.Month() != first.Month() {
		return first.AddDate(0, 1, 0)
	}
	return same.Add(start.Sub(start.Truncate(24 * time.Hour)))
}

// backstop is how long after its expiry DynamoDB's TTL may remove a row. The purge normally
// comes first.
const backstop = 24 * time.Hour

// TTL returns the Unix second of the backstop for a row that expires at t, rounded up.
func TTL(t time.Time) int64 {
	return t.Add(backstop + time.Second - time.Nanosecond).Unix()
}
