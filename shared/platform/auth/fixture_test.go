package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
)

const (
	issuer   = "https://issuer.example"
	audience = "https://api.example"
	jwksURL  = "https://issuer.example/jwks.json"
	tenant   = "ISSUER_-01"
)

var configured = auth.Issuer{
	URL: issuer, JWKSURL: jwksURL, Audience: audience,
	Kinds: []string{"organization", "issuer", "aggregator"}, Operator: claims.Claim{Name: "role", Value: "operator"},
}

// everybody are the callers of two products: a Bearer serves any.
func everybody(register interop.Register) claims.Callers {
	return interop.Callers(register).And(consumers.Callers())
}

var start = time.Date(2026, time.May, 4, 10, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// endpoint is a network with one JWKS on it, which counts the requests.
type endpoint struct {
	mu      sync.Mutex
	respond func(*http.Request) (*http.Response, error)
	fetches int
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	e.mu.Lock()
	e.fetches++
	respond := e.respond
	e.mu.Unlock()
	if r.URL.String() != jwksURL {
		return nil, fmt.Errorf("unexpected request for %s", r.URL)
	}
	return respond(r)
}

func (e *endpoint) Set(respond func(*http.Request) (*http.Response, error)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.respond = respond
}

func (e *endpoint) Fetches() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fetches
}

func answer(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Location": {"https://elsewhere.example/"}}, Request: r,
			Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// keyring has the issuer's private keys, made once because RSA takes its time.
type keyring struct {
	rsa, weak    *rsa.PrivateKey
	ec, stranger *ecdsa.PrivateKey
	p384         *ecdsa.PrivateKey
	published    string
}

var keys = sync.OnceValue(func() keyring {
	k := keyring{
		rsa:      must(rsa.GenerateKey(rand.Reader, 2048)),
		weak:     must(rsa.GenerateKey(rand.Reader, 2040)),
		ec:       must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		stranger: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		p384:     must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
	}
	k.published = jwks(
		jwk("rsa", k.rsa.Public(), ""), jwk("ec", k.ec.Public(), `"use":"sig","alg":"ES256","key_ops":["verify"]`),
		jwk("both", k.rsa.Public(), ""), jwk("both", k.ec.Public(), ""),
		jwk("ec", k.stranger.Public(), ""), // comes second under a kid that is taken
		jwk("weak", k.weak.Public(), ""), jwk("p384", k.p384.Public(), ""),
		jwk("encryption", k.rsa.Public(), `"use":"enc"`), jwk("rs512", k.rsa.Public(), `"alg":"RS512"`),
		jwk("signer", k.ec.Public(), `"key_ops":["sign"]`), jwk("", k.ec.Public(), ""),
		`{"kty":"oct","kid":"secret","k":"AAAA"}`, `{"kty":"EC","crv":"P-256","kid":"curve","x":"AQ","y":"AQ"}`,
		`{"kty":"RSA","kid":7,"n":"AQ","e":"AQAB"}`, `{"kty":"later","kid":"later"}`, `"text"`, `null`,
	)
	return k
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func jwks(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// jwk writes a public key by hand, so that the tests have their own reading of RFC 7518.
func jwk(kid string, public any, more string) string {
	var members string
	switch key := public.(type) {
	case *rsa.PublicKey:
		members = fmt.Sprintf(`"kty":"RSA","n":%q,"e":%q`, b64(key.N.Bytes()), b64(big.NewInt(int64(key.E)).Bytes()))
	case *ecdsa.PublicKey:
		point := must(key.Bytes())[1:]
		half := len(point) / 2
		members = fmt.Sprintf(`"kty":"EC","crv":%q,"x":%q,"y":%q`, key.Params().Name, b64(point[:half]), b64(point[half:]))
	}
	if more != "" {
		members += "," + more
	}
	return fmt.Sprintf(`{"kid":%q,%s}`, kid, members)
}

// set changes members of a JSON object; absent removes one.
type set map[string]any

var absent = new(int)

func object(base, changes set) string {
	m := maps.Clone(base)
	for name, v := range changes {
		m[name] = v
		if v == absent {
			delete(m, name)
		}
	}
	return string(must(json.Marshal(m)))
}

// payload is that of a valid token, with changes.
func payload(changes set) string {
	return object(set{
		"iss": issuer, "aud": audience, "sub": tenant, "scope": "d1-api:consumer:full",
		"iat": start.Unix(), "exp": start.Add(15 * time.Minute).Unix(),
	}, changes)
}

// head is the header of a valid ES256 token, with changes.
func head(changes set) string { return object(set{"alg": "ES256", "kid": "ec", "typ": "JWT"}, changes) }

// sign signs any two strings by alg, whatever the header says.
func sign(alg, header, payload string, key any) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	return text + "." + b64(must(jwt.GetSigningMethod(alg).Sign(text, key)))
}

// es256 is a token signed as it should be.
func es256(header, payload string) string { return sign("ES256", header, payload, keys().ec) }

// rs256 is the same for RSA.
func rs256(payload string) string {
	return sign("RS256", head(set{"alg": "RS256", "kid": "rsa"}), payload, keys().rsa)
}

type fixture struct {
	*auth.Bearer
	clock *clock
	jwks  *endpoint
}

func newFixture(tb testing.TB) fixture {
	tb.Helper()
	return newRegistering(tb, nil)
}

// newRegistering is a fixture that tells register of organizations.
func newRegistering(tb testing.TB, register interop.Register) fixture {
	tb.Helper()
	f := fixture{clock: &clock{t: start}, jwks: &endpoint{respond: answer(http.StatusOK, keys().published)}}
	b, err := auth.New(auth.Config{Issuers: []auth.Issuer{configured}, Kinds: everybody(register).Kinds, Now: f.clock.Now, Transport: f.jwks})
	if err != nil {
		tb.Fatal(err)
	}
	f.Bearer = b
	return f
}

// accepts fails the test unless the header identifies somebody.
func (f fixture) accepts(t *testing.T, header string) {
	t.Helper()
	if _, err := f.Authenticate(t.Context(), header); err != nil {
		t.Fatalf("not accepted: %v", err)
	}
}
