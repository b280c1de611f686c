package agreement

import (
	"context"
	"net/http"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/deadletters"
)

// queue is the name of the queue of dead letters of Follow.
const queue = "follow"

// CountInput is a request for the number of dead letters.
type CountInput struct{ api.Correlated }

// DeadLetters counts the changes that Follow gave up on.
var DeadLetters = api.Operation[deadletters.Counter, CountInput, deadletters.Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "agreement/count-dead-letters", OperationID: "getAgreementDeadLetters", Method: http.MethodGet,
			Path: "/platform/deadLetters/follow", Tag: "Platform",
			Summary: "Count the dead letters of agreements",
			Description: "The changes of attributes and e-services that agreements were not updated for, and that wait for the operator. " +
				"Where the deployment has no queue, exists is false.",
			Product: interop.Product, Scopes: interop.Operators, Status: http.StatusOK,
			Queues: []string{queue}, Without: interop.NotPublished,
		}
	},
	Open: func(deps api.Deps) (*deadletters.Counter, error) { return deadletters.New(deps, queue), nil },
	Run: func(c *deadletters.Counter, ctx context.Context, _ *CountInput) (*deadletters.Output, error) {
		return c.Count(ctx)
	},
}
