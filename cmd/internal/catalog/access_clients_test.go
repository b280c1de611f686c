package catalog_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/table"
)

// voucherIssuer is the deployment as its clients know it.
const voucherIssuer = "https://api.example.it"

// clients runs every way through the functions of clients and vouchers, for a purpose of
// another's that is active.
func (d *deployment) clients(t *testing.T, purposeID string) {
	t.Helper()
	act := func(op, path, body string) string { return d.as(t, another, "client/"+op, path, body) }
	made := func() string {
		return "/clients/" + d.makes(t, another, "client/create", "/clients", `{"name":"a client","members":[]}`)
	}
	path := made()
	act("list", "/clients", "")
	act("get", path, "")
	pen, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(pen.Public())
	if err != nil {
		t.Fatal(err)
	}
	key := fmt.Sprintf(`{"key":%q,"use":"SIG","alg":"RS256","name":"a key of it"}`,
		base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	kid := jose.Thumbprint(pen.Public())
	act("add-key", path+"/keys", key)
	act("list-keys", path+"/keys", "")
	d.as(t, producer, "key/get", "/keys/"+kid, "")
	act("add-purpose", path+"/purposes", fmt.Sprintf(`{"purposeId":%q}`, purposeID))
	act("list-purposes", path+"/purposes", "")
	d.vouchers(t, pen, strings.TrimPrefix(path, "/clients/"), purposeID)
	d.tokenEvents(t, path)
	act("remove-purpose", path+"/purposes/"+purposeID, "")
	act("delete-key", path+"/keys/"+kid, "")
	d.clientUsers(t, path, key)
	act("delete", path, "")
	large := made()
	for first := range 3 { // more links than one transaction removes
		var steps []table.Step
		for i := range 40 {
			sk := fmt.Sprintf("PURPOSE#%d-%d", first, i)
			key := interop.Key("CLIENT#"+strings.TrimPrefix(large, "/clients/"), sk)
			steps = append(steps, table.Put(sk, key, map[string]string{"purposeId": sk}))
		}
		if err := d.db.Write(t.Context(), steps...); err != nil {
			t.Fatal(err)
		}
	}
	act("delete", large, "")
}

// tokenEvents lists so many events that they are counted, and a page within a day.
func (d *deployment) tokenEvents(t *testing.T, path string) {
	t.Helper()
	events, err := journal.NewTrail(api.Deps{
		DB: d.db, Now: func() time.Time { return d.now }, Entropy: rand.Reader, Setting: func(string) string { return "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 99 {
		id, at, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		row := events.Row(strings.Replace(path, "/clients/", "CLIENT#", 1), id, at, func(e journal.Expiry) journal.Row { return e })
		if err := d.db.Write(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(time.Second)
	}
	d.now = d.now.Add(time.Minute)
	for _, page := range []string{"", "?offset=64"} {
		d.as(t, another, "client/token-events", path+"/tokenEvents"+page, "")
	}
}

// clientUsers runs every way through the functions of users and admins of clients, and adds a
// key to the client as one of its users, which strict editions ask for.
func (d *deployment) clientUsers(t *testing.T, path, key string) {
	t.Helper()
	const one, two = "5f8d7a10-0000-4000-8000-0000000000c1", "5f8d7a10-0000-4000-8000-0000000000c2"
	act := func(op, path, body string) { d.as(t, another, "client/"+op, path, body) }
	for _, id := range []string{one, two} {
		d.as(t, another, "user/register", "/users/"+id, `{"name":"Anna","familyName":"Rossi","roles":["admin"]}`)
	}
	act("add-user", path+"/users", fmt.Sprintf(`{"userId":%q}`, one))
	act("list-users", path+"/users", "")
	member := another
	member.User = one
	ctx := api.WithBase(api.WithIdentity(t.Context(), member), "/v3")
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, path+"/keys", strings.NewReader(key))
	r.Header.Set("Content-Type", "application/json")
	d.answers(t, "client/add-key", r, http.StatusOK)
	act("remove-user", path+"/users/"+one, "")
	admin := "/clients/" + d.makes(t, another, "client/create-api", "/clientsApi", `{"name":"a client","members":[]}`) + "/admin"
	for _, id := range []string{one, two} {
		act("set-admin", admin, fmt.Sprintf(`{"adminId":%q}`, id))
	}
	act("list-api", "/clientsApi", "")
	act("get-api", "/clientsApi/"+strings.TrimSuffix(strings.TrimPrefix(admin, "/clients/"), "/admin"), "")
	act("remove-admin", admin+"/"+two, "")
}

// vouchers asks for vouchers with and without a proof, good and bad, and reads what is
// public.
func (d *deployment) vouchers(t *testing.T, pen *rsa.PrivateKey, clientID, purposeID string) {
	t.Helper()
	signed := func(header map[string]any, claims jwt.MapClaims) string {
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		maps.Copy(token.Header, header)
		text, err := token.SignedString(pen)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	now := d.now.Unix()
	kid := jose.Thumbprint(pen.Public())
	claims := jwt.MapClaims{
		"iss": clientID, "sub": clientID, "aud": voucherIssuer, "purposeId": purposeID, "jti": uuid.NewString(), "iat": now, "exp": now + 60,
	}
	proof := signed(map[string]any{"typ": "dpop+jwt", "jwk": map[string]string{
		"kty": "RSA", "n": base64.RawURLEncoding.EncodeToString(pen.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(pen.E)).Bytes()),
	}}, jwt.MapClaims{"htm": "POST", "htu": voucherIssuer + "/token.oauth2", "iat": now, "jti": uuid.NewString()})
	form := func(assertion string) string {
		return url.Values{
			"client_id": {clientID}, "client_assertion": {assertion},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"grant_type":            {"client_credentials"},
		}.Encode()
	}
	good := form(signed(map[string]any{"kid": kid}, claims))
	for _, send := range []struct {
		status int
		body   string
		proof  string
	}{{200, good, ""}, {200, good, proof}, {400, form("x"), ""}} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/token.oauth2", strings.NewReader(send.body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if send.proof != "" {
			r.Header.Set("DPoP", send.proof)
		}
		d.answers(t, "voucher/issue", r, send.status)
	}
	ctx := api.WithIdentity(t.Context(), another)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/tools/validateTokenGeneration", strings.NewReader(good))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var tool struct {
		Steps map[string]struct{ Result string }
	}
	err := json.Unmarshal(d.answers(t, "voucher/validate", r, 200), &tool)
	if err != nil || tool.Steps["platformStatesVerification"].Result != "PASSED" {
		t.Fatalf("the tool says %v, %v", tool, err)
	}
	for id, path := range map[string]string{
		"voucher/jwks": "/.well-known/jwks.json", "voucher/metadata": "/.well-known/oauth-authorization-server",
		"voucher/discovery": "/.well-known/openid-configuration", "issuer/metadata": "/.well-known/oauth-authorization-server/oauth2",
		"issuer/jwks": "/oauth2/jwks.json",
	} {
		d.answers(t, id, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody), 200)
	}
}

// answers sends a request to a function.
func (d *deployment) answers(t *testing.T, id string, r *http.Request, status int) []byte {
	t.Helper()
	rec := httptest.NewRecorder()
	d.handlers[id].ServeHTTP(rec, r)
	if rec.Code != status {
		t.Fatalf("%s = %d, want %d\n%s", id, rec.Code, status, rec.Body)
	}
	return rec.Body.Bytes()
}
