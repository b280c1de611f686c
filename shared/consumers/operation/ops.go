package operation

import (
	"context"
	"log/slog"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations that read the log.
func Operations() []api.Op { return []api.Op{List, Get} }

// ListInput is the request for a page of a consumer's operations.
type ListInput struct {
	consumers.ConsumerPath
	consumers.Paged
	api.Correlated
}

// ListOutput is a page of operations.
type ListOutput struct {
	Body struct {
		Operations          []Operation `json:"operations" nullable:"false" doc:"Operations, most recent first"`
		RemainingOperations int         `json:"remainingOperations" minimum:"0" doc:"How many operations follow the last one returned"`
	}
}

// List lists the operations on a consumer. The list of a consumer that was never
// registered is empty.
var List = api.Operation[Log, ListInput, ListOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "operation/list", OperationID: "getConsumerOperations",
			Method: http.MethodGet, Path: "/issuers/{issuerId}/consumers/{consumerId}/operations",
			Summary:     "Get all operations",
			Description: "The operations on a consumer, most recent first. Operations are kept for three calendar months.",
			Tag:         "Consumer operations",
			Product:     consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Access: []api.Access{{Table: retention.Operations, Actions: []string{"GetItem", "Query"}}},
		}
	},
	Open: NewLog,
	Run: func(l *Log, ctx context.Context, in *ListInput) (*ListOutput, error) {
		out := &ListOutput{}
		var err error
		owner := Owner{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}
		out.Body.Operations, out.Body.RemainingOperations, err = l.List(ctx, owner, in.Offset, in.Limit)
		return out, err
	},
}

// GetInput is a request about one operation.
type GetInput struct {
	consumers.ConsumerPath
	OperationID string `path:"operationId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"Unique identifier of the operation"`
	api.Correlated
}

// GetOutput is one operation.
type GetOutput struct{ Body Operation }

// Get reads one operation.
var Get = api.Operation[Log, GetInput, GetOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "operation/get", OperationID: "getConsumerOperation",
			Method: http.MethodGet, Path: "/issuers/{issuerId}/consumers/{consumerId}/operations/{operationId}",
			Summary: "Get operation", Tag: "Consumer operations",
			Product: consumers.Product, Scopes: consumers.Readers, Status: http.StatusOK,
			Description: "One operation on a consumer. Operations are kept for three calendar months.",
			Problems:    []problem.Code{consumers.OperationNotFound},
			Access:      []api.Access{{Table: retention.Operations, Actions: []string{"GetItem"}}},
		}
	},
	Open: NewLog,
	Run: func(l *Log, ctx context.Context, in *GetInput) (*GetOutput, error) {
		op, found, err := l.Get(ctx, Owner{IssuerID: in.IssuerID, ConsumerID: in.ConsumerID}, in.OperationID)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, problem.New(consumers.OperationNotFound, "The consumer has no operation with this id, or it is older than three months.")
		}
		api.Annotate(ctx, slog.String("operationId", op.OperationID))
		return &GetOutput{Body: op}, nil
	},
}
