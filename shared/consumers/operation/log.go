package operation

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Owner is the consumer whose log it is.
type Owner struct{ IssuerID, ConsumerID string }

// partition is where the journal keeps the operations on a consumer.
func (o Owner) partition() string { return "ISS#" + o.IssuerID + "#CON#" + o.ConsumerID }

// Log is the operation log.
type Log struct{ journal *journal.Journal }

// NewLog makes the log. It refuses a retention below the minimum.
func NewLog(deps api.Deps) (*Log, error) {
	j, err := journal.New(deps)
	if err != nil {
		return nil, err
	}
	return &Log{journal: j}, nil
}

// Next returns an id and time for an operation that comes after the one with id
// last ("" for none), see [journal.Journal.Next].
func (l *Log) Next(last string) (id string, at time.Time, err error) { return l.journal.Next(last) }

// Entry is an operation to record. The requestor is the issuer: its back end is
// the only caller (D1 v1, requestorType).
type Entry struct {
	Owner      Owner
	ID         string // of Next
	At         time.Time
	Kind       Kind
	Action     lifecycle.Action // Record or Start
	Reason     string
	ReasonCode string
	Details    *Details
}

// LabelRow is the label of the step on an operation, of Append and Finish.
const LabelRow = journal.LabelRow

// AppendSteps is how many steps Append returns.
const AppendSteps = journal.Steps

// Append returns the steps that record e, to be written with the change itself.
func (l *Log) Append(ctx context.Context, e Entry) ([]table.Step, error) {
	rule, err := Machine.Plan(lifecycle.None, e.Action, Issuer, nil)
	if err != nil {
		return nil, err
	}
	details, err := encode(e.Details)
	if err != nil {
		return nil, err
	}
	r := row{
		ID: e.ID, Operation: e.Kind, Status: string(rule.To), StartTime: table.Stamp(e.At),
		RequestorType: "ISSUER", RequestorID: e.Owner.IssuerID,
		Reason: e.Reason, ReasonCode: e.ReasonCode, Details: details,
		CorrelationID: api.CorrelationID(ctx),
	}
	if rule.To != Pending {
		r.EndTime = r.StartTime
	}
	return l.journal.Append(e.Owner.partition(), e.ID, e.At, func(kept journal.Kept) journal.Row {
		r.Kept = kept
		return r
	}), nil
}

// Finish returns the step that ends a pending operation by action Succeed, or
// by Fail with a code and text, at time at or when it started, if that is later.
func (l *Log) Finish(o Owner, id string, action lifecycle.Action, at time.Time, details *Details, errorCode, errorText string) (table.Step, error) {
	rule, err := Machine.Plan(Pending, action, Worker, nil)
	if err != nil {
		return table.Step{}, err
	}
	text, err := encode(details)
	if err != nil {
		return table.Step{}, err
	}
	if started, err := ulid.Parse(id); err == nil && at.Before(started.Timestamp()) {
		at = started.Timestamp() // the clock stepped back in between
	}
	set := map[string]any{"status": string(rule.To), "endTime": table.Stamp(at)}
	for name, value := range map[string]string{"details": text, "errorCode": errorCode, "error": consumers.ErrorText(errorText)} {
		if value != "" {
			set[name] = value
		}
	}
	return table.Update(LabelRow, journal.Key(o.partition(), id), table.Changes{Set: set}, table.In("status", Machine.Sources(action, Worker, nil)...)), nil
}

func encode(details *Details) (string, error) {
	if details == nil {
		return "", nil
	}
	b, err := json.Marshal(details)
	if err != nil {
		return "", fmt.Errorf("operation details: %w", err)
	}
	return string(b), nil
}

// Get returns the operation with that id, false when there is none or it expired.
func (l *Log) Get(ctx context.Context, o Owner, id string) (Operation, bool, error) {
	r, found, err := journal.Get[row](ctx, l.journal, o.partition(), id)
	if err != nil || !found {
		return Operation{}, false, err
	}
	op, err := r.view()
	return op, err == nil, err
}

// List returns up to limit live operations, newest first, from the offset-th on
// (0 is the most recent), and how many live ones follow the last returned.
func (l *Log) List(ctx context.Context, o Owner, offset, limit int) (ops []Operation, remaining int, err error) {
	rows, total, err := journal.List[row](ctx, l.journal, o.partition(), offset, limit)
	if err != nil {
		return nil, 0, err
	}
	ops = make([]Operation, len(rows))
	for i, r := range rows {
		if ops[i], err = r.view(); err != nil {
			return nil, 0, err
		}
	}
	return ops, max(0, total-offset-len(ops)), nil
}
