package purge

import (
	"context"
	"net/http"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/deadletters"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
)

// Operations lists the operations on the purge and on what workers gave up on.
func Operations() []api.Op { return []api.Op{GetReport, Run, DeadLetters, CascadeDeadLetters} }

const (
	path = "/platform/purge"
	tag  = "Platform"

	// Names of the queues of dead letters.
	queue        = "purge"
	queueCascade = "cascade"

	// functionTime is what a run has: limit, and what was begun then.
	functionTime = 28 * time.Second
)

// GetReport reads how the purge does.
var GetReport = api.Operation[reader, StatusInput, StatusOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purge/report", OperationID: "getPurgeReport", Method: http.MethodGet, Path: path, Tag: tag,
			Summary: "Get the report of the purge",
			Description: "The last run of the purge that removes operations whose retention has ended, scheduled or started by the operator, " +
				"and what is overdue now.",
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK,
			Access: []api.Access{{Table: retention.Operations, Actions: []string{"GetItem", "Query"}}},
		}
	},
	Open: newReader,
	Run: func(r *reader, ctx context.Context, _ *StatusInput) (*StatusOutput, error) {
		return r.status(ctx)
	},
}

// Run runs the purge.
var Run = api.Operation[runner, RunInput, RunOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purge/run", OperationID: "runPurge", Method: http.MethodPost, Path: path, Tag: tag,
			Summary: "Run the purge",
			Description: "Removes the operations whose retention has ended, as the scheduled run does, or only counts them. " +
				"It stops after 18 seconds at the latest; done is false then, and the next run continues at oldestUnfinishedDay.",
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK, Timeout: functionTime,
			Problems: []problem.Code{consumers.PurgeRunning},
			Access:   []api.Access{{Table: retention.Operations, Actions: []string{"BatchWriteItem", "GetItem", "Query", "UpdateItem"}}},
			Settings: []string{retention.Setting},
		}
	},
	Open: newRunner,
	Run: func(r *runner, ctx context.Context, in *RunInput) (*RunOutput, error) {
		return r.run(ctx, in.Body.DryRun)
	},
}

// DeadLetters counts the scheduled runs that were not started or failed.
var DeadLetters = api.Operation[deadletters.Counter, CountInput, deadletters.Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "purge/count-dead-letters", OperationID: "getPurgeDeadLetters", Method: http.MethodGet,
			Path: "/platform/deadLetters/purge", Tag: tag,
			Summary:     "Count the dead letters of the purge",
			Description: "The scheduled runs of the purge that were not started or failed twice, and wait for the operator.",
			Product:     consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK, Queues: []string{queue},
		}
	},
	Open: func(deps api.Deps) (*deadletters.Counter, error) { return deadletters.New(deps, queue), nil },
	Run: func(c *deadletters.Counter, ctx context.Context, _ *CountInput) (*deadletters.Output, error) {
		return c.Count(ctx)
	},
}

// CascadeDeadLetters counts the deletions that the worker of consumers gave up on.
var CascadeDeadLetters = api.Operation[deadletters.Counter, CountInput, deadletters.Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "cascade/count-dead-letters", OperationID: "getCascadeDeadLetters", Method: http.MethodGet,
			Path: "/platform/deadLetters/cascade", Tag: tag,
			Summary: "Count the dead letters of the cascade",
			Description: "The deletions of consumers that were given up and wait for the operator. " +
				"Where the deployment has no queue, exists is false.",
			Product: consumers.Product, Scopes: consumers.Operators, Status: http.StatusOK, Queues: []string{queueCascade},
		}
	},
	Open: func(deps api.Deps) (*deadletters.Counter, error) { return deadletters.New(deps, queueCascade), nil },
	Run: func(c *deadletters.Counter, ctx context.Context, _ *CountInput) (*deadletters.Output, error) {
		return c.Count(ctx)
	},
}
