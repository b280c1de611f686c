package operation_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// reads fails unless Get and List return want.
func (w *world) reads(o operation.Owner, want operation.Operation) {
	w.Helper()
	got, found, err := w.log().Get(w.Context(), o, want.OperationID)
	if d := cmp.Diff(want, got); err != nil || !found || d != "" {
		w.Errorf("Get: %t, %v (-want +got):\n%s", found, err, d)
	}
	listed, _, err := w.log().List(w.Context(), o, 0, 1)
	if d := cmp.Diff([]operation.Operation{want}, listed); err != nil || d != "" {
		w.Errorf("List: %v (-want +got):\n%s", err, d)
	}
}

func TestRecordedFields(t *testing.T) {
	each(t, func(w *world) {
		ann := owner("ann")
		plain := w.next(ann, "")
		w.reads(ann, operation.Operation{
			OperationID: plain, Operation: operation.Register, Status: "SUCCESSFUL",
			StartTime: "2026-11-21T10:00:00.000Z", EndTime: "2026-11-21T10:00:00.000Z",
			RequestorType: "ISSUER", RequestorID: issuer, ExpiresAt: "2027-02-21T10:00:00.000Z",
		})
		id := idAt(w.TB, apitest.Start.Add(250*time.Millisecond), 1)
		details := operation.Details{
			DeletedAccounts: new(int64(0)), DeletedCards: new(int64(2)), DeletedDigitalCards: new(int64(250)),
			Scheme: "VISA", AuthenticatorID: "a-1",
		}
		w.append(operation.Entry{
			Owner: ann, ID: id, At: apitest.Start.Add(250 * time.Millisecond), Kind: operation.Delete, Action: operation.Record,
			Reason: "moved away", ReasonCode: "USER_DECISION", Details: &details,
		})
		w.reads(ann, operation.Operation{
			OperationID: id, Operation: operation.Delete, Status: "SUCCESSFUL",
			StartTime: "2026-11-21T10:00:00.250Z", EndTime: "2026-11-21T10:00:00.250Z",
			RequestorType: "ISSUER", RequestorID: issuer,
			Reason: "moved away", ReasonCode: "USER_DECISION", Details: &details,
			ExpiresAt: "2027-02-21T10:00:00.250Z",
		})
	})
}

// TestStoredExpiry: a row has the time of its expiry, and the time of DynamoDB's TTL.
func TestStoredExpiry(t *testing.T) {
	each(t, func(w *world) {
		w.Clock.Set(instant(w.TB, "2026-11-30T10:00:00.999Z"))
		w.Settings[retention.Setting] = "4"
		id := w.next(owner("ann"), "")
		item, err := w.DB.Get(w.Context(), table.Key{Table: retention.Operations.Name, PK: "ISS#" + issuer + "#CON#ann", SK: "OP#" + id})
		if err != nil {
			w.Fatal(err)
		}
		var row struct {
			ExpiresAt string `dynamodbav:"expiresAt"`
			TTL       int64  `dynamodbav:"ttl"`
		}
		if err := table.Decode(item, &row); err != nil {
			w.Fatal(err)
		}
		if row.ExpiresAt != "2027-03-30T10:00:00.999Z" || row.TTL != instant(w.TB, "2027-03-31T10:00:01Z").Unix() {
			w.Errorf("row: %+v", row)
		}
	})
}

// started records a pending DELETE and returns the operation that List returns.
func (w *world) started(o operation.Owner) operation.Operation {
	w.Helper()
	id, at, err := w.log().Next("")
	if err != nil {
		w.Fatal(err)
	}
	w.append(operation.Entry{Owner: o, ID: id, At: at, Kind: operation.Delete, Action: operation.Start, ReasonCode: "ISSUER_DECISION"})
	want := operation.Operation{
		OperationID: id, Operation: operation.Delete, Status: "PENDING", StartTime: table.Stamp(at),
		RequestorType: "ISSUER", RequestorID: issuer, ReasonCode: "ISSUER_DECISION", ExpiresAt: table.Stamp(at.AddDate(0, 3, 0)),
	}
	w.reads(o, want)
	return want
}

// end ends an operation now.
func (w *world) end(o operation.Owner, id string, end operation.End) error {
	w.Helper()
	end.At = w.Clock.Now()
	step, err := w.log().EndStep(o, id, end)
	if err != nil {
		w.Fatal(err)
	}
	return w.DB.Write(w.Context(), step)
}

func TestEnd(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		end   operation.End
		want  func(*operation.Operation)
	}{
		"succeed": {
			after: 90 * time.Second,
			end:   operation.End{Action: operation.Succeed, Details: &operation.Details{DeletedCards: new(int64(7))}},
			want: func(op *operation.Operation) {
				op.Status = "SUCCESSFUL"
				op.EndTime = "2026-11-21T10:01:30.000Z"
				op.Details = &operation.Details{DeletedCards: new(int64(7))}
			},
		},
		"fail": {
			after: time.Millisecond,
			end:   operation.End{Action: operation.Fail, ErrorCode: "TIMEOUT", Error: "It <took> \"too\" long, 50% done"},
			want: func(op *operation.Operation) {
				op.Status = "FAILED"
				op.EndTime = "2026-11-21T10:00:00.001Z"
				op.ErrorCode = "TIMEOUT"
				op.Error = "It 'took' 'too' long, 50' done"
			},
		},
		"clock set back": {
			after: -time.Hour,
			end:   operation.End{Action: operation.Succeed},
			want: func(op *operation.Operation) {
				op.Status = "SUCCESSFUL"
				op.EndTime = op.StartTime
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				ann := owner("ann")
				op := w.started(ann)
				w.Clock.Advance(c.after)
				if err := w.end(ann, op.OperationID, c.end); err != nil {
					w.Fatal(err)
				}
				c.want(&op)
				w.reads(ann, op)
				for _, again := range []lifecycle.Action{operation.Succeed, operation.Fail} {
					refused := table.AsRefused(w.end(ann, op.OperationID, operation.End{Action: again, ErrorCode: "LATE", Error: "too late"}))
					if refused == nil {
						w.Fatalf("%s after the end was not refused", again)
					}
					if _, ok := refused.By(operation.LabelRow); !ok {
						w.Errorf("refused: %v", refused)
					}
				}
				w.reads(ann, op)
			})
		})
	}
}

// TestEndOfNoOperation: ending an operation that never was, or that the purge removed, does
// not create one.
func TestEndOfNoOperation(t *testing.T) {
	each(t, func(w *world) {
		ann := owner("ann")
		id := idAt(w.TB, apitest.Start, 1)
		if table.AsRefused(w.end(ann, id, operation.End{Action: operation.Succeed})) == nil {
			w.Error("not refused")
		}
		if _, found, err := w.log().Get(w.Context(), ann, id); found || err != nil {
			w.Errorf("Get: %t, %v", found, err)
		}
		var refusal *lifecycle.Refusal
		end := operation.End{Action: operation.Record, At: apitest.Start}
		if _, err := w.log().EndStep(ann, id, end); !errors.As(err, &refusal) {
			w.Errorf("EndStep by %s: %v", operation.Record, err)
		}
		if _, err := w.log().EntrySteps(w.Context(), operation.Entry{
			Owner: ann, ID: id, At: apitest.Start,
			Action: operation.Succeed,
		}); !errors.As(err, &refusal) {
			w.Errorf("EntrySteps by %s: %v", operation.Succeed, err)
		}
	})
}

// TestAppendTwice: an id is recorded once and counted once.
func TestAppendTwice(t *testing.T) {
	each(t, func(w *world) {
		ann := owner("ann")
		e := operation.Entry{Owner: ann, ID: idAt(w.TB, apitest.Start, 1), At: apitest.Start, Kind: operation.Register, Action: operation.Record}
		w.append(e)
		steps, err := w.log().EntrySteps(w.Context(), e)
		if err != nil || len(steps) != operation.StepsPerEntry {
			w.Fatalf("%d steps, %v", len(steps), err)
		}
		refused := table.AsRefused(w.DB.Write(w.Context(), steps...))
		if refused == nil {
			w.Fatal("not refused")
		}
		if _, ok := refused.By(operation.LabelRow); !ok || len(refused.Steps) != 1 {
			w.Errorf("refused: %v", refused)
		}
		if d := cmp.Diff(page{IDs: []string{e.ID}}, w.list(ann, 0, 10)); d != "" {
			w.Errorf("list (-want +got):\n%s", d)
		}
	})
}

// TestGetIsExactToTheMillisecond: an operation is found until the instant it expires, and only
// for its owner.
func TestGetIsExactToTheMillisecond(t *testing.T) {
	each(t, func(w *world) {
		ann := owner("ann")
		id := w.next(ann, "")
		for at, want := range map[string]bool{
			"2026-11-21T10:00:00Z": true, "2027-02-21T09:59:59.999999Z": true, "2027-02-21T10:00:00Z": false, "2028-01-01T00:00:00Z": false,
		} {
			w.Clock.Set(instant(w.TB, at))
			op, found, err := w.log().Get(w.Context(), ann, id)
			if err != nil || found != want || (op != operation.Operation{}) != want {
				w.Errorf("at %s: %+v, %t, %v", at, op, found, err)
			}
		}
		w.Clock.Set(apitest.Start)
		for _, o := range []operation.Owner{owner("bob"), {IssuerID: "ISSUER-002", ConsumerID: "ann"}} {
			if _, found, err := w.log().Get(w.Context(), o, id); found || err != nil {
				w.Errorf("%+v: %t, %v", o, found, err)
			}
		}
	})
}

// TestCorrelationIDIsStored: the row has the correlation id of the call.
func TestCorrelationIDIsStored(t *testing.T) {
	t.Parallel()
	type input struct{ api.Correlated }
	type output struct{}
	id := idAt(t, apitest.Start, 1)
	record := api.Operation[operation.Log, input, output]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "test/record", Method: http.MethodPut, Path: "/record",
				Product: consumers.Product, Scopes: consumers.Writers, Status: http.StatusNoContent,
			}
		},
		Open: operation.NewLog,
		Run: func(l *operation.Log, ctx context.Context, _ *input) (*output, error) {
			steps, err := l.EntrySteps(ctx, operation.Entry{
				Owner: owner("ann"), ID: id, At: apitest.Start, Kind: operation.Register, Action: operation.Record,
			})
			if err != nil || len(steps) == 0 {
				return nil, err
			}
			item, err := table.Encode(steps[0].Value)
			if err != nil {
				return nil, err
			}
			var row struct {
				CorrelationID string `dynamodbav:"correlationId"`
			}
			if err := table.Decode(item, &row); err != nil || row.CorrelationID != "use case 7" {
				t.Errorf("stored %+v, %v", row, err)
			}
			return &output{}, nil
		},
	}
	w := consumerstest.New(record).On(t, nil)
	writer := apitest.Issuer(issuer, consumers.ScopeFull)
	w.Want(w.As(writer, "PUT", "/record", "", api.CorrelationHeader, "use case 7"), http.StatusNoContent)
}
