package walk_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
)

// values are JSON texts of every type, and those that decoders stumble over.
var values = []string{
	`{}`, `[]`, `null`, `"x"`, `1e400`, `true`, `""`, `0`, `-1`, `1.5`, `1e3`, `99999999999999999999`,
	`[{}]`, `[[]]`, `[null]`, `["x","x"]`, `[{},{}]`, `{"x":{}}`, `{"x":null}`, `"\u0000"`, `"\ud800"`, `"<script>&amp;"`,
	nested(64), nested(20_000), `"` + strings.Repeat("x", 70_000) + `"`, `"` + strings.Repeat("é", 70_000) + `"`,
}

// broken are bodies that are not JSON.
var broken = []string{
	`{`, `{"`, `{"a"`, `{"a":`, `{"a":1`, `{"a":"` + "\x1f" + `"}`, `{"a":"\x"}`,
	`nul`, `tru`, `{"a" 1}`, `{a:1}`, `[1,]`, `{}{}`, "\x1f", `'x'`,
	"{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "\xff\xfe{\x00}\x00", `01`, `+1`, `.5`, `0x1f`, `NaN`,
	"{\"\x00\":1}", `{"a":1,"a":2}`, ` `, `{"a":"`,
}

func nested(depth int) string { return strings.Repeat("[", depth) + strings.Repeat("]", depth) }

// TestBodies sends every value into every member of every body that the document
// names, and in the place of the body. No answer is a failure, undocumented, or
// speaks of Go.
func TestBodies(t *testing.T) {
	t.Parallel()
	everyOperation(t, func(s api.Spec) bool { return bodyOf(s) != nil }, func(w *world) {
		r := w.request
		schema := bodyOf(r.spec)
		if res := w.send("the event", r.path, r.body); res.Status != r.spec.Status {
			w.Errorf("the event = %d %s", res.Status, res.Raw)
		}
		for _, body := range append(values, broken...) {
			w.send(brief("the body "+body), r.path, body)
			w.send(brief("the JSON body "+body), r.path, body, "Content-Type", "application/json")
		}
		for _, path := range members(schema, nil) {
			for _, value := range values {
				what := brief(fmt.Sprintf("%s: %s", strings.Join(path, "."), value))
				if r.form {
					form, _ := url.ParseQuery(r.body)
					form.Set(path[0], strings.Trim(value, `"`))
					w.send("form: "+what, r.path, form.Encode())
					continue
				}
				w.send(what, r.path, with(w.T, schema, r.body, path, value))
			}
		}
	})
}

// brief is the beginning of a text.
func brief(text string) string { return fmt.Sprintf("%.80s (%d bytes)", text, len(text)) }

// texts are values of parameters of every kind, as they are put into a request.
var texts = []string{
	"x", "0", "-1", "1.5", "1e400", "99999999999999999999", "true", "null", "{}", "[]", "a,b", ",", " ", "%s",
	"\x00", "\x1f", "é", "\xff", "<b>&amp;", "2026-13-01", "urn:uuid:x", "{5f8d7a10-0000-4000-8000-000000000005}",
	"*", `W/"1", "x"`, strings.Repeat("x", 5000), strings.Repeat("é", 5000),
}

// TestParameters sends every text as every parameter that the document names, and
// twice. No answer is a failure, undocumented, or speaks of Go.
func TestParameters(t *testing.T) {
	t.Parallel()
	everyOperation(t, func(s api.Spec) bool { return len(parametersOf(s)) > 0 }, func(w *world) {
		r := w.request
		path, query, _ := strings.Cut(r.path, "?")
		for _, parameter := range parametersOf(r.spec) {
			name, _ := parameter["name"].(string)
			for _, text := range texts {
				what := brief(fmt.Sprintf("%s %s: %q", parameter["in"], name, text))
				switch parameter["in"] {
				case "path":
					w.send(what, inPath(r.spec.Path, path, name, text)+"?"+query, r.body)
				case "query":
					values, _ := url.ParseQuery(query)
					values.Set(name, text)
					w.send(what, path+"?"+values.Encode(), r.body)
					values.Add(name, text)
					w.send("twice "+what, path+"?"+values.Encode(), r.body)
				case "header":
					w.send(what, r.path, r.body, name, text)
				default:
					w.Fatalf("a parameter in %v", parameter["in"])
				}
			}
		}
	})
}

// inPath returns a path with another text in the place of a parameter.
func inPath(template, path, name, text string) string {
	segments := strings.Split(path, "/")
	for i, segment := range strings.Split(template, "/") {
		if segment == "{"+name+"}" {
			segments[i] = url.PathEscape(text)
		}
	}
	return strings.Join(segments, "/")
}
