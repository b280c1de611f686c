package main

import (
	"context"
	"net/http"

	"ciclo/cmd/internal/sandbox"
)

// Settings of a sandbox in which an organization has one request for as long as a run takes.
var (
	oneRequest = []string{"RATE_LIMIT=1", "RATE_INTERVAL_MS=86400000"}
	oneToken   = []string{"TOKEN_RATE_LIMIT=1", "TOKEN_RATE_INTERVAL_MS=86400000"}
)

// exhaust drives the operations against another sandbox by callers who have used up their
// limit, which is checked before an operation looks at its request.
func (w *world) exhaust(ctx context.Context, binary string) error {
	if w.contract.profile.limit == nil {
		return nil
	}
	other, err := sandbox.Start(ctx, binary, w.contract.profile.limits...)
	if err != nil {
		return err
	}
	defer other.Stop()
	small := newWorld(other.URL, w.contract, w.report)
	return w.contract.profile.limit(ctx, small, w.samples)
}

// exhaustOrganization repeats the samples by an organization that has used up its limit.
func exhaustOrganization(ctx context.Context, w *world, samples map[*operation]call) error {
	p := &crowd{readers: map[string]*caller{}}
	eager, err := w.bearer(ctx, "eager organization", "role=m2m-admin", p) // its first call is its last
	if err != nil {
		return err
	}
	for _, o := range w.contract.operations {
		c, there := samples[o]
		if !there || o.id == "getStatus" { // which has no caller
			continue
		}
		c.by = eager
		if err := w.refusedForRate(ctx, o, c); err != nil {
			return err
		}
	}
	return nil
}

// refusedForRate makes a call that must be answered with 429.
func (w *world) refusedForRate(ctx context.Context, o *operation, c call) error {
	a, err := w.send(ctx, c)
	if err == nil && a.status != http.StatusTooManyRequests {
		w.report.blame(o, a, []finding{{"limit", "is not kept"}})
	}
	return err
}

// exhaustClient has a client ask for a second token.
func exhaustClient(ctx context.Context, w *world, _ map[*operation]call) error {
	p, err := w.gather(ctx)
	if err != nil {
		return err
	}
	s := &scene{world: w, crowd: p, ctx: ctx}
	h := s.holder()
	s.ask(http.StatusOK, s.form(h))
	s.ask(http.StatusTooManyRequests, s.form(h))
	return s.err
}
