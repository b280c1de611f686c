package list

import (
	"context"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"ciclo/shared/platform/table"
)

// row is a row in memory. Its value never changes: readers have pointers to it.
type row[R any] struct {
	stamp   int64
	removed bool // the record has left the partition
	stale   bool // another row has taken its place
	value   R
}

// replica is a partition in memory.
type replica[R any] struct {
	mu      sync.Mutex
	inOrder []*row[R] // of the list
	byID    []*row[R]
	loaded  time.Time // when all of it was read; zero for never
	read    time.Time // when it was last read
	used    uint64    // the number of its last use, see kept
	counted int       // its rows as kept counts them
}

// update brings a replica up to date.
func (l *Lists[E, R]) update(ctx context.Context, pk string, p *replica[R]) error {
	begin := l.kind.now()
	if age := begin.Sub(p.loaded); age < 0 || age >= Refresh {
		p.inOrder, p.byID, p.loaded = nil, nil, time.Time{}
	}
	q := table.Query{Table: l.kind.Table, PK: pk, From: prefix, To: afterPrefix, Consistent: true}
	if !p.loaded.IsZero() {
		seen := p.read
		if begin.Before(seen) { // the clock was set back
			seen = begin
		}
		q.From += string(stampOf(seen.Add(-Window).UnixNano()))
	}
	changed := map[string]*row[R]{}
	err := table.All(ctx, l.db, q, func(item table.Item) error {
		stamp, id, err := parse(item)
		if err == nil { // entries come in the order of their stamps, so the last one of a record counts
			changed[id] = &row[R]{stamp: stamp.nanoseconds(), removed: item[removedAttr] != nil, value: l.kind.Row(id, item)}
		}
		return err
	})
	if err != nil {
		return err
	}
	l.apply(p, slices.Collect(maps.Values(changed)))
	if p.loaded.IsZero() {
		p.loaded = begin
	}
	p.read = begin
	return nil
}

// apply changes the rows of a replica, unless it has newer ones.
func (l *Lists[E, R]) apply(p *replica[R], changed []*row[R]) {
	byID := func(a, b *row[R]) int { return l.kind.CompareIDs(&a.value, &b.value) }
	changed = slices.DeleteFunc(changed, func(r *row[R]) bool {
		i, found := slices.BinarySearchFunc(p.byID, r, byID)
		if !found {
			return r.removed
		}
		p.byID[i].stale = p.byID[i].stamp < r.stamp
		return !p.byID[i].stale
	})
	if len(changed) == 0 {
		return
	}
	isStale := func(r *row[R]) bool { return r.stale }
	p.byID = slices.DeleteFunc(p.byID, isStale)
	p.inOrder = slices.DeleteFunc(p.inOrder, isStale)
	added := slices.DeleteFunc(changed, func(r *row[R]) bool { return r.removed })
	slices.SortFunc(added, byID)
	p.byID = merge(p.byID, added, byID)
	inOrder := func(a, b *row[R]) int { return l.kind.Compare(&a.value, &b.value) }
	slices.SortFunc(added, inOrder)
	p.inOrder = merge(p.inOrder, added, inOrder)
}

// merge returns what is in two sorted lists, sorted. The result shares nothing with b.
func merge[T any](a, b []T, compare func(a, b T) int) []T {
	all := make([]T, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) <= 0 {
			all = append(all, a[0])
			a = a[1:]
		} else {
			all = append(all, b[0])
			b = b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// overhead is how many rows a partition counts as, in addition to its own.
const overhead = 4

// kept is the partitions in memory.
type kept[R any] struct {
	most int // rows
	mu   sync.Mutex
	rows int
	uses uint64
	all  map[string]*replica[R]
}

// take returns the replica of a partition. Nobody else can use it until it is given back.
func (k *kept[R]) take(pk string) *replica[R] {
	k.mu.Lock()
	if k.all == nil {
		k.all = map[string]*replica[R]{}
	}
	p := k.all[pk]
	if p == nil {
		p = &replica[R]{}
		k.all[pk] = p
	}
	k.uses++
	p.used = k.uses
	k.mu.Unlock()
	p.mu.Lock()
	return p
}

// give gives a replica back. Where there are too many rows, it forgets the partitions that
// were not used for the longest time.
func (k *kept[R]) give(pk string, p *replica[R]) {
	rows := len(p.byID) + overhead
	p.mu.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all[pk] != p {
		return // forgotten since
	}
	k.rows += rows - p.counted
	p.counted = rows
	for k.rows > k.most {
		oldest := k.oldest()
		k.rows -= k.all[oldest].counted
		delete(k.all, oldest)
	}
}

// oldest returns the partition that was not used for the longest time.
func (k *kept[R]) oldest() (pk string) {
	first := uint64(math.MaxUint64)
	for other, p := range k.all {
		if p.used < first {
			pk, first = other, p.used
		}
	}
	return pk
}
