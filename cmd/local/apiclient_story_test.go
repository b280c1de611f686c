package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/platform/jose"
)

// gatewayClient is an API client that calls the sandbox as one of PDND's gateway, with proofs.
type gatewayClient struct {
	clientFile
	box   http.Handler
	key   *ecdsa.PrivateKey // of the proofs
	token string
}

// newGatewayClient returns a client with an access token for it.
func newGatewayClient(t *testing.T, box http.Handler, made clientFile) *gatewayClient {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &gatewayClient{clientFile: made, box: box, key: key}
	rec := askForToken(t, box, made, c.proof(t, http.MethodPost, c.TokenEndpoint))
	var answer struct {
		AccessToken string `json:"access_token"`
		Type        string `json:"token_type"`
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil || answer.Type != "DPoP" {
		t.Fatalf("a token = %d %s", rec.Code, rec.Body)
	}
	c.token = answer.AccessToken
	return c
}

// proof makes a DPoP proof for a request, with the access token if there is one.
func (c *gatewayClient) proof(t *testing.T, method, address string) string {
	t.Helper()
	point, err := c.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{"htm": method, "htu": address, "iat": time.Now().Unix(), "jti": uuid.NewString()}
	if c.token != "" {
		hash := sha256.Sum256([]byte(c.token))
		claims["ath"] = base64.RawURLEncoding.EncodeToString(hash[:])
	}
	proof := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	proof.Header["typ"] = "dpop+jwt"
	proof.Header["jwk"] = map[string]string{
		"kty": "EC", "crv": "P-256",
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}
	signed, err := proof.SignedString(c.key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// answered sends a request to /v3 and returns the status of the answer and its code, if it
// has one, and the body.
func (c *gatewayClient) answered(t *testing.T, method, path, body string) (answer string, o map[string]any) {
	t.Helper()
	address, _, _ := strings.Cut(c.APIURL+path, "?")
	r := httptest.NewRequestWithContext(t.Context(), method, c.APIURL+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "DPoP "+c.token)
	r.Header.Set("DPoP", c.proof(t, method, address))
	rec := httptest.NewRecorder()
	c.box.ServeHTTP(rec, r)
	if err := json.Unmarshal(rec.Body.Bytes(), &o); err != nil {
		t.Fatalf("%s %s = %d %s", method, path, rec.Code, rec.Body)
	}
	answer = fmt.Sprint(rec.Code)
	if all, ok := o["errors"].([]any); ok && len(all) > 0 {
		first, _ := all[0].(map[string]any)
		answer += fmt.Sprint(" ", first["code"])
	}
	return answer, o
}

// check sends a request to /v3 and checks the status and the code of the answer.
func (c *gatewayClient) check(t *testing.T, want, method, path, body string) map[string]any {
	t.Helper()
	got, o := c.answered(t, method, path, body)
	if got != want {
		t.Errorf("%s %s = %s, want %s: %v", method, path, got, want, o)
	}
	return o
}

// TestAPIClientAtTheGateway: an API client with an admin makes a client and adds a key to it
// in the strict edition, where only a user of the client may; one without an admin reads; and
// after each change of the admin the tokens that name the former one are refused.
func TestAPIClientAtTheGateway(t *testing.T) {
	t.Parallel()
	box := boxed(t, nothing)
	admin := newGatewayClient(t, box, makeClient(t, box, ""))
	reader := newGatewayClient(t, box, makeClient(t, box, "&role=m2m"))
	pen, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := jose.PublicPEM(pen.Public())
	if err != nil {
		t.Fatal(err)
	}
	key := fmt.Sprintf(`{"key":%q,"use":"SIG","alg":"RS256","name":"Key of the portal"}`, base64.StdEncoding.EncodeToString(public))

	reader.check(t, "200", "GET", "/clients?offset=0&limit=10", "")
	reader.check(t, "400 017-9999", "GET", "/clients", "")
	reader.check(t, "403 017-9993", "POST", "/clients", `{"name":"Portal","members":[]}`)
	reader.check(t, "404 017-0048", "GET", "/clients/"+reader.ClientID, "")

	id, _ := admin.check(t, "200", "POST", "/clients", `{"name":"Portal","members":[]}`)["id"].(string)
	admin.check(t, "403 006-0016", "POST", "/clients/"+id+"/keys", key)
	admin.check(t, "200", "POST", "/clients/"+id+"/users", fmt.Sprintf(`{"userId":%q}`, admin.AdminID))
	admin.check(t, "200", "POST", "/clients/"+id+"/keys", key)
	admin.check(t, "200", "GET", "/clients/"+id+"/users?offset=0&limit=10", "")
	admin.check(t, "200", "GET", "/users/"+admin.AdminID, "")

	other := newGatewayClient(t, box, makeClient(t, box, "&admin="+uuid.NewString()))
	other.check(t, "200", "POST", "/clients/"+admin.ClientID+"/admin", fmt.Sprintf(`{"adminId":%q}`, other.AdminID))
	admin.check(t, "403 017-9993", "GET", "/clients?offset=0&limit=10", "")
	other.check(t, "200", "DELETE", "/clients/"+admin.ClientID+"/admin/"+other.AdminID, "")
	admin.check(t, "403 017-0004", "GET", "/clients?offset=0&limit=10", "")
	next := newGatewayClient(t, box, admin.clientFile)
	next.check(t, "200", "GET", "/clients?offset=0&limit=10", "")
	next.check(t, "403 017-9993", "DELETE", "/clients/"+id, "")
	other.check(t, "200", "DELETE", "/clients/"+admin.ClientID, "")
	admin.check(t, "404 006-0001", "GET", "/clients?offset=0&limit=10", "")
	next.check(t, "200", "GET", "/clients?offset=0&limit=10", "") // until it expires, as published
	other.check(t, "200", "DELETE", "/users/"+other.AdminID, "")
	other.check(t, "403 017-0004", "GET", "/clients?offset=0&limit=10", "")
}
