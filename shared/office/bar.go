package office

import (
	"fmt"
	"html/template"
	"strings"
)

// Bar is a load against a threshold, as a bar with a text that says the same.
type Bar struct {
	Label   Text
	Load    int64 // in use
	Planned int64 // would come on top, 0 for nothing
	Limit   int64 // the threshold
}

// Exceeded returns by how much load and plan exceed the threshold, 0 when they fit.
func (b Bar) Exceeded() int64 { return max(0, b.Load+b.Planned-b.Limit) }

const barWidth = 300

// render draws the bar. A threshold that is exceeded is a line within it.
func (b Bar) render(lang Lang) template.HTML {
	whole := max(b.Limit, b.Load+b.Planned, 1)
	at := func(n int64) int64 { return n * barWidth / whole }
	words := fmt.Sprintf("%s: %s %s %s", b.Label.In(lang), number(lang, b.Load), Text{"su", "of"}.In(lang), number(lang, b.Limit))
	if b.Planned > 0 {
		words += fmt.Sprintf(Text{", più %s richieste", ", plus %s asked for"}.In(lang), number(lang, b.Planned))
	}
	if over := b.Exceeded(); over > 0 {
		words += fmt.Sprintf(Text{", oltre la soglia di %s", ", over the threshold by %s"}.In(lang), number(lang, over))
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<figure class="bar"><figcaption>%s</figcaption>`, template.HTMLEscapeString(words))
	fmt.Fprintf(&s, `<svg viewBox="0 0 %d 12" preserveAspectRatio="none" aria-hidden="true">`, barWidth)
	fmt.Fprintf(&s, `<rect class="all" width="%d" height="12"/>`, barWidth)
	fmt.Fprintf(&s, `<rect class="load" width="%d" height="12"/>`, at(min(b.Load, whole)))
	if b.Planned > 0 {
		class := "planned"
		if b.Exceeded() > 0 {
			class = "over"
		}
		fmt.Fprintf(&s, `<rect class="%s" x="%d" width="%d" height="12"/>`, class, at(b.Load), max(1, at(b.Planned)))
	}
	if b.Limit < whole {
		fmt.Fprintf(&s, `<rect class="limit" x="%d" width="2" height="12"/>`, at(b.Limit))
	}
	s.WriteString(`</svg></figure>`)
	return template.HTML(s.String()) //nolint:gosec // numbers, and text that is escaped
}
