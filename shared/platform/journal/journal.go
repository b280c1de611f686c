// Package journal is an append-only log with one partition per owner. A row is written in
// the transaction of the change that it records, listed newest first, hidden from the
// millisecond in which it expires, and removed by the scheduled purge. The packages that
// use a journal define its owners and the content of its rows.
package journal

import (
	"context"
	"io"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// Journal appends and reads the rows of any number of partitions.
type Journal struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	policy  retention.Policy
}

// New makes a journal. It returns an error when the configured retention is below the minimum.
func New(deps api.Deps) (*Journal, error) {
	policy, err := retention.PolicyFrom(deps.Setting)
	if err != nil {
		return nil, err
	}
	return &Journal{db: deps.DB, now: deps.Now, entropy: deps.Entropy, policy: policy}, nil
}

// Next returns an id and time for a row that follows the one with id last ("" for none).
// The id sorts after last, also within one millisecond and when the clock was set back: the
// list of an owner must have the order of its changes. TestNextWheneverTheClockSteps proves
// it. Concurrent calls without a last id return different ids, because they are random.
func (j *Journal) Next(last string) (id string, at time.Time, err error) {
	now := j.now().UTC().Truncate(time.Millisecond)
	previous, err := ulid.Parse(last)
	if err != nil || previous.Timestamp().Before(now) {
		fresh, err := ulid.New(ulid.Timestamp(now), j.entropy)
		return fresh.String(), now, err
	}
	for i := len(previous) - 1; i >= 0; i-- {
		if previous[i]++; previous[i] != 0 {
			break
		}
	}
	return previous.String(), previous.Timestamp().UTC(), nil
}

// Row is a row of a journal: a struct with dynamodbav tags that embeds [Expiry].
type Row interface{ expiry() string }

// Expiry holds the attributes of a row that lists and the purge read. RowSteps makes it.
type Expiry struct {
	ExpiresAt string `dynamodbav:"expiresAt"`
	TTL       int64  `dynamodbav:"ttl"`
}

func (e Expiry) expiry() string { return e.ExpiresAt }

// The labels of the steps of RowSteps.
const (
	LabelRow   = "operation"
	labelDay   = "operation-day"
	labelQueue = "operation-purge"
)

// StepsPerRow is the number of steps that RowSteps returns.
const StepsPerRow = 3

// RowSteps returns the steps that record a row in a partition, under an id and time of
// Next: the row, the day's counter, and the purge's entry for the day on which the row
// expires. They belong into the transaction of the change that is recorded. row makes the
// row; it must embed the Expiry that it gets. One transaction records one row. Transactions
// on a partition may run concurrently and commit in any order.
func (j *Journal) RowSteps(partition, id string, at time.Time, row func(Expiry) Row) []table.Step {
	expires := j.policy.ExpiresAt(at)
	expiry := Expiry{ExpiresAt: table.Stamp(expires), TTL: retention.TTL(expires)}
	day := daySK(table.Day(at), table.Day(expires))
	return []table.Step{
		table.Put(LabelRow, Key(partition, id), row(expiry), table.NotExists()),
		table.Update(labelDay, key(partition, day), table.Changes{
			Add: map[string]int64{"n": 1},
			Set: map[string]any{table.TTL: retention.TTL(expires.Add(24 * time.Hour))},
		}),
		retention.EntryStep(labelQueue, retention.Operations.Name, batch(partition, at, day), expires),
	}
}

// Get returns the row of a partition with that id, and false when there is none or it has
// expired.
func Get[R Row](ctx context.Context, j *Journal, partition, id string) (R, bool, error) {
	var none R
	item, err := j.db.Get(ctx, Key(partition, id))
	if err != nil {
		return none, false, err
	}
	row, err := table.As[R](item)
	if err != nil || row == nil || (*row).expiry() <= table.Stamp(j.now()) {
		return none, false, err
	}
	return *row, true, nil
}
