package retention_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/testing/apitest"
)

// schemas also has a table that the purge must not touch.
var schemas = []table.Schema{retention.Operations, {Name: "consumers"}}

// edge is the time of recording of operations that expire, under the shortest retention, when a
// world starts.
var edge = time.Date(2026, 8, 21, 10, 0, 0, 0, time.UTC)

// world is an apitest.World with operations and their purge.
type world struct{ *apitest.World }

func each(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, schemas, nil, func(t *testing.T, w *apitest.World) { test(t, world{w}) })
}

// embedded tells whether the storage is the embedded engine. It does many more writes per second
// than DynamoDB Local.
func (w world) embedded() bool {
	_, ok := w.DB.(*bolt.DB)
	return ok
}

// op is an operation of a consumer, recorded at an instant, the n-th of it.
type op struct {
	consumer int
	at       time.Time
	n        int
}

// row is the row of an operation.
type row struct {
	ID string `dynamodbav:"operationId"`
	journal.Expiry
}

func (o op) partition() string { return fmt.Sprintf("OWNER#consumer-%03d", o.consumer) }

// expired tells whether o has expired at now, under the shortest retention.
func (o op) expired(t testing.TB, now time.Time) bool {
	return !now.Before(policy(t, retention.MinMonths).ExpiresAt(o.at))
}

func split(t testing.TB, ops []op, now time.Time) (expired, live []op) {
	for _, o := range ops {
		if o.expired(t, now) {
			expired = append(expired, o)
		} else {
			live = append(live, o)
		}
	}
	return expired, live
}

// steps returns the steps that record o.
func (w world) steps(t testing.TB, o op) []table.Step {
	t.Helper()
	j, err := journal.New(w.Deps())
	if err != nil {
		t.Fatal(err)
	}
	id := o.id(t)
	return j.RowSteps(o.partition(), id, o.at, func(expiry journal.Expiry) journal.Row { return row{ID: id, Expiry: expiry} })
}

// record stores operations, as many at a time as fit a transaction.
func (w world) record(t testing.TB, ops ...op) {
	t.Helper()
	var steps []table.Step
	place := map[table.Key]int{}
	flush := func() {
		if err := w.DB.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
		steps = nil
		clear(place)
	}
	for _, o := range ops {
		more := w.steps(t, o)
		if len(steps)+len(more) > table.MaxSteps {
			flush()
		}
		for _, s := range more {
			if i, ok := place[s.Key]; ok {
				for name, n := range s.Do.Add {
					steps[i].Do.Add[name] += n
				}
				continue
			}
			s.Label = fmt.Sprint(len(steps))
			place[s.Key] = len(steps)
			steps = append(steps, s)
		}
	}
	flush()
}

func (o op) id(t testing.TB) string {
	t.Helper()
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(o.at)); err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint64(id[8:], uint64(o.n))
	return id.String()
}

// key is the key of o's row.
func (o op) key(t testing.TB) table.Key {
	return table.Key{Table: retention.Operations.Name, PK: o.partition(), SK: "OP#" + o.id(t)}
}

// rows is the content of the table of operations, a text for each key.
type rows map[string]string

// stored reads all partitions of ops and of the purge.
func (w world) stored(t testing.TB, ops ...op) rows {
	t.Helper()
	all := rows{}
	w.scan(t, ops, func(key string, row map[string]any) { all[key] = fmt.Sprint(row) })
	return all
}

// records returns stored without the attributes that a purge changes in rows that it keeps.
func (w world) records(t testing.TB, ops ...op) rows {
	t.Helper()
	all := rows{}
	w.scan(t, ops, func(key string, row map[string]any) {
		if key != "PURGE STATE" {
			delete(row, "next")
			all[key] = fmt.Sprint(row)
		}
	})
	return all
}

func (w world) scan(t testing.TB, ops []op, yield func(key string, row map[string]any)) {
	t.Helper()
	partitions := []string{"PURGE"}
	for shard := range 16 {
		partitions = append(partitions, fmt.Sprintf("PURGE#%02d", shard))
	}
	for _, o := range ops {
		partitions = append(partitions, o.partition())
	}
	slices.Sort(partitions)
	for _, pk := range slices.Compact(partitions) {
		q := table.Query{Table: retention.Operations.Name, PK: pk, Consistent: true}
		err := table.All(t.Context(), w.DB, q, func(item table.Item) error {
			var row map[string]any
			err := table.Decode(item, &row)
			yield(fmt.Sprint(row[table.PK], " ", row[table.SK]), row)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// kept returns the rows of all that must remain when only live operations do: those that
// recording the operations writes.
func (w world) kept(t testing.TB, all rows, live []op) rows {
	t.Helper()
	want := rows{}
	for _, o := range live {
		for _, s := range w.steps(t, o) {
			key := fmt.Sprint(s.Key.PK, " ", s.Key.SK)
			want[key] = all[key]
		}
	}
	return want
}

func (w world) purge(t testing.TB) (retention.Report, error) {
	t.Helper()
	return w.run(t.Context(), t, retention.Request{})
}

func (w world) run(ctx context.Context, t testing.TB, req retention.Request) (retention.Report, error) {
	t.Helper()
	p, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
	if err != nil {
		t.Fatal(err)
	}
	return p.Run(ctx, req)
}

// mustPurge removes all expired rows and returns how many there were.
func (w world) mustPurge(t testing.TB) int {
	t.Helper()
	rep, err := w.purge(t)
	if err != nil || !rep.Done {
		t.Fatalf("purge: %+v, %v", rep, err)
	}
	return rep.Deleted
}

// stopwatch returns how long ago it was called, by the fake clock of a bubble of synctest.
func stopwatch() func() time.Duration {
	begin := time.Now()                                      //nolint:forbidigo // see above
	return func() time.Duration { return time.Since(begin) } //nolint:forbidigo // see above
}

func same(t testing.TB, what string, want, got rows) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// through returns the world with a storage that calls before and after with each call; both may
// be nil.
func (w world) through(before, after func(call) error) world {
	return world{w.Through(&hooked{DB: w.DB, before: before, after: after})}
}

// call is a call of the storage: a get, a query, a write, or a removal of items.
type call struct {
	n       int // from 0
	ctx     context.Context
	query   *table.Query
	steps   []table.Step
	deletes []table.Key
}

// removes returns the rows of operations that c removes.
func (c call) removes() (keys []table.Key) {
	for _, key := range c.deletes {
		if strings.HasPrefix(key.SK, "OP#") {
			keys = append(keys, key)
		}
	}
	return keys
}

type hooked struct {
	table.DB
	before, after func(call) error

	mu sync.Mutex
	n  int
}

func (h *hooked) wrap(c call, do func() error) error {
	h.mu.Lock()
	c.n = h.n
	h.n++
	h.mu.Unlock()
	if h.before != nil {
		if err := h.before(c); err != nil {
			return err
		}
	}
	if err := do(); err != nil || h.after == nil {
		return err
	}
	return h.after(c)
}

func (h *hooked) Get(ctx context.Context, key table.Key) (item table.Item, err error) {
	err = h.wrap(call{ctx: ctx}, func() error { item, err = h.DB.Get(ctx, key); return err })
	return item, err
}

func (h *hooked) Query(ctx context.Context, q table.Query) (page table.Page, err error) {
	err = h.wrap(call{ctx: ctx, query: &q}, func() error { page, err = h.DB.Query(ctx, q); return err })
	return page, err
}

func (h *hooked) Write(ctx context.Context, steps ...table.Step) error {
	return h.wrap(call{ctx: ctx, steps: steps}, func() error { return h.DB.Write(ctx, steps...) })
}

func (h *hooked) DeleteAll(ctx context.Context, keys []table.Key) error {
	return h.wrap(call{ctx: ctx, deletes: keys}, func() error { return h.DB.DeleteAll(ctx, keys) })
}
