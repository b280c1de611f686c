package consumer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"ciclo/shared/api"
	"ciclo/shared/api/apitest"
)

// Call sends a request as [apitest.World] does and holds the answer against the
// API document, so that every test is one of the document, too.
func (w world) Call(t testing.TB, as *api.Identity, method, path, body string, header ...string) apitest.Response {
	t.Helper()
	res := w.World.Call(t, as, method, path, body, header...)
	for _, finding := range published().check(method, path, res) {
		t.Errorf("%s %s is answered with %d, other than the API document says: %s\n%s", method, path, res.Status, finding, res.Raw)
	}
	return res
}

// document is the OpenAPI document as far as answers are concerned.
type document struct {
	Paths      map[string]map[string]struct{ Responses map[string]response }
	Components struct{ Schemas map[string]schema }

	compiled *sync.Map // regular expressions by their text
}

// matches tells whether a text matches a regular expression.
func (d document) matches(expression, text string) bool {
	known, ok := d.compiled.Load(expression)
	if !ok {
		known, _ = d.compiled.LoadOrStore(expression, regexp.MustCompile(expression))
	}
	return known.(*regexp.Regexp).MatchString(text)
}

type response struct {
	Content map[string]struct{ Schema schema }
}

// schema is the part of JSON Schema that the document's answers use; a keyword
// that is missing here is a finding, lest it be taken for fulfilled.
type schema map[string]any

var published = sync.OnceValue(func() (d document) {
	h, err := api.NewHandler(newWorld(nil).Deps(), ops...)
	if err != nil {
		panic(err)
	}
	text, err := h.OpenAPI()
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(text, &d); err != nil {
		panic(err)
	}
	d.compiled = &sync.Map{}
	return d
})

var parameter = regexp.MustCompile(`\\{[^}]+\\}`)

// check returns how an answer differs from what the document says.
func (d document) check(method, path string, res apitest.Response) []string {
	path, _, _ = strings.Cut(path, "?")
	for template, methods := range d.Paths {
		if !d.matches("^"+parameter.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+")+"$", path) {
			continue
		}
		operation, ok := methods[strings.ToLower(method)]
		if !ok {
			continue
		}
		documented, ok := operation.Responses[fmt.Sprint(res.Status)]
		if !ok {
			return []string{"the status is not documented"}
		}
		if len(documented.Content) == 0 {
			if res.Raw != "" {
				return []string{"a body is not documented"}
			}
			return nil
		}
		content, ok := documented.Content[res.Header.Get("Content-Type")]
		if !ok {
			return []string{"the content type is not documented"}
		}
		return d.differences(content.Schema, res.Body, "body")
	}
	return []string{"the path is not documented"}
}

// differences returns what keeps a value from being as the schema says, and
// members that the schema does not name.
func (d document) differences(s schema, v any, at string) (found []string) {
	bad := func(format string, args ...any) { found = append(found, at+": "+fmt.Sprintf(format, args...)) }
	for keyword, rule := range s {
		switch keyword {
		case "$ref":
			name := strings.TrimPrefix(rule.(string), "#/components/schemas/")
			found = append(found, d.differences(d.Components.Schemas[name], v, at)...)
		case "type":
			if !isOfType(rule, v) {
				bad("%v is no %v", v, rule)
			}
		case "enum":
			if !slices.Contains(rule.([]any), v) {
				bad("%v is none of %v", v, rule)
			}
		case "pattern":
			if text, ok := v.(string); ok && !d.matches(rule.(string), text) {
				bad("%q does not match %s", text, rule)
			}
		case "minLength", "maxLength":
			text, ok := v.(string)
			if n := float64(utf8.RuneCountInString(text)); ok && (keyword == "minLength" && n < rule.(float64) || keyword == "maxLength" && n > rule.(float64)) {
				bad("%q has %v characters, %s %v", text, n, keyword, rule)
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < rule.(float64) {
				bad("%v is below %v", n, rule)
			}
		case "items":
			list, _ := v.([]any)
			for i, item := range list {
				found = append(found, d.differences(rule.(map[string]any), item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		case "required":
			members, _ := v.(map[string]any)
			for _, name := range rule.([]any) {
				if _, ok := members[name.(string)]; !ok {
					bad("%v is missing", name)
				}
			}
		case "properties":
			members, _ := v.(map[string]any)
			for name, member := range members {
				if property, ok := rule.(map[string]any)[name].(map[string]any); ok {
					found = append(found, d.differences(property, member, at+"."+name)...)
				} else {
					bad("%s is not documented", name)
				}
			}
		case "description", "examples", "default", "format", "additionalProperties":
		default:
			bad("unknown keyword %s", keyword)
		}
	}
	return found
}

// isOfType tells whether a value is of one of a schema's types.
func isOfType(types, v any) bool {
	if list, ok := types.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return isOfType(one, v) })
	}
	switch v := v.(type) {
	case nil:
		return types == "null"
	case string:
		return types == "string"
	case bool:
		return types == "boolean"
	case float64:
		return types == "number" || types == "integer" && v == float64(int64(v))
	case []any:
		return types == "array"
	default:
		return types == "object"
	}
}

// TestDocumentedDifferencesAreFound makes sure that the check above can fail.
func TestDocumentedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	const fine = `{"operationId":"1","operation":"DELETE","status":"FAILED","startTime":"2026-11-21T10:00:00.000Z","requestorType":"ISSUER","requestorId":"ISSUER-001"}`
	answer := func(status int, contentType, body string) apitest.Response {
		res := apitest.Response{Status: status, Header: http.Header{"Content-Type": {contentType}}, Raw: body}
		if err := json.Unmarshal([]byte(body), &res.Body); err != nil {
			t.Fatal(err)
		}
		return res
	}
	path := consumerPath("ann") + "/operations/1"
	if found := published().check("GET", path, answer(200, "application/json", fine)); found != nil {
		t.Errorf("a documented answer has findings: %v", found)
	}
	for name, res := range map[string]apitest.Response{
		"status":       answer(418, "application/json", fine),
		"content type": answer(200, "text/plain", fine),
		"enum":         answer(200, "application/json", strings.Replace(fine, "FAILED", "BROKEN", 1)),
		"type":         answer(200, "application/json", strings.Replace(fine, `"ISSUER-001"`, "1", 1)),
		"pattern":      answer(200, "application/json", strings.Replace(fine, `"1"`, `"a b"`, 1)),
		"required":     answer(200, "application/json", strings.Replace(fine, "requestorId", "errorCode", 1)),
		"unknown":      answer(200, "application/json", strings.Replace(fine, "{", `{"extra":1,`, 1)),
		"length":       answer(200, "application/json", strings.Replace(fine, "{", `{"error":"`+strings.Repeat("x", 257)+`",`, 1)),
		"nested":       answer(200, "application/json", strings.Replace(fine, "{", `{"details":{"deletedCards":1.5},`, 1)),
	} {
		if found := published().check("GET", path, res); len(found) != 1 {
			t.Errorf("%s: findings = %v, want one", name, found)
		}
	}
}
