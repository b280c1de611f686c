package sign_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/testing/kmslocal"
)

const (
	issuer   = "https://ciclo.example"
	audience = "https://ciclo.example/m2m"
)

// private are keys that tests share, because making them takes its time.
var private = sync.OnceValue(func() []*rsa.PrivateKey {
	keys := make([]*rsa.PrivateKey, 3)
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func public(t testing.TB, which ...int) *sign.Keys {
	t.Helper()
	var all []*rsa.PublicKey
	for _, i := range which {
		all = append(all, &private()[i].PublicKey)
	}
	keys, err := sign.NewKeys(all...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// signers runs test with a Signer of each kind.
func signers(t *testing.T, test func(t *testing.T, s *sign.Signer)) {
	t.Helper()
	t.Run("local", func(t *testing.T) {
		t.Parallel()
		s, err := local.Open("")
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
	t.Run("kms", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(kmslocal.New().WithSigner("zero", private()[0]))
		t.Cleanup(server.Close)
		s, err := kms.FromEnv(func(name string) string {
			return map[string]string{
				"SIGN_KEY_ID": "zero", "SIGN_JWKS": string(public(t, 0, 1).JWKS()), "AWS_ENDPOINT_URL_KMS": server.URL,
			}[name]
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

// key signs by a function.
type key func(digest []byte) ([]byte, error)

func (k key) SignDigest(_ context.Context, digest []byte) ([]byte, error) { return k(digest) }

// by signs with one of the shared keys.
func by(i int) key {
	return func(digest []byte) ([]byte, error) { return rsa.SignPKCS1v15(nil, private()[i], crypto.SHA256, digest) }
}

func signed(t *testing.T, s *sign.Signer, claims any) string {
	t.Helper()
	token, err := s.Sign(t.Context(), "at+jwt", claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// m2m are the claims of a token with which an organization calls this API.
func m2m() map[string]any {
	return map[string]any{
		"iss": issuer, "aud": audience, "sub": "client", "exp": time.Now().Add(time.Minute).Unix(),
		"organizationId": "0e9e2dab-2e93-4f24-ba59-38d9f11198ca", "role": "m2m",
	}
}

// verify returns what the authorizer of the API says of token, with keys as they
// are published.
func verify(t *testing.T, keys *sign.Keys, token string) error {
	t.Helper()
	b, err := auth.New(auth.Config{
		Now:   time.Now,
		Kinds: interop.Callers(nil).Kinds,
		Issuers: []auth.Issuer{{
			URL: issuer, Audience: audience, JWKS: keys.JWKS(), Kinds: []string{interop.KindOrganization},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Authenticate(t.Context(), "Bearer "+token)
	return err
}

func TestTokens(t *testing.T) {
	t.Parallel()
	signers(t, func(t *testing.T, s *sign.Signer) {
		claims := map[string]any{"aud": []any{"a/v1"}, "purposeId": "<&>é", "iat": 1.0, "cnf": map[string]any{"jkt": "x"}}
		parts := strings.Split(signed(t, s, claims), ".")
		if len(parts) != 3 {
			t.Fatalf("the token has %d parts", len(parts))
		}
		var raw [3][]byte
		for i, part := range parts {
			var err error
			if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
				t.Fatal(err)
			}
		}
		var set struct{ Keys []map[string]string }
		if err := json.Unmarshal(s.Keys().JWKS(), &set); err != nil {
			t.Fatal(err)
		}
		if want := `{"alg":"RS256","use":"sig","typ":"at+jwt","kid":"` + set.Keys[0]["kid"] + `"}`; string(raw[0]) != want {
			t.Errorf("header is %s, want %s", raw[0], want)
		}
		var got map[string]any
		if err := json.Unmarshal(raw[1], &got); err != nil || fmt.Sprint(got) != fmt.Sprint(claims) {
			t.Errorf("payload is %s, want %v", raw[1], claims)
		}
		if len(raw[2]) != 256 {
			t.Errorf("the signature has %d bytes", len(raw[2]))
		}
		if token := signed(t, s, m2m()); verify(t, s.Keys(), token) != nil {
			t.Errorf("refused: %v", verify(t, s.Keys(), token))
		}
		other, err := s.Sign(t.Context(), "dpop+jwt", struct{}{})
		if err != nil || !strings.HasPrefix(other, base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","use":"sig","typ":"dpop`))) {
			t.Errorf("another type is %s, %v", other, err)
		}
	})
}

// TestRotation follows a key from before it signs until its tokens end.
func TestRotation(t *testing.T) {
	t.Parallel()
	first, second := signed(t, sign.New(by(0), public(t, 0)), m2m()), signed(t, sign.New(by(1), public(t, 1, 0)), m2m())
	for _, step := range []struct {
		what          string
		published     *sign.Keys
		first, second bool // verify
	}{
		{"one key", public(t, 0), true, false},
		{"the next key is published", public(t, 0, 1), true, true},
		{"the next key signs", public(t, 1, 0), true, true},
		{"the previous key is withdrawn", public(t, 1), false, true},
		{"the key after that is published", public(t, 1, 2), false, true},
		{"both are gone", public(t, 2), false, false},
	} {
		for name, c := range map[string]struct {
			token string
			want  bool
		}{"first": {first, step.first}, "second": {second, step.second}} {
			if err := verify(t, step.published, c.token); (err == nil) != c.want || err != nil && !errors.Is(err, auth.ErrUnauthorized) {
				t.Errorf("%s: token of the %s key: %v, want it to verify: %v", step.what, name, err, c.want)
			}
		}
	}
}

func TestForeignSignaturesAreNotHandedOut(t *testing.T) {
	t.Parallel()
	damaged := func(change func([]byte) []byte) key {
		return func(digest []byte) ([]byte, error) {
			signature, err := by(0)(digest)
			return change(signature), err
		}
	}
	for what, k := range map[string]key{
		"another key":           by(2),
		"the other key":         by(1),
		"nothing":               func([]byte) ([]byte, error) { return nil, nil },
		"zeros":                 func([]byte) ([]byte, error) { return make([]byte, 256), nil },
		"a bit changed":         damaged(func(b []byte) []byte { b[9] ^= 1; return b }),
		"cut":                   damaged(func(b []byte) []byte { return b[:255] }),
		"a byte more":           damaged(func(b []byte) []byte { return append(b, 0) }),
		"of another digest":     func([]byte) ([]byte, error) { d := sha256.Sum256(nil); return by(0)(d[:]) },
		"padded in another way": func(d []byte) ([]byte, error) { return rsa.SignPSS(rand.Reader, private()[0], crypto.SHA256, d, nil) },
		"of no digest":          func(d []byte) ([]byte, error) { return rsa.SignPKCS1v15(nil, private()[0], 0, d) },
	} {
		token, err := sign.New(k, public(t, 0, 1)).Sign(t.Context(), "at+jwt", m2m())
		if token != "" || !errors.Is(err, sign.ErrMismatch) || errors.Is(err, sign.ErrUnavailable) {
			t.Errorf("%s: got %q, %v", what, token, err)
		}
	}
	down := key(func([]byte) ([]byte, error) { return nil, fmt.Errorf("down: %w", sign.ErrUnavailable) })
	if token, err := sign.New(down, public(t, 0)).Sign(t.Context(), "at+jwt", m2m()); token != "" || !errors.Is(err, sign.ErrUnavailable) {
		t.Errorf("got %q, %v", token, err)
	}
}

// secret is a claim that cannot be written, and says what it is.
type secret struct{}

func (secret) MarshalJSON() ([]byte, error) { return nil, errors.New("hush-hush") }

func TestClaimsAreAnObject(t *testing.T) {
	t.Parallel()
	asked := false
	s := sign.New(key(func(d []byte) ([]byte, error) { asked = true; return by(0)(d) }), public(t, 0))
	for what, claims := range map[string]any{
		"nothing": nil, "a text": "hush-hush", "a list": []string{"hush-hush"}, "a number": 7,
		"a nil map": map[string]any(nil), "no number": map[string]any{"x": math.NaN()}, "a channel": map[string]any{"x": make(chan int)},
		"a secret": map[string]any{"x": secret{}}, "raw text": json.RawMessage(`"hush-hush"`),
	} {
		token, err := s.Sign(t.Context(), "at+jwt", claims)
		if token != "" || err == nil || strings.Contains(err.Error(), "hush-hush") || !strings.Contains(err.Error(), "no JSON object") {
			t.Errorf("%s: got %q, %v", what, token, err)
		}
	}
	if asked {
		t.Error("something was signed")
	}
}

func TestSignersMayBeShared(t *testing.T) {
	t.Parallel()
	signers(t, func(t *testing.T, s *sign.Signer) {
		var work sync.WaitGroup
		var mu sync.Mutex
		seen := map[string]bool{}
		for i := range 8 {
			work.Go(func() {
				for n := range 8 {
					claims := m2m()
					claims["jti"] = fmt.Sprint(i, n)
					token, err := s.Sign(t.Context(), "at+jwt", claims)
					if err == nil {
						err = verify(t, s.Keys(), token)
					}
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					seen[token] = true
					mu.Unlock()
				}
			})
		}
		work.Wait()
		if len(seen) != 64 {
			t.Errorf("%d tokens, want 64", len(seen))
		}
	})
}

// TestPrivateKeysStayPrivate prints signers as a careless log line would.
func TestPrivateKeysStayPrivate(t *testing.T) {
	t.Parallel()
	signers(t, func(t *testing.T, s *sign.Signer) {
		var out bytes.Buffer
		fmt.Fprintf(&out, "%v %+v %#v", s, s, *s)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "signer", s)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "signer", *s)
		if n := out.Len(); n > 2<<10 {
			t.Errorf("%d bytes of it: %.300s", n, out.String())
		}
		for _, word := range []string{"PRIVATE", "Primes", "Precomputed"} {
			if strings.Contains(out.String(), word) {
				t.Errorf("it has %s: %.300s", word, out.String())
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	s, err := local.Open("")
	if err != nil {
		b.Fatal(err)
	}
	claims := m2m()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sign(b.Context(), "at+jwt", claims); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSignWithoutKey is what is added to the signature itself: the token, and
// the check of the signature.
func BenchmarkSignWithoutKey(b *testing.B) {
	var signature []byte
	recorded := sign.New(key(func(d []byte) ([]byte, error) {
		var err error
		if signature == nil {
			signature, err = by(0)(d)
		}
		return signature, err
	}), public(b, 0))
	claims := m2m()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := recorded.Sign(b.Context(), "at+jwt", claims); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseKeys(b *testing.B) {
	jwks := public(b, 0, 1).JWKS()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sign.ParseKeys(jwks); err != nil {
			b.Fatal(err)
		}
	}
}
