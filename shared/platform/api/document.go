package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ciclo/shared/platform/problem"
)

// OpenAPI returns the OpenAPI 3.1 document of the mounted operations as indented JSON.
func (h *Handler) OpenAPI() ([]byte, error) {
	described, err := h.document()
	if err != nil {
		return nil, err
	}
	doc, err := json.MarshalIndent(described, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return append(doc, '\n'), nil
}

// document makes the API document. To serve takes little of it, so a function links and
// makes none.
func (h *Handler) document() (*huma.OpenAPI, error) {
	names := &namer{}
	api := humago.New(http.NewServeMux(), config(names.name))
	doc := api.OpenAPI()
	for _, op := range h.ops {
		spec := op.Describe()
		if scheme := spec.Product.Scheme; !spec.Public {
			doc.Components.SecuritySchemes[scheme.Name] = &scheme.document
		}
		names.resource, _, _ = strings.Cut(spec.ID, "/")
		if err := op.mount(mounting{api: api, deps: h.deps, operation: described}); err != nil {
			return nil, err
		}
	}
	for _, spec := range h.specs {
		op := documented(doc, spec)
		if bodySchema(op, spec) == nil { // without a body there is no media type to check
			delete(op.Responses, strconv.Itoa(spec.Product.Media.Status))
		}
		if !spec.Product.StrictCorrelation {
			describeReplacement(op)
		}
		for _, p := range op.Parameters {
			publishPatterns(p.Schema)
		}
	}
	for _, schema := range doc.Components.Schemas.Map() {
		publishPatterns(schema)
	}
	// huma describes an error document of its own, which is never sent.
	for _, unsent := range []string{"V2ErrorModel", "V2ErrorDetail"} {
		delete(doc.Components.Schemas.Map(), unsent)
	}
	return doc, nil
}

// publishPatterns puts the patterns of the published contract into a schema and all that
// is below it. To serve, they are split: a pattern such as ^[a-z]{1,64}$ takes 30 times as
// long to compile as ^[a-z]*$ and two lengths, which mean the same. The tag
// patternDescription then has the whole, of which refusals speak.
func publishPatterns(schema *huma.Schema) {
	if schema == nil {
		return
	}
	if strings.HasPrefix(schema.PatternDescription, "^") {
		schema.Pattern, schema.PatternDescription = schema.PatternDescription, ""
	}
	for _, property := range schema.Properties {
		publishPatterns(property)
	}
	publishPatterns(schema.Items)
	additional, _ := schema.AdditionalProperties.(*huma.Schema)
	publishPatterns(additional)
}

// namer names schemas after their type and its package, because several
// resources have a View; a type without a name is the resource's.
type namer struct{ resource string }

func (n *namer) name(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	owner := n.resource
	if t.PkgPath() != "" {
		owner = path.Base(t.PkgPath())
	}
	if strings.Contains(strings.ToLower(name), owner) {
		return name
	}
	return strings.ToUpper(owner[:1]) + owner[1:] + name
}

// described is what the API document has of an operation.
func described(spec Spec, schemas huma.Registry) huma.Operation {
	op := served(spec, schemas)
	op.Summary, op.Description, op.Tags = spec.Summary, spec.Description, []string{spec.Tag}
	op.Responses = problemResponses(spec, schemas)
	if spec.Produces != "" {
		op.Responses[strconv.Itoa(spec.Status)] = &huma.Response{
			Description: http.StatusText(spec.Status),
			Content:     map[string]*huma.MediaType{spec.Produces: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
		}
	}
	if !spec.Public {
		op.Security = []map[string][]string{{spec.Product.Scheme.Name: {}}}
		op.Extensions = map[string]any{"x-scopes": spec.Scopes}
	}
	return op
}

// problemResponses documents every code the operation may answer with, by status, and
// what API Gateway answers in its place.
func problemResponses(spec Spec, schemas huma.Registry) map[string]*huma.Response {
	example, mediaType := spec.refusal(problem.New(spec.Product.Internal, ""), "")
	body := schemas.Schema(reflect.TypeOf(example), true, "Problem")
	lines := map[int][]string{}
	for _, c := range append(spec.Codes(), spec.Product.TooMany, spec.Product.Timeout) {
		lines[c.Status] = append(lines[c.Status], fmt.Sprintf("`%s`: %s", c.Name, c.Title))
	}
	responses := map[string]*huma.Response{}
	for status, text := range lines {
		slices.Sort(text)
		responses[strconv.Itoa(status)] = &huma.Response{
			Description: strings.Join(slices.Compact(text), "\n\n"),
			Content:     map[string]*huma.MediaType{mediaType: {Schema: body}},
		}
	}
	return responses
}

// describeReplacement documents that a correlation id of another form is replaced.
func describeReplacement(op *huma.Operation) {
	for _, p := range op.Parameters {
		if http.CanonicalHeaderKey(p.Name) == http.CanonicalHeaderKey(CorrelationHeader) {
			p.Schema = &huma.Schema{Type: huma.TypeString}
			p.Description += "; one that is longer than 64 or has other characters than letters, digits, blanks, -, _ and . is replaced by a new one"
		}
	}
}
