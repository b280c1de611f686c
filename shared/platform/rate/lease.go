package rate

import (
	"context"
	"errors"

	"ciclo/shared/platform/table"
)

// count is the item of a key: what has been leased of the window that began last. Times are
// in milliseconds.
type count struct {
	Start int64 `dynamodbav:"start"`
	Used  int64 `dynamodbav:"used"`  // with the burst
	Burst int64 `dynamodbav:"burst"` // end of the burst, 0 before it has begun
}

// The attributes of a count.
const (
	attrStart = "start"
	attrUsed  = "used"
	attrBurst = "burst"
)

// keep is how long an item is kept after its window, in seconds: long enough for any two
// clocks.
const keep = 3600

const label = "count"

func (l *Limiter) key(key string) table.Key {
	return table.Key{Table: l.table, PK: "RATE#" + l.group + "#" + key, SK: "RATE"}
}

// grant is a lease of n requests, and the count with it. No lease means that the window
// allows no more.
type grant struct {
	count   count
	n       int64
	isBurst bool
}

// demand is what the size of a lease is decided on.
type demand struct {
	passed  int64 // requests that this process passed in the window
	before  int64 // the same of the window before
	waiting int64 // requests that wait for the lease
	left    int64 // what the window allows
}

// leaseSize returns the size of the next lease of a process: a quarter of what it has passed
// in the window or, at its beginning, in the window before. It is at most a sixteenth of what
// the window still allows, and at least a thousandth.
//
// What a process leases and does not use is lost to the others until the window ends. With
// these sizes that is at most a quarter of what the processes use, and a thousandth of the
// limit for each process. The figures were chosen by measurement (BenchmarkLeases,
// docs/decisions/0023-rate-limit.md).
func leaseSize(d demand) int64 {
	used := d.passed
	if used == 0 {
		used = d.before
	}
	return max(1, d.left/1000, min(max(used/4, d.waiting), (d.left+15)/16))
}

// errContended means that the count changed again and again.
var errContended = errors.New("rate: the count changed in every attempt")

// maxAttempts ends an endless loop. Each refusal of a lease leaves a sixteenth of what was
// left at most, so that a window has fewer of them.
const maxAttempts = 16

// lease leases a part of the present window, which known is the count of; nil begins a
// window, unless another process has begun it.
//
// The updates are conditional on the window and on the bound: what is leased of a window
// never exceeds the limit, or the limit with its burst. Each is sent once. When the answer
// to one is lost, its lease is never used (TestStoreFails).
func (l *Limiter) lease(ctx context.Context, key string, known *count, want demand, now int64) (grant, error) {
	// Others wait for the lease too: it does not end with the request that gets it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	for range maxAttempts {
		step, got := l.next(key, known, want, now)
		if got.n == 0 {
			return got, nil
		}
		item, err := l.db.UpdateOnce(ctx, step)
		if refused := table.AsRefused(err); refused != nil {
			item, _ = refused.By(label)
			if known, err = table.As[count](item); err != nil {
				return grant{}, err
			}
			continue
		}
		if err == nil {
			err = table.Decode(item, &got.count)
		}
		return got, err
	}
	return grant{}, errContended
}

// next returns the update that leases a part of a window, and the lease; n is 0 when the
// window allows no more.
func (l *Limiter) next(key string, known *count, want demand, now int64) (table.Step, grant) {
	limit := int64(l.rule.Limit)
	limitAndBurst := limit + l.rule.extra()
	interval := l.rule.interval()
	do := table.Changes{}
	conds := []table.Cond{}
	got := grant{}
	switch {
	case known == nil:
		want.left = limit
		got.n = min(l.size(want), want.left)
		do.Set = map[string]any{attrStart: now, attrUsed: got.n, table.TTL: (now+interval)/1000 + keep}
		do.Remove = []string{attrBurst}
		// A window that begins after the next one was begun by a clock that is wrong.
		conds = append(conds, table.Any(
			table.Lacks(attrStart), table.AtMost(attrStart, now-interval), table.AtLeast(attrStart, now+interval+1)))
	case known.Used < limit:
		got.count = *known
		want.left = limit - known.Used
		got.n = min(l.size(want), want.left)
		do.Add = map[string]int64{attrUsed: got.n}
		conds = append(conds, table.Equals(attrStart, known.Start), table.AtMost(attrUsed, limit-got.n))
	case known.Used < limitAndBurst && (known.Burst == 0 || now < known.Burst):
		got.count = *known
		got.isBurst = true
		want.left = limitAndBurst - known.Used
		got.n = min(l.size(want), want.left)
		do.Add = map[string]int64{attrUsed: got.n}
		do.SetIfAbsent = map[string]any{attrBurst: now + l.rule.burst()}
		conds = append(conds, table.Equals(attrStart, known.Start),
			table.AtLeast(attrUsed, limit), table.AtMost(attrUsed, limitAndBurst-got.n),
			table.Any(table.Lacks(attrBurst), table.AtLeast(attrBurst, now+1)))
	default:
		got.count = *known
	}
	return table.Update(label, l.key(key), do, conds...), got
}
