package apitest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"ciclo/shared/platform/api"
)

// Document is an OpenAPI document as far as answers are concerned.
type Document struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{ Schema schema }
		}
	}
	Components struct{ Schemas map[string]schema }

	compiled sync.Map // regular expressions by their text
}

// schema is the part of JSON Schema that answers use. A keyword that differences does not
// know is a finding; otherwise its rule would count as fulfilled.
type schema map[string]any

// Published returns the document of ops, which is made at the first use.
func Published(ops []api.Op) func() *Document {
	return sync.OnceValue(func() *Document {
		h, err := api.NewHandler(New(nil, ops).Deps(), ops...)
		if err != nil {
			panic(err)
		}
		text, err := h.OpenAPI()
		if err != nil {
			panic(err)
		}
		d := &Document{}
		if err := json.Unmarshal(text, d); err != nil {
			panic(err)
		}
		return d
	})
}

// matches reports whether a text matches a regular expression.
func (d *Document) matches(expression, text string) bool {
	known, ok := d.compiled.Load(expression)
	if !ok {
		known, _ = d.compiled.LoadOrStore(expression, regexp.MustCompile(expression))
	}
	compiled, _ := known.(*regexp.Regexp)
	return compiled.MatchString(text)
}

var parameter = regexp.MustCompile(`\\{[^}]+\\}`)

// template returns the documented path that a request's path is one of; a
// segment that is spelt out goes before a parameter.
func (d *Document) template(method, path string) string {
	best := ""
	for template, methods := range d.Paths {
		if _, ok := methods[strings.ToLower(method)]; !ok || best != "" && strings.Count(best, "{") <= strings.Count(template, "{") {
			continue
		}
		if d.matches("^"+parameter.ReplaceAllString(regexp.QuoteMeta(template), "[^/]+")+"$", path) {
			best = template
		}
	}
	return best
}

// Check returns the differences between an answer and the document.
func (d *Document) Check(method, path string, res Response) []string {
	path, _, _ = strings.Cut(path, "?")
	template := d.template(method, path)
	if template == "" {
		return []string{"the path is not documented"}
	}
	documented, ok := d.Paths[template][strings.ToLower(method)].Responses[fmt.Sprint(res.Status)]
	if !ok {
		return []string{"the status is not documented"}
	}
	if len(documented.Content) == 0 {
		if res.Raw != "" {
			return []string{"a body is not documented"}
		}
		return nil
	}
	kind := res.Header.Get("Content-Type")
	content, ok := documented.Content[kind]
	switch {
	case !ok:
		return []string{"the content type is not documented"}
	case !strings.HasSuffix(kind, "json"):
		return nil // bytes
	}
	return d.differences(content.Schema, res.Body, "body")
}

// differences returns the differences between a value and the schema, and the members that
// the schema does not name.
func (d *Document) differences(s schema, v any, at string) (found []string) {
	bad := func(format string, args ...any) { found = append(found, at+": "+fmt.Sprintf(format, args...)) }
	for keyword, rule := range s {
		switch keyword {
		case "$ref":
			name, _ := rule.(string)
			found = append(found, d.differences(d.Components.Schemas[strings.TrimPrefix(name, "#/components/schemas/")], v, at)...)
		case "items", "required", "properties":
			found = append(found, d.within(keyword, rule, v, at)...)
		case "type":
			if !isOfType(rule, v) {
				bad("%v is no %v", v, rule)
			}
		case "enum":
			if all, _ := rule.([]any); !slices.Contains(all, v) {
				bad("%v is none of %v", v, rule)
			}
		case "pattern":
			expression, _ := rule.(string)
			if text, ok := v.(string); ok && !d.matches(expression, text) {
				bad("%q does not match %s", text, rule)
			}
		case "minLength", "maxLength":
			text, ok := v.(string)
			if n := float64(utf8.RuneCountInString(text)); ok && beyond(keyword, n, rule) {
				bad("%q has %v characters, %s %v", text, n, keyword, rule)
			}
		case "minimum", "maximum":
			if n, ok := v.(float64); ok && beyond(keyword, n, rule) {
				bad("%v is beyond %s %v", n, keyword, rule)
			}
		case "description", "examples", "default", "format", "deprecated", "additionalProperties":
		default:
			bad("unknown keyword %s", keyword)
		}
	}
	return found
}

// within is differences for the keywords about the parts of a value.
func (d *Document) within(keyword string, rule, v any, at string) (found []string) {
	members, _ := v.(map[string]any)
	switch keyword {
	case "items":
		list, _ := v.([]any)
		each, _ := rule.(map[string]any)
		for i, item := range list {
			found = append(found, d.differences(each, item, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case "required":
		names, _ := rule.([]any)
		for _, name := range names {
			if _, ok := members[fmt.Sprint(name)]; !ok {
				found = append(found, fmt.Sprintf("%s: %v is missing", at, name))
			}
		}
	case "properties":
		all, _ := rule.(map[string]any)
		for name, member := range members {
			if property, ok := all[name].(map[string]any); ok {
				found = append(found, d.differences(property, member, at+"."+name)...)
			} else {
				found = append(found, fmt.Sprintf("%s: %s is not documented", at, name))
			}
		}
	}
	return found
}

// beyond reports whether n is outside of a bound that the keyword names.
func beyond(keyword string, n float64, bound any) bool {
	b, _ := bound.(float64)
	return strings.HasPrefix(keyword, "min") && n < b || strings.HasPrefix(keyword, "max") && n > b
}

// isOfType reports whether a value is of one of a schema's types.
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
