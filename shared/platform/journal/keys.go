package journal

import (
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

const (
	rowPrefix = "OP#"
	dayPrefix = "DAY#"
	// afterDays sorts after every day key and before every row key.
	afterDays = "DAY$"
	// afterRows sorts after every row key.
	afterRows = "OP$"
)

func key(partition, sk string) table.Key {
	return table.Key{Table: retention.Operations.Name, PK: partition, SK: sk}
}

// Key returns the key of the row of a partition with that id. Ids are ULIDs, so keys sort
// by time. Partitions that begin with PURGE belong to the purge.
func Key(partition, id string) table.Key { return key(partition, rowPrefix+id) }

// daySK returns the sort key of the counter of rows that were recorded
// on one day and expire on one day. The retention is the difference between the days, so
// there is one counter per day of recording unless the retention was changed on that day.
func daySK(recorded, expires string) string { return dayPrefix + recorded + "#" + expires }

// parseDaySK returns the days of a counter.
func parseDaySK(sk string) (recorded, expires string) {
	recorded, expires, _ = strings.Cut(strings.TrimPrefix(sk, dayPrefix), "#")
	return recorded, expires
}

// dayRange returns the first and last possible key of rows recorded on a day.
func dayRange(day time.Time) (from, to string) {
	return rowPrefix + bound(day, 0x00), rowPrefix + bound(day.Add(24*time.Hour-time.Millisecond), 0xff)
}

// bound returns the smallest (fill 0x00) or largest (fill 0xff) id of a millisecond.
func bound(t time.Time, fill byte) string {
	var id ulid.ULID
	// Times of rows are within ULID's range, which ends in the year 10889.
	_ = id.SetTime(ulid.Timestamp(t))
	for i := 6; i < len(id); i++ {
		id[i] = fill
	}
	return id.String()
}

// batch returns the rows recorded on the day of at as the purge's queue names them.
func batch(partition string, at time.Time, marker string) retention.Batch {
	day := at.UTC().Truncate(24 * time.Hour)
	from, to := dayRange(day)
	return retention.Batch{Partition: partition, From: from, To: to, Marker: marker, Day: table.Day(day)}
}
