// Package keyring has keys that sign in memory. A [Keeper] makes them for a deployment; their
// private halves are stored sealed by data keys (package seal), so that one call of KMS opens one.
// A process opens a key once and keeps it: a signature costs no call.
package keyring

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/table"
)

const (
	// refresh is how long a process goes without reading the item, and thus how long it may
	// sign with a key that has been replaced at once.
	refresh = time.Hour
	// pause is the time after a failure in which the key is not asked for again, so that an
	// outage does not delay every signature.
	pause = 5 * time.Second
	// loadLimit is how long one attempt to get the key delays a signature.
	loadLimit = time.Second
)

// Config says where the keys of a deployment are, and how they follow each other. Everything is
// required, except where it is said.
type Config struct {
	DB     table.DB
	Key    table.Key // of the item with the keys
	About  string    // what they sign, to which KMS binds them
	Sealer seal.Sealer
	Now    func() time.Time

	Notice  time.Duration // for which a key is published before it signs
	Overlap time.Duration // for which a key is published after it has signed
	MaxAge  time.Duration // after which a key is replaced; 0 for never
	Patient bool          // whether the first key has a notice, too

	Generate func() (*rsa.PrivateKey, error) // makes a key; nil for one of 2,048 bits
}

// Ring has the key that signs at present. It is safe for concurrent use.
type Ring struct {
	config Config

	mu   sync.Mutex
	key  *Key      // nil before the first one is opened
	next time.Time // when the item is read again
	err  error     // of the last attempt to read it
}

// Key is an open key.
type Key struct {
	ID string

	header  []byte // of its tokens
	private *rsa.PrivateKey
}

// New returns a Ring. It reads nothing yet.
func New(c Config) *Ring { return &Ring{config: c} }

// Current returns the key that signs now. It reads the item when the process has none, when the
// next key begins to sign, and every hour. While that fails, the key that the process has goes on
// signing. The error wraps ErrNoKey when no key signs.
func (r *Ring) Current(ctx context.Context) (*Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := r.config.Now(); !now.Before(r.next) {
		r.err = r.load(ctx, now)
		if r.err != nil && ctx.Err() == nil {
			r.next = now.Add(pause)
		}
	}
	if r.key == nil {
		return nil, r.err
	}
	return r.key, nil
}

// IsOpen reports whether Current needs no call of the table or of the sealer.
func (r *Ring) IsOpen() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.config.Now().Before(r.next)
}

func (r *Ring) load(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	stored, err := read(ctx, r.config.DB, r.config.Key)
	if err != nil {
		return err
	}
	k, until := stored.signing(now)
	if k == nil {
		r.key = nil
		return fmt.Errorf("keyring: %w", ErrNoKey)
	}
	if r.key == nil || r.key.ID != k.ID {
		private, err := k.open(ctx, r.config.Sealer, r.config.About)
		if err != nil {
			return err
		}
		header, err := json.Marshal(header{Algorithm: jose.RS256, Use: jose.UseSig, Type: "at+jwt", KeyID: k.ID})
		if err != nil {
			return fmt.Errorf("keyring: %w", err)
		}
		r.key = &Key{ID: k.ID, header: header, private: private}
	}
	r.next = now.Add(refresh)
	if !until.IsZero() && until.Before(r.next) {
		r.next = until
	}
	return nil
}

// header is what the published tokens begin with (PDND).
type header struct {
	Algorithm string `json:"alg"`
	Use       string `json:"use"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// Sign returns a JWT of the type at+jwt with claims, which encode as a JSON object.
func (k *Key) Sign(claims any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("keyring: claims of type %T", claims) // the error of json may quote a claim
	}
	input := jose.SigningInput(k.header, payload, k.private.Size())
	digest := sha256.Sum256(input)
	signature, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("keyring: %w", err)
	}
	return jose.AppendSignature(input, signature), nil
}
