package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/jose"
)

// The key of RFC 7638 §3.1, with its thumbprint.
const (
	exampleN = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM" +
		"stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5" +
		"hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	exampleK = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

func TestNewJWK(t *testing.T) {
	t.Parallel()
	example := jose.JWK{Type: "RSA", N: exampleN, E: "AQAB"}.Public()
	got, _ := jose.NewJWK(example)
	want := jose.JWK{Type: "RSA", Algorithm: "RS256", ID: exampleK, N: exampleN, E: "AQAB"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of RFC 7638, -want +got\n%s", diff)
	}
	for name, key := range map[string]crypto.PublicKey{
		"RSA": keys().rsa.Public(), "RSA, exponent 3": &rsa.PublicKey{N: keys().rsa.N, E: 3},
		"EC": keys().ec.Public(), "EC, coordinate with a zero": shortKey(),
	} {
		k, ok := jose.NewJWK(key)
		members := must(json.Marshal(jwk(key, nil)))
		var want jose.JWK
		if err := json.Unmarshal(members, &want); err != nil {
			t.Fatal(err)
		}
		// Required members alone, which encoding/json puts in the order of their names.
		want.ID = sha256Of(members)
		want.Algorithm = k.Algorithm
		if diff := cmp.Diff(want, k); !ok || diff != "" {
			t.Errorf("%s, -want +got\n%s", name, diff)
		}
		if jose.Thumbprint(key) != k.ID || k.Algorithm != jose.Algorithm(key, jose.MaxBits) {
			t.Errorf("%s: %+v", name, k)
		}
		if again, ok := k.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !again.Equal(key) {
			t.Errorf("%s: read again it is %v", name, k.Public())
		}
	}
	off := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(1), Y: big.NewInt(1)} //nolint:staticcheck // made wrong on purpose
	for name, key := range map[string]crypto.PublicKey{
		"P-384": keys().p384.Public(), "private": keys().ec, "no pointer": keys().rsa.PublicKey, "Ed25519": ed25519.PublicKey{}, "nothing": nil,
		"off the curve": off,
	} {
		if k, ok := jose.NewJWK(key); ok || k != (jose.JWK{}) || jose.Thumbprint(key) != "" {
			t.Errorf("%s: %+v", name, k)
		}
	}
}

// TestOneSpelling: a key in another spelling is none, whether it comes as a JWK or in an
// object.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	n := keys().rsa.N.Bytes()
	point := must(keys().ec.PublicKey.Bytes())
	short := must(shortKey().Bytes())
	for _, changes := range []set{
		{"n": b64(n) + "="},
		{"n": b64(append([]byte{0}, n...))},
		{"n": b64(n)[:99] + "\n" + b64(n)[99:]},
		{"n": looser(b64(n))},
		{"n": ""},
		{"n": absent},
		{"n": strings.ReplaceAll(b64(n), "A", "+")},
		{"e": b64([]byte{0, 1, 0, 1})},
		{"e": "AQAB="},
		{"e": b64([]byte{0})},
		{"e": b64([]byte{1})},
		{"e": b64([]byte{128, 0, 0, 1})},
		{"e": b64([]byte{1, 0, 0, 0, 0, 0, 1, 0, 1})},
		{"e": ""},
		{"e": absent},
		{"kty": "EC"},
		{"kty": "rsa"},
		{"kty": absent},
	} {
		refuses(t, jwk(keys().rsa.Public(), changes))
	}
	for _, changes := range []set{
		{"x": b64(point[1:33]) + "="},
		{"x": looser(b64(point[1:33]))},
		{"y": b64(append([]byte{0}, point[33:]...))},
		{"x": b64(point[1:32]), "y": b64(point[32:])},
		{"x": b64(short[2:33]), "y": b64(short[33:])},
		{"x": b64(slices.Repeat([]byte{255}, 32))},
		{"x": b64(make([]byte, 32)), "y": b64(make([]byte, 32))},
		{"x": absent},
		{"x": "", "y": ""},
		{"crv": "P-384"},
		{"crv": absent},
		{"kty": "OKP"},
	} {
		refuses(t, jwk(keys().ec.Public(), changes))
	}
	refuses(t, jwk(keys().p384.Public(), nil))
	refuses(t, jwk(keys().p384.Public(), set{"crv": "P-256"}))
}

func refuses(t *testing.T, m set) {
	t.Helper()
	var k jose.JWK
	if err := json.Unmarshal(must(json.Marshal(m)), &k); err != nil {
		t.Fatal(err)
	}
	if k.Public() != nil || jose.ReadKey(object(m)) != nil {
		t.Errorf("%v is a key", m)
	}
}

// looser is base64 with a bit beyond the last byte.
func looser(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(text) - 1
	return text[:last] + string(alphabet[strings.IndexByte(alphabet, text[last])^1])
}

func TestNewP256(t *testing.T) {
	t.Parallel()
	k, _ := jose.NewJWK(keys().ec.Public())
	x, y := k.X, k.Y
	if key := jose.NewP256(x, y); !keys().ec.PublicKey.Equal(key) {
		t.Errorf("%v", key)
	}
	for _, tc := range [][2]string{
		{"", ""},
		{x, ""},
		{"", y},
		{y, x},
		{x, x},
		{x + "A", y},
		{x[1:], y},
		{x + "=", y},
		{x, y + "\n"},
		{strings.Repeat("A", 43), strings.Repeat("A", 43)},
	} {
		if key := jose.NewP256(tc[0], tc[1]); key != nil {
			t.Errorf("%q is a key", tc)
		}
	}
}

func TestReadKey(t *testing.T) {
	t.Parallel()
	for _, key := range []crypto.PublicKey{keys().rsa.Public(), keys().weak.Public(), keys().ec.Public(), ofBits(9000)} {
		m := jwk(key, set{"kid": 7, "alg": "none"})
		for name, value := range (set{"n": "AQ", "e": 7, "x": "AQ", "y": 7}) { // of the other type
			if _, has := m[name]; !has {
				m[name] = value
			}
		}
		got := jose.ReadKey(object(m))
		if of, ok := got.(interface{ Equal(crypto.PublicKey) bool }); !ok || !of.Equal(key) {
			t.Errorf("%T is %v", key, got)
		}
	}
	for name, value := range (set{"n": 7, "e": 65537, "kty": []string{"RSA"}}) {
		if jose.ReadKey(object(jwk(keys().rsa.Public(), set{name: value}))) != nil {
			t.Errorf("%s %v makes a key", name, value)
		}
	}
}

func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"} {
		if !jose.IsPrivate(object(jwk(keys().ec.Public(), set{name: nil}))) {
			t.Errorf("a key with %s is not private", name)
		}
	}
	if jose.IsPrivate(object(jwk(keys().rsa.Public(), set{"kid": "d"}))) {
		t.Error("a public key is private")
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		bits, most uint
		want       string
	}{
		{2047, jose.MaxBits, ""},
		{2048, jose.MaxBits, "RS256"},
		{4096, jose.MaxBits, "RS256"},
		{4097, jose.MaxBits, ""},
		{2047, jose.MaxRegisteredBits, ""},
		{8192, jose.MaxRegisteredBits, "RS256"},
		{8193, jose.MaxRegisteredBits, ""},
	} {
		if got := jose.Algorithm(ofBits(tc.bits), int(tc.most)); got != tc.want {
			t.Errorf("%d bits of at most %d: %q", tc.bits, tc.most, got)
		}
	}
	for _, key := range []crypto.PublicKey{keys().p384.Public(), keys().ec, keys().rsa.PublicKey, ed25519.PublicKey{}, nil} {
		if got := jose.Algorithm(key, jose.MaxBits); got != "" {
			t.Errorf("%T has %q", key, got)
		}
	}
}

// FuzzJWK shows that a key has one spelling: what is read is written the same.
func FuzzJWK(f *testing.F) {
	for _, key := range []crypto.PublicKey{keys().rsa.Public(), keys().ec.Public(), shortKey()} {
		k, _ := jose.NewJWK(key)
		f.Add(k.Type, k.N, k.E, k.Curve, k.X, k.Y)
		f.Add(k.Type, k.N+"=", k.E, k.Curve, k.X+"=", k.Y)
		f.Add(k.Type, k.N, "AA"+k.E, k.Curve, k.X, "AA"+k.Y)
	}
	f.Fuzz(func(t *testing.T, kty, n, e, crv, x, y string) {
		k := jose.JWK{Type: kty, N: n, E: e, Curve: crv, X: x, Y: y}
		key := k.Public()
		if key == nil {
			return
		}
		again, _ := jose.NewJWK(key)
		same := again.N == n && again.E == e
		if again.Type == "EC" {
			same = again.Curve == crv && again.X == x && again.Y == y
		}
		if again.Type != kty || !same {
			t.Fatalf("%+v is written as %+v", k, again)
		}
	})
}
