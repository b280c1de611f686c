package retention

import (
	"fmt"
	"hash/fnv"
	"time"

	"ciclo/shared/platform/table"
)

// ExpiresAt is the attribute of a row that says when it expires (a table.Stamp);
// the purge removes a row only while this says so.
const ExpiresAt = "expiresAt"

// shards spreads a day's entries over partitions, so that neither appending nor
// purging is bound by one partition's 1,000 writes per second.
const shards = 16

// entryGrace is how long the queue outlives a purge that does not run.
const entryGrace = 30 * 24 * time.Hour

// Batch is what one entry of the queue stands for: rows of one partition that
// were recorded on one day and expire on one day.
type Batch struct {
	Partition string // partition key of the rows
	From, To  string // sort keys of the rows, inclusive
	Marker    string // sort key of a row about the batch, removed after the last row
	// Day is the UTC day of recording. A batch that has several entries, so that those
	// who record at once do not meet on one, ends it with # and which one it is.
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
	// Next is when the earliest row of the batch expires, so that a purge on
	// the day itself does not read batches that have nothing to give yet.
	Next string `dynamodbav:"next"`
}

// sameBatch tells whether two entries of one day are of one batch.
func (e entry) sameBatch(other entry) bool {
	return e.Partition == other.Partition && e.From == other.From && e.To == other.To
}

// Enqueue is the step that makes the purge look at b on the day of expiresAt.
// It is part of the transaction that records the row, any number of times per
// batch. The row that comes first should expire first: the purge leaves a batch
// alone until that one expires, so that it removes what overtook it that much late.
func Enqueue(label, tableName string, b Batch, expiresAt time.Time) table.Step {
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

// dayOf returns the day that an entry's sort key or a table.Stamp begins with.
func dayOf(s string) string { return s[:min(len(s), len(time.DateOnly))] }
