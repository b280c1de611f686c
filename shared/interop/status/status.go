// Package status tells clients that the API answers (PDND M2M v3, status).
package status

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// Operations lists the operation.
func Operations() []api.Op { return []api.Op{Get} }

// Input is a request without parameters.
type Input struct{ api.Correlated }

// Output says that the API answers; as with PDND it has the form of a problem.
type Output struct{ Body View }

// View is the status of the API.
type View struct {
	Type          string `json:"type" doc:"about:blank"`
	CorrelationID string `json:"correlationId" doc:"The x-correlation-id of the call"`
	Status        int    `json:"status" doc:"200"`
	Title         string `json:"title" doc:"That the API answers"`
}

// ContentType makes the answer of that type, in the API document too.
func (View) ContentType(string) string { return "application/problem+json" }

// Get answers 200 to anybody. It reads nothing: a table that is out of reach is told by
// the operations that need it.
var Get = api.Operation[struct{}, Input, Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "status/get", OperationID: "getStatus", Method: http.MethodGet, Path: "/status", Tag: "Status",
			Summary:     "Get the status of the API",
			Description: "Whether the API answers. It takes no token.",
			Product:     interop.Product, Public: true, Status: http.StatusOK,
		}
	},
	Open: func(api.Deps) (*struct{}, error) { return &struct{}{}, nil },
	Run: func(_ *struct{}, ctx context.Context, _ *Input) (*Output, error) {
		return &Output{Body: View{
			Type: "about:blank", CorrelationID: api.CorrelationID(ctx), Status: http.StatusOK, Title: "Service status OK",
		}}, nil
	},
}
