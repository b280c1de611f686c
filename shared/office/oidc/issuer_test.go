package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	client       = "office-client"
	secret       = "a secret: with+signs"
	organization = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
)

// signing is the key of the issuer.
var signing = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// issuer behaves like Amazon Cognito or, with keycloak, like Keycloak.
type issuer struct {
	t        *testing.T
	keycloak bool
	url      string
	mux      *http.ServeMux
	now      func() time.Time

	mu       sync.Mutex
	down     bool
	calls    map[string]int // of its endpoints
	grants   map[string]grant
	refresh  map[string]string // subject by valid refresh token
	revoked  []string
	claims   map[string]any // beside the usual ones in all tokens
	metadata map[string]any // other than the usual ones
	sign     func(claims jwt.MapClaims) string
	padding  string // of refresh tokens
}

// grant is what the issuer remembers of a code.
type grant struct{ challenge, redirect, nonce, subject string }

func newIssuer(t *testing.T, keycloak bool, now func() time.Time) *issuer {
	t.Helper()
	i := &issuer{
		t: t, keycloak: keycloak, mux: http.NewServeMux(), now: now,
		calls: map[string]int{}, grants: map[string]grant{}, refresh: map[string]string{},
		claims: map[string]any{}, metadata: map[string]any{}, url: "https://cognito-idp.eu-south-1.amazonaws.com/eu-south-1_abc",
	}
	if keycloak {
		i.url = "https://keycloak.example.it/realms/public"
	}
	i.sign = i.rs256
	_, base, _ := strings.Cut(strings.TrimPrefix(i.url, "https://"), "/")
	i.mux.HandleFunc("GET /"+base+"/.well-known/openid-configuration", i.discovery)
	i.mux.HandleFunc("GET /jwks", i.jwks)
	i.mux.HandleFunc("POST /token", i.token)
	i.mux.HandleFunc("POST /revoke", i.revoke)
	return i
}

// RoundTrip implements [http.RoundTripper].
func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls[r.URL.Path]++
	if i.down {
		return nil, http.ErrServerClosed
	}
	answer := httptest.NewRecorder()
	sent := r.Clone(r.Context())
	sent.RequestURI = r.URL.RequestURI()
	i.mux.ServeHTTP(answer, sent)
	return answer.Result(), nil
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	m := map[string]any{
		"issuer": i.url, "authorization_endpoint": "https://login.example.it/authorize", "token_endpoint": "https://login.example.it/token",
		"jwks_uri": "https://login.example.it/jwks", "revocation_endpoint": "https://login.example.it/revoke",
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"},
	}
	if i.keycloak {
		m["authorization_response_iss_parameter_supported"] = true
		m["end_session_endpoint"] = "https://login.example.it/logout"
	}
	maps.Copy(m, i.metadata)
	send(w, http.StatusOK, m)
}

func (i *issuer) jwks(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "kid": "1", "alg": "RS256", "use": "sig", "n": base64.RawURLEncoding.EncodeToString(signing().N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(signing().E)).Bytes()),
	}}})
}

// authorize is the page of the issuer on which a person signs in; it returns the URL that the
// browser is sent back to.
func (i *issuer) authorize(where, subject string) string {
	i.t.Helper()
	u, err := url.Parse(where)
	if err != nil {
		i.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != client || q.Get("code_challenge_method") != "S256" || q.Get("state") == "" ||
		q.Get("nonce") == "" || !strings.Contains(" "+q.Get("scope")+" ", " openid ") || u.Host != "login.example.it" {
		i.t.Fatalf("the request for authorization is %s", where)
	}
	code := rand.Text()
	i.mu.Lock()
	i.grants[code] = grant{q.Get("code_challenge"), q.Get("redirect_uri"), q.Get("nonce"), subject}
	i.mu.Unlock()
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if i.keycloak {
		back.Set("iss", i.url)
	}
	return q.Get("redirect_uri") + "?" + back.Encode()
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	if !i.knows(r) {
		send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	var g grant
	if r.PostFormValue("grant_type") == "refresh_token" {
		g.subject = i.refresh[r.PostFormValue("refresh_token")]
		if i.keycloak {
			delete(i.refresh, r.PostFormValue("refresh_token"))
		}
	} else {
		g = i.grants[r.PostFormValue("code")]
		delete(i.grants, r.PostFormValue("code")) // a code is good for once
		challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if g.challenge != base64.RawURLEncoding.EncodeToString(challenge[:]) || g.redirect != r.PostFormValue("redirect_uri") {
			g.subject = ""
		}
	}
	if g.subject == "" {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	answer := map[string]any{"token_type": "Bearer", "expires_in": 3600}
	answer["id_token"], answer["access_token"] = i.sign(i.idToken(g)), i.rs256(i.accessToken(g))
	if r.PostFormValue("grant_type") != "refresh_token" || i.keycloak {
		fresh := rand.Text() + i.padding
		i.refresh[fresh] = g.subject
		answer["refresh_token"] = fresh
	}
	send(w, http.StatusOK, answer)
}

// knows reports whether a request comes from the client: Keycloak's is confidential.
func (i *issuer) knows(r *http.Request) bool {
	if !i.keycloak {
		return r.PostFormValue("client_id") == client
	}
	id, password, _ := r.BasicAuth()
	return id == url.QueryEscape(client) && password == url.QueryEscape(secret)
}

func (i *issuer) idToken(g grant) jwt.MapClaims {
	now := i.now()
	c := jwt.MapClaims{"iss": i.url, "aud": client, "sub": g.subject, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	if g.nonce != "" {
		c["nonce"] = g.nonce
	}
	if i.keycloak {
		c["azp"], c["name"] = client, "Name of "+g.subject
	} else {
		c["token_use"], c["cognito:username"], c["custom:organizationId"], c["custom:role"] = "id", g.subject, organization, "m2m-admin"
		c["custom:issuers"] = "" // once set, then emptied
	}
	maps.Copy(c, i.claims)
	return c
}

func (i *issuer) accessToken(g grant) jwt.MapClaims {
	now := i.now()
	c := jwt.MapClaims{"iss": i.url, "sub": g.subject, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	if i.keycloak {
		c["aud"], c["organizationId"], c["role"] = "the-apis", organization, "m2m-admin"
		c["organization"] = map[string]string{"name": "Comune di Esempio"}
	}
	return c
}

func (i *issuer) revoke(w http.ResponseWriter, r *http.Request) {
	if i.knows(r) {
		i.revoked = append(i.revoked, r.PostFormValue("token"))
	}
	w.WriteHeader(http.StatusOK)
}

func (i *issuer) rs256(c jwt.MapClaims) string {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["kid"] = "1"
	text, err := token.SignedString(signing())
	if err != nil {
		i.t.Error(err)
	}
	return text
}

func (i *issuer) count(path string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls[path]
}

func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
