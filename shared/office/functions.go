package office

import (
	"errors"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // a Lambda function has no time zones of its own
)

// functions are those of templates in a language.
func (l *look) functions(lang Lang) template.FuncMap {
	return template.FuncMap{
		"tr":     func(it, en string) string { return Text{it, en}.In(lang) },
		"text":   func(t Text) string { return t.In(lang) },
		"lang":   func() string { return string(lang) },
		"asset":  func(name string) string { return l.names[name] },
		"link":   l.link,
		"args":   args,
		"moment": func(stamp string) template.HTML { return moment(lang, stamp) },
		"ago":    func(seconds int64) string { return duration(lang, time.Duration(seconds)*time.Second) },
		"number": func(n any) string { return number(lang, n) },
		"bar":    func(b Bar) template.HTML { return b.render(lang) },
		"add":    func(a, b int) int { return a + b },
		"join":   strings.Join,
		"lines":  func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") },
		"short":  func(id string) string { return id[:min(8, len(id))] },
	}
}

// link returns the URL of a page: its path, then more segments, which are escaped. An
// argument that begins with ? or # is the end as it is.
func (l *look) link(path string, segments ...any) string {
	var b strings.Builder
	b.WriteString(l.root)
	b.WriteString(path)
	for _, s := range segments {
		text := fmt.Sprint(s)
		if strings.HasPrefix(text, "?") || strings.HasPrefix(text, "#") {
			b.WriteString(text)
			continue
		}
		b.WriteString("/" + url.PathEscape(text))
	}
	return b.String()
}

// args returns a map for a part that takes several values.
func args(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("args takes pairs")
	}
	m := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, errors.New("args takes names")
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// Rome returns the time zone of the pages.
func Rome() *time.Location { return rome() }

var rome = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return time.UTC
	}
	return zone
})

var months = map[Lang][]string{
	Italian: {"gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"},
	English: {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
}

// moment renders an instant (RFC 3339) in Italian time; what is none, as it is.
func moment(lang Lang, stamp string) template.HTML {
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return template.HTML(template.HTMLEscapeString(stamp)) //nolint:gosec // escaped
	}
	at = at.In(Rome())
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%d&nbsp;%s&nbsp;%d, %s</time>`, //nolint:gosec // escaped
		template.HTMLEscapeString(stamp), at.Day(), months[lang][at.Month()-1], at.Year(), at.Format("15:04")))
}

// duration says how long something takes or has taken, in its largest unit.
func duration(lang Lang, d time.Duration) string {
	units := []struct {
		of        time.Duration
		one, many Text
	}{
		{24 * time.Hour, Text{"giorno", "day"}, Text{"giorni", "days"}},
		{time.Hour, Text{"ora", "hour"}, Text{"ore", "hours"}},
		{time.Minute, Text{"minuto", "minute"}, Text{"minuti", "minutes"}},
	}
	for _, u := range units {
		switch n := int64(d / u.of); {
		case n == 1:
			return "1 " + u.one.In(lang)
		case n > 1:
			return number(lang, n) + " " + u.many.In(lang)
		}
	}
	return Text{"meno di un minuto", "less than a minute"}.In(lang)
}

// number writes a whole number with separators of thousands.
func number(lang Lang, n any) string {
	digits := fmt.Sprint(n)
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return digits
	}
	sign := ""
	if value < 0 {
		sign, digits = "−", strings.TrimPrefix(digits, "-")
	}
	separator := Text{".", ","}.In(lang)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + separator + digits[i:]
	}
	return sign + digits
}
