package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
)

// benchAnswers tells what the signature of an answer costs: the same read of the interop
// product without and with it, and what a process does once.
func benchAnswers(ctx context.Context, b *bench, s *section) error {
	b.benchSignature(ctx, s)
	deps := b.deps()
	deps.Log = slog.New(slog.DiscardHandler)
	run, err := voucher.AnswerKeys.Start(deps)
	if err == nil {
		_, err = run(ctx, nil)
	}
	if err != nil {
		return err
	}
	plain, err := read(ctx, deps)
	if err != nil {
		return err
	}
	deps.Integrity = interop.Product.Integrity(deps)
	signed, err := read(ctx, deps)
	if err != nil {
		return err
	}
	load := testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			if err := interop.Product.Integrity(deps).Load(ctx); err != nil {
				t.Fatal(err)
			}
		}
	})
	ms := func(r testing.BenchmarkResult) float64 { return float64(r.NsPerOp()) / 1e6 }
	s.note("a read without and with signature: %.2f and %.2f ms (%.1f times), %d and %d allocations; "+
		"reading and opening the key, once for a process: %.2f ms, and one call of KMS",
		ms(plain), ms(signed), ms(signed)/ms(plain), plain.AllocsPerOp(), signed.AllocsPerOp(), ms(load))
	return nil
}

// read measures a page of e-services.
func read(ctx context.Context, deps api.Deps) (testing.BenchmarkResult, error) {
	h, err := api.NewHandler(deps, catalog.Operations()...)
	if err != nil {
		return testing.BenchmarkResult{}, err
	}
	ctx = api.WithIdentity(ctx, organization(uuid.NewString()))
	return testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, http.MethodGet, "/eservices", http.NoBody))
			if rec.Code != http.StatusOK {
				t.Fatal(rec.Code, rec.Body)
			}
		}
	}), nil
}
