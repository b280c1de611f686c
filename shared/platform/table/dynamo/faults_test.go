package dynamo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
)

// call is one use of an engine on items a, b and counter of a partition, of
// which a exists with n = 1, and what they are like once it was carried out once.
type call struct {
	name string
	do   func(ctx context.Context, db table.DB) (any, error)
	want any // result
	then map[string]item
}

// item is an item without its key; Missing stands for none.
type item struct {
	N       int  `dynamodbav:"n"`
	Missing bool `dynamodbav:"-"`
}

// partition is where one test keeps its items.
type partition string

func (p partition) key(sk string) table.Key { return table.Key{Table: "things", PK: string(p), SK: sk} }

func (p partition) calls() []call { return append(p.reading(), p.writing()...) }

func write(steps ...table.Step) func(context.Context, table.DB) (any, error) {
	return func(ctx context.Context, db table.DB) (any, error) { return nil, db.Write(ctx, steps...) }
}

// untouched are the items before the call.
var untouched = map[string]item{"a": {N: 1}, "b": {Missing: true}, "counter": {Missing: true}}

func (p partition) reading() []call {
	return []call{
		{name: "get", want: item{N: 1}, then: untouched, do: func(ctx context.Context, db table.DB) (any, error) {
			got, err := db.Get(ctx, p.key("a"))
			return decoded(got, err)
		}},
		{name: "batch-get", want: []item{{Missing: true}, {N: 1}}, then: untouched, do: func(ctx context.Context, db table.DB) (any, error) {
			got, err := db.BatchGet(ctx, []table.Key{p.key("b"), p.key("a")})
			return decodedAll(got, err)
		}},
		{name: "query", want: []item{{N: 1}}, then: untouched, do: func(ctx context.Context, db table.DB) (any, error) {
			page, err := db.Query(ctx, table.Query{Table: "things", PK: string(p), From: "a", To: "b", Consistent: true})
			return decodedAll(page.Items, err)
		}},
	}
}

func (p partition) writing() []call {
	absent := item{Missing: true}
	add := table.Changes{Add: map[string]int64{"n": 7}}
	return []call{
		{
			name: "create", do: write(table.Put("put", p.key("b"), item{N: 2}, table.NotExists())),
			then: map[string]item{"a": {N: 1}, "b": {N: 2}, "counter": absent},
		},
		{
			name: "replace", do: write(table.Put("put", p.key("a"), item{N: 2}, table.Equals("n", 1))),
			then: map[string]item{"a": {N: 2}, "b": absent, "counter": absent},
		},
		{
			name: "delete", do: write(table.Delete("delete", p.key("a"), table.Equals("n", 1))),
			then: map[string]item{"a": absent, "b": absent, "counter": absent},
		},
		{
			name: "delete-all", do: func(ctx context.Context, db table.DB) (any, error) {
				return nil, db.DeleteAll(ctx, []table.Key{p.key("b"), p.key("a")})
			},
			then: map[string]item{"a": absent, "b": absent, "counter": absent},
		},
		{
			name: "count", do: write(table.Update("count", p.key("counter"), add)),
			then: map[string]item{"a": {N: 1}, "b": absent, "counter": {N: 7}},
		},
		{
			name: "transaction",
			do: write(
				table.Put("put", p.key("b"), item{N: 2}, table.NotExists()),
				table.Update("count", p.key("counter"), add, table.NotExists()),
				table.Delete("delete", p.key("a"), table.Exists())),
			then: map[string]item{"a": absent, "b": {N: 2}, "counter": {N: 7}},
		},
	}
}

func decoded(got table.Item, err error) (item, error) {
	if err != nil || got == nil {
		return item{Missing: true}, err
	}
	var i item
	err = table.Decode(got, &i)
	return i, err
}

func decodedAll(got []table.Item, err error) ([]item, error) {
	items := make([]item, len(got))
	for i := range got {
		if err == nil {
			items[i], err = decoded(got[i], nil)
		}
	}
	return items, err
}

// sabotage runs test for every call, on DynamoDB Local if it is running, with an
// engine that sends through an injector and finds item a in a partition of its own.
func sabotage(t *testing.T, test func(*testing.T, sabotaged)) {
	t.Helper()
	if !running(t) {
		return
	}
	c := config(t, things)
	engine.Dynamo(t, c)
	for i, named := range partition("").calls() {
		t.Run(named.name, func(t *testing.T) {
			t.Parallel()
			c, injector := c, faults.New(&http.Client{})
			c.HTTPClient = injector
			s := sabotaged{DB: dynamo.New(c), partition: partition(t.Name()), faults: injector}
			s.call = s.calls()[i]
			if err := s.Write(t.Context(), table.Put("a", s.key("a"), item{N: 1})); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

// sabotaged is one call and what it is made with.
type sabotaged struct {
	*dynamo.DB
	partition
	call   call
	faults *faults.Injector
}

// holds compares the items with what they must be.
func (s sabotaged) holds(t *testing.T, want map[string]item) {
	t.Helper()
	got := map[string]item{}
	for sk := range want {
		stored, err := s.Get(t.Context(), s.key(sk))
		if got[sk], err = decoded(stored, err); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
}

// TestEveryFault: whichever way one request of a call fails, the call succeeds
// and is carried out once, at the cost of one more request.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	for _, fault := range faults.All() {
		if fault == faults.Deadline {
			continue // ends the call: TestNeverAnswered
		}
		t.Run(fault.String(), func(t *testing.T) {
			sabotage(t, func(t *testing.T, s sabotaged) {
				s.faults.Arm(0, fault)
				ctx, meter := table.WithMeter(t.Context())
				got, err := s.call.do(ctx, s)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(s.call.want, got); d != "" {
					t.Errorf("result (-want +got):\n%s", d)
				}
				if hits, sent, counted := s.faults.Hits(), s.faults.Requests(), meter.Usage().RoundTrips; hits != 1 || sent != 2 || counted != 2 {
					t.Errorf("%d of %d requests failed, counted %d; want 1 of 2", hits, sent, counted)
				}
				s.holds(t, s.call.then)
			})
		})
	}
}

// TestLastingFault: a failure that lasts ends every call in the kind that tells
// what to do about it.
func TestLastingFault(t *testing.T) {
	t.Parallel()
	for fault, kind := range map[faults.Fault]table.Kind{
		faults.NotSent: table.Unavailable, faults.AnswerLost: table.Unavailable,
		faults.Truncated: table.Unavailable, faults.Deadline: table.Unavailable,
		faults.Status500: table.Unavailable, faults.Status503: table.Unavailable,
		faults.Throttling: table.Throttled, faults.CapacityExceeded: table.Throttled,
		faults.TransactionConflict: table.Conflict, faults.TransactionInProgress: table.Unavailable,
	} {
		for name, do := range calls {
			t.Run(fault.String()+"/"+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					injector := faults.New(&service{answers: []answer{ok(`{}`)}})
					injector.ArmFrom(0, fault)
					if err := do(t.Context(), newEngine(injector)); !table.IsKind(err, kind) {
						t.Errorf("error %v, want kind %v", err, kind)
					}
					if injector.Hits() != attempts {
						t.Errorf("%d requests, want %d", injector.Hits(), attempts)
					}
				})
			})
		}
	}
}

// TestEveryAnswerLost: a write none of whose answers arrives is carried out once.
func TestEveryAnswerLost(t *testing.T) {
	t.Parallel()
	sabotage(t, func(t *testing.T, s sabotaged) {
		s.faults.ArmFrom(0, faults.AnswerLost)
		if _, err := s.call.do(t.Context(), s); !table.IsKind(err, table.Unavailable) {
			t.Errorf("error %v, want kind %v", err, table.Unavailable)
		}
		s.faults.Disarm()
		s.holds(t, s.call.then)
	})
}

// TestNeverAnswered: a request that hangs ends with the call's context.
func TestNeverAnswered(t *testing.T) {
	t.Parallel()
	sabotage(t, func(t *testing.T, s sabotaged) {
		s.faults.Arm(0, faults.Deadline)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := s.call.do(ctx, s); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
		s.holds(t, untouched)
		if _, err := s.call.do(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		s.holds(t, s.call.then)
	})
}
