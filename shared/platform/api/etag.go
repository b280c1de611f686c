package api

import (
	"regexp"
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
	asked   []string
	any     bool
}

// What If-Match may contain other than "*" (RFC 9110 §8.8.3 and §5.6.1).
var (
	entityTag  = regexp.MustCompile(`(W/)?"[^"\x00-\x20\x7f]*"`)
	entityTags = regexp.MustCompile(`^[\t ,]*(` + entityTag.String() + `[\t ]*(,[\t ,]*|$))+$`)
)

// Resolve reads the tags, which may come in several lines of the header.
func (m *Matched) Resolve(ctx huma.Context) []error {
	var lines []string
	ctx.EachHeader(func(name, value string) {
		if strings.EqualFold(name, "If-Match") {
			lines = append(lines, value)
		}
	})
	all := strings.Join(lines, ",")
	switch {
	case len(lines) == 0, strings.TrimSpace(all) == "*":
		m.any = true
	case entityTags.MatchString(all):
		m.asked = entityTag.FindAllString(all, -1)
	default:
		return []error{&huma.ErrorDetail{Location: "header.If-Match", Message: `expected entity tags such as "3", joined by commas, or *`}}
	}
	return nil
}

// Matches reports whether the change may be made to that version. Tags are compared
// by character, and a weak one matches nothing (RFC 9110 §8.8.3.2).
func (m *Matched) Matches(version int64) bool {
	return m.any || slices.Contains(m.asked, ETag(version))
}

var _ huma.Resolver = (*Matched)(nil)
