package dynamo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/table"
)

// attempts is how often a call is tried when it keeps failing.
const attempts = 6

func get(ctx context.Context, db table.DB) error {
	_, err := db.Get(ctx, thing("a"))
	return err
}

func batchGet(ctx context.Context, db table.DB) error {
	_, err := db.BatchGet(ctx, []table.Key{thing("a")})
	return err
}

func query(ctx context.Context, db table.DB) error {
	_, err := db.Query(ctx, table.Query{Table: "things", PK: "p"})
	return err
}

func put(ctx context.Context, db table.DB) error {
	return db.Write(ctx, table.Put("put", thing("a"), table.Item{}, table.NotExists()))
}

func remove(ctx context.Context, db table.DB) error {
	return db.Write(ctx, table.Delete("delete", thing("a"), table.Exists()))
}

func transact(ctx context.Context, db table.DB) error {
	return db.Write(ctx,
		table.Update("first", thing("a"), table.Changes{Add: map[string]int64{"n": 1}}),
		table.Check("second", thing("b"), table.Exists()))
}

func deleteAll(ctx context.Context, db table.DB) error {
	return db.DeleteAll(ctx, []table.Key{thing("a")})
}

var calls = map[string]func(context.Context, table.DB) error{
	"get": get, "batch-get": batchGet, "query": query, "put": put, "delete": remove, "transact": transact, "delete-all": deleteAll,
}

// TestFailuresOfAnyCall: whatever call keeps failing like this ends so.
func TestFailuresOfAnyCall(t *testing.T) {
	t.Parallel()
	damaged := ok(`{}`)
	damaged.header = http.Header{"X-Amz-Crc32": {"1"}}
	for name, c := range map[string]struct {
		answer answer
		kind   table.Kind
		sent   int
	}{
		"validation":      {exception("ValidationException", ""), table.Invalid, 1},
		"no table":        {exception("ResourceNotFoundException", ""), table.Denied, 1},
		"no permission":   {exception("AccessDeniedException", ""), table.Denied, 1},
		"collection size": {exception("ItemCollectionSizeLimitExceededException", ""), table.Invalid, 1},
		"token reused":    {exception("IdempotentParameterMismatchException", ""), table.Invalid, 1},
		"too large":       {answer{status: http.StatusRequestEntityTooLarge, body: `{}`}, table.Invalid, 1},
		"throughput":      {exception("ProvisionedThroughputExceededException", ""), table.Throttled, attempts},
		"throttling":      {exception("ThrottlingException", ""), table.Throttled, attempts},
		"request limit":   {exception("RequestLimitExceeded", ""), table.Throttled, attempts},
		"too many":        {answer{status: http.StatusTooManyRequests, body: `{}`}, table.Throttled, attempts},
		"conflict":        {exception("TransactionConflictException", ""), table.Conflict, attempts},
		"in progress":     {exception("TransactionInProgressException", ""), table.Unavailable, attempts},
		"internal":        {answer{status: 500, body: exception("InternalServerError", "").body}, table.Unavailable, attempts},
		"unavailable":     {answer{status: 503, body: "<html>"}, table.Unavailable, attempts},
		"timeout":         {answer{status: http.StatusRequestTimeout, body: `{}`}, table.Unavailable, attempts},
		"connection":      {lost, table.Unavailable, attempts},
		"not JSON":        {ok(`{"Item":`), table.Unavailable, attempts},
		"refusal cut":     {answer{status: 400, body: `{"__type":"Conditional`}, table.Unavailable, attempts},
		"empty":           {ok(""), table.Unavailable, attempts},
		"damaged":         {damaged, table.Unavailable, attempts},
		"hanging":         {answer{hang: true}, table.Unavailable, attempts},
	} {
		for call, do := range calls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					db, service := newService(c.answer)
					if err := do(t.Context(), db); !table.IsKind(err, c.kind) {
						t.Errorf("error %v, want kind %v", err, c.kind)
					}
					if len(service.sent) != c.sent {
						t.Errorf("%d requests, want %d", len(service.sent), c.sent)
					}
				})
			})
		}
	}
}

func TestCanceledTransactions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer  answer
		kind    table.Kind
		refused []string
		sent    int
	}{
		"conflict":               {canceled("None", "TransactionConflict"), table.Conflict, nil, attempts},
		"throttled":              {canceled("ThrottlingError", "None"), table.Throttled, nil, attempts},
		"no throughput":          {canceled("ProvisionedThroughputExceeded", "None"), table.Throttled, nil, attempts},
		"throttled and conflict": {canceled("ThrottlingError", "TransactionConflict"), table.Conflict, nil, attempts},
		"conflict and throttled": {canceled("TransactionConflict", "ThrottlingError"), table.Conflict, nil, attempts},
		"invalid":                {canceled("None", "ValidationError"), table.Invalid, nil, 1},
		"collection size":        {canceled("ItemCollectionSizeLimitExceeded", "None"), table.Invalid, nil, 1},
		"invalid and conflict":   {canceled("ValidationError", "TransactionConflict"), table.Invalid, nil, 1},
		"conflict and invalid":   {canceled("TransactionConflict", "ValidationError"), table.Invalid, nil, 1},
		"without reasons":        {exception("TransactionCanceledException", ""), table.Unavailable, nil, 1},
		"refused":                {canceled("None", "ConditionalCheckFailed"), 0, []string{"second"}, 1},
		"refused twice":          {canceled("ConditionalCheckFailed", "ConditionalCheckFailed"), 0, []string{"first", "second"}, 1},
		"refused and conflict":   {canceled("ConditionalCheckFailed", "TransactionConflict"), 0, []string{"first"}, 1},
		"throttled and refused":  {canceled("ThrottlingError", "ConditionalCheckFailed"), 0, []string{"second"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				db, service := newService(c.answer)
				err := transact(t.Context(), db)
				refused := table.AsRefused(err)
				switch {
				case c.refused == nil && !table.IsKind(err, c.kind):
					t.Errorf("error %v, want kind %v", err, c.kind)
				case c.refused != nil && (refused == nil || len(refused.Steps) != len(c.refused)):
					t.Errorf("error %v, want refusal by %q", err, c.refused)
				}
				for _, label := range c.refused {
					if _, ok := refused.By(label); !ok {
						t.Errorf("error %v, want refusal by %q", err, label)
					}
				}
				if len(service.sent) != c.sent {
					t.Errorf("%d requests, want %d", len(service.sent), c.sent)
				}
			})
		})
	}
}

// TestEndedContext: a call ends with its context, with the context's error.
func TestEndedContext(t *testing.T) {
	t.Parallel()
	for call, do := range calls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				db, _ := newService(answer{hang: true})
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				if err := do(ctx, db); !errors.Is(err, context.DeadlineExceeded) || table.IsKind(err, table.Unavailable) {
					t.Errorf("error %v, want %v alone", err, context.DeadlineExceeded)
				}
				if took := time.Since(start); took != 300*time.Millisecond {
					t.Errorf("took %v, want 300ms", took)
				}
				ctx, cancel = context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				if err := do(ctx, db); !errors.Is(err, context.Canceled) {
					t.Errorf("error %v, want %v", err, context.Canceled)
				}
			})
		})
	}
}

// TestNoWaitPastTheDeadline: a call whose next wait would not fit its deadline
// ends before it, with the reason.
func TestNoWaitPastTheDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answer
		do     func(context.Context, table.DB) error
		kind   table.Kind
	}{
		"throttled":   {exception("ThrottlingException", ""), get, table.Throttled},
		"conflict":    {canceled("TransactionConflict"), transact, table.Conflict},
		"internal":    {answer{status: 500, body: `{}`}, query, table.Unavailable},
		"unprocessed": {ok(unprocessed), batchGet, table.Throttled},
		"undeleted":   {ok(undeleted), deleteAll, table.Throttled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for limit := 5 * time.Millisecond; limit < 100*time.Millisecond; limit += 5 * time.Millisecond {
					db, _ := newService(c.answer)
					ctx, cancel := context.WithTimeout(t.Context(), limit)
					err := c.do(ctx, db)
					if ended := ctx.Err(); ended != nil {
						t.Errorf("within %v: the context ended first", limit)
					}
					if !table.IsKind(err, c.kind) {
						t.Errorf("within %v: error %v, want kind %v", limit, err, c.kind)
					}
					cancel()
				}
			})
		})
	}
}

// TestRecovers: a failure that passes is not seen by the caller, only counted,
// and an attempt that hangs does not take the call with it.
func TestRecovers(t *testing.T) {
	t.Parallel()
	for name, failure := range map[string]answer{
		"connection": lost, "internal": {status: 500, body: `{}`}, "throttled": exception("ThrottlingException", ""),
		"hanging": {hang: true}, "conflict": exception("TransactionConflictException", ""),
	} {
		for call, do := range calls {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkRecovers(t, failure, call, do) })
			})
		}
	}
}

// checkRecovers checks that a call succeeds after two failures, in three requests. Those of a
// transaction are the same, with the same token, so that DynamoDB writes it once.
func checkRecovers(t *testing.T, failure answer, call string, do func(context.Context, table.DB) error) {
	t.Helper()
	db, service := newService(failure, failure, ok(`{}`))
	ctx, meter := table.WithMeter(t.Context())
	if err := do(ctx, db); err != nil {
		t.Error(err)
	}
	if trips := meter.Usage().RoundTrips; trips != 3 || len(service.sent) != 3 {
		t.Errorf("%d requests, counted %d, want 3", len(service.sent), trips)
	}
	for _, again := range service.sent[1:] {
		if call == "transact" && again != service.sent[0] {
			t.Errorf("sent %v, then %v: want the same request with the same token", service.sent[0], again)
		}
	}
}
