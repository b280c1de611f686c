package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/devissuer"
	apiclient "ciclo/shared/interop/client"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
)

// m2m is a client of the kind API whose tokens are bound to a key.
type m2m struct {
	*sandbox
	key   *ecdsa.PrivateKey
	token string
}

// newM2M makes a client in a sandbox that is started with those settings.
func newM2M(t *testing.T, store *storage, pairs ...string) m2m {
	t.Helper()
	box, err := newSandbox(store, "http://localhost:3000", settings(pairs...), quiet())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	const id, admin = "00000000-0000-4000-9000-000000000001", "00000000-0000-4000-a000-000000000001"
	err = box.store.db.Write(t.Context(), table.Put("client", apiclient.ClientKey(id), map[string]any{"id": id, "adminId": admin}))
	if err != nil {
		t.Fatal(err)
	}
	now := box.clock.now().Unix()
	token, err := box.store.signer.Sign(t.Context(), "at+jwt", map[string]any{
		"iss": "http://localhost:3000", "aud": devissuer.Audience, "client_id": id, "sub": id, "jti": "x",
		"iat": now, "nbf": now, "exp": now + 600,
		"organizationId": "69e2865e-65ab-4e48-a638-2037a9ee2ee7", "role": "m2m-admin", "adminId": admin,
		"cnf": map[string]string{"jkt": jose.Thumbprint(key.Public())},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m2m{box, key, token}
}

// proof makes a proof for a GET of that address with the token.
func (m m2m) proof(t *testing.T, htu string) string {
	t.Helper()
	hash := sha256.Sum256([]byte(m.token))
	return m.sign(t, jwt.MapClaims{"htm": "GET", "htu": htu, "ath": base64.RawURLEncoding.EncodeToString(hash[:])})
}

// sign makes a proof with these claims, and with a time and a jti.
func (m m2m) sign(t *testing.T, claims jwt.MapClaims) string {
	t.Helper()
	claims["iat"] = m.clock.now().Unix()
	claims["jti"] = uuid.NewString()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	k, _ := jose.NewJWK(m.key.Public())
	token.Header["typ"] = "dpop+jwt"
	token.Header["jwk"] = map[string]string{"kty": "EC", "crv": k.Curve, "x": k.X, "y": k.Y}
	signed, err := token.SignedString(m.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// get sends a GET with a proof to a host.
func (m m2m) get(t *testing.T, host, target, proof string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	r.Host = host
	r.Header.Set("Authorization", "DPoP "+m.token)
	r.Header.Set("DPoP", proof)
	rec := httptest.NewRecorder()
	m.ServeHTTP(rec, r)
	return rec
}

// TestBoundTokens calls the sandbox with a token that is bound to a key, by the addresses
// that it has and by others.
func TestBoundTokens(t *testing.T) {
	t.Parallel()
	m := newM2M(t, embedded(t), publicSetting, "https://ciclo.example/pdnd/v3, https://other.example/", hostsSetting, "ciclo.internal")
	const list = "/eservices?offset=0&limit=1"
	for _, tc := range []struct {
		host, target, htu string
		status            int
	}{
		{"localhost:3000", list, "http://localhost:3000/eservices", 200},
		{"localhost:3000", "/v3" + list, "http://localhost:3000/v3/eservices", 200},
		{"localhost:3000", "/v3" + list, "http://127.0.0.1:3000/v3/eservices", 200},
		{"127.0.0.1:3000", "/v3" + list, "http://[::1]:3000/v3/eservices", 200},
		{"localhost", "/v3" + list, "http://localhost/v3/eservices", 200},
		{"box.localhost:8080", list, "http://box.localhost:8080/eservices", 200},
		{"ciclo.internal:3000", list, "http://ciclo.internal:3000/eservices", 200},
		{"localhost:3000", "/v3" + list, "https://ciclo.example/pdnd/v3/eservices", 200},
		{"localhost:3000", "/v3" + list, "https://other.example/v3/eservices", 200},
		{"localhost:3000", list, "https://ciclo.example/pdnd/v3/eservices", 200}, // a proxy takes the base path away
		{"localhost:3000", list, "https://other.example/eservices", 200},
		{"localhost:3000", "/eservices/?offset=0&limit=1", "http://localhost:3000/eservices/", 200},
		{"localhost:3000", "http://localhost:3000/v3" + list, "http://localhost:3000/v3/eservices", 200},
		{"localhost:3000", "/v3" + list, "http://localhost:3000/eservices", 401},
		{"localhost:3000", list, "http://localhost:3000/v3/eservices", 401},
		{"localhost:3000", "/v3" + list, "http://localhost:3001/v3/eservices", 401},
		{"localhost:3000", "/v3" + list, "https://localhost:3000/v3/eservices", 401},
		{"localhost:3000", "/v3" + list, "https://other.example/eservices", 401},
		{"localhost:3000", "/v3" + list, "https://ciclo.example/pdnd/v3/v3/eservices", 401},
		{"localhost:3000", "/v3" + list, "http://ciclo.internal:3000/v3/eservices", 401},
		{"localhost:3000", "/v3" + list, "http://evil.example/v3/eservices", 401},
	} {
		proof := m.proof(t, tc.htu)
		res := m.get(t, tc.host, tc.target, proof)
		if res.Code != tc.status || tc.status == 401 && !strings.Contains(res.Body.String(), `"017-0041"`) {
			t.Errorf("%s on %s with %s = %d %s", tc.target, tc.host, tc.htu, res.Code, res.Body)
		}
		if res.Code != 200 {
			continue
		}
		if again := m.get(t, tc.host, tc.target, proof); again.Code != 401 || !strings.Contains(again.Body.String(), `"017-0044"`) {
			t.Errorf("%s again = %d %s", tc.htu, again.Code, again.Body)
		}
	}
}

// TestProofsWithoutAth are refused, unless the sandbox is told to accept them; one for another
// token is refused always.
func TestProofsWithoutAth(t *testing.T) {
	t.Parallel()
	const htu = "http://localhost:3000/v3/eservices"
	for value, status := range map[string]int{"": 401, "required": 401, "optional": 200} {
		m := newM2M(t, embedded(t), athSetting, value)
		for _, tc := range []struct {
			claims jwt.MapClaims
			status int
		}{
			{jwt.MapClaims{"htm": "GET", "htu": htu}, status},
			{jwt.MapClaims{"htm": "GET", "htu": htu, "ath": strings.Repeat("A", 43)}, 401},
			{jwt.MapClaims{"htm": "GET", "htu": htu, "ath": nil}, 401},
			{jwt.MapClaims{"htm": "GET", "htu": htu, "ath": ""}, 401},
		} {
			res := m.get(t, "localhost:3000", "/v3/eservices?offset=0&limit=1", m.sign(t, tc.claims))
			if res.Code != tc.status || tc.status == 401 && !strings.Contains(res.Body.String(), `"017-0041"`) {
				t.Errorf("%s=%s, %v: %d %s", athSetting, value, tc.claims, res.Code, res.Body)
			}
		}
	}
}

// TestProofsAreForOperationsWithCallers: neither a public operation nor an unknown path uses
// up a proof, as in AWS, where no authorizer runs for them.
func TestProofsAreForOperationsWithCallers(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, catalog.Schemas())
	tap := &hooked.DB{DB: db}
	m := newM2M(t, furnished(t, &storage{db: tap, feed: db}))
	tap.Set(func(c *hooked.Call) error {
		if c.Writes() {
			t.Error("a proof was used up")
		}
		return c.Run()
	})
	for target, status := range map[string]int{"/status": 200, "/.well-known/jwks.json": 200, "/nowhere": 404} {
		if res := m.get(t, "localhost:3000", target, m.proof(t, "http://localhost:3000"+target)); res.Code != status {
			t.Errorf("%s = %d %s", target, res.Code, res.Body)
		}
	}
	const consumer = "/issuers/ISSUER-001/consumers/bob"
	if res := m.get(t, "localhost:3000", consumer, m.proof(t, "http://localhost:3000"+consumer)); res.Code != 401 {
		t.Errorf("consumers take a bound token: %d %s", res.Code, res.Body)
	}
	asBearer := ask(t, m, "GET", "/eservices", "", "Authorization", "Bearer "+m.token)
	if asBearer.Code != 401 || !strings.Contains(asBearer.Body.String(), "bound to a key") {
		t.Errorf("as a bearer: %d %s", asBearer.Code, asBearer.Body)
	}
}

// TestWholeWay takes a new client to its first call: it asks for a token with a proof, and
// calls with another one. The answers, refusals too, have the headers of v3. When the client
// loses its administrator, the token ends.
func TestWholeWay(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	m := m2m{sandbox: box, key: key}
	c := makeClient(t, box, "&kind=API&role=m2m-admin")
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
	}
	res := askForToken(t, box, c, m.sign(t, jwt.MapClaims{"htm": "POST", "htu": c.TokenEndpoint}))
	if err := json.Unmarshal(res.Body.Bytes(), &answer); err != nil || answer.Type != "DPoP" {
		t.Fatalf("%d %s, %v", res.Code, res.Body, err)
	}
	m.token = answer.Token
	const target = "/v3/eservices?offset=0&limit=1"
	used := m.proof(t, "http://localhost:3000/v3/eservices")
	check := func(what, proof string, status int, code string) {
		t.Helper()
		res := m.get(t, "localhost:3000", target, proof)
		if res.Code != status || !strings.Contains(res.Body.String(), code) {
			t.Errorf("%s: %d %s, want %d %s", what, res.Code, res.Body, status, code)
		}
		isCounted := res.Header().Get("X-Rate-Limit-Limit") != ""
		if res.Header().Get("Digest") == "" || res.Header().Get("Agid-JWT-Signature") == "" || isCounted != (status == http.StatusOK) {
			t.Errorf("%s: headers %v", what, res.Header())
		}
	}
	check("the first call", used, http.StatusOK, `"results"`)
	check("the proof again", used, http.StatusUnauthorized, `"017-0044"`)
	check("another address", m.proof(t, "http://localhost:3000/v3/purposes"), http.StatusUnauthorized, `"017-0041"`)
	check("no proof", "", http.StatusBadRequest, `"017-9994"`)
	admin := "Bearer " + ask(t, box, "GET", "/_local/token?organizationId="+clientOf, "").Body.String()
	removed := ask(t, box, "DELETE", "/clients/"+c.ClientID+"/admin/"+c.AdminID, "", "Authorization", admin)
	if removed.Code/100 != 2 {
		t.Fatalf("%d %s", removed.Code, removed.Body)
	}
	check("without an administrator", m.proof(t, "http://localhost:3000/v3/eservices"), http.StatusForbidden, `"017-0004"`)
}
