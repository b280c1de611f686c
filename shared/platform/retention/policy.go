// Package retention decides when what is recorded expires, and removes it: a
// policy in calendar months, a queue of what to look at on which day, and the
// purge that works the queue off.
package retention

import (
	"fmt"
	"strconv"
	"time"
)

// MinMonths is the shortest retention that any configuration may choose: D1
// promises operations for three months.
const MinMonths = 3

// maxMonths keeps every expiry within the years that a table.Stamp can sort.
const maxMonths = 1200

// Setting names the environment variable that holds the retention in months.
const Setting = "RETENTION_MONTHS"

// Policy is a retention of whole calendar months.
type Policy struct{ months int }

// NewPolicy makes a policy; fewer than MinMonths months are refused, and more
// than a century.
func NewPolicy(months int) (Policy, error) {
	if months < MinMonths {
		return Policy{}, fmt.Errorf("retention of %d months is below the minimum of %d", months, MinMonths)
	}
	if months > maxMonths {
		return Policy{}, fmt.Errorf("retention of %d months is above the maximum of %d", months, maxMonths)
	}
	return Policy{months: months}, nil
}

// PolicyFrom reads the policy from Setting; unset means MinMonths.
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

// ExpiresAt is the first instant at which what was recorded at start is gone:
// the same day of the month and time, that many months later in UTC, or the
// first instant of the following month when that day does not exist. A later
// start never expires earlier, which neither AddDate nor clamping to the end of
// the month can promise.
func (p Policy) ExpiresAt(start time.Time) time.Time {
	start = start.UTC()
	first := time.Date(start.Year(), start.Month()+time.Month(p.months), 1, 0, 0, 0, 0, time.UTC)
	same := first.AddDate(0, 0, start.Day()-1)
	if same.Month() != first.Month() {
		return first.AddDate(0, 1, 0)
	}
	return same.Add(start.Sub(start.Truncate(24 * time.Hour)))
}

// backstop is how long after a row has expired DynamoDB's TTL may remove it: the
// purge comes first, and what TTL still finds is what the purge missed.
const backstop = 24 * time.Hour

// TTL is the Unix second of the backstop for what expires at t, rounded up.
func TTL(t time.Time) int64 {
	return t.Add(backstop + time.Second - time.Nanosecond).Unix()
}
