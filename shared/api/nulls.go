package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/problem"
)

// mergePatch is the media type of RFC 7396, which is JSON.
const mergePatch = "application/merge-patch+json"

// documented returns the operation of spec in the document.
func documented(doc *huma.OpenAPI, spec Spec) *huma.Operation {
	item := doc.Paths[spec.Path]
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[spec.Method]
}

// bodySchema returns the schema of an operation's JSON body, nil when it has none.
// A PATCH takes merge patches too, and some operations take forms; the document says
// so from here on.
func bodySchema(op *huma.Operation, spec Spec) *huma.Schema {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return nil
	}
	content := op.RequestBody.Content["application/json"]
	if spec.Method == http.MethodPatch {
		op.RequestBody.Content[mergePatch] = content
	}
	spec.Form.describe(op.RequestBody)
	return content.Schema
}

// nulls lists the members of a body that may be left out and are null instead,
// which huma takes for the same. A body that is not JSON has none.
func nulls(schemas huma.Registry, schema *huma.Schema, body []byte) []problem.Field {
	var sent any
	if schema == nil || json.Unmarshal(body, &sent) != nil {
		return nil
	}
	return nullsIn(schemas, schema, "body", sent)
}

func nullsIn(schemas huma.Registry, schema *huma.Schema, at string, sent any) []problem.Field {
	for schema.Ref != "" {
		schema = schemas.SchemaFromRef(schema.Ref)
	}
	object, _ := sent.(map[string]any)
	var found []problem.Field
	for _, name := range slices.Sorted(maps.Keys(object)) {
		property, value := schema.Properties[name], object[name]
		switch where := at + "." + name; {
		case property == nil:
		case value != nil:
			found = append(found, nullsIn(schemas, property, where, value)...)
		case !property.Nullable && !slices.Contains(schema.Required, name):
			found = append(found, problem.Field{Name: where, Detail: "expected a value, or nothing at all"})
		}
	}
	return found
}
