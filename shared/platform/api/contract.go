package api

import (
	"cmp"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/form"
)

// Version is the version of the API document.
const Version = "1.0.0"

// settleOnce guards what huma has as package variables: its error hook, and
// whether members are found whatever the case of their names.
var settleOnce sync.Once

// config is huma's configuration for schemas that are named by name.
func config(name func(t reflect.Type, hint string) string) huma.Config {
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
				Schemas:         huma.NewMapRegistry("#/components/schemas/", name),
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

const specKey = "spec"

func specOf(ctx huma.Context) Spec {
	s, _ := ctx.Operation().Metadata[specKey].(Spec)
	return s
}

// served is what huma needs to serve an operation.
func served(spec Spec, _ huma.Registry) huma.Operation {
	return huma.Operation{
		OperationID: spec.OperationID,
		Method:      spec.Method, Path: spec.Path,
		DefaultStatus: spec.Status,
		MaxBodyBytes:  int64(maxBody(spec)) + 1,
		Metadata:      map[string]any{specKey: spec},
	}
}

func maxBody(spec Spec) int { return cmp.Or(spec.MaxBody, MaxBodyBytes) }

// Correlated is embedded by every input.
type Correlated struct {
	CorrelationID string `header:"x-correlation-id" minLength:"1" maxLength:"64" pattern:"^[a-zA-Z0-9_\\-\\. ]*$" patternDescription:"^[a-zA-Z0-9_\\-\\. ]{1,64}$" doc:"Correlates the calls of one use case; echoed, and logged in clear"`
}

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
		case !form.IsInteger(values[0]):
			errs = append(errs, &huma.ErrorDetail{Location: "query." + name, Message: "expected a whole number in decimal digits"})
		}
	}
	return errs
}
