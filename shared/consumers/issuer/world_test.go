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
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

const (
	card     = "ISSUER-001" // the issuer with a key
	other    = "ISSUER_002" // another one with a key
	kid      = "key-1"
	url0     = "https://ciclo.example"
	audience = "https://api.example"
	endpoint = "/oauth2/token"
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	both     = consumers.ScopeFull + " " + consumers.ScopeRead
)

var (
	schemas   = []table.Schema{consumer.Consumers, retention.Operations}
	ops       = slices.Concat(issuer.Operations(), consumer.Operations())
	published = apitest.Published(ops)
	operator  = &api.Identity{Subject: "ops@example", Scopes: []string{"operator"}, Kind: "operator"}
	signer    = sync.OnceValue(func() *sign.Signer { return must(local.Open("")) })
	keys      = sync.OnceValue(func() (all [3]*ecdsa.PrivateKey) {
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

// world is a deployment whose storage a test can watch.
type world struct {
	*apitest.World
	testing.TB
	tap *hooked.DB
}

func prepared(t *testing.T, base *apitest.World) *world {
	tap := &hooked.DB{DB: base.DB}
	base.DB, base.Signer = tap, signer()
	maps.Copy(base.Settings, map[string]string{"SIGN_ISSUER": url0, "AUDIENCE": audience})
	w := &world{base, t, tap}
	w.Handler(t)
	return w
}

// each runs test in a world of its own on each engine, embedded on one.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	apitest.Each(t, schemas, ops, func(t *testing.T, base *apitest.World) { test(prepared(t, base)) })
}

func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	t.Parallel()
	apitest.Embedded(t, schemas, ops, func(t *testing.T, base *apitest.World) { test(prepared(t, base)) })
}

// as sends a request and holds the answer against the API document.
func (w *world) as(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range published().Check(method, path, res) {
		w.Errorf("%s %s is answered with %d, other than the API document says: %s\n%s", method, path, res.Status, finding, res.Raw)
	}
	if method+path == "POST"+endpoint {
		if finding := apitest.OAuth(res); finding != "" {
			w.Errorf("an OAuth client cannot read %d: %s\n%s", res.Status, finding, res.Raw)
		}
	}
	return res
}

// want fails unless the answer has the status.
func (w *world) want(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
	}
	return res
}

// refused fails unless the answer is a refusal with the code and those words.
func (w *world) refused(what string, res apitest.Response, code problem.Code, words string) {
	w.Helper()
	if res.Status != code.Status || res.Text("errorCode") != code.Name || !strings.Contains(res.Raw, words) {
		w.Errorf("%s is refused with %d %s, want %s and %q\n%s", what, res.Status, res.Text("errorCode"), code.Name, words, res.Raw)
	}
}

func keysPath(issuerID string) string     { return "/issuers/" + issuerID + "/keys" }
func keyPath(issuerID, kid string) string { return keysPath(issuerID) + "/" + kid }

type set = map[string]any

var absent = new(int)

// changed is a JSON object with changes; absent removes a member.
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

// jwk is the public half of a key.
func jwk(key *ecdsa.PrivateKey) set {
	point := must(key.PublicKey.Bytes())
	return set{"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}
}

// keyBody registers a key with those scopes.
func keyBody(key *ecdsa.PrivateKey, scopes ...string) string {
	return changed(set{"key": jwk(key), "scopes": scopes}, nil)
}

// register registers a key with both scopes.
func (w *world) register(issuerID, kid string, key *ecdsa.PrivateKey) {
	w.Helper()
	w.want(w.as(operator, "PUT", keyPath(issuerID, kid), keyBody(key, consumers.ScopeRead, consumers.ScopeFull)), 204)
}

// head and body are the parts of a valid assertion of card's, with changes.
func head(changes set) string { return changed(set{"alg": "ES256", "typ": "JWT", "kid": kid}, changes) }

func body(now time.Time, changes set) string {
	return changed(set{"iss": card, "sub": card, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "aud": "https://api.d1.thalescloud.io"}, changes)
}

// signed is a JWT of any two texts.
func signed(header, payload string, key *ecdsa.PrivateKey) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	return text + "." + b64(must(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...), err))
}

// assertion is a valid one of card's with its first key, with changes.
func (w *world) assertion(header, claims set) string {
	return signed(head(header), body(w.Clock.Now(), claims), keys()[0])
}

// grant asks for a token, by JSON.
func (w *world) grant(assertion string, header ...string) apitest.Response {
	w.Helper()
	return w.as(nil, "POST", endpoint, changed(set{"grant_type": jwtGrant, "assertion": assertion}, nil), header...)
}

// form asks for a token as most clients do.
func (w *world) form(assertion string) apitest.Response {
	w.Helper()
	values := url.Values{"grant_type": {jwtGrant}, "assertion": {assertion}}
	return w.as(nil, "POST", endpoint, values.Encode(), "Content-Type", formType)
}

// claimsOf is what a token says.
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

// listed are the kids and scopes that a list shows, and how many follow.
func (w *world) listed(issuerID, query string) string {
	w.Helper()
	res := w.want(w.as(operator, "GET", keysPath(issuerID)+query, ""), 200)
	var text strings.Builder
	for _, one := range res.Body["keys"].([]any) {
		k := one.(set)
		fmt.Fprintf(&text, "%v %v %v; ", k["kid"], k["scopes"], k["key"].(set)["x"])
	}
	return fmt.Sprintf("%s%v more", text.String(), res.Body["remainingKeys"])
}

// caller is an issuer's back end with a token of both scopes.
func caller(issuerID string) *api.Identity { return apitest.Issuer(issuerID, consumers.Readers...) }
