package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// mutation is a body with one value changed.
type mutation struct {
	body []byte
	why  string
}

// mutations changes every member that the schema lists: leaves it out, sets it to null, to
// values of other types and to values beyond its limits.
func mutations(schema *openapi3.Schema, body []byte) []mutation {
	var whole any
	if json.Unmarshal(body, &whole) != nil {
		return nil
	}
	var all []mutation
	mutate(schema, whole, "", func(changed any, why string) {
		if text, err := json.Marshal(changed); err == nil {
			all = append(all, mutation{text, why})
		}
	})
	return all
}

// mutate calls emit with copies of value, each changed at one place.
func mutate(schema *openapi3.Schema, value any, at string, emit func(changed any, why string)) {
	for _, part := range schema.AllOf {
		mutate(part.Value, value, at, emit)
	}
	members, isObject := value.(object)
	if !isObject {
		return
	}
	set := func(name string, replacement any, why string) {
		changed := maps.Clone(members)
		changed[name] = replacement
		emit(changed, why)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property, where := schema.Properties[name].Value, at+"/"+name
		without := maps.Clone(members)
		delete(without, name)
		emit(without, "no "+where)
		for _, wrong := range wrongs(property) {
			set(name, wrong, "a wrong "+where)
		}
		mutate(property, members[name], where, func(changed any, why string) { set(name, changed, why) })
		if list, isList := members[name].([]any); isList && len(list) > 0 && property.Items != nil {
			for _, wrong := range wrongs(property.Items.Value) {
				set(name, append([]any{wrong}, list[1:]...), "a wrong entry of "+where)
			}
			set(name, append([]any{list[0]}, list...), "an entry twice in "+where)
		}
	}
	set("unknownMember", 1, "an unknown member of "+at+"/")
}

// wrongs are values that a schema may not allow.
func wrongs(s *openapi3.Schema) []any {
	all := []any{nil, "", "x", "not what it is", float64(7), -1.5, true, []any{}, []any{float64(1)}, object{}}
	if s.Min != nil {
		all = append(all, *s.Min-1)
	}
	if s.Max != nil {
		all = append(all, *s.Max+1)
	}
	if s.Type.Is("integer") {
		all = append(all, float64(1<<31))
	}
	if s.MinLength > 1 {
		all = append(all, strings.Repeat("n", int(s.MinLength)-1)) //nolint:gosec // small
	}
	if s.MaxLength != nil {
		all = append(all, strings.Repeat("n", int(*s.MaxLength)+1)) //nolint:gosec // small
	}
	return all
}

// acceptsJSON reports that the schema allows a text in a request.
func acceptsJSON(schema *openapi3.Schema, text []byte) bool {
	var value any
	return json.Unmarshal(text, &value) == nil && accepts(schema, value)
}

// number is a bound of a schema as a parameter has it.
func number(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// whole reads a whole number.
func whole(text string) (float64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return float64(n), err == nil
}
