package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/auth"
)

// TestHangingKeys: who has the keys of one issuer and never answers holds up no tokens of
// the other, and those of its own until the fetch is given up.
func TestHangingKeys(t *testing.T) {
	t.Parallel()
	keys()
	ownKey()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ask := func(ctx context.Context) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		own := auth.Issuer{URL: ownIssuer, Audience: ownAudience, Kinds: []string{"organization"}, Ask: ask}
		f := fixture{jwks: &endpoint{respond: answer(http.StatusOK, keys().published)}}
		now := func() time.Time { return start.Add(time.Since(began)) }
		f.Bearer = must(auth.New(auth.Config{Issuers: []auth.Issuer{configured, own}, Kinds: everybody(nil).Kinds, Now: now, Transport: f.jwks}))
		waited := make(chan time.Duration)
		go func() { waited <- took(func() { f.cannotTell(t, by(ownKey(), "own", ownClaims(nil))) }) }()
		synctest.Wait()
		if d := took(func() { f.accepts(t, lasting("ec")) }); d != 0 {
			t.Errorf("the other issuer's token took %v", d)
		}
		if d := <-waited; d != 5*time.Second {
			t.Errorf("its own took %v", d)
		}
	})
}

// newAsking is a fixture of one issuer whose keys ask returns.
func newAsking(ask func(context.Context) ([]byte, error)) fixture {
	f := fixture{clock: &clock{t: start}}
	own := auth.Issuer{URL: ownIssuer, Ask: ask, Audience: ownAudience, Kinds: []string{"organization"}}
	f.Bearer = must(auth.New(auth.Config{Issuers: []auth.Issuer{own}, Kinds: everybody(nil).Kinds, Now: f.clock.Now}))
	return f
}

// TestAskedKeysLast: keys that never change are asked for until they come, at most once a
// second, and never again: neither when they are old nor for a key nobody knows.
func TestAskedKeysLast(t *testing.T) {
	t.Parallel()
	var asked, failing atomic.Int64
	failing.Store(2)
	f := newAsking(func(context.Context) ([]byte, error) {
		if asked.Add(1) <= failing.Load() {
			return nil, errors.New("refused")
		}
		return []byte(jwks(jwk("own", ownKey().Public(), ""))), nil
	})
	token := func(kid string) string {
		return by(ownKey(), kid, ownClaims(set{"exp": start.Add(200 * time.Hour).Unix()}))
	}
	for step, tc := range []struct {
		pass  time.Duration
		asked int64 // from then on
	}{{0, 1}, {0, 1}, {900 * time.Millisecond, 1}, {100 * time.Millisecond, 2}} {
		f.clock.Advance(tc.pass)
		f.cannotTell(t, token("own"))
		if got := asked.Load(); got != tc.asked {
			t.Errorf("step %d: asked %d times, want %d", step, got, tc.asked)
		}
	}
	f.clock.Advance(time.Second)
	f.accepts(t, token("own"))
	for range 3 {
		f.clock.Advance(40 * time.Hour)
		f.refuses(t, token("other"))
		f.accepts(t, token("own"))
	}
	if got := asked.Load(); got != 3 {
		t.Errorf("asked %d times, want 3", got)
	}
}
