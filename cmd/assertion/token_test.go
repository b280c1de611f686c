package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

// TestAccessToken gets a token from an endpoint that checks the assertion and the proof, and
// shows the answer of one that refuses.
func TestAccessToken(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	var c config
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token.oauth2" {
			http.Error(w, "refused", http.StatusBadRequest)
			return
		}
		a, failures := assertion.Parse(assertion.Request{
			ClientID: r.FormValue("client_id"), ClientAssertion: r.FormValue("client_assertion"),
			ClientAssertionType: r.FormValue("client_assertion_type"), GrantType: r.FormValue("grant_type"),
		}, assertion.Expected{Audiences: []string{issuer}, Algorithms: []string{jose.RS256}})
		failures = append(failures, a.SignedBy(key.Public(), jose.RS256)...)
		proof, faults := assertion.ParseProof(r.Header.Values("DPoP"), r.Method, c.TokenEndpoint, now)
		failures = append(failures, faults...)
		if len(failures) > 0 || a.PurposeID != "" || proof.JKT != jose.Thumbprint(key.Public()) {
			t.Errorf("%+v %+v %v", a, proof, failures)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "the token", "token_type": "DPoP"})
	}))
	defer server.Close()
	private, err := jose.PrivatePEM(key)
	if err != nil {
		t.Fatal(err)
	}
	c = config{ClientID: clientID, PrivateKey: string(private), TokenEndpoint: server.URL + "/token.oauth2", Audience: issuer}
	if token, err := accessToken(t.Context(), written(t, c), now); err != nil || token != "the token" {
		t.Errorf("%q, %v", token, err)
	}
	c.TokenEndpoint = server.URL + "/elsewhere"
	if token, err := accessToken(t.Context(), written(t, c), now); err == nil || !strings.Contains(err.Error(), "400 refused") {
		t.Errorf("%q, %v", token, err)
	}
	c.PrivateKey = "no key"
	if token, err := accessToken(t.Context(), written(t, c), now); err == nil || !strings.Contains(err.Error(), "privateKey") {
		t.Errorf("%q, %v", token, err)
	}
	if token, err := accessToken(t.Context(), written(t, "no object"), now); err == nil || !strings.Contains(err.Error(), "/_local/client") {
		t.Errorf("%q, %v", token, err)
	}
	if token, err := accessToken(t.Context(), "", now); err == nil || !strings.Contains(err.Error(), "FILE") {
		t.Errorf("%q, %v", token, err)
	}
}

// written writes JSON to a file.
func written(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "client.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
