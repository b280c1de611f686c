package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// contract is an official document and what of it is offered.
type contract struct {
	title, version string
	base           string // of the sandbox, before the document's paths
	proves         bool   // it has DPoP
	profile        profile
	operations     []*operation
}

// operation is an operation of the document.
type operation struct {
	id, method, path string
	spec             *openapi3.Operation
	parameters       []*openapi3.Parameter
	offered          bool
}

// load reads the document. base "" stands for that of the document.
func load(file string, base *string) (*contract, error) {
	document, err := openapi3.NewLoader().LoadFromFile(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	c := &contract{title: document.Info.Title, version: document.Info.Version}
	var known bool
	if c.profile, known = profiles[c.title]; !known {
		return nil, fmt.Errorf("%s is %q, which conformance has no stories for", file, c.title)
	}
	switch {
	case base != nil:
		c.base = strings.TrimSuffix(*base, "/")
	case c.profile.base != nil:
		c.base = *c.profile.base
	default:
		server, err := url.Parse(document.Servers[0].URL)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		c.base = strings.TrimSuffix(server.Path, "/")
	}
	_, c.proves = document.Components.SecuritySchemes["DPoPAuth"]
	mend(document)
	if c.profile.closed {
		closeSchemas(document)
	}
	for path, item := range document.Paths.Map() {
		for method, spec := range item.Operations() {
			o := &operation{id: spec.OperationID, method: method, path: path, spec: spec}
			for _, p := range append(slices.Clone(item.Parameters), spec.Parameters...) {
				o.parameters = append(o.parameters, p.Value)
			}
			c.operations = append(c.operations, o)
		}
	}
	slices.SortFunc(c.operations, func(a, b *operation) int {
		return strings.Compare(a.path+" "+a.method, b.path+" "+b.method)
	})
	return c, nil
}

// closeSchemas refuses members that an object's schema does not list. Objects that are
// maps, or parts of others (allOf), stay open.
func closeSchemas(document *openapi3.T) {
	seen := map[*openapi3.Schema]bool{}
	var visit func(ref *openapi3.SchemaRef)
	visit = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		if len(s.Properties) > 0 && len(s.AllOf) == 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
			closed := false
			s.AdditionalProperties.Has = &closed
		}
		for _, property := range s.Properties {
			visit(property)
		}
		visit(s.Items)
		for _, one := range s.OneOf {
			visit(one)
		}
	}
	for _, ref := range document.Components.Schemas {
		visit(ref)
	}
}

// find returns the operation that answers a request, nil when the document has none.
func (c *contract) find(method, path string) *operation {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	var best *operation
	fewest := len(segments) + 1
	for _, o := range c.operations {
		if o.method != method {
			continue
		}
		if variables, ok := match(strings.Split(o.path, "/"), segments); ok && variables < fewest {
			best, fewest = o, variables
		}
	}
	return best
}

// match compares a template with a path and returns how many variables it took.
func match(template, path []string) (variables int, ok bool) {
	if len(template) != len(path) {
		return 0, false
	}
	for i, segment := range template {
		switch {
		case strings.HasPrefix(segment, "{"):
			variables++
		case segment != path[i]:
			return 0, false
		}
	}
	return variables, true
}

// variable returns the index of the path's segment that holds a parameter, -1 for none.
func (o *operation) variable(name string) int {
	return slices.Index(strings.Split(o.path, "/"), "{"+name+"}")
}

// response returns what the document declares for a status, nil for nothing.
func (o *operation) response(status int) *openapi3.Response {
	if ref := o.spec.Responses.Status(status); ref != nil {
		return ref.Value
	}
	return nil
}

// declared returns the statuses that the document declares, sorted.
func (o *operation) declared() []string {
	var all []string
	for status := range o.spec.Responses.Map() {
		all = append(all, status)
	}
	slices.Sort(all)
	return all
}

// body returns the schema of the operation's request body, nil for none.
func (o *operation) body() *openapi3.Schema {
	if o.spec.RequestBody == nil {
		return nil
	}
	if m := o.spec.RequestBody.Value.Content.Get("application/json"); m != nil && m.Schema != nil {
		return m.Schema.Value
	}
	return nil
}

// public reports that an operation takes no credential.
func (o *operation) public() bool {
	return o.spec.Security != nil && len(*o.spec.Security) == 0
}

// writes reports that an operation changes something.
func (o *operation) writes() bool { return o.method != http.MethodGet }

// accepts reports that a value is one that the schema allows in a request.
func accepts(schema *openapi3.Schema, value any) bool {
	return schema.VisitJSON(value, openapi3.VisitAsRequest(), openapi3.EnableFormatValidation(),
		openapi3.WithStringFormatValidators(formats)) == nil
}

// uuidPattern accepts every version, as the document's format does.
const uuidPattern = `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`

var formats = map[string]openapi3.StringFormatValidator{
	"uuid": openapi3.NewRegexpFormatValidator(uuidPattern),
	"jws":  openapi3.NewRegexpFormatValidator(`^[\w-]+\.[\w-]+\.[\w-]+$`),
}
