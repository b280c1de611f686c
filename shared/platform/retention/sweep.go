package retention

import (
	"context"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// sweep removes the expired rows of some batches. Readers find them, each in a range of the
// rows of one batch, and every table.MaxDeletes of them are removed by one request, while the
// readers go on.
type sweep struct {
	*run
	group   *errgroup.Group // of readers and requests
	readers sync.WaitGroup

	mu      sync.Mutex
	expired []table.Key // fewer than table.MaxDeletes
}

// sweep removes the expired rows of batches. A batch that is not read to its end sets r.stopped.
func (r *run) sweep(ctx context.Context, batches []*batch) error {
	g, ctx := errgroup.WithContext(ctx)
	s := &sweep{run: r, group: g}
	g.Go(func() error {
		for _, b := range batches {
			if r.stopped.Load() {
				break
			}
			e := b.entries[0]
			q := table.Query{Table: r.table, PK: e.Partition, From: e.From, To: e.To, Limit: pageSize, Consistent: true}
			s.readers.Add(1)
			if !r.reading.start(ctx, g, func() error { return s.read(ctx, b, q, "") }) {
				s.readers.Done()
			}
		}
		s.readers.Wait()
		s.delete(ctx, s.expired)
		return nil
	})
	return g.Wait()
}

// read reads the rows of b in the range of q that sort before a key, "" for all of the range.
// Whenever a reader is free after a page, that one takes half of the range that is left.
func (s *sweep) read(ctx context.Context, b *batch, q table.Query, before string) error {
	defer s.readers.Done()
	last := q.From
	for {
		page, err := s.query(ctx, q)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			sk := table.Text(item, table.SK)
			if before != "" && sk >= before {
				return nil // the first row of the other half
			}
			if s.tooLate() {
				s.stopped.Store(true)
				return nil
			}
			s.look(ctx, b, sk, table.Text(item, ExpiresAt))
			last = sk
		}
		if page.Next == "" || s.stopped.Load() {
			return nil
		}
		q.Cursor = page.Next
		if half := middle(last, q.To); half != "" && s.handOver(ctx, b, q, half, before) {
			q.To, before = half, half
		}
	}
}

// handOver lets another reader read the range of q from a key on. It returns false when none
// is free.
func (s *sweep) handOver(ctx context.Context, b *batch, q table.Query, from, before string) bool {
	q.From, q.Cursor = from, ""
	s.readers.Add(1)
	free := s.reading.try(s.group, func() error { return s.read(ctx, b, q, before) })
	if !free {
		s.readers.Done()
	}
	return free
}

// look counts a row of b and removes it if it has expired.
func (s *sweep) look(ctx context.Context, b *batch, sk, expiresAt string) {
	s.scanned.Add(1)
	e := b.entries[0]
	ours := dayOf(expiresAt) == dayOf(e.SK) // other rows were recorded under another retention
	switch {
	case !ours:
		s.skipped.Add(1)
	case expiresAt > s.cutoff:
		s.skipped.Add(1)
		b.keep(expiresAt)
	case s.dry:
		s.deleted.Add(1)
	default:
		s.expire(ctx, table.Key{Table: s.table, PK: e.Partition, SK: sk})
	}
}

// expire adds a row to those to remove. It waits until a request for them can be sent.
func (s *sweep) expire(ctx context.Context, key table.Key) {
	s.mu.Lock()
	s.expired = append(s.expired, key)
	var full []table.Key
	if len(s.expired) == table.MaxDeletes {
		full = s.expired
		s.expired = nil
	}
	s.mu.Unlock()
	s.delete(ctx, full)
}

// delete removes rows by one request.
func (s *sweep) delete(ctx context.Context, keys []table.Key) {
	if len(keys) == 0 {
		return
	}
	s.writing.start(ctx, s.group, func() error {
		err := s.db.DeleteAll(ctx, keys)
		if err == nil {
			s.deleted.Add(int64(len(keys)))
		}
		return err
	})
}

// middle returns a key about halfway between two, "" when it knows none. It takes the
// characters after what both begin with for digits of base 36, as those of ULIDs are.
func middle(from, to string) string {
	n := 0
	for n < min(len(from), len(to)) && from[n] == to[n] {
		n++
	}
	low, high := number(from[n:]), number(to[n:])
	if high <= low {
		return ""
	}
	if half := to[:n] + text(low+(high-low)/2); from < half && half < to && utf8.ValidString(half) {
		return half
	}
	return ""
}

const (
	digits    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	maxDigits = 12 // of a uint64
)

// number returns the first characters of s as a number. A character that is no digit counts as
// the digit that sorts next to it.
func number(s string) (n uint64) {
	for i := range maxDigits {
		digit := 0
		if i < len(s) {
			digit = strings.IndexFunc(digits, func(d rune) bool { return d >= rune(s[i]) })
			if digit < 0 {
				digit = len(digits) - 1
			}
		}
		n = n*uint64(len(digits)) + uint64(digit)
	}
	return n
}

// text is the inverse of number.
func text(n uint64) string {
	var s [maxDigits]byte
	for i := range s {
		s[maxDigits-1-i] = digits[n%uint64(len(digits))]
		n /= uint64(len(digits))
	}
	return string(s[:])
}
