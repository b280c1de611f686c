package retention

import (
	"fmt"
	"hash/fnv"
	"time"

	"ciclo/shared/platform/table"
)

// ExpiresAt is the attribute of a row with the time of its expiry (a table.Stamp). It is written
// with the row and never changed: the purge removes a row, without a condition, once it has read
// that this time has passed. If it could change, the purge could remove a row that was prolonged
// after it was read. TestAccessIsWhatIsUsed of cmd/internal/catalog proves that no function
// changes it.
const ExpiresAt = "expiresAt"

// shards is the number of partitions of a day's entries. With one, recording and purging
// would be limited to the 1,000 writes per second of a partition.
const shards = 16

// entryGrace is how long DynamoDB's TTL leaves an entry in the queue after its day, in case
// the purge does not run.
const entryGrace = 30 * 24 * time.Hour

// Batch names rows of one partition that were recorded on one day and expire on one day.
// An entry of the queue stands for one batch.
type Batch struct {
	Partition string // partition key of the rows
	From, To  string // sort keys of the rows, inclusive
	Marker    string // sort key of the batch's own item, removed after the last row
	// Day is the UTC day of recording. Stored batches of earlier releases have several entries,
	// where # and the number of the entry follow the day.
	Day string
}

// entry is a batch in the queue.
type entry struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	Partition string `dynamodbav:"partition"`
	From      string `dynamodbav:"from"`
	To        string `dynamodbav:"to"`
	Marker    string `dynamodbav:"marker"`
	// Next is when the earliest row of the batch expires. Until then the purge does not
	// read the batch.
	Next string `dynamodbav:"next"`
}

// sameBatch tells whether two entries of one day stand for one batch.
func (e entry) sameBatch(other entry) bool {
	return e.Partition == other.Partition && e.From == other.From && e.To == other.To
}

// EntryStep returns the step that adds an entry for b to the queue, on the day of
// expiresAt. It belongs into the transaction that records the row; it can be repeated for
// any number of rows of the batch.
//
// Next is set by the first row that is recorded. Where a row with an earlier expiry is
// recorded later, the purge removes it too late by the difference, never too early.
// journal.TestOutOfOrder proves it.
func EntryStep(label, tableName string, b Batch, expiresAt time.Time) table.Step {
	key := table.Key{
		Table: tableName,
		PK:    shardKey(shardOf(b.Partition)),
		SK:    table.Day(expiresAt) + "#" + b.Partition + "#" + b.Day,
	}
	return table.Update(label, key, table.Changes{
		Set: map[string]any{
			"partition": b.Partition, "from": b.From, "to": b.To, "marker": b.Marker,
			table.TTL: expiresAt.Add(entryGrace).Unix(),
		},
		SetIfAbsent: map[string]any{"next": table.Stamp(expiresAt)},
	})
}

func shardOf(partition string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(partition)) // a hash never fails
	return int(h.Sum32() % shards)
}

func shardKey(shard int) string { return fmt.Sprintf("PURGE#%02d", shard) }

// dayOf returns the day at the beginning of an entry's sort key or of a table.Stamp.
func dayOf(s string) string { return s[:min(len(s), len(time.DateOnly))] }
