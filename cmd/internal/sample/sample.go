// Package sample is the data that the files in events/ speak of: what has to be
// there for each of them to be answered with success.
package sample

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// What the event files name.
const (
	issuerID    = "ISSUER-001"
	consumerOne = "consumer-1"
	// large is the consumer whose deletion is left to the worker.
	large             = "consumer-2"
	largeDigitalCards = 100
	// OperationID is the id of an operation on consumer; its time is in the
	// year 2100, so that the event file does not expire.
	OperationID       = "03QCPC7P000000000000000001"
	beforeOperationID = "03QCPC7P000000000000000000"
)

// Seed stores in db what the event of the function speaks of, by the operations'
// own code; repeating it restores what invoked functions changed, as far as
// lifecycles allow.
func (s *Surroundings) Seed(ctx context.Context, db table.DB, function string) error {
	deps := s.Deps(db)
	switch Tables(function)[0].Name {
	case services.Table.Name:
		return s.seedServices(ctx, deps)
	case interop.Table.Name:
		if err := s.seedAnswerKeys(ctx, deps); err != nil {
			return err
		}
		return seedInterop(ctx, deps, s.pen, function)
	}
	return seedConsumers(ctx, deps, s.grantPen)
}

// Deps is what the surroundings give to operations on db, which log nothing.
func (s *Surroundings) Deps(db table.DB) api.Deps {
	return api.Deps{
		DB: db, Now: s.now, Entropy: s.entropy,
		Setting: func(name string) string {
			if name == consumer.ReuseSetting {
				return "true"
			}
			return s.Getenv(name)
		},
		Log:    slog.New(slog.DiscardHandler),
		Sealer: s.sealer, Blobs: s.logos,
	}
}

// Tables lists the tables that the function uses and, for one of the consumers'
// product, both of that product, as its sample data is in both. They have their
// streams, although an event stands for them: a sandbox may use the tables next.
func Tables(function string) []table.Schema {
	tables := []table.Schema{consumer.Consumers, retention.Operations}
	for _, f := range catalog.Functions() {
		if f.ID != function || len(f.Access) == 0 {
			continue
		}
		if first := f.Access[0].Table.Name; first == services.Table.Name || first == interop.Table.Name {
			tables = api.Schemas(f.Access)
		}
	}
	return tables
}

func seedConsumers(ctx context.Context, deps api.Deps, pen *ecdsa.PrivateKey) error {
	handler, err := api.NewHandler(deps, slices.Concat(consumer.Operations(), operation.Operations(), issuer.Operations())...)
	if err != nil {
		return err
	}
	s := seeder{handler: handler}
	s.put(ctx, "consumers/"+consumerOne+"/cards", `{"cards":[{"cardId":"card-1","accountId":"account-1","cardProductId":"product-1"}]}`)
	s.put(ctx, "cards/card-1/digitalCards/digital-card-1", "")
	s.put(ctx, "consumers/"+large+"/cards", `{"cards":[{"cardId":"card-9","accountId":"account-9"}]}`)
	for i := range largeDigitalCards {
		s.put(ctx, fmt.Sprintf("cards/card-9/digitalCards/digital-card-%d", i), "")
	}
	s.call(ctx, http.MethodPost, "consumers/"+large+"/operations:delete", "")
	s.issuerKeys(ctx, pen)
	if s.err != nil {
		return s.err
	}
	return seedOperation(ctx, deps)
}

// seedOperation stores the operation that the event of operation/get asks for.
func seedOperation(ctx context.Context, deps api.Deps) error {
	log, err := operation.NewLog(deps)
	if err != nil {
		return err
	}
	owner := operation.Owner{IssuerID: issuerID, ConsumerID: consumerOne}
	if _, there, err := log.Get(ctx, owner, OperationID); err != nil || there {
		return err
	}
	id, at, err := log.Next(beforeOperationID)
	if err != nil {
		return err
	}
	steps, err := log.EntrySteps(ctx, operation.Entry{Owner: owner, ID: id, At: at, Kind: operation.Register, Action: operation.Record})
	if err != nil {
		return err
	}
	return deps.DB.Write(ctx, steps...)
}

// seeder calls operations until one fails.
type seeder struct {
	handler http.Handler
	err     error
	body    string // of the last answer
}

func (s *seeder) put(ctx context.Context, path, body string) {
	s.call(ctx, http.MethodPut, path, body)
}

// call calls the consumers product.
func (s *seeder) call(ctx context.Context, method, path, body string) {
	ctx = api.WithIdentity(ctx, api.Identity{Subject: issuerID, Tenants: []string{issuerID}, Scopes: consumers.Writers, Kind: "issuer"})
	s.send(ctx, method, "/issuers/"+issuerID+"/"+path, body)
}

func (s *seeder) send(ctx context.Context, method, path, body string) {
	if s.err != nil {
		return
	}
	req, err := http.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	if err != nil {
		s.err = err
		return
	}
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, req)
	s.body = rec.Body.String()
	// A conflict says that the large consumer is being deleted already, as it should.
	if rec.Code >= http.StatusBadRequest && rec.Code != http.StatusConflict {
		s.err = fmt.Errorf("sample data: %s %s: %d %s", method, path, rec.Code, rec.Body)
	}
}
