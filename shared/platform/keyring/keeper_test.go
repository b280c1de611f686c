package keyring_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"testing"
	"time"

	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/engine"
)

// Keys of answers, which sign at once, are tested in package integrity.

var things = table.Schema{Name: "things"}

// each runs test with the keys of a deployment that are replaced after ten days, on each engine.
func each(t *testing.T, test func(t *testing.T, c keyring.Config, clock *apitest.Clock)) {
	t.Helper()
	t.Parallel()
	engine.Each(t, []table.Schema{things}, func(t *testing.T, db table.DB) {
		sealer, err := local.Open("")
		if err != nil {
			t.Fatal(err)
		}
		clock := &apitest.Clock{}
		clock.Set(apitest.Start)
		test(t, keyring.Config{
			DB: db, Key: table.Key{Table: things.Name, PK: "KEYS", SK: "KEYS"}, About: "tests", Sealer: sealer, Now: clock.Now,
			Notice: day, Overlap: 2 * day, MaxAge: 10 * day, Patient: true,
			Generate: func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) },
		}, clock)
	})
}

const day = 24 * time.Hour

// current returns the key with which a new process signs, "" if none does.
func current(t *testing.T, c keyring.Config) string {
	t.Helper()
	key, err := keyring.New(c).Current(t.Context())
	switch {
	case errors.Is(err, keyring.ErrNoKey):
		return ""
	case err != nil:
		t.Fatal(err)
	}
	return key.ID
}

// published returns the number of published keys.
func published(t *testing.T, c keyring.Config) int {
	t.Helper()
	all, err := keyring.Published(t.Context(), c.DB, c.Key, c.Now())
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// TestPatience checks that the first key is published for its notice before it signs, also where it
// is asked for as a replacement, and that a key is replaced once it has signed for ten days.
func TestPatience(t *testing.T) {
	each(t, func(t *testing.T, c keyring.Config, clock *apitest.Clock) {
		keeper := keyring.NewKeeper(c)
		if got := current(t, c); got != "" || published(t, c) != 0 {
			t.Errorf("a new deployment signs with %s", got)
		}
		keys, err := keeper.Keep(t.Context())
		if err != nil || len(keys) != 1 || current(t, c) != "" || published(t, c) != 1 {
			t.Fatalf("made %v, %v", keys, err)
		}
		clock.Advance(day - time.Millisecond)
		if got := current(t, c); got != "" {
			t.Errorf("within its notice a key signs: %s", got)
		}
		clock.Advance(time.Millisecond)
		if got := current(t, c); got != keys[0].ID {
			t.Errorf("after its notice %q signs, want %s", got, keys[0].ID)
		}
		clock.Advance(10*day - time.Millisecond)
		if keys, err = keeper.Keep(t.Context()); err != nil || len(keys) != 1 {
			t.Errorf("before ten days there are %v, %v", keys, err)
		}
		clock.Advance(time.Millisecond)
		if keys, err = keeper.Keep(t.Context()); err != nil || len(keys) != 2 || current(t, c) != keys[0].ID {
			t.Errorf("an old key is followed by %v, %v", keys, err)
		}
	})
}

// TestRetire checks that retired keys sign no more, are published as long as their tokens live,
// and that the deployment can have keys again after that.
func TestRetire(t *testing.T) {
	each(t, func(t *testing.T, c keyring.Config, clock *apitest.Clock) {
		keeper := keyring.NewKeeper(c)
		if keys, err := keeper.Retire(t.Context()); err != nil || len(keys) != 0 || published(t, c) != 0 {
			t.Errorf("without keys retiring returns %v, %v", keys, err)
		}
		if _, err := keeper.Keep(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.Advance(day)
		running := keyring.New(c)
		if _, err := running.Current(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if keys, err := keeper.Retire(t.Context()); err != nil || len(keys) != 1 || current(t, c) != "" || published(t, c) != 1 {
				t.Errorf("retiring returns %v, %v", keys, err)
			}
			clock.Advance(time.Hour)
			if _, err := running.Current(t.Context()); !errors.Is(err, keyring.ErrNoKey) {
				t.Errorf("an hour later a running process returns %v", err)
			}
		}
		if keys, err := keeper.Keep(t.Context()); err != nil || len(keys) != 1 || current(t, c) != "" {
			t.Errorf("while retired keys are published there are %v, %v", keys, err)
		}
		clock.Advance(2 * day)
		keys, err := keeper.Keep(t.Context())
		if err != nil || len(keys) != 1 || current(t, c) != "" {
			t.Fatalf("then there are %v, %v", keys, err)
		}
		clock.Advance(day)
		if got := current(t, c); got != keys[0].ID {
			t.Errorf("then %q signs, want %s", got, keys[0].ID)
		}
	})
}
