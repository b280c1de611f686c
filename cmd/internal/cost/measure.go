package cost

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws/sqs"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// Call is what one call of an operation uses, in a process that has answered before.
type Call struct {
	ID, Product string
	Reads       bool // changes nothing
	Public      bool // no authorizer is asked
	Signs       bool // issues a token

	Trips, Transactions   int // round trips to DynamoDB, and those of them that are transactions
	Items                 int // that were read
	ReadUnits, WriteUnits float64
	KMS, Puts, Gets       int // calls of KMS and S3
	Queues                int // calls of SQS
	Memory                int // MB of the function
	Line, Access, Out     int // bytes of the function's log lines, of the access log, of the answer
	Stored                int // bytes of new items in the table of operations
}

// moment is the time of all measurements.
var moment = time.Date(2026, time.December, 1, 10, 0, 0, 0, time.UTC)

// meter measures operations, one after the other.
type meter struct {
	around *sample.Surroundings
	begin  time.Time
	now    time.Time
	db     *counted
	log    bytes.Buffer
	access map[string]int // bytes of a line of the access log, by product
}

// entropy is a source of random bytes that is the same each time.
type entropy struct {
	mu     sync.Mutex
	source *rand.ChaCha8
}

func (e *entropy) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.source.Read(p)
}

func newMeter(ctx context.Context, begin time.Time, access map[string]int) (*meter, error) {
	m := &meter{begin: begin, now: begin, db: &counted{}, access: access}
	var err error
	m.around, err = sample.SurroundAt(ctx, func() time.Time { return m.now }, &entropy{source: rand.NewChaCha8([32]byte{1})})
	return m, err
}

func (m *meter) close() error {
	m.around.Stop()
	return m.empty()
}

// empty ends the storage.
func (m *meter) empty() error {
	db, ok := m.db.DB.(*bolt.DB)
	m.db.DB = nil
	if !ok {
		return nil
	}
	return db.Close()
}

// seed begins anew with what the event of a function speaks of. That is two days old, and so is
// the key that signs vouchers, which does not sign before it has been published for a day.
func (m *meter) seed(ctx context.Context, function string) error {
	if err := m.empty(); err != nil {
		return err
	}
	db, err := bolt.Open("", catalog.Schemas())
	if err != nil {
		return err
	}
	m.db.DB = db
	m.now = m.begin.AddDate(0, 0, -2)
	defer func() { m.now = m.begin }()
	if err := m.around.Seed(ctx, m.db, function); err != nil || function != voucherID {
		return err
	}
	run, err := voucher.AnswerKeys.Start(m.around.Deps(m.db))
	if err == nil {
		_, err = run(ctx, nil)
	}
	return err
}

// deps are those of a function with that id.
func (m *meter) deps(id string) (api.Deps, error) {
	deps := m.around.Deps(m.db)
	deps.Log = host.NewLogger(&m.log, func(name string) string {
		return map[string]string{
			"AWS_LAMBDA_FUNCTION_NAME": "ciclo-prod-" + strings.ReplaceAll(id, "/", "-"), "AWS_LAMBDA_FUNCTION_VERSION": "10",
		}[name]
	})
	var err error
	if deps.Signer, err = kms.FromEnv(m.around.Getenv); err != nil {
		return deps, err
	}
	deps.Keys = deps.Signer.Keys()
	return deps, nil
}

// operation measures one operation by its event, which filled completes. What changes nothing, and what issues
// tokens, is called twice: the second call finds what the first one has kept in memory.
func (m *meter) operation(ctx context.Context, product string, op api.Op, filled fill) (Call, error) {
	s := op.Describe()
	c := Call{
		ID: s.ID, Product: product, Reads: s.Method == http.MethodGet, Public: s.Public, Signs: s.Token,
		Memory: max(s.Memory, defaultMemory), Access: m.access[product],
	}
	if err := m.seed(ctx, s.ID); err != nil {
		return c, err
	}
	text, err := sample.Event(s)
	if err != nil {
		return c, err
	}
	serve, err := m.handler(ctx, op, s)
	if err != nil {
		return c, err
	}
	times := 1
	if c.Reads || c.Signs {
		times = 2
	}
	for range times {
		event, err := filled(m.around, text)
		if err != nil {
			return c, err
		}
		if err := m.send(ctx, &c, serve, event); err != nil {
			return c, fmt.Errorf("%s: %w", s.ID, err)
		}
	}
	return c, nil
}

// fill puts credentials into an event.
type fill func(around *sample.Surroundings, event []byte) ([]byte, error)

func plain(around *sample.Surroundings, event []byte) ([]byte, error) { return around.Fill(event), nil }

// withProof is plain for a request for a voucher that is bound to a key.
func withProof(around *sample.Surroundings, event []byte) ([]byte, error) {
	proof, err := around.TokenProof()
	if err != nil {
		return nil, err
	}
	var e map[string]any
	if err := json.Unmarshal(around.Fill(event), &e); err != nil {
		return nil, err
	}
	for name, value := range map[string]any{"headers": proof, "multiValueHeaders": []string{proof}} {
		headers, ok := e[name].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the event has no %s", name)
		}
		headers["DPoP"] = value
	}
	return json.Marshal(e)
}

// answer is what a function answers to API Gateway.
type answer struct {
	StatusCode        int
	Body              string
	MultiValueHeaders map[string][]string
}

// handler returns the function of an operation, as JSON to JSON.
func (m *meter) handler(ctx context.Context, op api.Op, s api.Spec) (func(context.Context, []byte) (answer, error), error) {
	deps, err := m.deps(s.ID)
	if err != nil {
		return nil, err
	}
	if slices.Contains(s.AllNeeds(), api.NeedIntegrity) {
		deps.Integrity = s.Product.Integrity(deps)
		if err := deps.Integrity.Load(ctx); err != nil {
			return nil, err
		}
	}
	deps.Queues = map[string]api.Queue{}
	for _, name := range s.Queues {
		if deps.Queues[name], err = sqs.FromEnv(m.around.Getenv, "DEAD_LETTERS_"+strings.ToUpper(name)); err != nil {
			return nil, err
		}
	}
	h, err := api.NewHandler(deps, op)
	if err != nil {
		return nil, err
	}
	serve := host.Proxy(h)
	return func(ctx context.Context, event []byte) (answer, error) {
		res, err := invoke(ctx, serve, event)
		return answer{res.StatusCode, res.Body, res.MultiValueHeaders}, err
	}, nil
}

// invoke hands an event to a function.
func invoke[I, O any](ctx context.Context, serve func(context.Context, I) (O, error), event []byte) (O, error) {
	var in I
	if err := json.Unmarshal(event, &in); err != nil {
		var none O
		return none, err
	}
	return serve(ctx, in)
}

// line is what is read of log lines.
type line struct {
	RoundTrips, ItemsRead int
	ReadUnits, WriteUnits float64
	AWS                   struct {
		CloudWatchMetrics []struct{ Metrics []any }
	} `json:"_aws"`
}

// send calls a function and counts what that takes.
func (m *meter) send(ctx context.Context, c *Call, serve func(context.Context, []byte) (answer, error), event []byte) error {
	m.reset()
	res, err := serve(ctx, event)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%d %s", res.StatusCode, res.Body)
	}
	c.Out = len("HTTP/1.1 200 OK\r\n\r\n") + len(res.Body)
	for name, values := range res.MultiValueHeaders {
		for _, value := range values {
			c.Out += len(name) + len(value) + len(": \r\n")
		}
	}
	if err := m.count(c); err != nil {
		return err
	}
	var s3 int
	c.KMS, s3, c.Queues = m.around.Calls()
	c.Puts, c.Gets = s3, 0
	if c.Reads {
		c.Puts, c.Gets = 0, s3
	}
	return nil
}

// lines adds up the log lines of an invocation.
func (m *meter) lines() (all line, err error) {
	for text := range strings.Lines(m.log.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			return all, fmt.Errorf("log %q: %w", text, err)
		}
		all.RoundTrips += l.RoundTrips
		all.ItemsRead += l.ItemsRead
		all.ReadUnits += l.ReadUnits
		all.WriteUnits += l.WriteUnits
		all.AWS.CloudWatchMetrics = append(all.AWS.CloudWatchMetrics, l.AWS.CloudWatchMetrics...)
	}
	return all, nil
}

var stamp = regexp.MustCompile(`"timestamp":"[^"]*"`)

// reset forgets what was counted.
func (m *meter) reset() {
	m.log.Reset()
	m.db.transactions, m.db.stored = 0, 0
	m.around.Calls()
}

// count reads the log lines of an invocation.
func (m *meter) count(c *Call) error {
	l, err := m.lines()
	if err != nil {
		return err
	}
	c.Trips, c.Items, c.ReadUnits, c.WriteUnits = l.RoundTrips, l.ItemsRead, l.ReadUnits, l.WriteUnits
	text := stamp.ReplaceAll(m.log.Bytes(), []byte(`"timestamp":"2026-12-01T10:00:00.000000000Z"`)) // zeros at its end are left out
	c.Line = len(text) + requestIDBytes*bytes.Count(text, []byte("\n"))
	c.Transactions, c.Stored = m.db.transactions, m.db.stored
	return nil
}

// counted counts what the meters of engines do not.
type counted struct {
	table.DB
	mu           sync.Mutex
	transactions int
	stored       int // bytes of the items put into the table of operations
}

// Write implements [table.DB].
func (db *counted) Write(ctx context.Context, steps ...table.Step) error {
	db.mu.Lock()
	if len(steps) > 1 {
		db.transactions++
	}
	for _, s := range steps {
		if s.Verb != table.PutItem || s.Key.Table != retention.Operations.Name {
			continue
		}
		item, encoded := s.Value.(table.Item)
		if !encoded {
			item, _ = table.Encode(s.Value) // the engine refuses what cannot be encoded
		}
		db.stored += bolt.Size(item) + len(table.PK+table.SK+s.Key.PK+s.Key.SK)
	}
	db.mu.Unlock()
	return db.DB.Write(ctx, steps...)
}
