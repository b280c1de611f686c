package keyring

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

// labelRing names the step that writes the keys.
const labelRing = "keys"

// ErrReplacing is the error of a replacement while an earlier one is not over.
var ErrReplacing = errors.New("keyring: a key is being replaced already: wait until one key is left, or discard all of them")

// Keeper makes and replaces the key of a deployment. It makes data keys and opens none. It is
// safe for concurrent use.
type Keeper struct{ config Config }

// NewKeeper returns a Keeper.
func NewKeeper(c Config) *Keeper {
	if c.Generate == nil {
		c.Generate = func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, jose.MinBits) }
	}
	return &Keeper{config: c}
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

// Keep makes the first key if there is none, replaces one that has signed for MaxAge, and returns
// the published keys.
//
// Of several calls that make one, the first that stores it counts, and all return it: the item
// is put on condition that there is none. Otherwise a process could sign with a key that is
// not published (TestFirstKeyIsOne).
func (k *Keeper) Keep(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, k.config.isWanted, func(s snapshot) (*ring, error) {
		switch {
		case s.isEmpty():
			return k.config.first(s), nil
		case k.config.isDue(s.ring, s.now):
			return k.config.next(s)
		}
		return s.ring, s.damaged
	})
}

// isWanted reports whether Keep needs a new key.
func (c Config) isWanted(s snapshot) bool { return s.isEmpty() || c.isDue(s.ring, s.now) }

// isEmpty reports whether there are no keys, or only retired ones that are not published any more.
func (s snapshot) isEmpty() bool {
	if s.ring == nil {
		return s.damaged == nil
	}
	return s.ring.Retired && len(s.ring.published(s.now)) == 0
}

// isDue reports whether the only key that is published has signed for MaxAge.
func (c Config) isDue(r *ring, now time.Time) bool {
	if r == nil || r.Retired || c.MaxAge == 0 {
		return false
	}
	keys := r.published(now)
	return len(keys) == 1 && keys[0].PublishedUntil == "" && keys[0].SignsFrom <= table.Stamp(now.Add(-c.MaxAge))
}

// Replace makes the next key, which signs after its notice, and returns the published keys. The
// other one is published until its overlap after that is over; before, Replace returns
// ErrReplacing.
func (k *Keeper) Replace(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, always, func(s snapshot) (*ring, error) {
		if s.ring == nil || s.isEmpty() {
			return k.config.first(s), s.damaged
		}
		return k.config.next(s)
	})
}

// next returns a ring in which the new key follows the present one.
func (c Config) next(s snapshot) (*ring, error) {
	keys := s.ring.published(s.now)
	if len(keys) > 1 || s.ring.Retired {
		return nil, ErrReplacing
	}
	begins := s.now.Add(c.Notice)
	keys[0].PublishedUntil = table.Stamp(begins.Add(c.Overlap))
	s.spare.SignsFrom = table.Stamp(begins)
	return &ring{Version: s.ring.Version + 1, Keys: append(keys, s.spare)}, nil
}

// first returns a ring of the new key alone, as it is made where there was none.
func (c Config) first(s snapshot) *ring {
	r := s.only()
	if c.Patient {
		r.Keys[0].SignsFrom = table.Stamp(s.now.Add(c.Notice))
	}
	return r
}

// Retire ends a deployment's own signatures: no key signs any more, and all are published until
// their overlap is over. It returns these.
func (k *Keeper) Retire(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, never, func(s snapshot) (*ring, error) {
		if s.ring == nil || s.ring.Retired {
			return s.ring, s.damaged
		}
		next := &ring{Version: s.ring.Version + 1, Retired: true, Keys: s.ring.published(s.now)}
		for i := range next.Keys {
			next.Keys[i].PublishedUntil = table.Stamp(s.now.Add(refresh + k.config.Overlap))
		}
		return next, nil
	})
}

// Discard replaces all keys, also damaged ones, by a new one at once, and returns that. A
// process may sign with a discarded key for another hour; nothing verifies such answers. It is
// for a key that somebody else may have.
func (k *Keeper) Discard(ctx context.Context) ([]KeyReport, error) {
	return k.change(ctx, always, func(s snapshot) (*ring, error) { return s.only(), nil })
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

func always(snapshot) bool { return true }
func never(snapshot) bool  { return false }

// change changes the keys. It makes a new one when that is needed.
func (k *Keeper) change(ctx context.Context, isNeeded func(snapshot) bool, decide func(snapshot) (*ring, error)) ([]KeyReport, error) {
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
			}
			if isNeeded(s) {
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
	if next == nil {
		return nil, nil
	}
	return next.report(k.config.Now()), nil
}

// generate makes a key and seals its private half.
func (k *Keeper) generate(ctx context.Context) (storedKey, error) {
	private, err := k.config.Generate()
	if err != nil {
		return storedKey{}, err
	}
	dataKey, err := k.config.Sealer.NewKey(ctx, k.config.About)
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
