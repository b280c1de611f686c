package purpose

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Times of a comparison whose answer somebody waits for. API Gateway waits for 29 s.
const (
	checkLimit   = 15 * time.Second // after it no further e-service is begun
	checkEnd     = 23 * time.Second // at it the e-service that is being read is given up
	functionTime = 28 * time.Second
)

// LedgerInput is a request to compare the ledger.
type LedgerInput struct {
	api.Correlated
	After string `query:"after" maxLength:"2048" pattern:"^[A-Za-z0-9_-]*$" doc:"Where to continue: next of an answer that is not complete"`

	place string
}

// Check refuses a place that no answer has named.
func (in *LedgerInput) Check() []problem.Field {
	if in.After == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(in.After)
	if in.place = string(text); err == nil && eservice.IsPlace(in.place) {
		return nil
	}
	return []problem.Field{{Name: "query.after", Code: interop.BadRequest.Name, Detail: "expected the next of an answer, or nothing"}}
}

// LedgerOutput is a comparison of the ledger.
type LedgerOutput struct {
	Body struct {
		EServices   int              `json:"eservices" minimum:"0" doc:"E-services that were compared"`
		Differences []DifferenceView `json:"differences" nullable:"false" doc:"Accounts of the ledger that differ from the active purposes"`
		Busy        []string         `json:"busy" nullable:"false" doc:"Ids of e-services that changed at every reading, or took too long to read"`
		Complete    bool             `json:"complete" doc:"Whether no e-service is left to compare"`
		Next        string           `json:"next,omitempty" doc:"Where to continue, when it is not complete"`
	}
}

// DifferenceView is an account of the ledger that differs.
type DifferenceView struct {
	EServiceID string `json:"eserviceId" format:"uuid" doc:"The e-service"`
	ConsumerID string `json:"consumerId,omitempty" format:"uuid" doc:"The consumer; left out for the account of all consumers"`
	Ledger     int64  `json:"ledger" doc:"Calls a day that the ledger has"`
	Active     int64  `json:"active" doc:"Calls a day that active purposes plan"`
}

// LedgerCheck compares the ledger of planned calls with the active purposes.
var LedgerCheck = api.Operation[Store, LedgerInput, LedgerOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "ledger/check", OperationID: "checkLedger", Method: http.MethodGet, Path: "/platform/ledger", Tag: "Platform",
			Summary: "Check the ledger",
			Description: "Compares the ledger of planned calls with the active purposes of every e-service, and changes nothing. It may run " +
				"while other calls are made. After 15 seconds it stops: complete is false then, and another call continues at next.",
			Product: interop.Product, Scopes: interop.Operators, Status: http.StatusOK, Timeout: functionTime,
			Access: accessList, Without: interop.NotPublished,
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *LedgerInput) (*LedgerOutput, error) {
		return checkUntil(ctx, s.db, in.place)
	},
}

// errEnough ends a comparison that continues with another call.
var errEnough = errors.New("no further e-service is begun")

// checkUntil compares e-services from after a place on, as long as there is time.
func checkUntil(ctx context.Context, db table.DB, place string) (*LedgerOutput, error) {
	limit, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	end, cancelEnd := context.WithTimeout(ctx, checkEnd)
	defer cancelEnd()
	report := newReport()
	err := eservice.EachPublishedAfter(ctx, db, place, func(e *eservice.EService, at string) error {
		if limit.Err() != nil {
			return errEnough
		}
		err := report.add(end, db, e)
		if err != nil && end.Err() != nil && ctx.Err() == nil { // it alone takes too long
			report.Busy = append(report.Busy, e.ID)
			err = nil
		}
		if err == nil {
			place = at
		}
		return err
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	out := &LedgerOutput{}
	out.Body.EServices, out.Body.Busy = report.EServices, report.Busy
	out.Body.Differences = make([]DifferenceView, len(report.Differences))
	for i, d := range report.Differences {
		out.Body.Differences[i] = DifferenceView(d)
	}
	out.Body.Complete = err == nil
	if err != nil {
		out.Body.Next = base64.RawURLEncoding.EncodeToString([]byte(place))
	}
	return out, nil
}
