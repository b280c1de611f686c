package integrity_test

import (
	"crypto/x509"
	"errors"
	"testing"
	"time"

	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/seal"
)

// TestDamagedKeys changes each member of the stored item. No answer is signed with what is
// left, nothing overwrites it, and discarding repairs it.
func TestDamagedKeys(t *testing.T) {
	t.Parallel()
	flip := func(v any) []byte {
		b, _ := v.([]byte)
		b[len(b)/2] ^= 1
		return b
	}
	other := func() []byte { return x509.MarshalPKCS1PublicKey(&drawer()[0].PublicKey) } // drawn last
	for what, c := range map[string]struct {
		damage func(item map[string]any)
		public bool // damage that is seen in the public half, too
	}{
		"no keys":         {func(item map[string]any) { item["keys"] = []any{} }, true},
		"keys of no kind": {func(item map[string]any) { item["keys"] = "x" }, true},
		"another id":      {func(item map[string]any) { first(item)["kid"] = "x" }, true},
		"no public half":  {func(item map[string]any) { delete(first(item), "public") }, true},
		"another public":  {func(item map[string]any) { first(item)["public"] = other() }, true},
		"no private half": {func(item map[string]any) { delete(first(item), "private") }, false},
		"private half":    {func(item map[string]any) { first(item)["private"] = flip(first(item)["private"]) }, false},
		"no data key":     {func(item map[string]any) { delete(first(item), "dataKey") }, false},
		"data key":        {func(item map[string]any) { first(item)["dataKey"] = flip(first(item)["dataKey"]) }, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				w.keep()
				w.change(c.damage)
				s := w.process()
				err := s.Load(w.Context())
				if !errors.Is(err, keyring.ErrDamaged) && !errors.Is(err, seal.ErrDamaged) {
					t.Errorf("loading returns %v", err)
				}
				w.unsigned(s, nil)
				_, err = keyring.Published(w.Context(), w.db, at, w.clock.Now())
				if errors.Is(err, keyring.ErrDamaged) != c.public {
					t.Errorf("publishing returns %v", err)
				}
				if _, err := w.keeper().Keep(w.Context()); errors.Is(err, keyring.ErrDamaged) != c.public {
					t.Errorf("keeping returns %v", err)
				}
				keys, err := w.keeper().Discard(w.Context())
				if err != nil || len(keys) != 1 {
					t.Fatalf("discarding returns %v, %v", keys, err)
				}
				w.clock.Advance(5 * time.Second)
				if got := w.signs(s, w.clock.Now()); got != keys[0].ID {
					t.Errorf("signed by %s, want %s", got, keys[0].ID)
				}
			})
		})
	}
}
