package walk_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// object is any part of the OpenAPI document.
type object = map[string]any

// document is the OpenAPI document as it is published.
var document = sync.OnceValue(func() object {
	h, err := api.NewHandler(apitest.New(nil, nil).Deps(), catalog.Operations()...)
	if err != nil {
		panic(err)
	}
	text, err := h.OpenAPI()
	if err != nil {
		panic(err)
	}
	var doc object
	if err := json.Unmarshal(text, &doc); err != nil {
		panic(err)
	}
	return doc
})

// in walks into a part of the document by the names of members.
func in(v any, names ...string) any {
	for _, name := range names {
		members, _ := v.(object)
		v = members[name]
	}
	return v
}

// bodyOf returns the schema of an operation's body, nil when it has none.
func bodyOf(spec api.Spec) object {
	content, _ := in(document(), "paths", spec.Path, strings.ToLower(spec.Method), "requestBody", "content").(object)
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		schema, _ := in(content[kind], "schema").(object)
		return schema
	}
	return nil
}

// parametersOf returns the parameters of an operation.
func parametersOf(spec api.Spec) []object {
	var all []object
	list, _ := in(document(), "paths", spec.Path, strings.ToLower(spec.Method), "parameters").([]any)
	for _, one := range list {
		parameter, _ := one.(object)
		all = append(all, parameter)
	}
	return all
}

// resolved is the schema that s is or refers to.
func resolved(s object) object {
	for {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		s, _ = in(document(), "components", "schemas", ref[strings.LastIndexByte(ref, '/')+1:]).(object)
	}
}

// members lists where a body of the schema may have a value, as paths of names of
// members and "0" for the elements of an array; the body itself is not among them.
func members(s object, at []string) [][]string {
	s = resolved(s)
	var all [][]string
	below := func(name string, v any) {
		if schema, ok := v.(object); ok {
			path := append(slices.Clone(at), name)
			all = append(append(all, path), members(schema, path)...)
		}
	}
	properties, _ := s["properties"].(object)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		below(name, properties[name])
	}
	below("additional", s["additionalProperties"])
	below("0", s["items"])
	return all
}

// with returns a body that has the value, a JSON text, at a path of members; what is
// missing on the way there is made.
func with(t testing.TB, s object, body string, path []string, value string) string {
	t.Helper()
	var whole any
	if body != "" {
		if err := json.Unmarshal([]byte(body), &whole); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.Marshal(put(s, whole, path, value))
	if err != nil {
		t.Fatal(err)
	}
	// encoding/json refuses 1e400 as a raw value; it is put in its place last.
	return strings.Replace(string(text), strconv.Quote(placeholder), value, 1)
}

const placeholder = "placeholder of a value"

func put(s object, whole any, path []string, value string) any {
	if len(path) == 0 {
		return placeholder
	}
	s = resolved(s)
	if items, ok := s["items"].(object); ok {
		list, _ := whole.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = put(items, list[0], path[1:], value)
		return list
	}
	fields, _ := whole.(object)
	if fields == nil {
		fields = object{}
	}
	next, ok := in(s, "properties", path[0]).(object)
	if !ok {
		next, _ = s["additionalProperties"].(object)
	}
	fields[path[0]] = put(next, fields[path[0]], path[1:], value)
	return fields
}
