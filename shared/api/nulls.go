package api

import "github.com/danielgtaylor/huma/v2"

// mergePatch is the media type of RFC 7396, which is JSON.
const mergePatch = "application/merge-patch+json"

// bodySchema returns the schema of an operation's JSON body, nil when it has none.
// A PATCH takes merge patches too, and some operations take forms; the document says
// so from here on.
func bodySchema(doc *huma.OpenAPI, spec Spec) *huma.Schema {
	item := doc.Paths[spec.Path]
	for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if op == nil || op.OperationID != operationID(spec) || op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
			continue
		}
		content := op.RequestBody.Content["application/json"]
		if op == item.Patch {
			op.RequestBody.Content[mergePatch] = content
		}
		spec.Form.describe(op.RequestBody)
		return content.Schema
	}
	return nil
}
