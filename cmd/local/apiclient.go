package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	clients "ciclo/shared/interop/client"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
)

// clientKeyBits is the length of the key of a new client.
const clientKeyBits = 2048

// admins is the name space of the ids of the users that the sandbox makes (RFC 9562 §5.5), one
// for an organization.
var admins = uuid.MustParse("6f9a1c52-0a35-4d0c-8f0e-7d5b1f4a9c11")

// clientFile is a new client, as programs take it from a file.
type clientFile struct {
	ClientID       string       `json:"clientId"`
	Kind           clients.Kind `json:"kind"`
	OrganizationID string       `json:"organizationId"`
	Role           string       `json:"role,omitempty"`      // of the access tokens of an API client
	AdminID        string       `json:"adminId,omitempty"`   // the same
	Certifier      bool         `json:"certifier,omitempty"` // the organization was marked as one
	UserID         string       `json:"userId"`              // a user of the client, who may add keys
	KID            string       `json:"kid"`
	PrivateKey     string       `json:"privateKey"`
	TokenEndpoint  string       `json:"tokenEndpoint"`
	Audience       string       `json:"audience"` // of assertions
	APIURL         string       `json:"apiUrl"`
}

// client makes a client of an organization with a key, and answers what a program needs to
// use it: organizationId, kind (API by default, or CONSUMER), and for an API client the role
// of its access tokens (m2m-admin by default, or m2m) or the user who is its admin. The
// organization gets a user with the role admin where it does not have that one. certifier=true
// marks it as a certifier.
//
// It is a GET, so that it can be pasted, and changes something all the same. So it refuses
// the pages of other sites, as commanding does: their browsers could not read the answer but
// could fill the sandbox.
func (s *sandbox) client(w http.ResponseWriter, r *http.Request) {
	asChange := r.Clone(r.Context())
	asChange.Method = http.MethodPost
	if http.NewCrossOriginProtection().Check(asChange) != nil {
		text(w, http.StatusForbidden, "A page of another site sent this. Use curl, or a page that the sandbox serves.")
		return
	}
	made, mistake := wantedClient(r)
	if mistake != "" {
		text(w, http.StatusBadRequest, mistake)
		return
	}
	m := maker{ctx: r.Context(), api: s.api, organization: made.OrganizationID}
	m.ensureAdmin(made.UserID)
	if m.refused == "" && !m.isAdmin {
		text(w, http.StatusBadRequest,
			"The user does not have the role admin. Give it to the user by PUT /users/{userId}, or ask for another one.")
		return
	}
	m.make(&made)
	if made.Certifier {
		m.certify(s.registry)
	}
	if m.refused != "" {
		s.log.LogAttrs(r.Context(), slog.LevelError, "client", slog.String("error", m.refused))
		text(w, http.StatusInternalServerError, "The client could not be made; see the log.")
		return
	}
	issuer := strings.TrimSuffix(s.setting("SIGN_ISSUER"), "/")
	made.TokenEndpoint = issuer + "/token.oauth2"
	made.Audience = cmp.Or(s.setting("VOUCHER_ASSERTION_AUDIENCE"), issuer)
	made.APIURL = s.url + "/v3"
	w.Header().Set("Cache-Control", "no-store")
	answer(w, made)
}

// wantedClient reads what a client is asked to be; the mistake says what to ask for instead.
func wantedClient(r *http.Request) (made clientFile, mistake string) {
	const usage = "Say for whom: /_local/client?organizationId=<uuid>&kind=API[&role=m2m-admin|m2m][&admin=<uuid of a user>]" +
		"[&certifier=true] or /_local/client?organizationId=<uuid>&kind=CONSUMER"
	query := r.URL.Query()
	made = clientFile{
		OrganizationID: strings.ToLower(query.Get("organizationId")),
		Kind:           clients.Kind(cmp.Or(query.Get("kind"), string(clients.API))),
	}
	admin, role := strings.ToLower(query.Get("admin")), query.Get("role")
	isAPI := made.Kind == clients.API
	certifier := query.Get("certifier")
	made.Certifier = certifier == "true"
	switch {
	case !interop.IsOrganization(made.OrganizationID):
		return made, usage
	case !isAPI && made.Kind != clients.Consumer:
		return made, "There is no such kind. Allowed: API, CONSUMER."
	case !isAPI && (admin != "" || role != ""):
		return made, "Only access tokens of API clients have a role or an admin: leave role and admin out, or ask for kind=API."
	case admin != "" && !interop.IsOrganization(admin): // which is a UUID, too
		return made, "The admin is the UUID of a user of the organization."
	case !slices.Contains([]string{"", interop.RoleReader, interop.RoleAdmin}, role):
		return made, "There is no such role. Allowed: m2m-admin, m2m."
	case role == interop.RoleReader && admin != "":
		return made, "A client with an admin has access tokens with the role m2m-admin: leave one of role and admin out."
	case certifier != "" && !made.Certifier:
		return made, "Say certifier=true, or leave it out. POST " + tenantPath + " takes the mark away."
	case made.Certifier && (!isAPI || role == interop.RoleReader):
		return made, "Only access tokens with the role m2m-admin certify: leave certifier out, or ask for kind=API and role=m2m-admin."
	}
	made.UserID = cmp.Or(admin, uuid.NewSHA1(admins, []byte(made.OrganizationID)).String())
	if isAPI {
		made.Role = cmp.Or(role, interop.RoleAdmin)
	}
	if made.Role == interop.RoleAdmin {
		made.AdminID = made.UserID
	}
	return made, ""
}

// maker makes a client by the operations that the organization itself would use. After one
// that is refused the next ones are skipped.
type maker struct {
	ctx          context.Context //nolint:containedctx // of one request, as the maker is
	api          http.Handler
	organization string
	user         string // of the organization, in whose name requests are sent
	isAdmin      bool   // the user has the role admin

	refused string // the first request that was refused, and why
	status  int    // of the last answer
}

// send sends a request of the organization and decodes the answer into out.
func (m *maker) send(method, path string, body, out any) {
	if m.refused != "" {
		return
	}
	sent, err := json.Marshal(body)
	if err != nil {
		m.refused = err.Error()
		return
	}
	ctx := api.WithIdentity(m.ctx, api.Identity{
		Subject: m.organization, Kind: interop.KindOrganization, Scopes: []string{interop.RoleAdmin}, User: m.user,
	})
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(string(sent)))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	m.api.ServeHTTP(rec, r)
	m.status = rec.Code
	if rec.Code/100 != 2 {
		m.refused = fmt.Sprintf("%s %s = %d %s", method, path, rec.Code, rec.Body)
		return
	}
	if out != nil {
		if err := json.Unmarshal(rec.Body.Bytes(), out); err != nil {
			m.refused = fmt.Sprintf("%s %s: %v", method, path, err)
		}
	}
}

// ensureAdmin makes the user of the organization if it is missing. One that exists keeps its
// names and roles.
func (m *maker) ensureAdmin(userID string) {
	m.user = userID
	path := "/users/" + userID
	var found user.View
	m.send(http.MethodGet, path, nil, &found)
	if m.status == http.StatusNotFound {
		m.refused = ""
		m.send(http.MethodPut, path, user.Seed{Name: "Sandbox", FamilyName: "Admin", Roles: []string{user.RoleAdmin}}, &found)
	}
	m.isAdmin = slices.Contains(found.Roles, user.RoleAdmin)
}

// make makes the client with its user, key and admin.
func (m *maker) make(c *clientFile) {
	path := map[clients.Kind]string{clients.API: "/clientsApi", clients.Consumer: "/clients"}[c.Kind]
	var created clients.CreatedView
	m.send(http.MethodPost, path, map[string]any{"name": "Client of the sandbox", "members": []string{c.UserID}}, &created)
	c.ClientID = created.ID
	if m.refused != "" {
		return
	}
	key, err := rsa.GenerateKey(rand.Reader, clientKeyBits)
	if err != nil {
		m.refused = err.Error()
		return
	}
	private, err := jose.PrivatePEM(key)
	if err != nil {
		m.refused = err.Error()
		return
	}
	public, err := jose.PublicPEM(key.Public())
	if err != nil {
		m.refused = err.Error()
		return
	}
	var added clients.KeyView
	m.send(http.MethodPost, "/clients/"+c.ClientID+"/keys", map[string]string{
		"key": base64.StdEncoding.EncodeToString(public), "use": "SIG", "alg": jose.RS256, "name": "Key of the sandbox",
	}, &added)
	c.KID = added.JWK.ID
	c.PrivateKey = string(private)
	if c.AdminID != "" {
		m.send(http.MethodPost, "/clients/"+c.ClientID+"/admin", map[string]string{"adminId": c.AdminID}, nil)
	}
}

// certify marks the organization as a certifier.
func (m *maker) certify(registrar *tenant.Registrar) {
	if m.refused != "" {
		return
	}
	profile := tenant.Profile{Organization: interop.Organization{ID: m.organization}, Certifier: new(true)}
	if _, err := registrar.Describe(m.ctx, profile); err != nil {
		m.refused = "certifier: " + err.Error()
	}
}
