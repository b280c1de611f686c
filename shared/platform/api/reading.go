package api

import (
	"context"

	"ciclo/shared/platform/problem"
)

// setReading notes that the request is being read and validated, or no longer is.
func setReading(ctx context.Context, reading bool) {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.reading = reading
	}
}

// panicked returns the refusal of a request at which the code panicked. While a
// request is read and validated nothing has happened yet and the panic is due to what
// was sent, so it is the caller's mistake; later it is ours. Both are logged as errors.
func (rec *record) panicked(spec Spec) *problem.Problem {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.failed = true
	if rec.reading {
		return problem.New(spec.Product.InvalidFormat, "The request could not be read. Send it as the API document describes it.")
	}
	return problem.New(spec.Product.Internal, internalDetail)
}
