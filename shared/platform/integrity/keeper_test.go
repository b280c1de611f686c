package integrity_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/testing/hooked"
)

// TestFirstKeyIsOne lets 64 processes make the first key at the same time. All of them, and
// those that only read, have the key that was stored first.
func TestFirstKeyIsOne(t *testing.T) {
	t.Parallel()
	const processes = 64
	each(t, func(w *world) {
		w.db.Set(hooked.Gate(processes, nil))
		var work sync.WaitGroup
		var kept [processes]string
		for i := range kept {
			work.Go(func() {
				keys, err := w.keeper().Keep(w.Context())
				if err != nil || len(keys) != 1 {
					t.Errorf("kept %v, %v", keys, err)
					return
				}
				kept[i] = keys[0].ID
			})
		}
		work.Wait()
		w.db.Set(nil)
		kid := w.signs(w.process(), w.clock.Now())
		for _, got := range kept {
			if got != kid {
				t.Fatalf("a process has the key %q, the item has %s", got, kid)
			}
		}
		if again := w.keep(); again != kid {
			t.Errorf("kept %s, want %s", again, kid)
		}
	})
}

// TestRotation replaces the key and follows a process that began before, and new ones, for
// three days. Each signature is verified by the keys of five minutes ago, which a client may
// have cached.
func TestRotation(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		old := w.keep()
		s := w.process()
		w.signs(s, w.clock.Now())
		w.clock.Advance(10 * time.Minute)
		keys, err := w.keeper().Replace(w.Context())
		if err != nil || len(keys) != 2 || keys[0].ID != old || keys[1].ID == old {
			t.Fatalf("replacing returns %v, %v", keys, err)
		}
		begin, signed, published := w.clock.Now(), map[string]time.Duration{}, map[int]time.Duration{}
		const step = 25 * time.Minute // so that no process reads the item in the moment in which the next key begins
		for range 72 * time.Hour / step {
			now := w.clock.Now()
			was := now.Sub(begin)
			cached := now.Add(-5 * time.Minute)
			running := w.signs(s, cached)
			if fresh := w.signs(w.process(), cached); fresh != running {
				t.Errorf("after %v a running process signs with %s, a new one with %s", was, running, fresh)
			}
			signed[running] = was
			jwks, err := keyring.Published(w.Context(), w.db, at, now)
			if err != nil {
				t.Fatal(err)
			}
			published[len(jwks)] = was
			if _, err := w.keeper().Replace(w.Context()); len(jwks) == 2 && !errors.Is(err, keyring.ErrReplacing) {
				t.Fatalf("after %v another replacement returns %v", was, err)
			} else if len(jwks) == 1 {
				break
			}
			w.clock.Advance(step)
		}
		if last := signed[old]; last < 24*time.Hour-step || last >= 24*time.Hour || len(signed) != 2 {
			t.Errorf("keys signed for the last time after %v; the old one is to sign for a day", signed)
		}
		if last := published[2]; last < 48*time.Hour-step || last >= 48*time.Hour {
			t.Errorf("so many keys were published for the last time after %v; both are to be for two days", published)
		}
	})
}

// TestSimultaneousReplacements checks that of replacements at the same time one is made.
func TestSimultaneousReplacements(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.keep()
		w.db.Set(hooked.Gate(2, nil))
		var work sync.WaitGroup
		var failures [2]error
		for i := range failures {
			work.Go(func() { _, failures[i] = w.keeper().Replace(w.Context()) })
		}
		work.Wait()
		w.db.Set(nil)
		if (failures[0] == nil) == (failures[1] == nil) || !errors.Is(errors.Join(failures[:]...), keyring.ErrReplacing) {
			t.Errorf("the replacements return %v", failures)
		}
		if jwks, err := keyring.Published(w.Context(), w.db, at, w.clock.Now()); err != nil || len(jwks) != 2 {
			t.Errorf("%d keys are published, %v", len(jwks), err)
		}
	})
}

// TestDiscard checks that a discarded key is not published any more, and for how long a process
// signs with it.
func TestDiscard(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		old := w.keep()
		s := w.process()
		w.signs(s, w.clock.Now())
		if _, err := w.keeper().Replace(w.Context()); err != nil {
			t.Fatal(err)
		}
		keys, err := w.keeper().Discard(w.Context())
		if err != nil || len(keys) != 1 || keys[0].ID == old {
			t.Fatalf("discarding returns %v, %v", keys, err)
		}
		if got := w.signs(w.process(), w.clock.Now()); got != keys[0].ID {
			t.Errorf("a new process signs with %s, want %s", got, keys[0].ID)
		}
		w.clock.Advance(time.Hour)
		if got := w.signs(s, w.clock.Now()); got != keys[0].ID {
			t.Errorf("an hour later a process signs with %s, want %s", got, keys[0].ID)
		}
	})
}

// TestFirstReplacement checks that replacing makes the first key where there is none.
func TestFirstReplacement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		keys, err := w.keeper().Replace(w.Context())
		if err != nil || len(keys) != 1 || w.signs(w.process(), w.clock.Now()) != keys[0].ID {
			t.Errorf("replacing returns %v, %v", keys, err)
		}
	})
}
