// Package ledger lets the platform's operator check the ledger of planned calls, and see which
// changes agreements were not updated for.
package ledger

import (
	"context"
	"net/http"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/deadletters"
	"ciclo/shared/platform/table"
)

// functionTime is what a check has: the time after which it stops, and what was begun then.
const functionTime = 28 * time.Second

const (
	tag   = "Platform"
	queue = "follow" // of dead letters
)

// Operations lists the operations of the operator.
func Operations() []api.Op { return []api.Op{Check, DeadLetters} }

// CheckInput is a request to compare the ledger.
type CheckInput struct {
	api.Correlated
	After string `query:"after" format:"uuid" doc:"Where to continue: next of an answer that is not complete"`
}

// CheckOutput is a comparison of the ledger.
type CheckOutput struct {
	Body struct {
		EServices   int              `json:"eservices" minimum:"0" doc:"E-services that were compared"`
		Differences []DifferenceView `json:"differences" nullable:"false" doc:"Accounts of the ledger that differ from the active purposes"`
		Busy        []string         `json:"busy" nullable:"false" doc:"Ids of e-services that changed at every reading, or took too long to read"`
		Complete    bool             `json:"complete" doc:"Whether no e-service is left to compare"`
		Next        string           `json:"next,omitempty" format:"uuid" doc:"Where to continue, when it is not complete"`
	}
}

// DifferenceView is an account of the ledger that differs.
type DifferenceView struct {
	EServiceID string `json:"eserviceId" format:"uuid" doc:"The e-service"`
	ConsumerID string `json:"consumerId,omitempty" format:"uuid" doc:"The consumer; left out for the account of all consumers"`
	Ledger     int64  `json:"ledger" doc:"Calls a day that the ledger has"`
	Active     int64  `json:"active" doc:"Calls a day that active purposes plan"`
}

// Store reads the ledger.
type Store struct{ db table.DB }

// Check compares the ledger of planned calls with the active purposes.
var Check = api.Operation[Store, CheckInput, CheckOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "ledger/check", OperationID: "checkLedger", Method: http.MethodGet, Path: "/platform/ledger", Tag: tag,
			Summary: "Check the ledger",
			Description: "Compares the ledger of planned calls with the active purposes of every e-service, and changes nothing. It may run " +
				"while other calls are made. After 15 seconds it stops: complete is false then, and another call continues at next.",
			Product: interop.Product, Scopes: interop.Operators, Status: http.StatusOK, Timeout: functionTime,
			Access: interop.Access("BatchGetItem", "Query"), Without: interop.NotPublished,
		}
	},
	Open: func(deps api.Deps) (*Store, error) { return &Store{deps.DB}, nil },
	Run: func(s *Store, ctx context.Context, in *CheckInput) (*CheckOutput, error) {
		return s.check(ctx, in.After)
	},
}

// check compares e-services from after that one on, as long as there is time.
func (s *Store) check(ctx context.Context, after string) (*CheckOutput, error) {
	report, next, err := purpose.CheckLedgerAfter(ctx, s.db, after)
	if err != nil {
		return nil, err
	}
	out := &CheckOutput{}
	out.Body.EServices, out.Body.Busy = report.EServices, report.Busy
	out.Body.Differences = make([]DifferenceView, len(report.Differences))
	for i, d := range report.Differences {
		out.Body.Differences[i] = DifferenceView(d)
	}
	out.Body.Complete = next == ""
	out.Body.Next = next
	return out, nil
}

// CountInput is a request for the number of dead letters.
type CountInput struct{ api.Correlated }

// DeadLetters counts the changes that agreement/follow gave up on.
var DeadLetters = api.Operation[deadletters.Counter, CountInput, deadletters.Output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "follow/count-dead-letters", OperationID: "getFollowDeadLetters", Method: http.MethodGet,
			Path: "/platform/deadLetters/follow", Tag: tag,
			Summary: "Count the dead letters of agreements",
			Description: "The changes of attributes and e-services that agreements were not updated for, and that wait for the operator. " +
				"Where the deployment has no queue, exists is false.",
			Product: interop.Product, Scopes: interop.Operators, Status: http.StatusOK,
			Access: interop.Access(), // to the keys that sign answers
			Queues: []string{queue}, Without: interop.NotPublished,
		}
	},
	Open: func(deps api.Deps) (*deadletters.Counter, error) { return deadletters.New(deps, queue), nil },
	Run: func(c *deadletters.Counter, ctx context.Context, _ *CountInput) (*deadletters.Output, error) {
		return c.Count(ctx)
	},
}
