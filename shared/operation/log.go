package operation

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/api"
	"ciclo/shared/lifecycle"
	"ciclo/shared/problem"
	"ciclo/shared/retention"
	"ciclo/shared/table"
)

// Log is the operation log.
type Log struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	policy  retention.Policy
}

// NewLog makes the log. It refuses a retention below the minimum.
func NewLog(deps api.Deps) (*Log, error) {
	policy, err := retention.PolicyFrom(deps.Setting)
	if err != nil {
		return nil, err
	}
	return &Log{db: deps.DB, now: deps.Now, entropy: deps.Entropy, policy: policy}, nil
}

// Next returns an id and time for an operation that comes after the one with id
// last ("" for none), also within one millisecond and when the clock stepped back.
func (l *Log) Next(last string) (id string, at time.Time, err error) {
	now := l.now().UTC().Truncate(time.Millisecond)
	previous, err := ulid.Parse(last)
	if err != nil || previous.Timestamp().Before(now) {
		fresh, err := ulid.New(ulid.Timestamp(now), l.entropy)
		return fresh.String(), now, err
	}
	for i := len(previous) - 1; i >= 0; i-- {
		if previous[i]++; previous[i] != 0 {
			break
		}
	}
	return previous.String(), previous.Timestamp().UTC(), nil
}

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

// The labels of Append's and Finish's steps.
const (
	LabelRow   = "operation"
	labelDay   = "operation-day"
	labelQueue = "operation-purge"
)

// AppendSteps is how many steps Append returns.
const AppendSteps = 3

// Append returns the steps that record e, to be written with the change itself:
// the row, the day's counter, and the purge's entry for the day it expires.
func (l *Log) Append(ctx context.Context, e Entry) ([]table.Step, error) {
	rule, err := Machine.Plan(lifecycle.None, e.Action, Issuer, nil)
	if err != nil {
		return nil, err
	}
	details, err := encode(e.Details)
	if err != nil {
		return nil, err
	}
	expires := l.policy.ExpiresAt(e.At)
	r := row{
		ID: e.ID, Operation: e.Kind, Status: string(rule.To), StartTime: table.Stamp(e.At),
		RequestorType: "ISSUER", RequestorID: e.Owner.IssuerID,
		Reason: e.Reason, ReasonCode: e.ReasonCode, Details: details,
		CorrelationID: api.CorrelationID(ctx),
		ExpiresAt:     table.Stamp(expires), TTL: retention.TTL(expires),
	}
	if rule.To != Pending {
		r.EndTime = r.StartTime
	}
	day := daySK(table.Day(e.At), table.Day(expires))
	return []table.Step{
		table.Put(LabelRow, rowKey(e.Owner, e.ID), r, table.NotExists()),
		table.Update(labelDay, table.Key{Table: retention.Operations.Name, PK: e.Owner.pk(), SK: day}, table.Changes{
			Add: map[string]int64{"n": 1},
			Set: map[string]any{table.TTL: retention.TTL(expires.Add(24 * time.Hour))},
		}),
		retention.Enqueue(labelQueue, retention.Operations.Name, batch(e.Owner, e.At, day), expires),
	}, nil
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
	for name, value := range map[string]string{"details": text, "errorCode": errorCode, "error": problem.ErrorText(errorText)} {
		if value != "" {
			set[name] = value
		}
	}
	return table.Update(LabelRow, rowKey(o, id), table.Changes{Set: set}, table.In("status", Machine.Sources(action, Worker, nil)...)), nil
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
	item, err := l.db.Get(ctx, rowKey(o, id))
	if err != nil || item == nil {
		return Operation{}, false, err
	}
	var r row
	if err := table.Decode(item, &r); err != nil {
		return Operation{}, false, err
	}
	if r.ExpiresAt <= table.Stamp(l.now()) {
		return Operation{}, false, nil
	}
	op, err := r.view()
	return op, err == nil, err
}
