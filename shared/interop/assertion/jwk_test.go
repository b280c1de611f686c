package assertion_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// secretMembers are of private keys, which no proof may have.
var secretMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func jwkCases() []refusal { return slices.Concat(ecKeyCases(), rsaKeyCases(), otherKeyCases()) }

func ecKeyCases() []refusal {
	k := keys()
	var cases []refusal
	ec := func(name string, changes set) {
		header := proofHead(set{"jwk": jwk(k.ec.Public(), changes)})
		cases = append(cases, refuse("EC "+name, proof(header, proofClaims(nil)), proofStrict))
	}
	for _, name := range secretMembers {
		ec("with "+name, set{name: "secret"})
	}
	point := must(k.ec.PublicKey.Bytes())
	for _, name := range []string{"x", "y"} {
		for _, v := range []any{
			absent, "", nil, 7, "A", b64(point[1:32]), b64(append([]byte{0}, point[1:33]...)), b64(make([]byte, 32)), b64(point[1:33]) + "=",
		} {
			ec(name+" "+show(v), set{name: v})
		}
	}
	ec("not on the curve", set{"x": b64(append(make([]byte, 31), 1)), "y": b64(append(make([]byte, 31), 1))})
	ec("with x of 31 bytes and y of 33", set{"x": b64(point[1:32]), "y": b64(point[32:])})
	ec("above the field", set{"x": b64(slices.Repeat([]byte{255}, 32))})
	for _, v := range []any{absent, "P-384", "p-256", "secp256k1", nil} {
		ec("crv "+show(v), set{"crv": v})
	}
	for _, v := range []any{absent, "RSA", "oct", "OKP", "ec", nil, 1} {
		ec("kty "+show(v), set{"kty": v})
	}
	return cases
}

func rsaKeyCases() []refusal {
	k := keys()
	var cases []refusal
	rs := func(name string, changes set) {
		cases = append(cases, refuse("RSA "+name, rsaProof(changes), proofStrict))
	}
	for _, name := range secretMembers {
		rs("with "+name, set{name: nil})
	}
	n := k.rsa.N.Bytes()
	large := append([]byte{1}, make([]byte, 1024)...)
	for _, v := range []any{absent, "", nil, 7, "A", b64(append([]byte{0}, n...)), b64(n[1:]), b64(large), b64(n) + "="} {
		rs("n "+show(v), set{"n": v})
	}
	for _, v := range []any{
		absent, "", nil, 65537, b64([]byte{0}), b64([]byte{1}), b64([]byte{2}), b64([]byte{0, 1, 0, 1}), b64([]byte{1, 0, 0}),
		b64([]byte{128, 0, 0, 1}), b64([]byte{1, 0, 0, 0, 1}), b64(large),
	} {
		rs("e "+show(v), set{"e": v})
	}
	for _, e := range [][]byte{{3}, {17}, {1, 0, 3}, {127, 255, 255, 255}} { // which other verifiers take
		rs("e "+b64(e), set{"e": b64(e)})
	}
	for bits, want := range map[uint]string{4096: proofUnsigned, 4097: proofStrict, 8192: proofStrict} {
		n := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), bits-1), big.NewInt(1))
		cases = append(cases, refuse(fmt.Sprint("RSA of bits: ", bits), rsaProof(set{"n": b64(n.Bytes())}), want))
	}
	for name, values := range map[string][]any{ // which PDND refuses, whatever they say
		"alg": {"RS256", "ES256", "", nil}, "use": {"sig", "enc"}, "key_ops": {[]string{"verify"}}, "kid": {"1"}, "ext": {true}, "x": {"AQ"},
	} {
		for _, v := range values {
			rs(name+" "+show(v), set{name: v})
		}
	}
	return cases
}

// otherKeyCases have keys of other kinds and sizes, and values that are no key.
func otherKeyCases() []refusal {
	k := keys()
	var cases []refusal
	add := func(name string, token string, want ...string) { cases = append(cases, refuse(name, token, want...)) }
	add("RSA of 2040 bits", sign(proofHead(set{"alg": "RS256", "jwk": jwk(k.weak.Public(), nil)}), proofClaims(nil), k.weak), proofStrict)
	add("P-384 under ES256", sign(proofHead(set{"jwk": jwk(k.p384.Public(), nil)}), proofClaims(nil), k.p384), proofStrict)
	add("P-384 called P-256", sign(proofHead(set{"jwk": jwk(k.p384.Public(), set{"crv": "P-256"})}), proofClaims(nil), k.p384), proofStrict)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	okp := set{"kty": "OKP", "crv": "Ed25519", "x": b64(must(ed, err))}
	add("Ed25519", proof(proofHead(set{"alg": "EdDSA", "jwk": okp}), proofClaims(nil)), proofBadAlg, proofStrict)
	for _, v := range []any{"key", 7, true, []any{}, set{}, []set{jwk(k.ec.Public(), nil)}} {
		add("jwk "+show(v), proof(proofHead(set{"jwk": v}), proofClaims(nil)), proofStrict)
	}
	twice := strings.Replace(proofHead(nil), `"kty":"EC"`, `"kty":"EC","kty":"EC"`, 1)
	add("jwk with kty twice", proof(twice, proofClaims(nil)), proofStrict)
	return cases
}
