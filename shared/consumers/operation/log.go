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

// Owner is the consumer that a log belongs to.
type Owner struct{ IssuerID, ConsumerID string }

// partition returns the partition of the operations on the consumer.
func (o Owner) partition() string { return "ISS#" + o.IssuerID + "#CON#" + o.ConsumerID }

// Log is the operation log.
type Log struct{ journal *journal.Journal }

// NewLog makes the log. It returns an error when the configured retention is below the minimum.
func NewLog(deps api.Deps) (*Log, error) {
	j, err := journal.New(deps)
	if err != nil {
		return nil, err
	}
	return &Log{journal: j}, nil
}

// Next returns an id and time for an operation that follows the one with id last ("" for
// none), see [journal.Journal.Next].
func (l *Log) Next(last string) (id string, at time.Time, err error) { return l.journal.Next(last) }

// Entry is an operation to record. The requestor is always the issuer, because only the
// issuer's back end can call (D1 v1, requestorType).
type Entry struct {
	Owner      Owner
	ID         string    // of Next
	At         time.Time // of Next
	Kind       Kind
	Action     lifecycle.Action // Record or Start
	Reason     string
	ReasonCode string
	Details    *Details
}

// LabelRow is the label of the step on the operation itself, in EntrySteps and EndStep.
const LabelRow = journal.LabelRow

// StepsPerEntry is the number of steps that EntrySteps returns.
const StepsPerEntry = journal.StepsPerRow

// EntrySteps returns the steps that record e. They belong into the transaction of the change
// that is recorded.
func (l *Log) EntrySteps(ctx context.Context, e Entry) ([]table.Step, error) {
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
	return l.journal.RowSteps(e.Owner.partition(), e.ID, e.At, func(expiry journal.Expiry) journal.Row {
		r.Expiry = expiry
		return r
	}), nil
}

// End is how a pending operation ends: by Succeed, or by Fail with an error.
type End struct {
	Action    lifecycle.Action // Succeed or Fail
	At        time.Time
	Details   *Details
	ErrorCode string
	Error     string
}

// EndStep returns the step that ends the pending operation with that id. Where the clock
// was set back since the operation started, the operation ends when it started.
func (l *Log) EndStep(o Owner, id string, end End) (table.Step, error) {
	rule, err := Machine.Plan(Pending, end.Action, Worker, nil)
	if err != nil {
		return table.Step{}, err
	}
	details, err := encode(end.Details)
	if err != nil {
		return table.Step{}, err
	}
	at := end.At
	if started, err := ulid.Parse(id); err == nil && at.Before(started.Timestamp()) {
		at = started.Timestamp()
	}
	set := map[string]any{"status": string(rule.To), "endTime": table.Stamp(at)}
	optional := map[string]string{"details": details, "errorCode": end.ErrorCode, "error": consumers.ErrorText(end.Error)}
	for name, value := range optional {
		if value != "" {
			set[name] = value
		}
	}
	pending := table.In("status", Machine.Sources(end.Action, Worker, nil)...)
	return table.Update(LabelRow, journal.Key(o.partition(), id), table.Changes{Set: set}, pending), nil
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

// Get returns the operation with that id, and false when there is none or it has expired.
func (l *Log) Get(ctx context.Context, o Owner, id string) (Operation, bool, error) {
	r, found, err := journal.Get[row](ctx, l.journal, o.partition(), id)
	if err != nil || !found {
		return Operation{}, false, err
	}
	op, err := r.view()
	return op, err == nil, err
}

// List returns up to limit operations that have not expired, newest first, starting at
// offset (0 is the newest), and how many follow the last one returned.
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
