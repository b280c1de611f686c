package rate

// SetSize makes a limiter lease by another rule.
func (l *Limiter) SetSize(size func(passed, before, left int64) int64) {
	l.size = func(d demand) int64 { return size(d.passed, d.before, d.left) }
}

// SetGeneration makes a limiter forget keys sooner.
func (l *Limiter) SetGeneration(keys int) { l.generation = keys }

// Keys returns how many keys a limiter knows.
func (l *Limiter) Keys() int { return len(l.younger) + len(l.older) }

// LeaseSize is the rule by which limiters lease.
func LeaseSize(passed, before, left int64) int64 {
	return leaseSize(demand{passed: passed, before: before, waiting: 1, left: left})
}
