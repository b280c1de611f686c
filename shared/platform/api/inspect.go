package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/problem"
)

// uniqueItems is the keyword of JSON Schema for an array of different elements.
const uniqueItems = "uniqueItems"

// inspection finds in a body what huma leaves out: null for a member that may be left
// out, which huma takes for the same, and repeated elements of an array, which huma
// compares in a way that panics at objects and arrays.
type inspection struct {
	schemas huma.Registry
	found   []problem.Field
}

// takeOver makes the rule of different elements this package's in a schema and all
// that is below it. The document stays the same.
func takeOver(schemas huma.Registry, schema *huma.Schema, seen map[*huma.Schema]bool) {
	if schema == nil {
		return
	}
	if schema.Ref != "" {
		schema = schemas.SchemaFromRef(schema.Ref)
	}
	if seen[schema] {
		return
	}
	seen[schema] = true
	if schema.UniqueItems {
		schema.UniqueItems = false
		if schema.Extensions == nil {
			schema.Extensions = map[string]any{}
		}
		schema.Extensions[uniqueItems] = true
	}
	for _, property := range schema.Properties {
		takeOver(schemas, property, seen)
	}
	takeOver(schemas, schema.Items, seen)
	additional, _ := schema.AdditionalProperties.(*huma.Schema)
	takeOver(schemas, additional, seen)
}

// inspect lists the offending members of a body. A body that is not JSON has none.
func inspect(schemas huma.Registry, schema *huma.Schema, body []byte) []problem.Field {
	var sent any
	if schema == nil || json.Unmarshal(body, &sent) != nil {
		return nil
	}
	i := inspection{schemas: schemas}
	i.value(schema, "body", sent)
	return i.found
}

func (i *inspection) bad(at, detail string) {
	i.found = append(i.found, problem.Field{Name: at, Detail: detail})
}

func (i *inspection) value(schema *huma.Schema, at string, sent any) {
	for schema.Ref != "" {
		schema = i.schemas.SchemaFromRef(schema.Ref)
	}
	switch sent := sent.(type) {
	case map[string]any:
		i.object(schema, at, sent)
	case []any:
		if schema.Extensions[uniqueItems] == true && repeated(sent) {
			i.bad(at, "expected array items to be unique")
		}
		for n, element := range sent {
			if schema.Items != nil {
				i.value(schema.Items, fmt.Sprintf("%s[%d]", at, n), element)
			}
		}
	}
}

func (i *inspection) object(schema *huma.Schema, at string, sent map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		property, named := schema.Properties[name]
		if !named {
			property, _ = schema.AdditionalProperties.(*huma.Schema)
		}
		value := sent[name]
		where := at + "." + name
		switch {
		case property == nil:
		case value != nil:
			i.value(property, where, value)
		case named && !property.Nullable && !slices.Contains(schema.Required, name):
			i.bad(where, "expected a value, or nothing at all")
		}
	}
}

// repeated reports whether two elements are the same JSON value.
func repeated(list []any) bool {
	seen := make(map[string]bool, len(list))
	for _, element := range list {
		text, err := json.Marshal(element) // members in order, numbers in one notation
		if err != nil || seen[string(text)] {
			return true
		}
		seen[string(text)] = true
	}
	return false
}
