package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// clock runs like the system's, ahead or behind by what it was set to.
type clock struct{ offset atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().UTC().Add(time.Duration(c.offset.Load())) }

// setting is a request to move the clock: to an instant, or by a duration.
type setting struct {
	Now     string `json:"now"`
	Advance string `json:"advance"`
}

// errWhichClock refuses a setting that has none of the fields, or both.
var errWhichClock = errors.New(`send either "now" (RFC 3339) or "advance" (a duration such as 2160h)`)

// move moves the clock; the error names the field that is wrong.
func (c *clock) move(s setting) error {
	switch {
	case (s.Now == "") == (s.Advance == ""):
		return errWhichClock
	case s.Now != "":
		at, err := time.Parse(time.RFC3339Nano, s.Now)
		if err != nil {
			return fmt.Errorf(`"now" must be an instant such as 2026-11-21T10:00:00.000Z`)
		}
		c.offset.Store(int64(time.Until(at)))
	default:
		by, err := time.ParseDuration(s.Advance)
		if err != nil {
			return fmt.Errorf(`"advance" must be a duration such as 2160h or 90m`)
		}
		c.offset.Add(int64(by))
	}
	return nil
}
