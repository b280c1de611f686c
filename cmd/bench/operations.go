package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/sign"
	signlocal "ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/table/dynamo"
)

const issuer = "ISSUER-001"

// cost is one line of the table: a call and the most round trips and items read
// that its budget allows.
type cost struct {
	name              string
	method, path      string
	body              string
	roundTrips, items int
	// repeatable calls change nothing, so that allocations can be averaged.
	repeatable bool
	caller     api.Identity // where callers differ
}

// bench is a deployment to measure on: one handler, its log, a clock.
type bench struct {
	db      table.DB
	sealer  seal.Sealer
	signer  *sign.Signer
	handler http.Handler
	log     bytes.Buffer
	caller  api.Identity
	now     time.Time
	ids     int           // that were given
	all     bool          // everything is to be measured
	built   time.Duration // spent by compilers
	failed  *[]string
	lines   map[string]line // of the operations that were measured
	close   func() error
}

// fail records something that is over its budget or does not work.
func (b *bench) fail(what string) { *b.failed = append(*b.failed, what) }

// benchOperations measures every kind of request.
func benchOperations(ctx context.Context, b *bench, s *section) error {
	out := s.table()
	fmt.Fprintln(out, "operation\tstatus\tround trips\titems read\tread units\twrite units\tallocations\tbudget (trips, items)\t")
	for _, c := range b.costs(ctx) {
		b.measure(ctx, out, c)
	}
	if err := b.measurePurge(ctx, out); err != nil {
		return err
	}
	b.benchServices(ctx, out)
	b.benchAgreements(ctx, out)
	b.benchPurposes(ctx, out)
	b.benchVouchers(ctx, out)
	b.benchRate(ctx, out, s)
	b.benchDoor(ctx, out)
	b.reachCosts(s)
	return out.Flush()
}

// reachCosts tells how the costs stand to the goals.
func (b *bench) reachCosts(s *section) {
	var before, now, trips float64
	for name, units := range transitions {
		l, measured := b.lines[name]
		if !measured {
			b.fail(name + ": not measured")
		}
		before += units
		now += l.WriteUnits
		if strings.HasPrefix(name, "agreement: ") {
			trips = max(trips, float64(l.RoundTrips))
		}
	}
	s.reach(goalTransitions, now/before)
	s.reach(goalAgreements, trips)
}

// transitions are those of agreements and purposes, with the write units of the release that
// docs/performance.md starts from.
var transitions = map[string]float64{
	"agreement: submit, in use at once": 24, "agreement: approve": 26, "agreement: reject": 18, "agreement: suspend": 18,
	"agreement: unsuspend": 22, "agreement: upgrade": 36, "agreement: archive": 20,
	"purpose: activate, within the thresholds": 22, "purpose: activate, above": 22, "purpose: reject": 16, "purpose: suspend": 20,
	"purpose: unsuspend": 24, "purpose: approve": 20, "purpose: archive": 22,
}

// newBench makes a bench on an embedded engine that is empty.
func newBench() (*bench, error) {
	db, err := bolt.Open("", catalog.Schemas())
	if err != nil {
		return nil, err
	}
	b, err := newBenchOn(db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	b.close = db.Close
	return b, nil
}

// local makes a bench on DynamoDB Local, with tables of its own. It reports with b.
func (b *bench) local(ctx context.Context) (*bench, error) {
	db, err := localTables(ctx)
	if err != nil {
		return nil, err
	}
	of, err := newBenchOn(db)
	if err != nil {
		return nil, err
	}
	of.all, of.failed = b.all, b.failed
	return of, nil
}

// localTables makes empty tables in DynamoDB Local.
func localTables(ctx context.Context) (*dynamo.DB, error) {
	config, err := dynamo.ConfigFromEnv(os.Getenv, catalog.Schemas()...)
	if err != nil {
		return nil, err
	}
	ownNames(config)
	db := dynamo.New(config)
	return db, dynamo.CreateTables(ctx, db, config.Schemas...)
}

// ownNames gives the tables names that nobody else has, and returns the environment that
// functions find them by. They get no streams: nobody reads them, and each keeps DynamoDB
// Local busy.
func ownNames(config dynamo.Config) (env []string) {
	for i, s := range config.Schemas {
		config.Schemas[i].Stream = false
		config.Names[s.Name] = "bench-" + s.Name + "-" + uuid.NewString()
		env = append(env, "TABLE_"+strings.ToUpper(s.Name)+"="+config.Names[s.Name])
	}
	return env
}

func newBenchOn(db table.DB) (b *bench, err error) {
	b = &bench{
		db: db, failed: new([]string), lines: map[string]line{}, now: time.Now().UTC(),
		caller: api.Identity{Subject: issuer, Tenants: []string{issuer}, Scopes: consumers.Writers},
	}
	b.close = func() error { return nil }
	if b.sealer, err = local.Open(""); err != nil {
		return nil, err
	}
	if b.signer, err = signlocal.Open(""); err != nil {
		return nil, err
	}
	b.handler, err = api.NewHandler(b.deps(), catalog.Operations()...)
	return b, err
}

func (b *bench) deps() api.Deps {
	return api.Deps{
		DB: b.db, Now: func() time.Time { return b.now }, Entropy: rand.Reader,
		Setting: func(name string) string { return map[string]string{"SIGN_ISSUER": voucherIssuer}[name] },
		Log:     slog.New(slog.NewJSONHandler(&b.log, nil)), Sealer: b.sealer, Signer: b.signer, Keys: b.signer.Keys(),
	}
}

// costs prepares what the calls need and returns them.
func (b *bench) costs(ctx context.Context) []cost {
	c := func(id, rest string) string { return "/issuers/" + issuer + "/consumers/" + id + rest }
	card := "/issuers/" + issuer + "/cards/"
	for _, id := range []string{"listed", "small", "large"} {
		b.call(ctx, http.MethodPut, c(id, "/cards"), fmt.Sprintf(
			`{"cards":[{"cardId":"%[1]s-1","accountId":"%[1]s-a"},{"cardId":"%[1]s-2","accountId":"%[1]s-a"}]}`, id))
	}
	for i := range 120 {
		b.call(ctx, http.MethodPut, fmt.Sprintf("%slarge-1/digitalCards/d%d", card, i), "")
	}
	b.call(ctx, http.MethodPut, card+"listed-1/digitalCards/d1", "")
	b.call(ctx, http.MethodPut, c("bare", ""), "")
	b.operations(ctx, "few", 20)
	b.operations(ctx, "many", 2000)
	return []cost{
		{name: "register, new", method: http.MethodPut, path: c("new", ""), roundTrips: 1},
		{name: "register, repeated", method: http.MethodPut, path: c("new", ""), roundTrips: 1, repeatable: true},
		{
			name: "register 2 cards", method: http.MethodPut, path: c("new", "/cards"), body: `{"cards":[{"cardId":"n1"},{"cardId":"n2"}]}`,
			roundTrips: 2, items: 1,
		},
		{
			name: "register account", method: http.MethodPut, path: "/issuers/" + issuer + "/accounts/a-new",
			body: `{"consumerId":"new","state":"ACTIVE"}`, roundTrips: 1,
		},
		{name: "register digital card", method: http.MethodPut, path: card + "n1/digitalCards/d1", roundTrips: 2, items: 1},
		{name: "get consumer", method: http.MethodGet, path: c("new", ""), roundTrips: 1, items: 1, repeatable: true},
		{name: "get card with 1 digital card", method: http.MethodGet, path: card + "listed-1", roundTrips: 1, items: 2, repeatable: true},
		{name: "list cards", method: http.MethodGet, path: c("listed", "/cards"), roundTrips: 3, items: 4, repeatable: true},
		{name: "list 10 of 20 operations", method: http.MethodGet, path: c("few", "/operations"), roundTrips: 2, items: 12, repeatable: true},
		{name: "list 10 of 2000 operations", method: http.MethodGet, path: c("many", "/operations"), roundTrips: 2, items: 112, repeatable: true},
		{
			name: "list 10 of 2000, offset 1500", method: http.MethodGet, path: c("many", "/operations?offset=1500"),
			roundTrips: 2, items: 140, repeatable: true,
		},
		{
			name: "get operation", method: http.MethodGet, path: c("few", "/operations/"+b.lastOperation(ctx, c("few", "/operations?limit=1"))),
			roundTrips: 1, items: 1, repeatable: true,
		},
		{name: "delete, nothing under it", method: http.MethodPost, path: c("bare", "/operations:delete"), roundTrips: 2, items: 1},
		{name: "delete, 3 children", method: http.MethodPost, path: c("small", "/operations:delete"), roundTrips: 3, items: 4},
		{name: "delete, 123 children (PENDING)", method: http.MethodPost, path: c("large", "/operations:delete"), roundTrips: 2, items: 1},
		{
			name: "delete, repeated while PENDING", method: http.MethodPost, path: c("large", "/operations:delete"),
			roundTrips: 1, items: 1, repeatable: true,
		},
	}
}

// operations appends n operations of a consumer, 20 a day.
func (b *bench) operations(ctx context.Context, id string, n int) {
	present := b.now
	defer func() { b.now = present }()
	log, err := operation.NewLog(b.deps())
	if err != nil {
		b.fail(err.Error())
		return
	}
	owner, lastID := operation.Owner{IssuerID: issuer, ConsumerID: id}, ""
	for i := range n {
		b.now = present.AddDate(0, 0, -(n-i)/25)
		id, at, err := log.Next(lastID)
		if err == nil {
			lastID = id
			entry := operation.Entry{Owner: owner, ID: id, At: at, Kind: operation.Register, Action: operation.Record}
			var steps []table.Step
			if steps, err = log.EntrySteps(ctx, entry); err == nil {
				err = b.db.Write(ctx, steps...)
			}
		}
		if err != nil {
			b.fail(err.Error())
			return
		}
	}
}

func (b *bench) lastOperation(ctx context.Context, path string) string {
	var page struct {
		Operations []struct{ OperationID string }
	}
	if err := json.Unmarshal(b.call(ctx, http.MethodGet, path, "").Body.Bytes(), &page); err != nil || len(page.Operations) == 0 {
		return "none"
	}
	return page.Operations[0].OperationID
}

func (b *bench) call(ctx context.Context, method, path, body string) *httptest.ResponseRecorder {
	b.log.Reset()
	return b.callAs(ctx, b.caller, method, path, body)
}

// callAs calls as somebody; several may at once.
func (b *bench) callAs(ctx context.Context, caller api.Identity, method, path, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(api.WithIdentity(ctx, caller), method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(body, "client_") {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	b.handler.ServeHTTP(rec, req)
	return rec
}

// line is the log line of the last call, where the counts are.
type line struct {
	Status                int
	RoundTrips, ItemsRead int
	ReadUnits, WriteUnits float64
	Operation, Problem    string
}

func (b *bench) measure(ctx context.Context, out *tabwriter.Writer, c cost) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.call(ctx, c.method, c.path, c.body)
	runtime.ReadMemStats(&after)
	var l line
	if err := json.Unmarshal(b.log.Bytes(), &l); err != nil || l.Status >= http.StatusBadRequest {
		b.fail(fmt.Sprintf("%s: %d %s", c.name, l.Status, l.Problem))
		return
	}
	allocations := fmt.Sprint("about ", after.Mallocs-before.Mallocs) // of this one call, and whatever else ran
	if c.repeatable {
		allocations = fmt.Sprint(testing.AllocsPerRun(20, func() { b.call(ctx, c.method, c.path, c.body) }))
	}
	b.lines[c.name] = l
	mark := ""
	if l.RoundTrips > c.roundTrips || l.ItemsRead > c.items {
		mark = " OVER"
		b.fail(c.name)
	}
	fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%g\t%g\t%s\t%d, %d%s\t\n",
		c.name, l.Status, l.RoundTrips, l.ItemsRead, l.ReadUnits, l.WriteUnits, allocations, c.roundTrips, c.items, mark)
}

// measurePurge purges the operations of the consumer that has 20, three months on.
func (b *bench) measurePurge(ctx context.Context, out *tabwriter.Writer) error {
	purge, err := retention.NewPurge(b.deps(), retention.Operations.Name)
	if err != nil {
		return err
	}
	b.now = b.now.AddDate(0, 4, 0)
	metered, meter := table.WithMeter(ctx)
	report, err := purge.Run(metered, retention.Request{})
	if err != nil {
		return err
	}
	u := meter.Usage()
	fmt.Fprintf(out, "purge of %d operations\t-\t%d\t%d\t%g\t%g\t-\t%.2f write units per operation\t\n",
		report.Deleted, u.RoundTrips, u.ItemsRead, u.ReadUnits, u.WriteUnits, u.WriteUnits/float64(report.Deleted))
	return nil
}
