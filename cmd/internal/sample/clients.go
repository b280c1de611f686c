package sample

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/jose"
)

// Public keys of clients that the event files name by their kids.
const (
	keyToDelete = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFQ0R4LzVhcEJK" +
		"M0NGREdTT3RYS2dERjhqMlN2WQpFOTF6QVI0enFISFpOeXRsU3FNcUlNTWtqSHNLVVFCcE9aaDJJWHNOallyNnAzdmQ1NzZo" +
		"VmN0UW1BPT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg=="
	keyToRead = "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0KTUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowREFRY0RRZ0FFMmVJL3oyU09s" +
		"THh5NDUwb0VKVXZpTWs4cVZOOQpCTVl6S2pQbE84amZPYTlZRmtFaWRYazl0VW81QUsxQStMZUVLNjJ4ZTJ5OGRlVmQ3NFlo" +
		"Q1R2Z29nPT0KLS0tLS1FTkQgUFVCTElDIEtFWS0tLS0tCg=="
)

// voucherIssuer is who issues vouchers here.
const voucherIssuer = "https://api.example.it"

// sampleClient is a client of the consumer 2f, whose purpose 4f is active and whose users are
// b3 and b4: what it has, and the functions whose events name it.
type sampleClient struct {
	id       byte
	isAPI    bool
	key      string // uploaded, "" for none
	signs    bool   // has the key by which <assertion> is signed
	linked   bool   // to the purpose
	hasUser  bool   // b3, and not b4
	hasAdmin bool   // b3, and not b4
	of       []string
}

var sampleClients = []sampleClient{
	{id: 0xf1, of: []string{"client/delete"}},
	{id: 0xf2, key: keyToDelete, of: []string{"client/delete-key"}},
	{id: 0xf3, of: []string{"client/add-key"}},
	{id: 0xf4, key: keyToRead, linked: true, of: []string{"client/get", "client/list", "client/list-keys", "client/list-purposes", "key/get"}},
	{id: 0xf5, of: []string{"client/add-purpose"}},
	{id: 0xf6, linked: true, of: []string{"client/remove-purpose"}},
	{id: 0xf7, signs: true, linked: true, of: []string{"voucher/issue", "voucher/validate", "client/token-events"}},
	{id: 0xf8, hasUser: true, of: []string{"client/list-users", "client/remove-user"}},
	{id: 0xf9, hasUser: true, of: []string{"client/add-user"}},
	{id: 0xfa, isAPI: true, hasAdmin: true, of: []string{"client/set-admin", "client/list-api", "client/get-api"}},
	{id: 0xfb, isAPI: true, hasAdmin: true, of: []string{"client/remove-admin"}},
}

const clientOwner = 0x2f

// clients makes the client that the function's event names; false when it names none.
func (s *exchange) clients(function string) bool {
	for _, c := range sampleClients {
		if slices.Contains(c.of, function) {
			s.eservice(5)
			s.tenants(clientOwner)
			s.agreement(sampleAgreement{n: clientOwner, eservice: 5, done: []string{"submit"}})
			s.purpose(samplePurpose{n: clientOwner - 0x20, calls: 100, done: []string{"activate"}})
			s.client(c)
			return true
		}
	}
	return function == "client/create" || function == "client/create-api"
}

func (s *exchange) client(c sampleClient) {
	owner, path := consumerID(clientOwner), "/clients/"+sampleID(c.id)
	as := func(path, body string, ids ...byte) {
		s.as(owner, interop.RoleAdmin, http.MethodPost, path, body, ids...)
	}
	if !s.isTo(owner, path+"/keys") { // which API clients have, too
		at := "/clients"
		if c.isAPI {
			at += "Api"
		}
		as(at, `{"name":"Portal of the municipality","description":"Asks for certificates","members":[]}`, c.id)
		if c.key != "" {
			as(path+"/keys", keyBody(c.key, jose.ES256))
		}
		if c.linked {
			as(path+"/purposes", fmt.Sprintf(`{"purposeId":%q}`, sampleID(clientOwner+0x20)))
		}
	}
	if c.hasUser {
		s.clientUsers(path+"/users", "userId")
	}
	if c.hasAdmin {
		s.clientUsers(path+"/admin", "adminId")
	}
	if c.signs && !s.isTo(owner, "/keys/"+jose.Thumbprint(s.pen.Public())) {
		public, err := jose.PublicPEM(s.pen.Public())
		if err != nil {
			s.err = err
			return
		}
		as(path+"/keys", keyBody(base64.StdEncoding.EncodeToString(public), jose.RS256))
	}
}

// clientUsers registers the users b3 and b4 and takes a client back to the first of them.
func (s *exchange) clientUsers(path, member string) {
	owner := consumerID(clientOwner)
	for n, name := range map[byte]string{0xb3: "Carla", 0xb4: "Dario"} {
		body := fmt.Sprintf(`{"name":%q,"familyName":"Verdi","roles":["admin"]}`, name)
		s.as(owner, interop.RoleAdmin, http.MethodPut, "/users/"+sampleID(n), body)
	}
	if s.err != nil {
		return
	}
	s.as(owner, interop.RoleAdmin, http.MethodDelete, path+"/"+sampleID(0xb4), "") // refused unless it is there
	s.err = nil
	s.as(owner, interop.RoleAdmin, http.MethodPost, path, fmt.Sprintf(`{%q:%q}`, member, sampleID(0xb3))) // refused if it is there
	s.err = nil
}

func keyBody(key, alg string) string {
	return fmt.Sprintf(`{"key":%q,"use":"SIG","alg":%q,"name":"A key of the portal"}`, key, alg)
}

// newPen makes the key by which <assertion> is signed.
func newPen() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// assert makes an assertion of the client f7 for the purpose 4f.
func assert(pen *rsa.PrivateKey, now time.Time) (string, error) {
	id := sampleID(0xf7)
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": id, "sub": id, "aud": voucherIssuer, "purposeId": sampleID(clientOwner + 0x20), "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	})
	t.Header["kid"] = jose.Thumbprint(pen.Public())
	return t.SignedString(pen)
}
