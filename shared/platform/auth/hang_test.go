package auth_test

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/auth"
)

// newRunning is a fixture whose clock runs with that of the test's bubble.
func newRunning(t *testing.T) fixture {
	t.Helper()
	began := time.Now()
	f := fixture{jwks: &endpoint{respond: answer(http.StatusOK, keys().published)}}
	now := func() time.Time { return start.Add(time.Since(began)) }
	f.Bearer = must(auth.New(auth.Config{Issuers: []auth.Issuer{configured}, Kinds: everybody(nil).Kinds, Now: now, Transport: f.jwks}))
	return f
}

// hang answers when the request is given up.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// pass lets d go by on the bubble's clock, which costs no time.
func pass(d time.Duration) { <-time.After(d) }

// took is how long f took by the bubble's clock, which stands still unless all wait.
func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// hanging is an issuer that stops to answer some time after its keys came, and a token that
// is checked then.
type hanging struct {
	after time.Duration // the keys came
	kid   string
	holds bool // the token is accepted by the keys that came
}

// TestHangingIssuer shows what an issuer that never answers costs requests while its
// keys serve: 300 ms for those who meet the beginning of the fetch, then nothing.
func TestHangingIssuer(t *testing.T) {
	t.Parallel()
	keys()
	for name, tc := range map[string]hanging{
		"keys to renew":        {15 * time.Minute, "ec", true},
		"keys about to end":    {2*time.Hour - time.Minute, "ec", true},
		"a key nobody knows":   {time.Minute, "unknown", false},
		"that, and to renew":   {16 * time.Minute, "unknown", false},
		"keys that are fresh":  {14 * time.Minute, "ec", true},
		"a key that is known":  {time.Minute, "rsa", true},
		"an hour, other alg":   {time.Hour, "both", true},
		"one minute, p384 key": {time.Minute, "p384", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, tc.check)
		})
	}
}

// check sends requests at the beginning of the fetch, during it and after the issuer is back.
func (h hanging) check(t *testing.T) {
	f := newRunning(t)
	token := h.token()
	f.accepts(t, lasting("ec"))
	f.jwks.Set(hang)
	pass(h.after)
	ask := func() time.Duration {
		return took(func() {
			if h.holds {
				f.accepts(t, token)
			} else {
				f.cannotTell(t, token)
			}
		})
	}
	want := 300 * time.Millisecond
	if h.holds && h.after < 15*time.Minute {
		want = 0
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if cost := ask(); cost != want {
				t.Errorf("at the beginning it took %v, want %v", cost, want)
			}
		})
	}
	group.Wait()
	var whole time.Duration
	for range 60 { // half a minute: the fetch, and the pause after it
		whole += ask()
		pass(500 * time.Millisecond)
	}
	if whole != 0 {
		t.Errorf("60 requests that came later took %v", whole)
	}
	if n := f.jwks.Fetches(); n > 2 {
		t.Errorf("%d fetches", n)
	}
	// The issuer is back, and no request has to wait.
	f.jwks.Set(answer(http.StatusOK, jwks(jwk("new", keys().ec.Public(), ""))))
	pass(30 * time.Second)
	if cost := took(func() { f.accepts(t, lasting("new")) }); cost != 0 {
		t.Errorf("then it took %v", cost)
	}
}

// token is a header with a token by the key kid.
func (h hanging) token() string {
	if h.kid != "rsa" {
		return lasting(h.kid)
	}
	claims := payload(set{"exp": start.Add(24 * time.Hour).Unix()})
	return "Bearer " + sign("RS256", head(set{"alg": "RS256", "kid": "rsa"}), claims, keys().rsa)
}

// TestSlowIssuer brings the keys to those who come later.
func TestSlowIssuer(t *testing.T) {
	t.Parallel()
	keys()
	synctest.Test(t, func(t *testing.T) {
		f := newRunning(t)
		f.accepts(t, lasting("ec"))
		f.jwks.Set(func(r *http.Request) (*http.Response, error) {
			pass(time.Second)
			return answer(http.StatusOK, jwks(jwk("new", keys().ec.Public(), "")))(r)
		})
		pass(15 * time.Minute)
		f.accepts(t, lasting("ec")) // by the old keys
		f.cannotTell(t, lasting("new"))
		pass(time.Second)
		f.accepts(t, lasting("new"))
		f.refuses(t, lasting("ec"))
		f.fetched(t, 2)
	})
}

// TestOneTryASecond shows that an issuer that gives no keys is asked once a second, by
// all requests together.
func TestOneTryASecond(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.jwks.Set(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
	for tenth := range 50 {
		for range 4 {
			f.cannotTell(t, lasting("ec"))
			f.cannotTell(t, lasting("unknown"))
		}
		f.fetched(t, 1+tenth/10)
		f.clock.Advance(time.Second / 10)
	}
	f.jwks.Set(answer(http.StatusOK, keys().published))
	f.accepts(t, lasting("ec"))
	f.fetched(t, 6)
}

// TestHangingWithoutKeys shows that all requests wait for one fetch, and none in the
// second after it.
func TestHangingWithoutKeys(t *testing.T) {
	t.Parallel()
	keys()
	synctest.Test(t, func(t *testing.T) {
		f := newRunning(t)
		f.jwks.Set(hang)
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				if cost := took(func() { f.cannotTell(t, lasting("ec")) }); cost != 5*time.Second {
					t.Errorf("it took %v, want the 5 s of a fetch", cost)
				}
			})
		}
		group.Wait()
		for range 9 {
			if cost := took(func() { f.cannotTell(t, lasting("ec")) }); cost != 0 {
				t.Errorf("within the second after it, it took %v", cost)
			}
			pass(100 * time.Millisecond)
		}
		f.fetched(t, 1)
	})
}

// TestFrozenFetch is of a fetch that began before the environment was frozen: it is
// under way for an hour, and what it brings in the end is old.
func TestFrozenFetch(t *testing.T) {
	t.Parallel()
	keys()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.accepts(t, lasting("ec"))
		thaw, thawed := make(chan struct{}), make(chan struct{})
		f.jwks.Set(func(r *http.Request) (*http.Response, error) {
			defer close(thawed)
			<-thaw
			return answer(http.StatusOK, keys().published)(r)
		})
		f.clock.Advance(15 * time.Minute)
		f.accepts(t, lasting("ec"))
		f.clock.Advance(time.Hour) // the bubble's clock, which times the fetch out, stood still
		f.jwks.Set(answer(http.StatusOK, jwks(jwk("new", keys().ec.Public(), ""))))
		f.accepts(t, lasting("new"))
		f.refuses(t, lasting("ec"))
		close(thaw)
		<-thawed
		synctest.Wait()
		f.accepts(t, lasting("new"))
		f.refuses(t, lasting("ec"))
		f.fetched(t, 3)
	})
}
