package jose_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"ciclo/shared/platform/jose"
)

func jwks(keys ...any) []byte { return must(json.Marshal(set{"keys": keys})) }

func certificate(public, private any) string {
	der := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{}, public, private))
	return base64.StdEncoding.EncodeToString(der)
}

// TestSetsOfIssuers reads keys as issuers publish them, one at a time.
func TestSetsOfIssuers(t *testing.T) {
	t.Parallel()
	k := keys()
	n := k.rsa.N.Bytes()
	short := must(shortKey().Bytes())
	ofRSA, ofEC := certificate(k.rsa.Public(), k.rsa), certificate(k.ec.Public(), k.ec)
	for name, tc := range map[string]struct {
		jwk any
		key crypto.PublicKey // nil where it is skipped
	}{
		"RSA":                      {jwk(k.rsa.Public(), nil), k.rsa.Public()},
		"EC":                       {jwk(k.ec.Public(), nil), k.ec.Public()},
		"RSA of 16384 bits":        {jwk(ofBits(16384), nil), ofBits(16384)},
		"RSA of 2040 bits":         {jwk(k.weak.Public(), nil), nil},
		"P-384":                    {jwk(k.p384.Public(), nil), nil},
		"all said":                 {jwk(k.ec.Public(), set{"alg": "ES256", "use": "sig", "key_ops": []string{"verify"}}), k.ec.Public()},
		"empty members":            {jwk(k.ec.Public(), set{"alg": "", "use": nil, "key_ops": []string{}}), k.ec.Public()},
		"for encryption":           {jwk(k.ec.Public(), set{"use": "enc"}), nil},
		"another algorithm":        {jwk(k.rsa.Public(), set{"alg": "PS256"}), nil},
		"to sign":                  {jwk(k.rsa.Public(), set{"key_ops": []string{"sign"}}), nil},
		"padding":                  {jwk(k.rsa.Public(), set{"n": base64.URLEncoding.EncodeToString(n), "e": "AQAB="}), k.rsa.Public()},
		"loose bits":               {jwk(k.rsa.Public(), set{"n": looser(b64(n))}), k.rsa.Public()},
		"leading zeros":            {jwk(k.rsa.Public(), set{"n": b64(append([]byte{0}, n...)), "e": b64([]byte{0, 1, 0, 1})}), k.rsa.Public()},
		"coordinate without zeros": {jwk(shortKey(), set{"x": b64(short[2:33])}), shortKey()},
		"coordinate with more":     {jwk(shortKey(), set{"y": b64(append([]byte{0}, short[33:]...))}), shortKey()},
		"coordinate too long":      {jwk(shortKey(), set{"y": b64(append([]byte{1}, short[33:]...))}), nil},
		"no exponent":              {jwk(k.rsa.Public(), set{"e": absent}), nil},
		"a huge exponent":          {jwk(k.rsa.Public(), set{"e": b64([]byte{1, 0, 0, 0, 0, 0, 1, 0, 1})}), nil},
		"other alphabet":           {jwk(k.rsa.Public(), set{"n": base64.StdEncoding.EncodeToString(n)}), nil},
		"a private key's public":   {jwk(k.rsa.Public(), set{"d": "AQ"}), k.rsa.Public()},
		"its certificate":          {jwk(k.rsa.Public(), set{"x5c": []string{ofRSA, ofEC}}), k.rsa.Public()},
		"EC, its certificate":      {jwk(k.ec.Public(), set{"x5c": []string{ofEC}}), k.ec.Public()},
		"another's certificate":    {jwk(k.rsa.Public(), set{"x5c": []string{ofEC, ofRSA}}), nil},
		"no certificate":           {jwk(k.rsa.Public(), set{"x5c": []string{ofRSA, "AA"}}), nil},
		"a secret":                 {set{"kty": "oct", "k": "AAAA"}, nil},
		"kid is a number":          {jwk(k.ec.Public(), set{"kid": 7}), nil},
		"a text":                   {"text", nil},
		"null":                     {nil, nil},
	} {
		got, err := jose.ParseSet(jwks(tc.jwk, jwk(k.ec.Public(), set{"kid": "after"})))
		if err != nil || len(got) == 0 || got[len(got)-1].ID != "after" {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if tc.key == nil {
			if len(got) != 1 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		}
		of, ok := got[0].Key.(interface{ Equal(crypto.PublicKey) bool })
		if len(got) != 2 || !ok || !of.Equal(tc.key) || got[0].Algorithm != jose.Algorithm(tc.key, 1<<20) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestNoSets(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "<html>", "[]", "{}", "null", `{"keys":null}`, `{"keys":"x"}`, `{"keys":{}}`} {
		if keys, err := jose.ParseSet([]byte(text)); err == nil {
			t.Errorf("%s: %v", text, keys)
		}
	}
	if keys, err := jose.ParseSet([]byte(`{"keys":[]}`)); err != nil || len(keys) != 0 {
		t.Errorf("an empty set: %v, %v", keys, err)
	}
}

func TestPublishedSet(t *testing.T) {
	t.Parallel()
	k, _ := jose.NewJWK(keys().rsa.Public())
	k.Use = jose.UseSig
	text := string(must(json.Marshal(jose.Set{Keys: []jose.JWK{k}})))
	if want := `{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"` + k.ID + `","n":"` + k.N + `","e":"AQAB"}]}`; text != want {
		t.Errorf("published %s, want %s", text, want)
	}
}

// FuzzParseSet shows that no set makes ParseSet panic, and that its keys keep the bounds.
func FuzzParseSet(f *testing.F) {
	f.Add(jwks(jwk(keys().rsa.Public(), set{"kid": "a"})))
	f.Add(jwks(jwk(keys().ec.Public(), set{"x5c": []string{certificate(keys().ec.Public(), keys().ec)}})))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ==","e":"AA"},{"kty":"EC","crv":"P-256","x":"","y":"="}]}`))
	f.Add([]byte(`{"keys":[` + strings.Repeat(`{},`, 99) + `null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		set, err := jose.ParseSet(text)
		if err != nil && set != nil {
			t.Fatal("keys came with an error")
		}
		for _, key := range set {
			k, ok := jose.NewJWK(key.Key)
			if !ok || k.Algorithm != key.Algorithm || k.Public() == nil && key.Algorithm == jose.ES256 {
				t.Fatalf("%+v", key)
			}
		}
	})
}
