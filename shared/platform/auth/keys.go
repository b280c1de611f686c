package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	fetchTimeout = 5 * time.Second
	maxJWKSBytes = 256 << 10

	freshFor = 15 * time.Minute       // keys are fetched again after this, which ends withdrawn keys
	keepFor  = 2 * time.Hour          // keys are used this long while fetching fails
	patience = 300 * time.Millisecond // a request waits no longer for a fetch while there are keys

	// The least time from the end of a fetch to the start of the next.
	pauseServing = 30 * time.Second // while there are keys
	pauseWithout = time.Second      // while there are none
)

// keySet is the issuer's JWKS, fetched when it is needed. A goroutine that
// renews it would be frozen with its Lambda environment between two requests.
//
// keyfunc, the usual client, fits less: it limits neither a fetch's body nor the
// age of old keys, makes callers wait for its rate limit, fetches once per
// waiting caller, and reports a failed fetch as a key that does not exist.
type keySet struct {
	fetch   func(context.Context) (jwks []byte, err error)
	lasting bool // the keys never change: once they are there nothing is fetched again
	now     func() time.Time
	flight  singleflight.Group

	mu      sync.Mutex
	keys    map[keyID]crypto.PublicKey
	fetched time.Time // when the fetch that brought them began
	began   time.Time // when the running fetch began; zero without one
	tried   time.Time // when the last fetch ended
	err     error     // of the last fetch
}

func newKeySet(fetch func(context.Context) ([]byte, error), now func() time.Time) *keySet {
	// Without the monotonic reading: that clock may stop in a frozen environment.
	return &keySet{fetch: fetch, now: func() time.Time { return now().Round(0) }}
}

// get returns the key named id, from fresh keys if they are available, otherwise from
// old ones. The error wraps ErrUnauthorized when the issuer has no such key.
func (s *keySet) get(ctx context.Context, id keyID) (crypto.PublicKey, error) {
	if key, ok := s.lookup(id, freshFor); ok {
		return key, nil
	}
	if s.complete() {
		return nil, refuse("unknown key")
	}
	err := s.refresh(ctx)
	if key, ok := s.lookup(id, keepFor); ok {
		return key, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, refuse("unknown key")
}

// lookup returns a key if the keys are not older than age.
func (s *keySet) lookup(id keyID, age time.Duration) (crypto.PublicKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.lasting && !s.within(s.fetched, age) {
		return nil, false
	}
	key, ok := s.keys[id]
	return key, ok
}

// complete reports whether the keys are there and never change.
func (s *keySet) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lasting && s.keys != nil
}

// within reports whether t is less than d ago. It is false after the clock was set back.
func (s *keySet) within(t time.Time, d time.Duration) bool {
	age := s.now().Sub(t)
	return age >= 0 && age < d
}

// refresh fetches the keys unless that was just done, and returns the error of the last
// fetch. Callers share one fetch. Each waits until its ctx ends or, while there are keys,
// until the fetch has taken patience. The fetch continues for later callers.
func (s *keySet) refresh(ctx context.Context) error {
	// A caller that gives up must not cancel the fetch of the others.
	shared := context.WithoutCancel(ctx)
	if left, limited := s.left(); limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left)
		defer cancel()
	}
	fetched := s.flight.DoChan("", func() (any, error) { return nil, s.update(shared) })
	select {
	case result := <-fetched:
		return result.Err
	case <-ctx.Done():
		return fmt.Errorf("auth: waiting for the signing keys: %w", ctx.Err())
	}
}

// left returns how long a request may wait for keys; limited is false when it may wait
// until the fetch ends, because there are no keys.
//
// A fetch that runs for much longer than its timeout was frozen with its Lambda
// environment, and its connection is dead. It is abandoned and a new one begins; otherwise
// every request would wait for a fetch that never ends (TestFrozenFetch).
func (s *keySet) left() (left time.Duration, limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left = patience
	if !s.began.IsZero() {
		if s.within(s.began, 2*fetchTimeout) {
			left -= s.now().Sub(s.began)
		} else {
			s.began = time.Time{}
			s.flight.Forget("")
		}
	}
	return left, s.within(s.fetched, keepFor)
}

// update fetches the keys unless that was just done. Until the pause after a failed
// fetch is over, requests get its error at once. Otherwise every request would call an
// issuer that is unreachable (TestOneTryASecond).
func (s *keySet) update(ctx context.Context) error {
	s.mu.Lock()
	now := s.now()
	err := s.err
	pause := pauseWithout
	if s.within(s.fetched, keepFor) {
		pause = pauseServing
	}
	if s.within(s.tried, pause) {
		s.mu.Unlock()
		return err
	}
	s.began = now
	s.mu.Unlock()
	keys, err := s.load(ctx)
	if err != nil {
		err = fmt.Errorf("auth: fetching the signing keys: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.began.Equal(now) {
		return err // this fetch was abandoned, and a later one has newer keys
	}
	s.began = time.Time{}
	s.tried = s.now()
	s.err = err
	if err == nil {
		s.keys = keys
		s.fetched = now
	}
	return err
}

func (s *keySet) load(ctx context.Context) (map[keyID]crypto.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	body, err := s.fetch(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(body)
	if errors.Is(err, errNoKey) {
		err = nil // the issuer has withdrawn all of its keys
	}
	return keys, err
}

// fetchURL returns a function that fetches the JWKS at url.
func fetchURL(url string, transport http.RoundTripper) func(context.Context) ([]byte, error) {
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, err
		}
		req.Close = true // the connection would be dead by the next fetch
		res, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer func() { _ = res.Body.Close() }()
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("status %d", res.StatusCode)
		}
		body, err := io.ReadAll(io.LimitReader(res.Body, maxJWKSBytes+1))
		if err != nil {
			return nil, err
		}
		if len(body) > maxJWKSBytes {
			return nil, fmt.Errorf("more than %d bytes", maxJWKSBytes)
		}
		return body, nil
	}
}
