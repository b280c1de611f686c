package api

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"ciclo/shared/platform/problem"
)

// Refusal is why an authorizer let nobody in.
type Refusal struct {
	// Code is one of the product's Refusals; any other is its Unauthorized.
	Code problem.Code
	// Reason is a phrase such as "no token" that is safe to log and to return to the
	// caller.
	Reason    string
	Allowance Allowance // of the caller, when the authorizer knows it
}

// Allowance is how many requests a caller may send.
type Allowance struct {
	Limit     int           // in an interval; 0 where nothing is counted
	Remaining int           // in this interval
	Interval  time.Duration // whole milliseconds
}

// Names of the headers with the caller's allowance (PDND M2M v3).
const (
	limitHeader     = "X-Rate-Limit-Limit"
	remainingHeader = "X-Rate-Limit-Remaining"
	intervalHeader  = "X-Rate-Limit-Interval"
)

// writeTo sets the headers of an allowance.
func (a Allowance) writeTo(h http.Header) {
	if a.Limit == 0 {
		return
	}
	h.Set(limitHeader, strconv.Itoa(a.Limit))
	h.Set(remainingHeader, strconv.Itoa(max(0, a.Remaining)))
	h.Set(intervalHeader, strconv.FormatInt(a.Interval.Milliseconds(), 10))
}

// NoteAllowance makes the answer say what the caller may still send, where the operation
// counts and not the authorizer.
func NoteAllowance(ctx context.Context, a Allowance) {
	if rec, ok := ctx.Value(recordKey{}).(*record); ok {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		rec.allowance = a
	}
}

// allowanceOf returns the allowance of the caller, as the authorizer knows it.
func allowanceOf(ctx context.Context) Allowance {
	if refusal, ok := RefusalFrom(ctx); ok {
		return refusal.Allowance
	}
	id, _ := IdentityFrom(ctx)
	return id.Allowance
}

func (rec *record) allowed() Allowance {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return rec.allowance
}

type refusalKey struct{}

// WithRefusal returns a context for a request that an authorizer has refused. The
// operation answers it, so that the caller reads the product's code and the reason.
func WithRefusal(ctx context.Context, r Refusal) context.Context {
	return context.WithValue(ctx, refusalKey{}, r)
}

// RefusalFrom returns why the request was refused; false when that is not known.
func RefusalFrom(ctx context.Context) (Refusal, bool) {
	r, ok := ctx.Value(refusalKey{}).(Refusal)
	return r, ok
}

// unauthorized returns the problem of a request without a caller: by default the
// credential that the operation takes and, if known, why that of the request was refused.
func unauthorized(ctx context.Context, spec Spec) *problem.Problem {
	scheme := spec.Product.Scheme
	refusal, known := RefusalFrom(ctx)
	code := spec.Product.Unauthorized
	for _, c := range spec.Product.Refusals {
		if c.Name == refusal.Code.Name {
			code = c
		}
	}
	if !known || refusal.Reason == "" {
		return problem.New(code, "%s", scheme.Hint)
	}
	Annotate(ctx, slog.String("refusal", refusal.Reason))
	if code.Status == http.StatusUnauthorized {
		return problem.New(code, "The credential was refused: %s. %s", refusal.Reason, scheme.Hint)
	}
	if source, known := sourceOf(ctx); known && !refusesCaller(code.Status, false) {
		Annotate(ctx, source) // 401 and 403 are logged with it anyway
	}
	return problem.New(code, "%s", sentence(refusal.Reason))
}
