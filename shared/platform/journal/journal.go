// Package journal keeps what was done to an owner, a row each: appended in the
// transaction of the change itself, listed newest first, invisible from the
// millisecond it expires, removed by the scheduled purge. Whose rows they are
// and what is in them is the business of the packages that stand on it.
package journal

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// Journal appends and reads rows of any number of partitions, one for each owner.
type Journal struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	policy  retention.Policy
	shards  int // of a day's counter and of the purge's entry
}

// manyShards is how many items share what the rows of a day have in common in a
// journal of [NewShared]. DynamoDB refuses a transaction while another one holds one of
// its items, so rows that are recorded at once meet less often the more there are; a
// list reads up to that many counters a day.
const manyShards = 16

// New makes the journal. It refuses a retention below the minimum.
func New(deps api.Deps) (*Journal, error) {
	policy, err := retention.PolicyFrom(deps.Setting)
	if err != nil {
		return nil, err
	}
	return &Journal{db: deps.DB, now: deps.Now, entropy: deps.Entropy, policy: policy, shards: 1}, nil
}

// NewShared makes a journal for owners of which many rows are recorded at once by
// callers that do not know of each other. It reads what a journal of New wrote.
func NewShared(deps api.Deps) (*Journal, error) {
	j, err := New(deps)
	if err == nil {
		j.shards = manyShards
	}
	return j, err
}

// Next returns an id and time for a row that comes after the one with id last
// ("" for none), also within one millisecond and when the clock stepped back.
// Ids of rows that are appended at once, each after none, differ by chance.
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

// Row is what rows are: structs with dynamodbav tags that embed [Kept].
type Row interface{ expiry() string }

// Kept is what a row carries for the lists and the purge; Append makes it.
type Kept struct {
	ExpiresAt string `dynamodbav:"expiresAt"`
	TTL       int64  `dynamodbav:"ttl"`
}

func (k Kept) expiry() string { return k.ExpiresAt }

// The labels of Append's steps.
const (
	LabelRow   = "operation"
	labelDay   = "operation-day"
	labelQueue = "operation-purge"
)

// Steps is how many steps Append returns.
const Steps = 3

// shard ends the keys of the counter and of the purge's entry that the row with that id
// shares with others; "" where there is one of each a day. The id decides, of
// which the end is random.
func (j *Journal) shard(id string) string {
	if j.shards == 1 {
		return ""
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return fmt.Sprintf("#%02d", int(h.Sum32())%j.shards)
}

// Append returns the steps that record a row in a partition, under an id and time
// of Next, to be written with the change itself: the row, the day's counter, and
// the purge's entry for the day it expires. row gets what it must embed. One
// transaction records one row; any number of them may be under way for a partition,
// and end in another order than that of their times.
func (j *Journal) Append(partition, id string, at time.Time, row func(Kept) Row) []table.Step {
	expires := j.policy.ExpiresAt(at)
	shard := j.shard(id)
	day := daySK(table.Day(at), table.Day(expires)) + shard
	return []table.Step{
		table.Put(LabelRow, Key(partition, id), row(Kept{ExpiresAt: table.Stamp(expires), TTL: retention.TTL(expires)}), table.NotExists()),
		table.Update(labelDay, key(partition, day), table.Changes{
			Add: map[string]int64{"n": 1},
			Set: map[string]any{table.TTL: retention.TTL(expires.Add(24 * time.Hour))},
		}),
		retention.Enqueue(labelQueue, retention.Operations.Name, batch(partition, at, day, shard), expires),
	}
}

// Get returns the row of a partition with that id, false when there is none or
// it expired.
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
