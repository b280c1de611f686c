package integrity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
)

// notice is how long a key is published before it signs, and after it has signed. Clients
// keep the JWKS for minutes, and processes keep a key for an hour.
const notice = 24 * time.Hour

// labelRing names the step that writes the keys.
const labelRing = "keys of signed answers"

// ErrReplacing is the error of a replacement while an earlier one is not over.
var ErrReplacing = errors.New("integrity: a key is being replaced already: wait until one key is left, or discard all of them")

// Keeper makes and replaces the key of a deployment. It makes data keys and opens none. It is
// safe for concurrent use.
type Keeper struct {
	config  Config
	private func() (*rsa.PrivateKey, error) // makes one
}

// NewKeeper returns a Keeper.
func NewKeeper(c Config) *Keeper {
	return &Keeper{config: c, private: func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, jose.MinBits) }}
}

// KeyReport is what is known of a published key.
type KeyReport struct {
	ID             string `json:"kid"`
	SignsFrom      string `json:"signsFrom"`
	PublishedUntil string `json:"publishedUntil,omitempty"`
}

// snapshot is what a change of the keys is decided on.
type snapshot struct {
	ring    *ring // nil if there are no keys, or damaged ones
	damaged error
	spare   storedKey // a new key; none if there is a ring that is only to be kept
	now     time.Time
}

// Keep makes the first key if there is none, and returns the published keys.
//
// Of several calls that make one, the first that stores it counts, and all return it: the item
// is put on condition that there is none. Otherwise a process could sign with a key that is
// not published (TestFirstKeyIsOne).
func (k *Keeper) Keep(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, false, func(s snapshot) (*ring, error) {
		if s.ring != nil || s.damaged != nil {
			return s.ring, s.damaged
		}
		return s.only(), nil
	})
}

// Replace makes the next key, which signs from a day later on, and returns the published
// keys. Both are published until a day after that; before it is over, Replace returns
// ErrReplacing.
func (k *Keeper) Replace(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, true, func(s snapshot) (*ring, error) {
		if s.ring == nil {
			return s.only(), s.damaged
		}
		keys := s.ring.published(s.now)
		if len(keys) > 1 {
			return nil, ErrReplacing
		}
		begins := s.now.Add(notice)
		keys[0].PublishedUntil = table.Stamp(begins.Add(notice))
		s.spare.SignsFrom = table.Stamp(begins)
		return &ring{Version: s.ring.Version + 1, Keys: append(keys, s.spare)}, nil
	})
}

// Discard replaces all keys, also damaged ones, by a new one at once, and returns that. A
// process may sign with a discarded key for another hour; nothing verifies such answers. It is
// for a key that somebody else may have.
func (k *Keeper) Discard(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, true, func(s snapshot) (*ring, error) { return s.only(), nil })
}

// only returns a ring of the new key alone.
func (s snapshot) only() *ring {
	next := &ring{Version: 1, Keys: []storedKey{s.spare}}
	if s.ring != nil {
		next.Version = s.ring.Version + 1
	}
	next.Keys[0].SignsFrom = table.Stamp(s.now)
	return next
}

// change changes the keys. It makes a new one when there are none, or when more is said.
func (k *Keeper) change(ctx context.Context, more bool, decide func(snapshot) (*ring, error)) ([]KeyReport, error) {
	spare := sync.OnceValues(func() (storedKey, error) { return k.generate(ctx) })
	next, err := change.Do(ctx, k.config.DB, change.Change[snapshot, *ring]{
		Read: func(ctx context.Context, round change.Round) (s snapshot, err error) {
			s.now = k.config.Now()
			item, refused := round.Item(labelRing)
			if !refused {
				if item, err = k.config.DB.Get(ctx, k.config.Key); err != nil {
					return s, err
				}
			}
			s.ring, s.damaged = decode(item)
			if errors.Is(s.damaged, ErrNoKey) {
				s.damaged = nil
				more = true
			}
			if more {
				s.spare, err = spare()
			}
			return s, err
		},
		Decide: decide,
		Steps: func(s snapshot, next *ring) ([]table.Step, error) {
			unchanged := table.NotExists()
			switch {
			case next == s.ring:
				return nil, nil
			case s.ring != nil:
				unchanged = table.Equals("version", s.ring.Version)
			case s.damaged != nil:
				unchanged = table.Exists()
			}
			return []table.Step{table.Put(labelRing, k.config.Key, next, unchanged)}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	return next.report(k.config.Now()), nil
}

// generate makes a key and seals its private half.
func (k *Keeper) generate(ctx context.Context) (storedKey, error) {
	private, err := k.private()
	if err != nil {
		return storedKey{}, err
	}
	dataKey, err := k.config.Sealer.NewKey(ctx, about)
	if err != nil {
		return storedKey{}, err
	}
	public := &private.PublicKey
	made := storedKey{ID: jose.Thumbprint(public), Public: x509.MarshalPKCS1PublicKey(public), DataKey: dataKey.Wrapped}
	made.Private, err = dataKey.Seal(made.ID, string(x509.MarshalPKCS1PrivateKey(private)))
	return made, err
}

// report returns what is known of the keys that are published.
func (r *ring) report(now time.Time) []KeyReport {
	var all []KeyReport
	for _, k := range r.published(now) {
		all = append(all, KeyReport{ID: k.ID, SignsFrom: k.SignsFrom, PublishedUntil: k.PublishedUntil})
	}
	return all
}
