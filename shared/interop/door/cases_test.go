package door_test

import (
	"net/http"
	"strings"

	"ciclo/shared/platform/jose"
)

// refusalCase is a request with a fault.
type refusalCase struct {
	name string
	request
	want string
}

func schemeCases() []refusalCase {
	authorization := func(values ...string) request {
		r := bound()
		r.header = func(h http.Header) { h["Authorization"] = values }
		return r
	}
	proofs := func(values ...string) request {
		r := bound()
		r.header = func(h http.Header) { h["Dpop"] = values }
		return r
	}
	plain := authorization()
	plain.base = ""
	otherScheme := authorization("Basic a.b.c")
	otherScheme.base = "/pdnd"
	v2 := bound()
	v2.base = "/v2"
	joined := bound()
	joined.header = func(h http.Header) { h["Dpop"] = []string{h.Get("DPoP") + "," + h.Get("DPoP")} }
	twice := bound()
	twice.header = func(h http.Header) { h.Add("DPoP", h.Get("DPoP")) }
	return []refusalCase{
		{"no header", authorization(), missing},
		{"no header on a plain path", plain, notValid},
		{"Basic below another base path", otherScheme, notValid},
		{"empty", authorization(""), missing},
		{"scheme alone", authorization("DPoP"), badScheme},
		{"scheme and a space", authorization("Bearer "), badScheme},
		{"token alone", authorization("a.b.c"), badScheme},
		{"space before", authorization(" DPoP a.b.c"), badScheme},
		{"tab", authorization("DPoP\ta.b.c"), badScheme},
		{"Basic", authorization("Basic a.b.c"), badScheme},
		{"two headers", authorization("DPoP a.b.c", "DPoP a.b.c"), badScheme},
		{"two headers, one empty", authorization("", "Bearer a.b.c"), badScheme},
		{"DPoP in v2", v2, badScheme},
		{"no proof", proofs(), missing},
		{"empty proof", proofs(""), missing},
		{"two empty proofs", proofs("", ""), missing},
		{"garbage", authorization("DPoP garbage"), notValid},
		{"garbage, bearer", authorization("Bearer garbage"), notValid},
		{"two spaces", authorization("DPoP  a.b.c"), notValid},
		{"proof is garbage", proofs("garbage"), badProof},
		{"two proofs", twice, badProof},
		{"two proofs in one header", joined, badProof},
	}
}

// with returns a request whose token has changes.
func with(r request, claims object) request {
	r.claims = merged(r.claims, claims)
	return r
}

func tokenCases() []refusalCase {
	var cases []refusalCase
	for _, base := range []string{"/v3", "/v2"} {
		cook := with(unbound(), object{"role": "cook"})
		cook.base = base
		cases = append(cases, refusalCase{"unknown role in " + base, cook, notValid})
	}
	for name, claims := range map[string]object{
		"expired": {"exp": 1}, "not valid yet": {"nbf": 1 << 40}, "another audience": {"aud": "x"},
		"another issuer":  {"iss": "https://other.example"},
		"no organization": {"organizationId": absent}, "no role": {"role": absent},
	} {
		cases = append(cases, refusalCase{name, with(bound(), claims), notValid}, refusalCase{name, with(unbound(), claims), notValid})
	}
	for name, claims := range map[string]object{
		"no client": {"client_id": absent}, "a client that is no UUID": {"client_id": "client"}, "no administrator": {"adminId": absent},
		"an administrator that is no UUID": {"adminId": 7}, "not bound": {"cnf": absent}, "bound to nothing": {"cnf": object{}},
		"bound otherwise": {"cnf": object{"x5t#S256": "x"}}, "jkt is a number": {"cnf": object{"jkt": 7}}, "cnf is a text": {"cnf": "x"},
	} {
		cases = append(cases, refusalCase{name, with(bound(), claims), notValid})
	}
	asBearer := bound()
	asBearer.scheme = "Bearer"
	alone := asBearer
	alone.header = func(h http.Header) { h.Del("DPoP") }
	v2 := alone
	v2.base = "/v2"
	spoilt := bound()
	spoilt.header = func(h http.Header) {
		h.Set("Authorization", h.Get("Authorization")[:100]+"AAAA"+h.Get("Authorization")[104:])
	}
	return append(
		cases,
		refusalCase{"bound, as a bearer with a proof", asBearer, notValid}, refusalCase{"bound, as a bearer", alone, notValid},
		refusalCase{"bound, as a bearer in v2", v2, notValid},
		refusalCase{"bound to nothing, as a bearer", with(alone, object{"cnf": object{}}), notValid},
		refusalCase{"bound to null, as a bearer", with(alone, object{"cnf": nil}), notValid},
		refusalCase{"a spoilt token", spoilt, notValid},
	)
}

func proofCases() []refusalCase {
	var cases []refusalCase
	proof := func(name string, claims object) {
		r := bound()
		r.proof = merged(r.proof, claims)
		cases = append(cases, refusalCase{name, r, badProof})
	}
	for name, claims := range map[string]object{
		"htm of another method": {"htm": "POST"}, "htm in small letters": {"htm": "get"}, "no htm": {"htm": absent},
		"htu of another operation": {"htu": issuer + "/v3/purposes"}, "htu of another edition": {"htu": issuer + "/v2/eservices"},
		"htu without the base path": {"htu": issuer + "/eservices"}, "htu of another host": {"htu": "https://other.example/v3/eservices"},
		"htu of another scheme": {"htu": "http://api.example.it/v3/eservices"}, "htu with a query": {"htu": address + "?offset=0"},
		"htu with a slash": {"htu": address + "/"}, "no htu": {"htu": absent}, "iat too old": {"iat": 1}, "iat too new": {"iat": 1 << 40},
		"no iat": {"iat": absent}, "no jti": {"jti": absent}, "no ath": {"ath": absent}, "ath of another token": {"ath": strings.Repeat("A", 43)},
		"a nonce": {"nonce": "x"}, "an end": {"exp": 1 << 40},
	} {
		proof(name, claims)
	}
	for name, head := range map[string]object{
		"typ": {"typ": "JWT"}, "no jwk": {"jwk": absent}, "a kid": {"kid": "x"}, "crit": {"crit": []string{"htm"}}, "no typ": {"typ": absent},
		"jwk is a text": {"jwk": "x"}, "jwk is null": {"jwk": nil},
	} {
		r := bound()
		r.head = head
		cases = append(cases, refusalCase{name, r, badProof})
	}
	anothers := bound()
	anothers.pen = keys().other
	replaced := bound()
	replaced.claims = object{"cnf": object{"jkt": jose.Thumbprint(keys().other.Public())}}
	return append(cases, refusalCase{"another's signature", anothers, unsigned}, refusalCase{"another's token", replaced, otherKey})
}

// keyCases have proofs with exotic keys.
func keyCases() []refusalCase {
	var cases []refusalCase
	for name, members := range map[string]object{
		"kid": {"kid": "1"}, "use": {"use": "sig"}, "alg": {"alg": "ES256"}, "ext": {"ext": true}, "key_ops": {"key_ops": []string{"verify"}},
		"d": {"d": "AQ"}, "members of RSA": {"n": "AQ", "e": "AQAB"}, "kty": {"kty": "OKP"}, "crv": {"crv": "P-384"}, "no y": {"y": absent},
		"padding": {"x": jwk(keys().ec.Public())["x"].(string) + "="}, //nolint:forcetypeassert // jwk has made it
	} {
		r := bound()
		r.head = object{"jwk": changed(jwk(keys().ec.Public()), members)}
		cases = append(cases, refusalCase{"a key with " + name, r, badProof})
	}
	p384 := bound()
	p384.key = keys().p384
	p384.claims = object{"cnf": object{"jkt": "x"}}
	return append(cases, refusalCase{"a key on P-384", p384, badProof})
}
