package keyring

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/table"
)

var (
	// ErrNoKey is wrapped by the error of a deployment that has no key which signs: none has been made
	// yet, the first one waits for its notice, or all are retired.
	ErrNoKey = errors.New("no key signs yet or any more")
	// ErrDamaged is wrapped by the error of stored keys that cannot be read.
	ErrDamaged = errors.New("the stored keys are damaged")
)

// ring is the stored item: the keys of a deployment in the order in which they begin to sign.
type ring struct {
	Version int64       `dynamodbav:"version"`
	Retired bool        `dynamodbav:"retired,omitempty"` // no key signs any more
	Keys    []storedKey `dynamodbav:"keys"`
}

// storedKey is a key with its private half sealed as its id. A key whose private half is not
// of its public half does not open, because its id is another one.
type storedKey struct {
	ID      string `dynamodbav:"kid"`     // thumbprint of the public half
	Public  []byte `dynamodbav:"public"`  // PKCS #1
	DataKey []byte `dynamodbav:"dataKey"` // as the sealer wrapped it
	Private []byte `dynamodbav:"private"` // PKCS #1, sealed

	SignsFrom      string `dynamodbav:"signsFrom"`
	PublishedUntil string `dynamodbav:"publishedUntil,omitempty"` // "" for as long as it signs
}

// read returns the keys at a key of a table. The error wraps ErrNoKey or ErrDamaged, or is
// that of the table.
func read(ctx context.Context, db table.DB, key table.Key) (*ring, error) {
	item, err := db.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	return decode(item)
}

func decode(item table.Item) (*ring, error) {
	r, err := table.As[ring](item)
	switch {
	case err != nil:
		return nil, fmt.Errorf("keyring: %w: %w", ErrDamaged, err)
	case r == nil:
		return nil, fmt.Errorf("keyring: %w", ErrNoKey)
	case len(r.Keys) == 0 && !r.Retired:
		return nil, fmt.Errorf("keyring: %w: no keys", ErrDamaged)
	}
	for _, k := range r.Keys {
		if _, err := k.public(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// signing returns the key that signs now, nil if there is none: the last one that has begun to. It
// also returns when the next one begins, the zero time if none is planned.
func (r *ring) signing(now time.Time) (k *storedKey, until time.Time) {
	if r.Retired {
		return nil, until
	}
	for i := range r.Keys {
		begins, err := table.ParseStamp(r.Keys[i].SignsFrom)
		if err == nil && begins.After(now) {
			return k, begins
		}
		k = &r.Keys[i]
	}
	return k, time.Time{}
}

// published returns the keys that are published at a time.
func (r *ring) published(now time.Time) []storedKey {
	all := make([]storedKey, 0, len(r.Keys))
	for _, k := range r.Keys {
		if k.PublishedUntil == "" || k.PublishedUntil > table.Stamp(now) {
			all = append(all, k)
		}
	}
	return all
}

func (k storedKey) public() (*rsa.PublicKey, error) {
	public, err := x509.ParsePKCS1PublicKey(k.Public)
	if err != nil || k.ID != jose.Thumbprint(public) || jose.Algorithm(public, jose.MaxBits) == "" {
		return nil, fmt.Errorf("keyring: %w: the public half of %q", ErrDamaged, k.ID)
	}
	return public, nil
}

// open returns the private half. It calls the sealer once.
func (k storedKey) open(ctx context.Context, sealer seal.Sealer, about string) (*rsa.PrivateKey, error) {
	dataKey, err := sealer.OpenKey(ctx, about, k.DataKey)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	text, err := dataKey.Open(k.ID, k.Private)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w: %w", ErrDamaged, err)
	}
	private, err := x509.ParsePKCS1PrivateKey([]byte(text))
	if err != nil || k.ID != jose.Thumbprint(private.Public()) {
		return nil, fmt.Errorf("keyring: %w: the private half of %q", ErrDamaged, k.ID)
	}
	return private, nil
}

// Published returns the public keys that verify signatures at a time, as they are
// published in a JWKS; none before the first key is made. The error wraps ErrDamaged, or is
// that of the table.
func Published(ctx context.Context, db table.DB, key table.Key, now time.Time) ([]jose.JWK, error) {
	r, err := read(ctx, db, key)
	if errors.Is(err, ErrNoKey) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []jose.JWK
	for _, k := range r.published(now) {
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		jwk, _ := jose.NewJWK(public)
		jwk.Use = jose.UseSig
		all = append(all, jwk)
	}
	return all, nil
}
