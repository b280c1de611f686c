package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/testing/engine"
)

const clientOf = "11111111-0000-4000-8000-00000000000a"

// getAs sends a GET to the sandbox, with names and values of headers in turn.
func getAs(t *testing.T, box http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	r.Host = "localhost:3000"
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, r)
	return rec
}

// makeClient makes a client and returns what the sandbox answers.
func makeClient(t *testing.T, box http.Handler, query string) clientFile {
	t.Helper()
	return makeClientOf(t, box, clientOf, query)
}

func makeClientOf(t *testing.T, box http.Handler, organization, query string) (made clientFile) {
	t.Helper()
	rec := getAs(t, box, "/_local/client?organizationId="+organization+query)
	err := json.Unmarshal(rec.Body.Bytes(), &made)
	if err != nil || rec.Code != http.StatusOK || rec.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("%s = %d %s", query, rec.Code, rec.Body)
	}
	return made
}

// askForToken sends an assertion of the client to the token endpoint; proof is "" for none.
func askForToken(t *testing.T, box http.Handler, c clientFile, proof string) *httptest.ResponseRecorder {
	t.Helper()
	signed := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": c.ClientID, "sub": c.ClientID, "aud": c.Audience, "jti": uuid.NewString(), "iat": time.Now().Unix(), "exp": time.Now().Unix() + 60,
	})
	signed.Header["kid"] = c.KID
	assertion, err := signed.SignedString(jose.ParsePrivatePEM([]byte(c.PrivateKey)))
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"client_id": {c.ClientID}, "client_assertion": {assertion}, "grant_type": {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.TokenEndpoint, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if proof != "" {
		r.Header.Set("DPoP", proof)
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, r)
	return rec
}

// tokenOf asks for an access token with an assertion of the client, and returns its claims.
func tokenOf(t *testing.T, box http.Handler, c clientFile) map[string]any {
	t.Helper()
	rec := askForToken(t, box, c, "")
	var answer struct {
		AccessToken string `json:"access_token"`
		Problem     string `json:"error"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if rec.Code != http.StatusOK {
		return map[string]any{"error": answer.Problem}
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.AccessToken, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// TestClient makes clients of each kind and role, in a sandbox that is strict and in one that
// is not, and asks for their access tokens.
func TestClient(t *testing.T) {
	t.Parallel()
	for _, getenv := range []func(string) string{nothing, settings("STRICT", "true")} {
		box := boxed(t, getenv)
		for query, want := range map[string]struct{ role, admin string }{
			"":                            {"m2m-admin", "any"},
			"&kind=API":                   {"m2m-admin", "any"},
			"&kind=API&role=m2m-admin":    {"m2m-admin", "any"},
			"&kind=API&role=m2m":          {"m2m", ""},
			"&kind=API&admin=" + clientOf: {"m2m-admin", clientOf},
			"&role=m2m-admin&admin=AAAAAAAA-0000-4000-8000-00000000000A": {"m2m-admin", "aaaaaaaa-0000-4000-8000-00000000000a"},
		} {
			c := makeClient(t, box, query)
			if want.admin == "any" {
				want.admin = c.UserID
			}
			claims := tokenOf(t, box, c)
			admin, _ := claims["adminId"].(string)
			if c.Kind != "API" || c.Role != want.role || c.AdminID != want.admin || c.UserID == "" || c.APIURL != "http://localhost:3000/v3" {
				t.Errorf("%s is %+v", query, c)
			}
			if claims["role"] != want.role || admin != want.admin || claims["organizationId"] != clientOf || claims["sub"] != c.ClientID ||
				claims["aud"] != "ciclo-sandbox" || claims["iss"] != "http://localhost:3000" {
				t.Errorf("%s: the claims are %v", query, claims)
			}
		}
		one, two := makeClient(t, box, ""), makeClient(t, box, "")
		if one.ClientID == two.ClientID || one.KID == two.KID || one.UserID != two.UserID {
			t.Errorf("two clients are %+v and %+v", one, two)
		}
		c := makeClient(t, box, "&kind=CONSUMER")
		if c.Kind != "CONSUMER" || c.Role != "" || c.AdminID != "" {
			t.Errorf("a CONSUMER client is %+v", c)
		}
		if claims := tokenOf(t, box, c); claims["error"] != "invalid_client" {
			t.Errorf("a CONSUMER client without a purpose gets %v", claims)
		}
	}
}

// TestClientSettings: the answer follows from the settings of vouchers.
func TestClientSettings(t *testing.T) {
	t.Parallel()
	box := boxed(t, settings("VOUCHER_ASSERTION_AUDIENCE", "auth.example.it/client-assertion"))
	c := makeClient(t, box, "")
	if c.Audience != "auth.example.it/client-assertion" || c.TokenEndpoint != "http://localhost:3000/token.oauth2" {
		t.Errorf("the client is %+v", c)
	}
	if claims := tokenOf(t, box, c); claims["role"] != "m2m-admin" {
		t.Errorf("the claims are %v", claims)
	}
}

// TestClientMistakes: what no client is made for.
func TestClientMistakes(t *testing.T) {
	t.Parallel()
	box := boxed(t, nothing)
	for query, want := range map[string]string{
		"":                 "organizationId=<uuid>",
		"organizationId=x": "organizationId=<uuid>",
		"organizationId=" + clientOf + "&kind=api":                        "API, CONSUMER",
		"organizationId=" + clientOf + "&role=certifier":                  "m2m-admin, m2m",
		"organizationId=" + clientOf + "&admin=x":                         "UUID",
		"organizationId=" + clientOf + "&certifier=false":                 "certifier=true",
		"organizationId=" + clientOf + "&certifier=true&role=m2m":         "role=m2m-admin",
		"organizationId=" + clientOf + "&certifier=true&kind=CONSUMER":    "kind=API",
		"organizationId=" + clientOf + "&role=m2m&admin=" + clientOf:      "leave one",
		"organizationId=" + clientOf + "&kind=CONSUMER&role=m2m":          "leave role and admin out",
		"organizationId=" + clientOf + "&kind=CONSUMER&admin=" + clientOf: "leave role and admin out",
	} {
		if rec := getAs(t, box, "/_local/client?"+query); rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), want) {
			t.Errorf("%s = %d %s", query, rec.Code, rec.Body)
		}
	}
	m := maker{ctx: t.Context(), api: box.api, organization: clientOf}
	m.send(http.MethodPut, "/users/"+clientOf, map[string]any{"name": "Ada", "familyName": "Neri", "roles": []string{"security"}}, nil)
	rec := getAs(t, box, "/_local/client?organizationId="+clientOf+"&admin="+clientOf)
	if rec.Code != http.StatusBadRequest || !strings.Contains(rec.Body.String(), "PUT /users/{userId}") {
		t.Errorf("with a user without the role = %d %s", rec.Code, rec.Body)
	}
	rec = getAs(t, boxed(t, settings(productsSetting, "consumers")), "/_local/client?organizationId="+clientOf)
	if rec.Code != http.StatusNotFound {
		t.Errorf("without the product = %d %s", rec.Code, rec.Body)
	}
}

// TestClientForPages: a page of another site makes no client, and one of the sandbox does.
func TestClientForPages(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, catalog.Schemas())
	box, err := newSandbox(furnished(t, &storage{db: db, feed: db}), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, value string
		status      int
	}{
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"Origin", "https://evil.example", http.StatusForbidden},
		{"Origin", "null", http.StatusForbidden},
		{"Origin", "http://localhost:8080", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-origin", http.StatusOK},
		{"Sec-Fetch-Site", "none", http.StatusOK}, // typed into the address bar
		{"Origin", "http://localhost:3000", http.StatusOK},
	} {
		if rec := getAs(t, box, "/_local/client?organizationId="+clientOf, c.name, c.value); rec.Code != c.status {
			t.Errorf("%s: %s = %d %s, want %d", c.name, c.value, rec.Code, rec.Body, c.status)
		}
	}
}

// TestOtherNamesOfTheTokenEndpoint asks for tokens as a client that knows the sandbox by
// another name of this machine, or by a public URL with the base path of an edition.
func TestOtherNamesOfTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	m := newM2M(t, embedded(t), publicSetting, "https://ciclo.example/pdnd/v3/")
	for name, want := range map[string]int{
		"http://localhost:3000": http.StatusOK, "http://127.0.0.1:3000": http.StatusOK, "http://[::1]:3000": http.StatusOK,
		"https://ciclo.example/pdnd": http.StatusOK, "https://other.example": http.StatusBadRequest,
	} {
		c := makeClient(t, m, "&kind=API")
		c.Audience = name
		proof := m.sign(t, jwt.MapClaims{"htm": "POST", "htu": name + "/token.oauth2"})
		if rec := askForToken(t, m, c, proof); rec.Code != want {
			t.Errorf("%s: %d %s, want %d", name, rec.Code, rec.Body, want)
		}
	}
}
