package assertion

import (
	"slices"
	"strconv"
	"strings"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/jose"
)

const maxNamed = 5 // members that one reason names

// reader collects what is wrong with a token while its members are read.
type reader struct {
	failures
	jose.JWS
	invalid Kind // of a member that is there and cannot be used
}

// required reads a claim that is a text.
func (r *reader) required(name string, missing Kind) string {
	if r.Payload.Missing(name) {
		r.add(missing, "The claim %s is missing: set it to a text.", name)
		return ""
	}
	value, ok := r.Payload.Text(name)
	if !ok {
		r.add(r.invalid, "The claim %s must be a text.", name)
	}
	return value
}

// date reads a claim that is a time in seconds since 1970. PDND takes 0 for missing.
func (r *reader) date(name string, missing Kind) int64 {
	seconds, ok := r.Payload.Date(name)
	switch {
	case r.Payload.Missing(name), ok && seconds == 0:
		r.add(missing, "The claim %s is missing: set it to a time in seconds since 1970.", name)
		return 0
	case !ok:
		r.add(r.invalid, "The claim %s must be a number, seconds since 1970, no milliseconds and no text.", name)
		return 0
	}
	return seconds
}

// strict refuses members of the part that are not among the known ones.
func (r *reader) strict(part string, o jose.Object, known ...string) {
	var others []string
	unnamed := 0
	for name := range o {
		switch {
		case slices.Contains(known, name):
		case form.Is(name, 1, 32, form.Letters+form.Digits+"_"):
			others = append(others, name)
		default:
			unnamed++
		}
	}
	if len(others)+unnamed == 0 {
		return
	}
	slices.Sort(others)
	if len(others) > maxNamed {
		unnamed += len(others) - maxNamed
		others = others[:maxNamed]
	}
	if unnamed > 0 {
		others = append(others, strconv.Itoa(unnamed)+" more")
	}
	r.add(r.invalid, "The %s may have %s alone: remove %s.", part, strings.Join(known, ", "), strings.Join(others, ", "))
}
