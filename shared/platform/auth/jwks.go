package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"ciclo/shared/platform/jose"
)

// keyID names a key together with the one algorithm it may verify, so that the
// type of a key always is that of the token's algorithm.
type keyID struct{ kid, alg string }

// fixedKeys are keys that do not change while the process lives.
type fixedKeys map[keyID]crypto.PublicKey

func (f fixedKeys) get(_ context.Context, id keyID) (crypto.PublicKey, error) {
	if key, ok := f[id]; ok {
		return key, nil
	}
	return nil, refuse("unknown key")
}

func (fixedKeys) refresh(context.Context) error { return nil }

// sources are several sources of the keys of one issuer. The first one that has a key counts.
type sources []keySource

// get returns the key named id. A source that fails does not hide the keys of another; the error
// wraps ErrUnauthorized only when all are sure that they have no such key.
func (s sources) get(ctx context.Context, id keyID) (crypto.PublicKey, error) {
	var failed error
	for _, source := range s {
		key, err := source.get(ctx, id)
		if err == nil {
			return key, nil
		}
		if failed == nil || errors.Is(failed, ErrUnauthorized) {
			failed = err
		}
	}
	return nil, failed
}

func (s sources) refresh(ctx context.Context) error {
	var all []error
	for _, source := range s {
		all = append(all, source.refresh(ctx))
	}
	return errors.Join(all...)
}

// errNoKey is the error for a well-formed set that has no key for our tokens.
var errNoKey = errors.New("no usable key")

// parseKeys reads the keys of a JWKS that can verify our tokens. Of two keys with one kid
// and one algorithm the first counts.
func parseKeys(jwks []byte) (map[keyID]crypto.PublicKey, error) {
	set, err := jose.ParseSet(jwks)
	if err != nil {
		return nil, fmt.Errorf("not a JWKS: %w", err)
	}
	keys := map[keyID]crypto.PublicKey{}
	for _, key := range set {
		id := keyID{kid: key.ID, alg: key.Algorithm}
		if _, taken := keys[id]; !taken {
			keys[id] = key.Key
		}
	}
	if len(keys) == 0 {
		return keys, errNoKey
	}
	return keys, nil
}
