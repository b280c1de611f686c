package client_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
)

// badKey is a key that is refused with a code.
type badKey struct {
	what, key string
	code      problem.Code
}

// badKeys returns keys that are refused.
func badKeys() []badKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(err)
	sec1, err := x509.MarshalECPrivateKey(private)
	must(err)
	certificate, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{},
		&private.PublicKey, private)
	must(err)
	key := &rsa.PublicKey{N: modulus(2048), E: 65537}
	good, der := pemOf("PUBLIC KEY", spki(key)), spki(key)
	second := pemOf("PUBLIC KEY", spki(&private.PublicKey))
	return append([]badKey{
		{"nothing", "", interop.KeyNotValid},
		{"no base64", "!" + b64(good), interop.KeyNotBase64},
		{"a PEM", good, interop.KeyNotBase64},
		{"another alphabet", "-_" + b64(good), interop.KeyNotBase64},
		{"bits behind", strings.TrimSuffix(b64(good+strings.Repeat("\n", (4-len(good)%3)%3)), "g==") + "h==", interop.KeyNotBase64},
		{"base64 with more behind", b64(good) + "====", interop.KeyNotBase64},
		{"base64 of something", b64("something"), interop.KeyNotValid},
		{"base64 of DER", b64(string(der)), interop.KeyNotValid},
		{"too much", b64(good + strings.Repeat("\n", 8<<10)), interop.KeyNotValid},
		{"a private key", b64(pemOf("PRIVATE KEY", pkcs8)), interop.PrivateKeyNotAllowed},
		{"a private EC key", b64(pemOf("EC PRIVATE KEY", sec1)), interop.PrivateKeyNotAllowed},
		{"a sealed private key", b64(pemOf("ENCRYPTED PRIVATE KEY", pkcs8)), interop.PrivateKeyNotAllowed},
		{"a broken private key", b64("-----BEGIN RSA PRIVATE KEY-----\nx"), interop.PrivateKeyNotAllowed},
		{"a private key labelled as public", b64(pemOf("PUBLIC KEY", pkcs8)), interop.KeyNotValid},
		{"a certificate", b64(pemOf("CERTIFICATE", certificate)), interop.CertificateNotAllowed},
		{"a certificate request", b64(pemOf("CERTIFICATE REQUEST", certificate)), interop.CertificateNotAllowed},
		{"a certificate labelled as a key", b64(pemOf("PUBLIC KEY", certificate)), interop.KeyNotValid},
		{
			"PKCS#1 of 1024 bits", b64(pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: modulus(1024), E: 65537}))),
			interop.KeyLengthNotAllowed,
		},
		{"PKCS#1 with bytes behind", b64(pemOf("RSA PUBLIC KEY", append(x509.MarshalPKCS1PublicKey(key), 0))), interop.KeyNotValid},
		{"a private key labelled as public PKCS#1", b64(pemOf("RSA PUBLIC KEY", sec1)), interop.KeyNotValid},
		{"PKCS#1 labelled as a key", b64(pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))), interop.KeyNotValid},
		{"a key labelled as PKCS#1", b64(pemOf("RSA PUBLIC KEY", der)), interop.KeyNotValid},
		{"SSH", b64("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ"), interop.KeyNotValid},
		{"two keys", b64(good + second), interop.MultipleKeysNotAllowed},
		{"one key twice", b64(good + good), interop.MultipleKeysNotAllowed},
		{"a key and a private key", b64(good + pemOf("PRIVATE KEY", pkcs8)), interop.MultipleKeysNotAllowed},
		{"a broken key and a key", b64("-----BEGIN PUBLIC KEY-----\nx\n" + good), interop.MultipleKeysNotAllowed},
		{"text before on the line", b64("x" + good), interop.KeyNotValid},
		{"text and a private key", b64("x\n" + pemOf("PRIVATE KEY", pkcs8)), interop.PrivateKeyNotAllowed},
		{"a mark and a certificate", b64("\ufeff" + pemOf("CERTIFICATE", certificate)), interop.CertificateNotAllowed},
		{"a NUL behind", b64(good + "\x00"), interop.KeyNotValid},
		{"a header", b64(strings.Replace(good, "KEY-----\n", "KEY-----\nName: x\n\n", 1)), interop.KeyNotValid},
		{"no end", b64(strings.TrimSuffix(good, "-----END PUBLIC KEY-----\n")), interop.KeyNotValid},
		{"bytes behind the DER", b64(pemOf("PUBLIC KEY", append(spki(key), 0))), interop.KeyNotValid},
		{"bytes in the DER", b64(pemOf("PUBLIC KEY", paddedKey(key))), interop.KeyNotValid},
		{"half of the DER", b64(pemOf("PUBLIC KEY", der[:len(der)/2])), interop.KeyNotValid},
		{"an empty block", b64(pemOf("PUBLIC KEY", nil)), interop.KeyNotValid},
	}, unfitKeys()...)
}

// unfitKeys returns keys that are well formed but have a type, a length or numbers that
// are refused.
func unfitKeys() []badKey {
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	even := &rsa.PublicKey{N: new(big.Int).Lsh(modulus(2047), 1), E: 65537}
	return []badKey{
		{"2047 bits", rsaKey(2047, 65537), interop.KeyLengthNotAllowed},
		{"1024 bits", rsaKey(1024, 65537), interop.KeyLengthNotAllowed},
		{"8193 bits", rsaKey(8193, 65537), interop.KeyLengthNotAllowed},
		{"exponent 1", rsaKey(2048, 1), interop.KeyNotValid},
		{"exponent 2", rsaKey(2048, 2), interop.KeyNotValid},
		{"exponent 65536", rsaKey(2048, 65536), interop.KeyNotValid},
		{"exponent 2^31+1", rsaKey(2048, 1<<31+1), interop.KeyNotValid},
		{"an even modulus", encodeKey(even), interop.KeyNotValid},
		{"P-224", encodeKey(ecKey(elliptic.P224())), interop.KeyTypeNotAllowed},
		{"P-384", encodeKey(ecKey(elliptic.P384())), interop.KeyTypeNotAllowed},
		{"P-521", encodeKey(ecKey(elliptic.P521())), interop.KeyTypeNotAllowed},
		{"Ed25519", encodeKey(edwards), interop.KeyTypeNotAllowed},
		{"a point that is not on the curve", b64(pemOf("PUBLIC KEY", offCurveKey())), interop.KeyNotValid},
	}
}

// paddedKey returns a key followed by a byte within the DER.
func paddedKey(key *rsa.PublicKey) []byte {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	_, err := asn1.Unmarshal(spki(key), &info)
	must(err)
	info.Key.Bytes = append(info.Key.Bytes, 0)
	info.Key.BitLength += 8
	der, err := asn1.Marshal(info)
	must(err)
	return der
}

// offCurveKey returns a key on P-256 with a point that is not on the curve.
func offCurveKey() []byte {
	der := spki(ecKey(elliptic.P256()))
	der[len(der)-1] ^= 1
	return der
}

// TestBadKeys sends keys that are refused: the answer repeats no part of them, and nothing
// is stored.
func TestBadKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := createClient(w, owner, nil)
		before := w.Items("CLIENT#" + id)
		for _, h := range badKeys() {
			for _, alg := range []string{"RS256", "ES256"} {
				res := addKey(w, owner, id, object{"key": h.key, "alg": alg})
				if w.Refused(res, h.code, "body.key", "SubjectPublicKeyInfo"); t.Failed() {
					t.Fatalf("the key was %s", h.what)
				}
				if len(h.key) > 12 && strings.Contains(res.Raw, h.key[:12]) {
					t.Errorf("the answer repeats %s: %s", h.what, res.Raw)
				}
			}
		}
		interoptest.Equal(t, "what is stored after the refusals", w.Items("CLIENT#"+id), before)
	})
}

// TestKeys sends keys that are accepted, in every variant of base64.
func TestKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := createClient(w, owner, nil)
		for _, bits := range []int{2048, 2049, 3072, 4096, 8192} {
			for _, exponent := range []int{3, 65537, 1<<31 - 1} {
				res := w.Want(addKey(w, owner, id, object{"key": rsaKey(bits, exponent), "alg": "RS256"}), 200)
				jwk, _ := res.Body["jwk"].(object)
				n, err := base64.RawURLEncoding.DecodeString(fmt.Sprint(jwk["n"]))
				if err != nil || new(big.Int).SetBytes(n).BitLen() != bits || kidOf(res) != thumbprint(jwk, "e", "kty", "n") {
					t.Errorf("RSA of %d bits = %s", bits, res.Raw)
				}
			}
		}
		encodings := []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding}
		for i := range 24 { // a sample: coordinates with leading zeros are rare
			text := pemOf("PUBLIC KEY", spki(ecKey(elliptic.P256())))
			if i%2 == 1 {
				text = "\n " + strings.ReplaceAll(text, "\n", "\r\n") + " \n"
			}
			res := w.Want(addKey(w, owner, id, object{"key": encodings[i%4].EncodeToString([]byte(text))}), 200)
			jwk, _ := res.Body["jwk"].(object)
			if kidOf(res) != thumbprint(jwk, "crv", "kty", "x", "y") || len(fmt.Sprint(jwk["x"])) != 43 || len(fmt.Sprint(jwk["y"])) != 43 {
				t.Errorf("EC = %s", res.Raw)
			}
		}
		short := ecKey(elliptic.P256()) // one coordinate begins with a zero
		for point, _ := short.Bytes(); point[1] != 0 && point[33] != 0; point, _ = short.Bytes() {
			short = ecKey(elliptic.P256())
		}
		res := w.Want(addKey(w, owner, id, object{"key": encodeKey(short)}), 200)
		if jwk, _ := res.Body["jwk"].(object); len(fmt.Sprint(jwk["x"])) != 43 || len(fmt.Sprint(jwk["y"])) != 43 {
			t.Errorf("EC = %s", res.Raw)
		}
	})
}

// TestKeysAsToolsWriteThem sends one key as PKCS #1 and as SubjectPublicKeyInfo, with text
// and a byte order mark around the PEM: all have the same kid.
func TestKeysAsToolsWriteThem(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for i := range 2 {
			key := &rsa.PublicKey{N: modulus(2048 + i), E: 65537}
			spkiPEM, pkcs1PEM := pemOf("PUBLIC KEY", spki(key)), pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))
			id, kids := createClient(w, owner, nil), map[string]bool{}
			for _, text := range []string{
				spkiPEM, pkcs1PEM, "\ufeff" + spkiPEM, "\ufeff" + pkcs1PEM, "Public-Key: (2048 bit)\nModulus: 00:c3\n" + spkiPEM, spkiPEM +
					"# key of the portal\n",
				"\ufeff\r\nclé\r\n" + strings.ReplaceAll(pkcs1PEM, "\n", "\r\n") + "\r\n",
			} {
				res := addKey(w, owner, id, object{"key": b64(text), "alg": "RS256"})
				if w.Want(res, 200); t.Failed() {
					t.Fatal(text)
				}
				kid := kidOf(res)
				kids[kid] = true
				w.OK(owner, "DELETE", "/clients/"+id+"/keys/"+kid, "")
			}
			if len(kids) != 1 {
				t.Errorf("one key has the kids %v", kids)
			}
		}
	})
}

// thumbprint returns the digest of some members, which encoding/json writes in order.
func thumbprint(jwk object, members ...string) string {
	some := object{}
	for _, name := range members {
		some[name] = jwk[name]
	}
	sum := sha256.Sum256([]byte(interoptest.JSON(some)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
