package rate

import "sync"

// window is what a process knows of the window of one key.
type window struct {
	mu sync.Mutex

	count   *count // as it was last seen, nil for never
	left    int64  // of the lease
	isBurst bool   // the lease is of the burst
	isOver  bool   // the window allows no more
	pause   int64  // the store failed: requests pass uncounted until then

	passed  int64         // requests that this process passed in the window
	before  int64         // the same of the window before
	waiting int64         // requests that wait for a lease, with the one that gets it
	flight  chan struct{} // closed when the lease that is being got is there; nil for none
}

// verdict is what a process knows of a request without asking the store.
type verdict int

const (
	unknown verdict = iota
	passed
	refused
)

// isCurrent reports whether the window that was last seen is the present one. Clocks of
// processes differ: a window that another process has begun may begin later here.
func (w *window) isCurrent(now int64, rule Rule) bool {
	return w.count != nil && now < w.count.Start+rule.interval() && now >= w.count.Start-rule.interval()
}

// needs reports whether the next request needs a lease.
func (w *window) needs(now int64, rule Rule) bool {
	isKnown := w.isCurrent(now, rule) && (w.isOver || w.hasLease(now))
	return now >= w.pause && !isKnown
}

// hasLease reports whether a request can be paid from the lease of the present window.
func (w *window) hasLease(now int64) bool {
	return w.left > 0 && (!w.isBurst || now < w.count.Burst)
}

// spend pays one request from the lease. It returns what remains of the limit: what is not
// leased, as far as this process knows, and what is left of its own lease.
func (w *window) spend(now int64, rule Rule) (verdict, int64) {
	switch {
	case now < w.pause:
		return passed, int64(rule.Limit)
	case w.needs(now, rule):
		return unknown, 0
	case w.isOver:
		return refused, 0
	}
	w.left--
	w.passed++
	if w.isBurst {
		return passed, 0
	}
	return passed, max(int64(rule.Limit)-w.count.Used, 0) + w.left
}

// demand returns the count of the present window, nil when it is not known, and what a
// lease of it is decided on.
func (w *window) demand(now int64, rule Rule) (*count, demand) {
	switch {
	case w.isCurrent(now, rule):
		return w.count, demand{passed: w.passed, before: w.before, waiting: w.waiting}
	case w.count != nil && w.precedes(now, rule):
		return nil, demand{before: w.passed, waiting: w.waiting}
	default:
		return nil, demand{waiting: w.waiting}
	}
}

// precedes reports whether a window that begins now follows the one that was last seen
// directly.
func (w *window) precedes(now int64, rule Rule) bool {
	return now >= w.count.Start && now < w.count.Start+2*rule.interval()
}

// receive takes in a lease.
func (w *window) receive(got grant, rule Rule) {
	if w.count == nil || w.count.Start != got.count.Start {
		w.before = 0
		if w.count != nil && w.precedes(got.count.Start, rule) {
			w.before = w.passed
		}
		w.passed = 0
	}
	w.count = &got.count
	w.left = got.n
	w.isBurst = got.isBurst
	w.isOver = got.n == 0
}
