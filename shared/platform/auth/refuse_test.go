package auth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/auth"
)

// refusal is a header that identifies nobody, and the reason that is logged.
// The reasons are all there is in the error, so no part of a token is.
type refusal struct{ name, header, reason string }

const (
	noToken   = "no token"
	noBearer  = "no bearer token"
	malformed = "malformed"
	unsigned  = "wrong signature or algorithm"
	unknown   = "unknown key"
	noKey     = "no key id"
	notYet    = "not valid yet, it is 2026-05-04T10:00:00Z"
	notHere   = "not for this product, whose audience is "
	missing   = "claim missing"
	noSubject = "no usable subject"
	noTenants = "no usable issuer ids"
	badDate   = "date out of range"
)

func TestAuthenticateRefuses(t *testing.T) {
	t.Parallel()
	cases := slices.Concat(
		schemeCases(), formCases(t), algorithmCases(), keyCases(),
		signatureCases(), timeCases(), claimCases(), identityCases(),
	)
	f := newFixture(t)
	f.accepts(t, "Bearer "+es256(head(nil), payload(nil))) // what every case departs from
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := f.Authenticate(t.Context(), tc.header)
			if !errors.Is(err, auth.ErrUnauthorized) {
				t.Fatalf("error is %v, want ErrUnauthorized", err)
			}
			if want := "unauthorized: " + tc.reason; err.Error() != want {
				t.Errorf("error is %q, want %q", err, want)
			}
			if got.Subject != "" || got.Tenants != nil || got.Scopes != nil {
				t.Errorf("identity %+v came with the error", got)
			}
		})
	}
}

func schemeCases() []refusal {
	token := es256(head(nil), payload(nil))
	return []refusal{
		{"nothing", "", noToken},
		{"scheme alone", "Bearer", noBearer},
		{"token alone", token, noBearer},
		{"no token", "Bearer ", malformed},
		{"space before", " Bearer " + token, noBearer},
		{"two spaces", "Bearer  " + token, malformed},
		{"space after", "Bearer " + token + " ", malformed},
		{"tab", "Bearer\t" + token, noBearer},
		{"line break after", "Bearer " + token + "\n", malformed},
		{"colon", "Bearer: " + token, noBearer},
		{"Basic", "Basic " + token, noBearer},
		{"DPoP", "DPoP " + token, noBearer},
		{"scheme twice", "Bearer Bearer " + token, malformed},
		{"two tokens, space", "Bearer " + token + " " + token, malformed},
		{"two tokens, comma", "Bearer " + token + "," + token, malformed},
		{"two headers joined", "Bearer " + token + ", Bearer " + token, malformed},
		{"quoted", `Bearer "` + token + `"`, malformed},
	}
}

func formCases(t *testing.T) []refusal {
	t.Helper()
	header, body := head(nil), payload(nil)
	token := es256(header, body)
	parts := strings.Split(token, ".")
	raw := func(h, p string) string { return "Bearer " + es256(h, p) }
	padded := base64.URLEncoding.EncodeToString([]byte(header + strings.Repeat(" ", 4-len(header)%3)))
	return []refusal{
		{"one byte too long", "Bearer " + longToken(t, 8193), "too long"},
		{"64 KB", raw(header, payload(set{"pad": strings.Repeat("p", 48<<10)})), "too long"},
		{"one part", "Bearer " + parts[0], malformed},
		{"two parts", "Bearer " + parts[0] + "." + parts[1], malformed},
		{"four parts", "Bearer " + token + "." + parts[2], malformed},
		{"encrypted, five parts", "Bearer " + b64([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}`)) + ".AA.AA.AA.AA", malformed},
		{"nested", raw(head(set{"cty": "JWT"}), token), malformed},
		{"only dots", "Bearer ..", malformed},
		{"empty header", "Bearer ." + parts[1] + "." + parts[2], malformed},
		{"empty body", "Bearer " + parts[0] + ".." + parts[2], malformed},
		{"empty signature", "Bearer " + parts[0] + "." + parts[1] + ".", malformed},
		{"padded base64", "Bearer " + padded + "." + parts[1] + "." + parts[2], malformed},
		{"padded signature", "Bearer " + token + "==", malformed},
		{"other base64 alphabet", "Bearer " + parts[0] + "." + parts[1] + ".+/" + parts[2][2:], malformed},
		{"line break inside", "Bearer " + parts[0] + "." + parts[1][:8] + "\r\n" + parts[1][8:] + "." + parts[2], malformed},
		{"zero byte inside", "Bearer " + parts[0] + ".\x00" + parts[1] + "." + parts[2], malformed},
		{"impossible base64 length", "Bearer " + parts[0] + ".A." + parts[2], malformed},
		{"loose bits in base64", "Bearer " + token[:len(token)-1] + looser(token[len(token)-1]), malformed},
		{"header is no JSON", raw(`{"alg":"ES256","kid":"ec"`, body), malformed},
		{"header is an array", raw(`["ES256"]`, body), malformed},
		{"header is null", raw(`null`, body), malformed},
		{"more after the header", raw(header+"{}", body), malformed},
		{"payload is no JSON", raw(header, body[:len(body)-1]), malformed},
		{"payload is an array", raw(header, "["+body+"]"), malformed},
		{"payload is a string", raw(header, `"text"`), malformed},
		{"payload is null", raw(header, `null`), malformed},
		{"more after the body", raw(header, body+body), malformed},
		{"alg twice", raw(`{"alg":"none",`+header[1:], body), malformed},
		{"kid twice", raw(header[:len(header)-1]+`,"kid":"ec"}`, body), malformed},
		{"sub twice", raw(header, `{"sub":"OTHER_____",`+body[1:]), malformed},
		{"sub twice, once escaped", raw(header, `{"s\u0075b":"OTHER_____",`+body[1:]), malformed},
		{"exp twice", raw(header, body[:len(body)-1]+`,"exp":1777889700}`), malformed},
		{"number too large", raw(header, body[:len(body)-1]+`,"x":1e999}`), malformed},
	}
}

// looser is the base64 character that differs from c in a bit beyond the last byte.
func looser(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}

func algorithmCases() []refusal {
	k, payload := keys(), payload(nil)
	var cases []refusal
	for _, alg := range []any{
		"none", "None", "NONE", "nOnE", "", "es256", "ES256 ", "ES256K", "EdDSA", "RSA-OAEP",
		256, nil,
		[]string{"ES256"},
		absent,
	} {
		header := head(set{"alg": alg})
		name := "alg " + header
		cases = append(cases, refusal{name, "Bearer " + es256(header, payload), unsigned},
			refusal{name + " unsigned", "Bearer " + b64([]byte(header)) + "." + b64([]byte(payload)) + ".", malformed})
	}
	der := must(x509.MarshalPKIXPublicKey(k.rsa.Public()))
	for name, secret := range map[string][]byte{
		"PEM": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), "DER": der,
		"PKCS1": pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&k.rsa.PublicKey)}),
		"n":     k.rsa.N.Bytes(), "JWK": []byte(jwk("rsa", k.rsa.Public(), "")), "nothing": {},
	} {
		for _, alg := range []string{"HS256", "HS384", "HS512"} {
			token := sign(alg, head(set{"alg": alg, "kid": "rsa"}), payload, secret)
			cases = append(cases, refusal{alg + " with the public key as " + name, "Bearer " + token, unsigned})
		}
	}
	for _, alg := range []string{"RS384", "RS512", "PS256", "PS384", "PS512"} {
		cases = append(cases, refusal{alg, "Bearer " + sign(alg, head(set{"alg": alg, "kid": "rsa"}), payload, k.rsa), unsigned})
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	return append(cases,
		refusal{"ES384", "Bearer " + sign("ES384", head(set{"alg": "ES384", "kid": "p384"}), payload, k.p384), unsigned},
		refusal{"EdDSA signed", "Bearer " + sign("EdDSA", head(set{"alg": "EdDSA"}), payload, must(ed, err)), unsigned},
		refusal{
			"HS256 with the JWKS's secret",
			"Bearer " + sign("HS256", head(set{"alg": "HS256", "kid": "secret"}), payload, []byte{0, 0, 0}),
			unsigned,
		},
	)
}

func keyCases() []refusal {
	k, payload := keys(), payload(nil)
	ec := func(changes set) string { return "Bearer " + es256(head(changes), payload) }
	rs := func(kid string) string {
		return "Bearer " + sign("RS256", head(set{"alg": "RS256", "kid": kid}), payload, k.rsa)
	}
	point := must(k.stranger.PublicKey.Bytes())
	hints := set{
		"jwk": set{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])},
		"jku": "https://evil.example/jwks", "x5u": "https://evil.example/cert", "x5c": []string{"AAAA"},
	}
	stranger := func(changes set) string { return "Bearer " + sign("ES256", head(changes), payload, k.stranger) }
	cases := []refusal{
		{"no kid", ec(set{"kid": absent}), noKey},
		{"empty kid", ec(set{"kid": ""}), noKey},
		{"kid is null", ec(set{"kid": nil}), noKey},
		{"kid is a number", ec(set{"kid": 7}), noKey},
		{"kid is an array", ec(set{"kid": []string{"ec"}}), noKey},
		{"unknown kid", ec(set{"kid": "other"}), unknown},
		{"kid in other case", ec(set{"kid": "EC"}), unknown},
		{"kid with a space", ec(set{"kid": "ec "}), unknown},
		{"kid like a path", ec(set{"kid": "../../dev/null"}), unknown},
		{"RSA key under ES256", ec(set{"kid": "rsa"}), unknown},
		{"EC key under RS256", rs("ec"), unknown},
		{"key not on its curve", ec(set{"kid": "curve"}), unknown},
		{"P-384 key under ES256", "Bearer " + es256By(k.p384, head(set{"kid": "p384"}), payload), unknown},
		{"RSA with less than 2048 bits", "Bearer " + sign("RS256", head(set{"alg": "RS256", "kid": "weak"}), payload, k.weak), unknown},
		{"key for encryption", rs("encryption"), unknown},
		{"key for another algorithm", rs("rs512"), unknown},
		{"key not for verifying", ec(set{"kid": "signer"}), unknown},
		{"second key of a kid", stranger(nil), unsigned},
		{"key hints, known kid", stranger(hints), unsigned},
		{"crit", ec(set{"crit": []string{"exp"}}), "critical header extension"},
		{"crit and b64", ec(set{"crit": []string{"b64"}, "b64": false}), "critical header extension"},
		{"empty crit", ec(set{"crit": []string{}}), "critical header extension"},
		{"crit is null", ec(set{"crit": nil}), "critical header extension"},
	}
	hints["kid"] = "stranger"
	return append(cases, refusal{"key hints, own kid", stranger(hints), unknown})
}

// es256By signs with a key of any curve, which the library would not.
func es256By(key *ecdsa.PrivateKey, header, payload string) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	hash := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, hash[:])
	size := (key.Params().BitSize + 7) / 8
	signature := must(append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), err)
	return text + "." + b64(signature)
}

func split(token string) (text string, signature []byte) {
	dot := strings.LastIndexByte(token, '.')
	return token[:dot], must(base64.RawURLEncoding.DecodeString(token[dot+1:]))
}

func signatureCases() []refusal {
	k := keys()
	token := es256(head(nil), payload(nil))
	text, sig := split(token)
	zero := make([]byte, 32)
	n := k.ec.Params().N.Bytes()
	hash := sha256.Sum256([]byte(text))
	with := func(parts ...[]byte) string { return "Bearer " + text + "." + b64(slices.Concat(parts...)) }
	rsaText, rsaSig := split(rs256(payload(nil)))
	headerOnly, _, _ := strings.Cut(token, ".")
	other := es256(head(set{"typ": "at+jwt"}), payload(nil))
	return []refusal{
		{"r is 0", with(zero, sig[32:]), unsigned},
		{"s is 0", with(sig[:32], zero), unsigned},
		{"r and s are 0", with(zero, zero), unsigned},
		{"r and s are n", with(n, n), unsigned},
		{"r and s swapped", with(sig[32:], sig[:32]), unsigned},
		{"DER", with(must(ecdsa.SignASN1(rand.Reader, k.ec, hash[:]))), unsigned},
		{"one byte short", with(sig[:63]), unsigned},
		{"one byte more", with(sig, []byte{0}), unsigned},
		{"of another token", "Bearer " + text + other[strings.LastIndexByte(other, '.'):], unsigned},
		{"payload exchanged", "Bearer " + headerOnly + "." + b64([]byte(payload(set{"sub": "OTHER_____"}))) + "." + b64(sig), unsigned},
		{"RSA, one byte short", "Bearer " + rsaText + "." + b64(rsaSig[1:]), unsigned},
		{"RSA, one byte more", "Bearer " + rsaText + "." + b64(append([]byte{0}, rsaSig...)), unsigned},
		{"RSA, all 0", "Bearer " + rsaText + "." + b64(make([]byte, 256)), unsigned},
		{"RSA signature under ES256", with(rsaSig), unsigned},
		{"RSA, PSS padding", "Bearer " + rsaText + "." + b64(must(jwt.SigningMethodPS256.Sign(rsaText, k.rsa))), unsigned},
	}
}
