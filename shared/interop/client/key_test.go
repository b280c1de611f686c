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
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// refusedKey is a key as nobody may send it, and why.
type refusedKey struct {
	what, key string
	code      problem.Code
}

// hostile are the keys that are refused.
func hostile() []refusedKey {
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
	return append([]refusedKey{
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
		{"a private key that says it is public", b64(pemOf("PUBLIC KEY", pkcs8)), interop.KeyNotValid},
		{"a certificate", b64(pemOf("CERTIFICATE", certificate)), interop.CertificateNotAllowed},
		{"a certificate request", b64(pemOf("CERTIFICATE REQUEST", certificate)), interop.CertificateNotAllowed},
		{"a certificate that says it is a key", b64(pemOf("PUBLIC KEY", certificate)), interop.KeyNotValid},
		{
			"PKCS#1 of 1024 bits", b64(pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: modulus(1024), E: 65537}))),
			interop.KeyLengthNotAllowed,
		},
		{"PKCS#1 with bytes behind", b64(pemOf("RSA PUBLIC KEY", append(x509.MarshalPKCS1PublicKey(key), 0))), interop.KeyNotValid},
		{"a private key in PKCS#1 that says it is public", b64(pemOf("RSA PUBLIC KEY", sec1)), interop.KeyNotValid},
		{"PKCS#1 that says it is a key", b64(pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))), interop.KeyNotValid},
		{"a key that says it is PKCS#1", b64(pemOf("RSA PUBLIC KEY", der)), interop.KeyNotValid},
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
		{"bytes in the DER", b64(pemOf("PUBLIC KEY", padded(key))), interop.KeyNotValid},
		{"half of the DER", b64(pemOf("PUBLIC KEY", der[:len(der)/2])), interop.KeyNotValid},
		{"an empty block", b64(pemOf("PUBLIC KEY", nil)), interop.KeyNotValid},
	}, unfitKeys()...)
}

// unfitKeys are keys that are well written and of a kind, a length or numbers that are
// refused.
func unfitKeys() []refusedKey {
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	even := &rsa.PublicKey{N: new(big.Int).Lsh(modulus(2047), 1), E: 65537}
	return []refusedKey{
		{"2047 bits", rsaKey(2047, 65537), interop.KeyLengthNotAllowed},
		{"1024 bits", rsaKey(1024, 65537), interop.KeyLengthNotAllowed},
		{"8193 bits", rsaKey(8193, 65537), interop.KeyLengthNotAllowed},
		{"exponent 1", rsaKey(2048, 1), interop.KeyNotValid},
		{"exponent 2", rsaKey(2048, 2), interop.KeyNotValid},
		{"exponent 65536", rsaKey(2048, 65536), interop.KeyNotValid},
		{"exponent 2^31+1", rsaKey(2048, 1<<31+1), interop.KeyNotValid},
		{"an even modulus", sent(even), interop.KeyNotValid},
		{"P-224", sent(ec(elliptic.P224())), interop.KeyTypeNotAllowed},
		{"P-384", sent(ec(elliptic.P384())), interop.KeyTypeNotAllowed},
		{"P-521", sent(ec(elliptic.P521())), interop.KeyTypeNotAllowed},
		{"Ed25519", sent(edwards), interop.KeyTypeNotAllowed},
		{"a point beside the curve", b64(pemOf("PUBLIC KEY", beside())), interop.KeyNotValid},
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// padded is a key with a byte behind it, within the DER.
func padded(key *rsa.PublicKey) []byte {
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

// beside is a key on P-256 that is not on it.
func beside() []byte {
	der := spki(ec(elliptic.P256()))
	der[len(der)-1] ^= 1
	return der
}

// TestHostileKeys sends keys that are refused, of which nothing is told and nothing
// is stored.
func TestHostileKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := made(w, owner, nil)
		before := w.Items("CLIENT#" + id)
		for _, h := range hostile() {
			for _, alg := range []string{"RS256", "ES256"} {
				res := addKey(w, owner, id, object{"key": h.key, "alg": alg})
				if w.Refused(res, h.code, "body.key", "SubjectPublicKeyInfo"); t.Failed() {
					t.Fatalf("that was %s", h.what)
				}
				if len(h.key) > 12 && strings.Contains(res.Raw, h.key[:12]) {
					t.Errorf("%s is echoed: %s", h.what, res.Raw)
				}
			}
		}
		if diff := cmp.Diff(before, w.Items("CLIENT#"+id)); diff != "" {
			t.Errorf("refused, yet:\n%s", diff)
		}
	})
}

// TestKeys sends keys that are taken, in every way to write base64.
func TestKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := made(w, owner, nil)
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
		for i := range 24 { // coordinates with leading zeros are rare: these are a sample
			text := pemOf("PUBLIC KEY", spki(ec(elliptic.P256())))
			if i%2 == 1 {
				text = "\n " + strings.ReplaceAll(text, "\n", "\r\n") + " \n"
			}
			res := w.Want(addKey(w, owner, id, object{"key": encodings[i%4].EncodeToString([]byte(text))}), 200)
			jwk, _ := res.Body["jwk"].(object)
			if kidOf(res) != thumbprint(jwk, "crv", "kty", "x", "y") || len(fmt.Sprint(jwk["x"])) != 43 || len(fmt.Sprint(jwk["y"])) != 43 {
				t.Errorf("EC = %s", res.Raw)
			}
		}
		short := ec(elliptic.P256()) // one of which a coordinate begins with a zero
		for point, _ := short.Bytes(); point[1] != 0 && point[33] != 0; point, _ = short.Bytes() {
			short = ec(elliptic.P256())
		}
		res := w.Want(addKey(w, owner, id, object{"key": sent(short)}), 200)
		if jwk, _ := res.Body["jwk"].(object); len(fmt.Sprint(jwk["x"])) != 43 || len(fmt.Sprint(jwk["y"])) != 43 {
			t.Errorf("EC = %s", res.Raw)
		}
	})
}

// TestKeysAsToolsWriteThem: PKCS #1 is the same key as its SubjectPublicKeyInfo, and text
// and a byte order mark around a PEM are skipped.
func TestKeysAsToolsWriteThem(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for i := range 2 {
			key := &rsa.PublicKey{N: modulus(2048 + i), E: 65537}
			spkiPEM, pkcs1PEM := pemOf("PUBLIC KEY", spki(key)), pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(key))
			id, kids := made(w, owner, nil), map[string]bool{}
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
				t.Errorf("one key is %v", kids)
			}
		}
	})
}

// thumbprint is the digest of some members, which encoding/json puts in order.
func thumbprint(jwk object, members ...string) string {
	some := object{}
	for _, name := range members {
		some[name] = jwk[name]
	}
	text, err := json.Marshal(some)
	must(err)
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
