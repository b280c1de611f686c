package retention

import (
	"context"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// Operations is the table of the append-only logs and of the queue of their purge. It has
// no index and no stream.
var Operations = table.Schema{Name: "operations", Expires: true}

// PurgeOperations is the scheduled job that purges the table.
var PurgeOperations = api.Job[Purge, Request, Report]{
	ID:   "retention/purge",
	Open: func(deps api.Deps) (*Purge, error) { return NewPurge(deps, Operations.Name) },
	Run:  func(p *Purge, ctx context.Context, req Request) (Report, error) { return p.Run(ctx, req) },
	Access: func() []api.Access {
		return []api.Access{
			{Table: Operations, Actions: []string{"BatchWriteItem", "GetItem", "Query", "UpdateItem"}},
		}
	},
}
