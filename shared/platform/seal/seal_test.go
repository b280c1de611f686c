package seal_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/testing/kmslocal"
)

// sealers runs test with every kind of Sealer, and another one of that kind
// with another master key.
func sealers(t *testing.T, test func(t *testing.T, s, other seal.Sealer)) {
	t.Helper()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		s, err := local.Open("")
		if err != nil {
			t.Fatal(err)
		}
		other, err := local.Open("")
		if err != nil {
			t.Fatal(err)
		}
		test(t, s, other)
	})
	t.Run("kms", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(kmslocal.New("one", "two"))
		t.Cleanup(server.Close)
		of := func(key string) seal.Sealer {
			s, err := kms.FromEnv(func(name string) string {
				return map[string]string{"SEAL_KEY_ID": key, "AWS_ENDPOINT_URL_KMS": server.URL}[name]
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		test(t, of("one"), of("two"))
	})
}

func newKey(t *testing.T, s seal.Sealer, about string) *seal.DataKey {
	t.Helper()
	k, err := s.NewKey(t.Context(), about)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t *testing.T, k *seal.DataKey, name, plaintext string) []byte {
	t.Helper()
	b, err := k.Seal(name, plaintext)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func opens(t *testing.T, k *seal.DataKey, name string, sealed []byte, want string) {
	t.Helper()
	if got, err := k.Open(name, sealed); err != nil || got != want {
		t.Errorf("opened %q, %v, want %q", got, err, want)
	}
}

func damaged(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, seal.ErrDamaged) || errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("%s: error is %v, want ErrDamaged", what, err)
	}
}

func TestWhatIsSealedOpens(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		k := newKey(t, s, "subscription é")
		again, err := s.OpenKey(t.Context(), "subscription é", k.Wrapped)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Wrapped, k.Wrapped) {
			t.Error("an opened key has another Wrapped")
		}
		for _, plaintext := range []string{"", "key-1", strings.Repeat("long", 1<<14), "\x00\xff"} {
			opens(t, k, "primary", sealed(t, k, "primary", plaintext), plaintext)
			opens(t, again, "primary", sealed(t, k, "primary", plaintext), plaintext)
			opens(t, k, "primary", sealed(t, again, "primary", plaintext), plaintext)
		}
		opens(t, k, "", sealed(t, k, "", "x"), "x")
	})
}

func TestNothingIsSealedTwiceTheSame(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		k := newKey(t, s, "a")
		one, two := sealed(t, k, "n", "the secret"), sealed(t, k, "n", "the secret")
		if bytes.Equal(one, two) || bytes.Equal(one[:12], two[:12]) {
			t.Error("a nonce is used twice")
		}
		if bytes.Contains(one, []byte("secret")) || len(one) != 12+len("the secret")+16 {
			t.Errorf("sealed is %q", one)
		}
		if other := newKey(t, s, "a"); bytes.Equal(other.Wrapped, k.Wrapped) {
			t.Error("two keys are the same")
		}
	})
}

func TestChangedSecretsDoNotOpen(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		k := newKey(t, s, "a")
		b := sealed(t, k, "primary", "secret")
		for i := range b {
			changed := bytes.Clone(b)
			changed[i] ^= 1
			_, err := k.Open("primary", changed)
			damaged(t, fmt.Sprintf("byte %d changed", i), err)
			_, err = k.Open("primary", b[:i])
			damaged(t, fmt.Sprintf("cut to %d bytes", i), err)
		}
		_, err := k.Open("primary", append(bytes.Clone(b), 0))
		damaged(t, "a byte more", err)
		_, err = k.Open("primary", nil)
		damaged(t, "nothing", err)
		for _, name := range []string{"", "secondary", "primary ", "\x00primary"} {
			_, err = k.Open(name, b)
			damaged(t, "other name", err)
		}
		_, err = newKey(t, s, "a").Open("primary", b)
		damaged(t, "other key", err)
		opens(t, k, "primary", b, "secret")
	})
}

func TestChangedKeysDoNotOpen(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, other seal.Sealer) {
		k := newKey(t, s, "a")
		for what, wrapped := range map[string][]byte{
			"nothing":     nil,
			"cut":         k.Wrapped[:len(k.Wrapped)-1],
			"very short":  k.Wrapped[:1],
			"a byte more": append(bytes.Clone(k.Wrapped), 0),
			"changed":     append([]byte{k.Wrapped[0] ^ 1}, k.Wrapped[1:]...),
			"a secret":    sealed(t, k, "n", strings.Repeat("x", 32)),
		} {
			_, err := s.OpenKey(t.Context(), "a", wrapped)
			damaged(t, what, err)
		}
		_, err := s.OpenKey(t.Context(), "b", k.Wrapped)
		damaged(t, "other about", err)
		_, err = other.OpenKey(t.Context(), "a", k.Wrapped)
		damaged(t, "other master key", err)
	})
}

func TestSwappedKeysDoNotOpenSecrets(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		one, two := newKey(t, s, "a"), newKey(t, s, "a")
		b := sealed(t, one, "n", "secret")
		swapped, err := s.OpenKey(t.Context(), "a", two.Wrapped)
		if err != nil {
			t.Fatal(err)
		}
		_, err = swapped.Open("n", b)
		damaged(t, "swapped", err)
	})
}

func TestAbout(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		k := newKey(t, s, strings.Repeat("a", 256))
		for _, about := range []string{"", "a\x00b", "a\xff", strings.Repeat("a", 257)} {
			if k, err := s.NewKey(t.Context(), about); err == nil || k != nil {
				t.Errorf("new key about %q: no error", about)
			}
			if k, err := s.OpenKey(t.Context(), about, k.Wrapped); err == nil || k != nil || errors.Is(err, seal.ErrDamaged) {
				t.Errorf("open key about %q: %v", about, err)
			}
		}
	})
}

func TestKeysMayBeShared(t *testing.T) {
	t.Parallel()
	sealers(t, func(t *testing.T, s, _ seal.Sealer) {
		k := newKey(t, s, "a")
		var work sync.WaitGroup
		for i := range 4 {
			work.Go(func() {
				for range 50 {
					name := fmt.Sprint(i)
					b, err := k.Seal(name, name)
					if err != nil {
						t.Error(err)
					}
					opens(t, k, name, b, name)
				}
			})
		}
		work.Wait()
	})
}

func TestNewDataKey(t *testing.T) {
	t.Parallel()
	key, wrapped := make([]byte, 32), []byte("wrapped")
	k, err := seal.NewDataKey("a", key, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	b := sealed(t, k, "n", "secret")
	k.Wrapped[0] = 'W'
	key[0] = 1
	opens(t, k, "n", b, "secret")
	if string(wrapped) != "wrapped" {
		t.Error("Wrapped is the caller's")
	}
	// The name of the key is part of what is sealed, for sealers whose Wrapped is not bound.
	same, err := seal.NewDataKey("b", make([]byte, 32), wrapped)
	if err != nil {
		t.Fatal(err)
	}
	_, err = same.Open("n", b)
	damaged(t, "other about", err)

	for what, k := range map[string]struct {
		about        string
		key, wrapped []byte
	}{
		"no about":   {"", make([]byte, 32), wrapped},
		"no key":     {"a", nil, wrapped},
		"AES-128":    {"a", make([]byte, 16), wrapped},
		"no wrapped": {"a", make([]byte, 32), nil},
	} {
		if _, err := seal.NewDataKey(k.about, k.key, k.wrapped); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
}

func TestKeyOfNothing(t *testing.T) {
	t.Parallel()
	for _, k := range []*seal.DataKey{nil, {}, {Wrapped: []byte("x")}} {
		if _, err := k.Seal("n", "x"); err == nil {
			t.Error("sealed")
		}
		if _, err := k.Open("n", []byte("x")); err == nil {
			t.Error("opened")
		}
	}
}
