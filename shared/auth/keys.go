package auth

import (
	"context"
	"crypto"
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

	freshFor  = 15 * time.Minute // keys are fetched again after this, so a withdrawn key ends
	keepFor   = 2 * time.Hour    // they serve as long as this while fetching fails
	fetchOnce = 30 * time.Second // at most one fetch in this time while keys serve
)

// keySet is the issuer's JWKS, fetched when it is needed: a goroutine that
// renews it would be frozen with its Lambda environment between two requests.
//
// keyfunc, the usual client, fits less: it limits neither a fetch's body nor the
// age of old keys, makes callers wait for its rate limit, fetches once per
// waiting caller, and reports a failed fetch as a key that does not exist.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time
	flight singleflight.Group

	mu      sync.Mutex
	keys    map[keyID]crypto.PublicKey
	fetched time.Time // when keys came
	tried   time.Time // when the last fetch began
	err     error     // of the last fetch
}

func newKeySet(url string, transport http.RoundTripper, now func() time.Time) *keySet {
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	// Without its monotonic part: that clock may stand still in a frozen environment.
	return &keySet{url: url, client: client, now: func() time.Time { return now().Round(0) }}
}

// get returns the key named id, from fresh keys if they can be had, else from
// old ones. The error wraps ErrUnauthorized when the issuer has no such key.
func (s *keySet) get(ctx context.Context, id keyID) (crypto.PublicKey, error) {
	if key, ok := s.lookup(id, freshFor); ok {
		return key, nil
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

// lookup finds a key in keys not older than age.
func (s *keySet) lookup(id keyID, age time.Duration) (crypto.PublicKey, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.within(s.fetched, age) {
		return nil, false
	}
	key, ok := s.keys[id]
	return key, ok
}

// within tells whether t is less than d ago; a clock that was set back makes it false.
func (s *keySet) within(t time.Time, d time.Duration) bool {
	age := s.now().Sub(t)
	return age >= 0 && age < d
}

// refresh fetches the keys unless that was just done, and returns the error of
// the last fetch. Callers share one fetch; each waits no longer than its ctx.
func (s *keySet) refresh(ctx context.Context) error {
	// One caller that gives up must not take the answer from the others.
	shared := context.WithoutCancel(ctx)
	fetched := s.flight.DoChan("", func() (any, error) { return nil, s.update(shared) })
	select {
	case result := <-fetched:
		return result.Err
	case <-ctx.Done():
		return fmt.Errorf("auth: waiting for the signing keys: %w", ctx.Err())
	}
}

func (s *keySet) update(ctx context.Context) error {
	s.mu.Lock()
	now, err := s.now(), s.err
	justTried := s.within(s.fetched, keepFor) && s.within(s.tried, fetchOnce)
	s.mu.Unlock()
	if justTried {
		return err
	}
	keys, err := s.fetch(ctx)
	if err != nil {
		err = fmt.Errorf("auth: fetching the signing keys: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried, s.err = now, err
	if err == nil {
		s.keys, s.fetched = keys, now
	}
	return err
}

func (s *keySet) fetch(ctx context.Context) (map[keyID]crypto.PublicKey, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, err
	}
	req.Close = true // the connection would be dead by the next fetch
	res, err := s.client.Do(req)
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
	return parseKeys(body)
}
