package office

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Lang is a language of the pages.
type Lang string

// The languages.
const (
	Italian Lang = "it"
	English Lang = "en"
)

// Text is a text in every language.
type Text struct{ IT, EN string }

// T returns a text in Italian and in English.
func T(it, en string) Text { return Text{it, en} }

// Tf returns a text with values at the verbs %s and %d of it and en. A Text is written in
// the language, a whole number with the separators of the language.
func Tf(it, en string, values ...any) Text {
	in := func(l Lang, format string) string {
		written := make([]any, len(values))
		for i, value := range values {
			switch value := value.(type) {
			case Text:
				written[i] = value.In(l)
			case int, int64:
				written[i] = number(l, value)
			default:
				written[i] = value
			}
		}
		return fmt.Sprintf(strings.ReplaceAll(format, "%d", "%s"), written...)
	}
	return Text{in(Italian, it), in(English, en)}
}

// In returns the text in a language.
func (t Text) In(l Lang) string {
	if l == English {
		return t.EN
	}
	return t.IT
}

// Same returns a text that is the same in every language, e.g. a name.
func Same(s string) Text { return Text{s, s} }

// langOf returns the language that a visitor has chosen, or that the browser asks for
// (RFC 9110 §12.5.4). Without either it is Italian.
func langOf(r *http.Request) Lang {
	if c, err := r.Cookie(langCookie); err == nil && (c.Value == string(Italian) || c.Value == string(English)) {
		return Lang(c.Value)
	}
	best, weight := Italian, 0.0
	for choice := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(choice), ";")
		q := 1.0
		if value, found := strings.CutPrefix(strings.TrimSpace(parameter), "q="); found {
			var err error
			if q, err = strconv.ParseFloat(value, 64); err != nil {
				continue
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if l := Lang(primary); q > weight && (l == Italian || l == English) {
			best, weight = l, q
		}
	}
	return best
}
