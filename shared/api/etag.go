package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// ETag is the entity tag of a version (RFC 9110 §8.8.3).
func ETag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// Matched is embedded by the inputs of changes that may be made conditional on
// the version that the caller has read.
type Matched struct {
	IfMatch string `header:"If-Match" maxLength:"256" doc:"Change only the version with this ETag; \"*\" for any"`
	asked   []int64
	any     bool
}

// Resolve reads the tags; a weak one matches nothing (RFC 9110 §13.1.1).
func (m *Matched) Resolve(huma.Context) []error {
	if m.IfMatch == "" || strings.TrimSpace(m.IfMatch) == "*" {
		m.any = true
		return nil
	}
	for tag := range strings.SplitSeq(m.IfMatch, ",") {
		tag = strings.TrimSpace(tag)
		if opaque := strings.TrimPrefix(tag, "W/"); len(opaque) < 2 || opaque[0] != '"' || opaque[len(opaque)-1] != '"' {
			return []error{&huma.ErrorDetail{Location: "header.If-Match", Message: `expected entity tags such as "3", joined by commas, or *`}}
		}
		if version, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64); err == nil {
			m.asked = append(m.asked, version)
		}
	}
	return nil
}

// Matches tells whether the change may be made to that version.
func (m *Matched) Matches(version int64) bool {
	return m.any || slices.Contains(m.asked, version)
}

var _ huma.Resolver = (*Matched)(nil)
