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
	asked   []string
	any     bool
}

// entityTags returns the tags of If-Match other than "*" (RFC 9110 §8.8.3 and §5.6.1):
// joined by commas, with blanks and empty elements between them; false for anything else.
func entityTags(text string) (tags []string, ok bool) {
	const blanks = "\t "
	for text = strings.TrimLeft(text, blanks+","); text != ""; text = strings.TrimLeft(text, blanks+",") {
		opaque, _ := strings.CutPrefix(text, "W/")
		if !strings.HasPrefix(opaque, `"`) {
			return nil, false
		}
		end := strings.IndexByte(opaque[1:], '"')
		if end < 0 || strings.ContainsFunc(opaque[1:1+end], func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return nil, false
		}
		rest := opaque[end+2:]
		tags = append(tags, text[:len(text)-len(rest)])
		if text = strings.TrimLeft(rest, blanks); text != "" && text[0] != ',' {
			return nil, false
		}
	}
	return tags, len(tags) > 0
}

// Resolve reads the tags, which may come in several lines of the header.
func (m *Matched) Resolve(ctx huma.Context) []error {
	var lines []string
	ctx.EachHeader(func(name, value string) {
		if strings.EqualFold(name, "If-Match") {
			lines = append(lines, value)
		}
	})
	all := strings.Join(lines, ",")
	if len(lines) == 0 || strings.TrimSpace(all) == "*" {
		m.any = true
		return nil
	}
	var ok bool
	if m.asked, ok = entityTags(all); !ok {
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
