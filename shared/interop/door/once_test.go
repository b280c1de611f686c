package door_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/door"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/faults"
	"ciclo/shared/platform/testing/hooked"
)

// TestOneProofOnce uses one proof 64 times at once: one request comes in.
func TestOneProofOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const n = 64
		r := bound()
		header := r.headers(w.Clock.Now())
		w.tap.Set(hooked.Gate(n, nil)) // no use is recorded before all want to
		outcomes := make([]string, n)
		var running sync.WaitGroup
		for i := range n {
			running.Go(func() {
				if _, refused := w.send(r, header); refused != nil {
					outcomes[i] = refused.Code.Name
				}
			})
		}
		running.Wait()
		w.tap.Set(nil)
		count := map[string]int{}
		for _, outcome := range outcomes {
			count[outcome]++
		}
		if want := map[string]int{"": 1, reused: n - 1}; !maps.Equal(count, want) {
			t.Errorf("%d simultaneous uses: %v, want %v", n, count, want)
		}
	})
}

// TestOneJTIOfTwoKeys uses one jti with two keys: neither blocks the other.
func TestOneJTIOfTwoKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		one := bound()
		other := bound()
		other.key = keys().rsa
		other.proof = one.proof
		for _, want := range []string{"", reused} {
			w.wants("on P-256", one, want)
			w.wants("by RSA", other, want)
		}
	})
}

// TestRefusedUseIsNone sends a proof with a request that an early check refuses, which leaves
// the proof usable, and with one that a late check refuses, which does not (PDND).
func TestRefusedUseIsNone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for i, step := range steps {
			r := bound()
			r.claims = object{}
			faulty := r
			faulty.claims = object{}
			faulty.proof = merged(r.proof, nil)
			if step.code == reused {
				continue
			}
			step.fault(w, &faulty)
			w.wants(step.name, faulty, step.code)
			w.setAdmin(adminID)
			w.limit.refuses.Store(false)
			want := ""
			if i >= len(steps)-2 {
				want = reused
			}
			w.wants("after "+step.name, r, want)
		}
	})
}

// TestUsedUntilItIsOver keeps a used proof as long as it could be used.
func TestUsedUntilItIsOver(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, issued := range []time.Duration{-assertion.ProofTTL, 0, assertion.ProofLeeway} {
			r := bound()
			r.proof["iat"] = w.Clock.Now().Add(issued).Unix()
			w.wants(fmt.Sprint("issued ", issued), r, "")
			item, err := w.DB.Get(w.Context(), interop.Key(
				"PROOF#"+jose.Thumbprint(r.key.Public())+"#"+interop.Hash(r.proof["jti"].(string)), "ACCESS", //nolint:forcetypeassert // see bound
			))
			kept, errAs := table.As[struct {
				TTL int64 `dynamodbav:"ttl"`
			}](item)
			if err = errors.Join(err, errAs); err != nil || kept == nil {
				t.Fatalf("%v, %v", item, err)
			}
			now := w.Clock.Now()
			w.Clock.Set(time.Unix(kept.TTL, 0).Add(-time.Second)) // from then on DynamoDB may remove it
			if got := w.outcome(r); got != badProof {
				t.Errorf("issued %v: at the end of its record the proof is answered %q", issued, got)
			}
			w.Clock.Set(now)
		}
	})
}

// TestLostAnswer repeats a proof when the first answer of the storage is lost: the repetition
// inside the client finds the record of the first use, and must not take it for its own. The
// first use itself comes in, whatever answer is lost.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	config, ok := engine.Config(t, []table.Schema{{Name: interop.Table.Name}})
	if !ok {
		return // the embedded engine loses no answer
	}
	engine.Dynamo(t, config)
	injector := faults.New(&http.Client{Transport: &http.Transport{}})
	config.HTTPClient = injector
	w := newWorld(t, apitest.New(dynamo.New(config), nil))
	for _, fault := range []faults.Fault{faults.NotSent, faults.AnswerLost, faults.Truncated, faults.Status500, faults.Throttling} {
		r := bound()
		r.claims = object{"role": "m2m", "adminId": absent} // so that the write is the only call
		for _, want := range []string{"", reused, reused} {
			injector.Arm(0, fault)
			w.wants(fault.String(), r, want)
			if injector.Hits() == 0 {
				t.Errorf("%v: nothing was broken", fault)
			}
		}
	}
}

// TestBroken fails each call of the storage: nobody comes in, unless it is known that the
// proof was used.
func TestBroken(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for k := range 2 {
			for _, after := range []bool{false, true} {
				r := bound()
				w.tap.Set(hooked.Broken(k, after))
				id, refused, err := w.door.Enter(w.Context(), r.method, r.urls, r.headers(w.Clock.Now()))
				w.tap.Set(nil)
				if !errors.Is(err, hooked.ErrDown) || refused != nil || id.Subject != "" {
					t.Errorf("call %d: %+v, %+v, %v", k, id, refused, err)
				}
			}
		}
		used := bound()
		w.wants("the first use", used, "")
		w.tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				return c.Run()
			}
			return hooked.ErrDown
		})
		for range 20 { // whichever ends first
			if got := w.outcomeOf(used); got != reused && got != "failed" {
				t.Errorf("a used proof is answered %q", got)
			}
		}
	})
}

// outcomeOf is outcome for a request that may fail.
func (w *world) outcomeOf(r request) string {
	_, refused, err := w.door.Enter(w.Context(), r.method, r.urls, r.headers(w.Clock.Now()))
	switch {
	case err != nil:
		return "failed"
	case refused != nil:
		return refused.Code.Name
	}
	return ""
}

var errKeys = errors.New("no keys in time")

// keyless has no keys in time.
type keyless struct{}

func (keyless) Verify(context.Context, string) (claims.Verified, error) {
	return claims.Verified{}, errKeys
}

// TestNoKeys cannot verify a token, which is not the caller's fault.
func TestNoKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.door = door.New(w.Deps(), keyless{}, auth.ErrUnauthorized, nil)
		for _, r := range []request{bound(), unbound()} {
			if got := w.outcomeOf(r); got != "failed" {
				t.Errorf("answered %q", got)
			}
		}
	})
}

// TestCost counts what a request costs: the last checks take one round trip together.
func TestCost(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		reader := bound()
		reader.claims = object{"role": "m2m", "adminId": absent}
		w.setCertifier(true)
		used := bound()
		w.wants("the first use", used, "")
		for name, tc := range map[string]struct {
			request
			trips, items int
			writes       float64
		}{
			"m2m": {reader, 1, 0, 1}, "m2m-admin": {bound(), 1, 2, 1}, "bearer of m2m-admin": {unbound(), 1, 2, 0},
			"another's proof": {proofCases()[0].request, 0, 0, 0},
		} {
			ctx, meter := table.WithMeter(w.Context())
			if _, _, err := w.door.Enter(ctx, tc.method, tc.urls, tc.headers(w.Clock.Now())); err != nil {
				t.Fatal(err)
			}
			got := meter.Usage()
			if got.RoundTrips != tc.trips || got.ItemsRead != tc.items || got.WriteUnits != tc.writes && got.WriteUnits != 0 {
				t.Errorf("%s costs %+v, want %d round trips, %d items, %v write units", name, got, tc.trips, tc.items, tc.writes)
			}
		}
	})
}
