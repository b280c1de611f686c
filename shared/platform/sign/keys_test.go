package sign_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/sign"
)

// example is the key of RFC 7638 §3.1, with the thumbprint that is told there.
const (
	exampleN = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM" +
		"stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5" +
		"hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
	exampleK = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
)

func exampleKey(t *testing.T) *rsa.PublicKey {
	t.Helper()
	n, err := base64.RawURLEncoding.DecodeString(exampleN)
	if err != nil {
		t.Fatal(err)
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: 65537}
}

func TestPublishedKeys(t *testing.T) {
	t.Parallel()
	keys, err := sign.NewKeys(exampleKey(t), &private()[0].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	first := `{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"` + exampleK + `","n":"` + exampleN + `","e":"AQAB"},{"kty":`
	if got := string(keys.JWKS()); !strings.HasPrefix(got, first) {
		t.Errorf("published %s, want it to begin with %s", got, first)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(keys.JWKS(), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("%s: %v", keys.JWKS(), err)
	}
	for _, key := range set.Keys {
		if names := slices.Sorted(maps.Keys(key)); strings.Join(names, " ") != "alg e kid kty n use" {
			t.Errorf("a key has members %v", names)
		}
	}
	// Two keys have room in the environment of a function, which has 4 KB, and in
	// the answer of a resource of CloudFormation.
	if n := len(keys.JWKS()); n > 1<<10 {
		t.Errorf("the JWKS has %d bytes", n)
	}
	again, err := sign.ParseKeys(keys.JWKS())
	if err != nil || !bytes.Equal(again.JWKS(), keys.JWKS()) {
		t.Errorf("read again it is %v, %v", again, err)
	}
}

func TestUnacceptableKeys(t *testing.T) {
	t.Parallel()
	good := exampleKey(t)
	short, err := rsa.GenerateKey(rand.Reader, 2040)
	if err != nil {
		t.Fatal(err)
	}
	one, two := &private()[0].PublicKey, &private()[1].PublicKey
	for what, c := range map[string]struct {
		keys []*rsa.PublicKey
		want string
	}{
		"none":            {nil, "0 public keys"},
		"three":           {[]*rsa.PublicKey{good, one, two}, "3 public keys"},
		"one twice":       {[]*rsa.PublicKey{good, exampleKey(t)}, "twice"},
		"too short":       {[]*rsa.PublicKey{&short.PublicKey}, "public key 1: 2040 bits"},
		"second too long": {[]*rsa.PublicKey{good, {N: new(big.Int).Lsh(big.NewInt(1), 4096), E: 65537}}, "public key 2: 4097 bits"},
		"exponent 3":      {[]*rsa.PublicKey{{N: good.N, E: 3}}, "exponent 3"},
	} {
		if keys, err := sign.NewKeys(c.keys...); keys != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", what, keys, err, c.want)
		}
	}
	for what, n := range map[string]uint{"2048 bits": 2047, "4096 bits": 4095} {
		if _, err := sign.NewKeys(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), n), E: 65537}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	good := map[string]any{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": exampleK, "n": exampleN, "e": "AQAB"}
	with := func(name string, value any) string {
		changed := maps.Clone(good)
		if changed[name] = value; value == nil {
			delete(changed, name)
		}
		key, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		return `{"keys":[` + string(key) + `]}`
	}
	der, err := x509.MarshalPKCS8PrivateKey(private()[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sign.ParseKeys([]byte(" " + with("kty", "RSA") + "\n")); err != nil {
		t.Error(err)
	}
	const form, thumbprint, number = "no JWKS of public RSA keys", "kid is not the thumbprint", "n: not a number"
	for what, c := range map[string]struct{ jwks, want string }{
		"nothing":           {"", form},
		"a text":            {`"x"`, form},
		"a list":            {"[]", form},
		"cut":               {with("kty", "RSA")[:200], form},
		"null":              {"null", "0 public keys"},
		"no keys":           {"{}", "0 public keys"},
		"more behind it":    {with("kty", "RSA") + "{}", "something follows"},
		"garbage behind it": {with("kty", "RSA") + "x", "something follows"},
		"another member":    {`{"keys":[],"more":1}`, form},
		"a PEM":             {string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), form},
		"private exponent":  {with("d", "AQAB"), form},
		"a prime":           {with("p", "AQAB"), form},
		"a certificate":     {with("x5c", []string{"AQAB"}), form},
		"a curve":           {with("crv", "P-256"), form},
		"a coordinate":      {with("y", "AQAB"), form},
		"n is a number":     {with("n", 7), form},
		"another type":      {with("kty", "EC"), "want kty RSA"},
		"no type":           {with("kty", nil), "want kty RSA"},
		"for encryption":    {with("use", "enc"), "use sig"},
		"another algorithm": {with("alg", "PS256"), "alg RS256"},
		"no algorithm":      {with("alg", nil), "alg RS256"},
		"no kid":            {with("kid", nil), thumbprint},
		"another kid":       {with("kid", "key-1"), thumbprint},
		"no n":              {with("n", nil), number},
		"padded":            {with("n", exampleN+"=="), number},
		"loose bits":        {with("n", exampleN[:341]+"x"), number},
		"leading zero":      {with("n", "AAAA"+exampleN), number},
		"changed n":         {with("n", "1"+exampleN[1:]), thumbprint},
		"no e":              {with("e", nil), "e is not 65537"},
		"long e":            {with("e", "AQABAQABAQABAQAB"), "e is not 65537"},
		"another e":         {with("e", "Aw"), "e is not 65537"},
	} {
		checkRefused(t, what, c.jwks, c.want)
	}
}

// checkRefused checks that jwks are refused because of want, with a short message, and in the
// environment as well.
func checkRefused(t *testing.T, what, jwks, want string) {
	t.Helper()
	keys, err := sign.ParseKeys([]byte(jwks))
	if keys != nil || err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, %v, want an error with %q", what, keys, err, want)
		return
	}
	if len(err.Error()) > 150 {
		t.Errorf("%s: the error quotes: %v", what, err)
	}
	if _, err := sign.KeysFromEnv(func(string) string { return jwks }); err == nil || !strings.HasPrefix(err.Error(), "SIGN_JWKS: sign: ") {
		t.Errorf("%s: from the environment: %v", what, err)
	}
}
