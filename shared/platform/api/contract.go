package api

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/problem"
)

// Version is the version of the API document.
const Version = "1.0.0"

// settleOnce guards what huma has as package variables: its error hook, and
// whether members are found whatever the case of their names.
var settleOnce sync.Once

func config(n *namer) huma.Config {
	settleOnce.Do(func() {
		huma.NewErrorWithContext = shape
		huma.ValidateStrictCasing = true
	})
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Ciclo", Version: Version,
				Description: "Lifecycles as a service: every change is one conditional transaction, every refusal says what is allowed.",
			},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", n.name),
				SecuritySchemes: map[string]*huma.SecurityScheme{},
			},
		},
		Formats:       formats,
		DefaultFormat: "application/json",
	}
	// Clients may send fields that later versions define.
	c.AllowAdditionalPropertiesByDefault = true
	return c
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

const specKey = "spec"

func specOf(ctx huma.Context) Spec {
	s, _ := ctx.Operation().Metadata[specKey].(Spec)
	return s
}

// humaOperation describes spec for huma and the OpenAPI document.
func humaOperation(spec Spec, schemas huma.Registry) huma.Operation {
	op := huma.Operation{
		OperationID: spec.OperationID,
		Method:      spec.Method, Path: spec.Path,
		Summary: spec.Summary, Description: spec.Description, Tags: []string{spec.Tag},
		DefaultStatus: spec.Status,
		MaxBodyBytes:  int64(maxBody(spec)) + 1,
		Responses:     problemResponses(spec, schemas),
		Metadata:      map[string]any{specKey: spec},
	}
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

func maxBody(spec Spec) int { return cmp.Or(spec.MaxBody, MaxBodyBytes) }

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

// Correlated is embedded by every input.
type Correlated struct {
	CorrelationID string `header:"x-correlation-id" minLength:"1" maxLength:"64" pattern:"^[a-zA-Z0-9_\\-\\. ]{1,64}$" doc:"Correlates the calls of one use case; echoed, and logged in clear"`
}

var integerPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// WholeNumbers refuses what strconv and url.Values would let pass in query
// parameters of those names: an empty or repeated one, a plus sign, leading zeros.
func WholeNumbers(ctx huma.Context, names ...string) []error {
	u := ctx.URL()
	query := u.Query()
	var errs []error
	for _, name := range names {
		values, sent := query[name]
		switch {
		case !sent:
		case len(values) > 1:
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "expected at most one value"})
		case !integerPattern.MatchString(values[0]):
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "expected a whole number in decimal digits"})
		}
	}
	return errs
}
