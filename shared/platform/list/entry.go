package list

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"ciclo/shared/platform/table"
)

// An entry has the sort key @<stamp>#<id>. The stamp is the time of the change that wrote it,
// in nanoseconds, as 16 hexadecimal digits, so that the entries of a partition are ordered by
// their last change.
const (
	prefix      = "@"
	afterPrefix = "A" // sorts after every entry
	stampLength = 16

	replacesAttr = "replaces" // see replacement
	removedAttr  = "removed"  // see gone
)

// Kept is how long the entry of a record that has left a partition is kept at least. Replicas
// that are older read the partition again.
const Kept = 30 * 24 * time.Hour

// Stamp is the part of sort keys that orders the entries of a partition. A record keeps the
// stamp of its entries; it is "" before the record is listed for the first time.
type Stamp string

// after returns the stamp of a change that is made now to a record whose entries have the
// stamp s. It is greater than s, also where clocks differ: of two entries of a record the one
// with the greater stamp is always the later one.
func (s Stamp) after(now time.Time) Stamp {
	return stampOf(max(now.UnixNano(), s.nanoseconds()+1))
}

func stampOf(nanoseconds int64) Stamp { return Stamp(fmt.Sprintf("%016x", nanoseconds)) }

// nanoseconds returns the time of a stamp since 1970; 0 for "".
func (s Stamp) nanoseconds() int64 {
	n, _ := strconv.ParseInt(string(s), 16, 64)
	return n
}

func sortKey(s Stamp, id string) string { return prefix + string(s) + "#" + id }

// parse returns the parts of a sort key that sortKey has made.
func parse(item table.Item) (s Stamp, id string, err error) {
	sk := table.Text(item, table.SK)
	if len(sk) < len(prefix)+stampLength+2 {
		return "", "", &table.Error{Kind: table.Invalid, Op: "decode", Err: fmt.Errorf("sort key %q of a list entry", sk)}
	}
	sk = sk[len(prefix):]
	return Stamp(sk[:stampLength]), sk[stampLength+1:], nil
}

// Listed is how a record is listed: its entry by partition.
type Listed[E any] map[string]E

// replacement is what the entry of a record that was listed before says in addition.
type replacement struct {
	Replaces string `dynamodbav:"replaces"` // the sort key of the entry that this one replaces
}

// replacing returns the item of an entry that replaces another one.
func replacing(value any, sk string) any {
	item, err := table.Encode(value)
	if err != nil {
		return value // the write fails of it and says why
	}
	extra, err := table.Encode(replacement{sk})
	if err != nil {
		return value
	}
	maps.Copy(item, extra)
	return item
}

// gone is the entry of a record that has left a partition.
type gone struct {
	Removed  bool   `dynamodbav:"removed"`
	TTL      int64  `dynamodbav:"ttl"`                // Unix second
	Replaces string `dynamodbav:"replaces,omitempty"` // see replacement
}

// Steps returns the steps that change how a record is listed, and the stamp of its entries
// after that, which the same transaction has to store with the record. There are no steps, and
// the stamp stays, where nothing differs. They are to be written at once: see [Window].
//
// A changed entry is one put. The entry that it replaces stays until a worker removes it, see
// [Replaced]; readers ignore it. AtOnce removes it in the same transaction.
func (k Kind[E, R]) Steps(id string, listed Stamp, before, after Listed[E]) ([]table.Step, Stamp) {
	if listed == "" {
		before = nil // also a record of a release without these lists
	}
	if reflect.DeepEqual(before, after) || len(before)+len(after) == 0 {
		return nil, listed
	}
	now := k.now()
	next := listed.after(now)
	key := func(pk string, s Stamp) table.Key { return table.Key{Table: k.Table, PK: pk, SK: sortKey(s, id)} }
	var steps []table.Step
	for _, pk := range slices.Sorted(maps.Keys(after)) {
		var e any = after[pk]
		_, replaced := before[pk]
		switch {
		case replaced && k.AtOnce:
			steps = append(steps, table.Delete("replace "+pk+" "+id, key(pk, listed)))
		case replaced:
			e = replacing(e, sortKey(listed, id))
		}
		steps = append(steps, table.Put("list "+pk+" "+id, key(pk, next), e))
	}
	for _, pk := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[pk]; stays {
			continue
		}
		e := gone{Removed: true, TTL: now.Add(Kept).Unix()}
		if k.AtOnce {
			steps = append(steps, table.Delete("replace "+pk+" "+id, key(pk, listed)))
		} else {
			e.Replaces = sortKey(listed, id)
		}
		steps = append(steps, table.Put("unlist "+pk+" "+id, key(pk, next), e))
	}
	return steps, next
}

// Replaced returns the key of the entry that a change of a table has replaced. ok is false
// for all other changes. The worker that removes these entries is fed by the table's stream.
func Replaced(c table.Change) (key table.Key, ok bool) {
	replaces := table.Text(c.New, replacesAttr)
	if replaces == "" || c.Old != nil || c.Key.SK < prefix || c.Key.SK >= afterPrefix {
		return table.Key{}, false
	}
	return table.Key{Table: c.Key.Table, PK: c.Key.PK, SK: replaces}, true
}
