package issuer_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/testing/apitest"
)

const (
	card     = consumerstest.Issuer // the issuer with a key
	other    = "ISSUER_002"         // another one with a key
	kid      = "key-1"
	url0     = "https://ciclo.example"
	audience = "https://api.example"
	endpoint = consumerstest.OAuthPath
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	both     = consumers.ScopeFull + " " + consumers.ScopeRead
)

var (
	ops      = slices.Concat(issuer.Operations(), consumer.Operations())
	suite    = newSuite()
	operator = &api.Identity{Subject: "ops@example", Scopes: []string{"operator"}, Kind: "operator"}
	signer   = sync.OnceValue(func() *sign.Signer { return must(local.Open("")) })
	keys     = sync.OnceValue(func() (all [3]*ecdsa.PrivateKey) {
		for i := range all {
			all[i] = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		}
		return all
	})
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// world is a World with the calls of these tests. It can issue tokens.
type world struct{ *consumerstest.World }

func newSuite() *consumerstest.Suite {
	s := consumerstest.New(ops...)
	s.Prepare = prepare
	return s
}

func prepare(base *apitest.World) {
	base.Signer = signer()
	maps.Copy(base.Settings, map[string]string{"SIGN_ISSUER": url0, "AUDIENCE": audience})
}

// each runs test in a world of its own on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *consumerstest.World) { test(&world{w}) })
}

// embedded runs test in a world of its own on the embedded engine.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *consumerstest.World) { test(&world{w}) })
}

func keysPath(issuerID string) string     { return "/issuers/" + issuerID + "/keys" }
func keyPath(issuerID, kid string) string { return keysPath(issuerID) + "/" + kid }

type set = map[string]any

var absent = new(int)

// changed returns a JSON object with changes; absent removes a member.
func changed(base, changes set) string {
	m := maps.Clone(base)
	for name, v := range changes {
		m[name] = v
		if v == absent {
			delete(m, name)
		}
	}
	return string(must(json.Marshal(m)))
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// jwk returns the public key as a JWK.
func jwk(key *ecdsa.PrivateKey) set {
	point := must(key.PublicKey.Bytes())
	return set{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}
}

// keyBody returns the body that registers a key with those scopes.
func keyBody(key *ecdsa.PrivateKey, scopes ...string) string {
	return changed(set{"key": jwk(key), "scopes": scopes}, nil)
}

// register registers a key with both scopes.
func (w *world) register(issuerID, kid string, key *ecdsa.PrivateKey) {
	w.Helper()
	w.Want(w.As(operator, "PUT", keyPath(issuerID, kid), keyBody(key, consumers.ScopeRead, consumers.ScopeFull)), 204)
}

// head and body return the parts of a valid assertion of card, with changes.
func head(changes set) string { return changed(set{"alg": "ES256", "typ": "JWT", "kid": kid}, changes) }

func body(now time.Time, changes set) string {
	return changed(set{
		"iss": card, "sub": card, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"aud": "https://api.d1.thalescloud.io",
	}, changes)
}

// signed returns a JWT with that header and payload.
func signed(header, payload string, key *ecdsa.PrivateKey) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	return text + "." + b64(must(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), err))
}

// assertion returns a valid assertion of card with its first key, with changes.
func (w *world) assertion(header, claims set) string {
	return signed(head(header), body(w.Clock.Now(), claims), keys()[0])
}

// grant requests a token with a JSON body.
func (w *world) grant(assertion string, header ...string) apitest.Response {
	w.Helper()
	return w.As(nil, "POST", endpoint, changed(set{"grant_type": jwtGrant, "assertion": assertion}, nil), header...)
}

// form requests a token with a form, as most clients do.
func (w *world) form(assertion string) apitest.Response {
	w.Helper()
	values := url.Values{"grant_type": {jwtGrant}, "assertion": {assertion}}
	return w.As(nil, "POST", endpoint, values.Encode(), "Content-Type", formType)
}

// claimsOf returns the claims of a token.
func claimsOf(t testing.TB, token string) (claims set) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	if err := json.Unmarshal(must(base64.RawURLEncoding.DecodeString(parts[1])), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// listed returns the keys of a list, and how many follow, as text.
func (w *world) listed(issuerID, query string) string {
	w.Helper()
	res := w.Want(w.As(operator, "GET", keysPath(issuerID)+query, ""), 200)
	var text strings.Builder
	for _, one := range res.Body["keys"].([]any) {
		k := one.(set)
		fmt.Fprintf(&text, "%v %v %v; ", k["kid"], k["scopes"], k["key"].(set)["x"])
	}
	return fmt.Sprintf("%s%v more", text.String(), res.Body["remainingKeys"])
}

// caller returns an issuer's back end with a token of both scopes.
func caller(issuerID string) *api.Identity { return apitest.Issuer(issuerID, consumers.Readers...) }
