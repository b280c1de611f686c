package consumer

import (
	"context"
	"net/http"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/deadletters"
)

// queue is the name of the queue of dead letters of Cascade.
const queue = "cascade"

// CountInput is a request for the number of dead letters.
type CountInput struct{ api.Correlated }

// DeadLetters counts the changes that Cascade gave up on.
var DeadLetters = api.Operation[deadletters.Counter, CountInput, deadletters.Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "consumer/count-dead-letters", OperationID: "getConsumerDeadLetters", Method: http.MethodGet,
			Path: "/platform/deadLetters/cascade", Tag: "Platform",
			Summary: "Count the dead letters of consumers",
			Description: "The deletions of consumers that were given up and wait for the operator. " +
				"Where the deployment has no queue, exists is false.",
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK, Queues: []string{queue},
		}
	},
	Open: func(deps api.Deps) (*deadletters.Counter, error) { return deadletters.New(deps, queue), nil },
	Run: func(c *deadletters.Counter, ctx context.Context, _ *CountInput) (*deadletters.Output, error) {
		return c.Count(ctx)
	},
}
