package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind classifies a storage failure by what its caller can do about it.
type Kind int

// The kinds.
const (
	// Invalid: the call can never succeed as it is (a limit, a malformed key, an encoding).
	Invalid Kind = iota + 1
	// Conflict: another transaction kept holding an item; nothing was changed, try again.
	Conflict
	// Throttled: capacity is exhausted; nothing was changed, try again later.
	Throttled
	// Unavailable: the engine did not answer in time or failed. A write may have been applied.
	Unavailable
	// Denied: the caller may not do this, or there is no such table; the deployment has to be fixed.
	Denied
)

func (k Kind) String() string {
	return [...]string{"unknown", "invalid", "conflict", "throttled", "unavailable", "denied"}[k]
}

// Error is a storage failure that is not a refused condition.
type Error struct {
	Kind Kind
	Op   string // get, batch-get, query, write, delete-all, feed, encode, decode, key
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("table %s: %v: %v", e.Op, e.Kind, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// IsKind reports whether err is a storage failure of kind k.
func IsKind(err error, k Kind) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Kind == k
}

// Permanent reports whether a repetition of what failed with err would fail again: err is of
// kind Invalid, and so is every error that is joined in it.
func Permanent(err error) bool {
	switch e := err.(type) { //nolint:errorlint // every error of the tree is examined
	case *Error:
		return e.Kind == Invalid
	case interface{ Unwrap() []error }:
		return !slices.ContainsFunc(e.Unwrap(), func(joined error) bool { return !Permanent(joined) })
	}
	wrapped := errors.Unwrap(err)
	return wrapped != nil && Permanent(wrapped)
}

// Refused is the error of a transaction that was not applied because conditions did not hold.
type Refused struct{ Steps []RefusedStep }

// RefusedStep is one step whose conditions did not hold, with the item as it
// was at that moment, nil when absent.
type RefusedStep struct {
	Label   string
	Current Item
}

func (r *Refused) Error() string {
	labels := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		labels[i] = s.Label
	}
	return "table write refused by: " + strings.Join(labels, ", ")
}

// By returns the current item of the step with that label and whether it refused.
func (r *Refused) By(label string) (Item, bool) {
	for _, s := range r.Steps {
		if s.Label == label {
			return s.Current, true
		}
	}
	return nil, false
}

// AsRefused returns the refusal in err's chain, nil when there is none.
func AsRefused(err error) *Refused {
	r, _ := errors.AsType[*Refused](err)
	return r
}
