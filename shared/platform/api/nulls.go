package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
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
