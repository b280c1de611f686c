package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/problem"
)

// Version is the version of the API document.
const Version = "1.0.0"

const bearerScheme = "bearer"

// shapeOnce guards huma's error hook, which is a package variable of its.
var shapeOnce sync.Once

func config() huma.Config {
	shapeOnce.Do(func() { huma.NewErrorWithContext = shape })
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Ciclo", Version: Version, Description: "Lifecycles as a service: every change is one conditional transaction, every refusal says what is allowed."},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearerScheme: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A JWT signed with RS256 or ES256 by the configured issuer."},
				},
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}
	// Clients of D1 may send fields that later versions define.
	c.AllowAdditionalPropertiesByDefault = true
	return c
}

const productKey = "product"

func productOf(ctx huma.Context) *problem.Product {
	p, _ := ctx.Operation().Metadata[productKey].(*problem.Product)
	return p
}

// humaOperation describes spec for huma and the OpenAPI document.
func humaOperation(spec Spec, schemas huma.Registry) huma.Operation {
	return huma.Operation{
		OperationID: strings.ReplaceAll(spec.ID, "/", "-"),
		Method:      spec.Method, Path: spec.Path,
		Summary: spec.Summary, Description: spec.Description, Tags: []string{spec.Tag},
		DefaultStatus: spec.Status,
		MaxBodyBytes:  MaxBodyBytes + 1,
		Security:      []map[string][]string{{bearerScheme: {}}},
		Extensions:    map[string]any{"x-scopes": spec.Scopes},
		Responses:     problemResponses(spec, schemas),
		Metadata:      map[string]any{productKey: spec.Product},
	}
}

// problemResponses documents every code the operation may answer with, by status.
func problemResponses(spec Spec, schemas huma.Registry) map[string]*huma.Response {
	example := spec.Product.Body(problem.New(spec.Product.Internal, ""), "")
	body := schemas.Schema(reflect.TypeOf(example), true, "Problem")
	lines := map[int][]string{}
	for _, c := range slices.Concat(spec.Product.Frame(), spec.Problems) {
		lines[c.Status] = append(lines[c.Status], fmt.Sprintf("`%s`: %s", c.Name, c.Title))
	}
	responses := map[string]*huma.Response{}
	for status, text := range lines {
		slices.Sort(text)
		responses[strconv.Itoa(status)] = &huma.Response{
			Description: strings.Join(slices.Compact(text), "\n\n"),
			Content:     map[string]*huma.MediaType{problemType: {Schema: body}},
		}
	}
	return responses
}

// requireIdentity refuses a request that no authorizer has let through, before
// anything in it is looked at, and names the operation for the log.
func requireIdentity(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		if rec, ok := ctx.Context().Value(recordKey{}).(*record); ok {
			rec.named(ctx.Operation().OperationID)
		}
		if _, ok := IdentityFrom(ctx.Context()); !ok {
			// The error only says that the client is gone.
			_ = huma.WriteErr(api, ctx, http.StatusUnauthorized, "")
			return
		}
		next(ctx)
	}
}

// Correlated is embedded by every input.
type Correlated struct {
	CorrelationID string `header:"x-correlation-id" minLength:"1" maxLength:"64" pattern:"^[a-zA-Z0-9_\\-\\. ]{1,64}$" doc:"Correlates the calls of one use case; echoed, and logged in clear"`
}

// Paged is embedded by the inputs of lists (D1 v1: offset 0 is the most recent).
type Paged struct {
	Offset int `query:"offset" minimum:"0" default:"0" doc:"Index of the first entry returned"`
	Limit  int `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Most entries returned"`
}

var integerPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// Resolve refuses what strconv and url.Values would let pass: an empty or
// repeated parameter, a plus sign, leading zeros.
func (Paged) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return []error{&huma.ErrorDetail{Location: "query", Message: "expected name=value pairs joined by &, with other characters percent-encoded"}}
	}
	var errs []error
	for _, name := range []string{"offset", "limit"} {
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

var _ huma.Resolver = Paged{}
