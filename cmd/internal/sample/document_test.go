package sample_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// schema is a JSON Schema.
type schema map[string]any

// document is an OpenAPI document as far as requests are concerned.
type document struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			In, Name string
			Schema   schema
		}
		RequestBody struct {
			Content map[string]struct{ Schema schema }
		}
		Responses map[string]any
	}
	Components struct{ Schemas map[string]schema }
}

// place is where a request has a value: in its path, its query or its body, and there
// the names of the members that lead to it, "[]" for the items of a list.
type place struct {
	in     string
	at     []string
	schema schema
}

// String names the place as refusals do, of a list its first item.
func (p place) String() string {
	return strings.ReplaceAll(p.in+"."+strings.Join(p.at, "."), ".[]", "[0]")
}

// name is the name of the value, or of its list.
func (p place) name() string {
	named := slices.DeleteFunc(slices.Clone(p.at), func(s string) bool { return s == "[]" })
	return named[len(named)-1]
}

// places lists every place in the requests of an operation where one value stands.
func (w *walk) places(r request) (found []place) {
	op := w.document.Paths[r.Path][strings.ToLower(r.Method)]
	for _, p := range op.Parameters {
		if p.In != "header" {
			found = append(found, w.within(place{p.In, []string{p.Name}, p.Schema}, 0)...)
		}
	}
	if content, ok := op.RequestBody.Content["application/json"]; ok {
		found = append(found, w.within(place{"body", nil, content.Schema}, 0)...)
	}
	return found
}

// within lists the places of one value inside of another.
func (w *walk) within(p place, depth int) (found []place) {
	if depth > 10 {
		w.Fatalf("the schema of %s has no end", p)
	}
	if name, ok := p.schema["$ref"].(string); ok {
		p.schema = w.document.Components.Schemas[strings.TrimPrefix(name, "#/components/schemas/")]
	}
	inside := func(name string, s any) {
		inner, _ := s.(map[string]any)
		found = append(found, w.within(place{p.in, append(slices.Clone(p.at), name), inner}, depth+1)...)
	}
	switch {
	case p.is("array"):
		inside("[]", p.schema["items"])
	case p.is("object"):
		members, _ := p.schema["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(members)) {
			inside(name, members[name])
		}
		if each, ok := p.schema["additionalProperties"].(map[string]any); ok {
			inside("question", each)
		}
	default:
		return []place{p}
	}
	return found
}

// is tells whether a value there is of a type.
func (p place) is(kind string) bool {
	if all, ok := p.schema["type"].([]any); ok {
		return slices.Contains(all, any(kind))
	}
	return p.schema["type"] == kind
}

// with returns the request with a value at a place: a text in the path and the query,
// JSON in the body.
func (w *walk) with(r request, p place, value string) request {
	w.Helper()
	switch p.in {
	case "path":
		parts := strings.Split(r.path, "/")
		for i, part := range strings.Split(r.Path, "/") {
			if part == "{"+p.at[0]+"}" {
				parts[i] = value
			}
		}
		r.path = strings.Join(parts, "/")
	case "query":
		r.query = maps.Clone(r.query)
		if r.query == nil {
			r.query = map[string][]string{}
		}
		r.query.Set(p.at[0], value)
	default:
		var body any
		if json.Unmarshal(r.body, &body) != nil {
			body = nil // a form, or nothing
		}
		changed, err := json.Marshal(put(body, p.at, json.RawMessage(value)))
		if err != nil {
			w.Fatal(err)
		}
		r.body = changed
		r.header = r.header.Clone()
		r.header.Set("Content-Type", "application/json")
	}
	return r
}

// put returns a JSON value with another one at a place in it, which is made where it is
// not there.
func put(v any, at []string, value any) any {
	switch {
	case len(at) == 0:
		return value
	case at[0] == "[]":
		list, _ := v.([]any)
		if len(list) == 0 {
			return []any{put(nil, at[1:], value)}
		}
		list[0] = put(list[0], at[1:], value)
		return list
	default:
		object, _ := v.(map[string]any)
		if object == nil {
			object = map[string]any{}
		}
		object[at[0]] = put(object[at[0]], at[1:], value)
		return object
	}
}

// value returns what a request has at a place, "" for nothing: a text as it is, other
// values as JSON.
func (w *walk) value(r request, p place) string {
	switch p.in {
	case "path":
		parts := strings.Split(r.path, "/")
		for i, part := range strings.Split(r.Path, "/") {
			if part == "{"+p.at[0]+"}" {
				return parts[i]
			}
		}
		return ""
	case "query":
		return r.query.Get(p.at[0])
	}
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return ""
	}
	for _, name := range p.at {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
			continue
		}
		object, _ := v.(map[string]any)
		v = object[name]
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
