package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/user"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const (
	// tenantsSetting names the file of the tenants that are stored at the start.
	tenantsSetting = "TENANTS"

	tenantPath = "/_local/tenant"
)

// tenantInput is a tenant with its users, as it is to be.
type tenantInput struct {
	Body struct {
		_          struct{} `json:"-" additionalProperties:"false"`
		ID         string   `json:"id,omitempty" format:"uuid"`
		Name       string   `json:"name" minLength:"1" maxLength:"256"`
		ExternalID struct {
			_      struct{} `json:"-" additionalProperties:"false"`
			Origin string   `json:"origin" minLength:"3" maxLength:"64"`
			Value  string   `json:"value" minLength:"1" maxLength:"256"`
		} `json:"externalId"`
		Kind            string       `json:"kind,omitempty" enum:"PA,PRIVATE,GSP,SCP"`
		OnboardedAt     string       `json:"onboardedAt,omitempty" format:"date-time"`
		SubUnitType     string       `json:"subUnitType,omitempty" enum:"AOO,UO"`
		InstitutionType string       `json:"selfcareInstitutionType,omitempty" minLength:"1" maxLength:"64"`
		Certifier       *bool        `json:"certifier,omitempty"`
		Users           []tenantUser `json:"users,omitempty"`
	}
}

type tenantUser struct {
	UserID string `json:"userId" format:"uuid"`
	user.Seed
}

// Check implements [api.Checked].
func (in *tenantInput) Check() []problem.Field {
	var wrong []problem.Field
	seen := map[string]bool{}
	for i, u := range in.Body.Users {
		if seen[u.UserID] {
			wrong = append(wrong, problem.Field{Name: fmt.Sprintf("body.users[%d].userId", i), Detail: "expected each user once"})
		}
		seen[u.UserID] = true
	}
	if _, err := in.onboardedAt(); err != nil {
		wrong = append(wrong, problem.Field{Name: "body.onboardedAt", Detail: "expected a date-time such as 2026-11-21T10:00:00.000Z"})
	}
	return wrong
}

// onboardedAt returns the time of the onboarding as it is stored, "" where it is left out.
func (in *tenantInput) onboardedAt() (string, error) {
	if in.Body.OnboardedAt == "" {
		return "", nil
	}
	at, err := time.Parse(time.RFC3339Nano, in.Body.OnboardedAt)
	return table.Stamp(at), err
}

// tenantOutput is a tenant with its users, as it is stored.
type tenantOutput struct {
	Body struct {
		tenant.View
		Certifier bool        `json:"certifier"` // which the view leaves out, as it is not published
		Users     []user.View `json:"users" nullable:"false"`
	}
}

// tenants stores tenants with their users.
type tenants struct {
	db        table.DB
	registrar *tenant.Registrar
	users     *user.Store
}

// tenantHandler makes the handler of tenantPath. It is an operation of its own API, so that
// what is wrong with a tenant is found and said as it is for every other operation.
func tenantHandler(deps api.Deps, registrar *tenant.Registrar) (http.Handler, error) {
	return api.NewHandler(deps, api.Operation[tenants, tenantInput, tenantOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "sandbox/tenant", Method: http.MethodPost, Path: tenantPath, Tag: "Sandbox", Summary: "Store a tenant",
				Product: interop.Product, Public: true, Status: http.StatusOK, MaxBody: 1 << 20,
			}
		},
		Open: func(deps api.Deps) (*tenants, error) {
			users, err := user.NewStore(deps)
			return &tenants{db: deps.DB, registrar: registrar, users: users}, err
		},
		Run: (*tenants).store,
	})
}

// store creates or updates a tenant and its users, and answers what is stored. What the input
// leaves out stays as it is.
func (s *tenants) store(ctx context.Context, in *tenantInput) (*tenantOutput, error) {
	onboardedAt, err := in.onboardedAt()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	t, err := s.registrar.Describe(ctx, tenant.Profile{
		Organization: interop.Organization{ID: b.ID, Name: b.Name, Origin: b.ExternalID.Origin, Value: b.ExternalID.Value},
		Kind:         b.Kind, OnboardedAt: onboardedAt, SubUnitType: b.SubUnitType, SelfcareInstitutionType: b.InstitutionType,
		Certifier: b.Certifier,
	})
	if errors.Is(err, tenant.ErrAmbiguous) {
		p := problem.New(interop.BadRequest, "The tenant is not determined.")
		p.Fields = []problem.Field{{Name: "body.id", Code: interop.BadRequest.Name, Detail: "expected an id, because " + err.Error()}}
		return nil, p
	}
	if err != nil {
		return nil, err
	}
	for _, u := range b.Users {
		if _, err := s.users.Register(ctx, t.ID, u.UserID, u.Seed); err != nil {
			return nil, err
		}
	}
	return s.read(ctx, t.ID)
}

// read answers what is stored of a tenant.
func (s *tenants) read(ctx context.Context, id string) (*tenantOutput, error) {
	item, err := s.db.Get(ctx, tenant.Key(id))
	if err != nil {
		return nil, err
	}
	t, err := tenant.As(item)
	if err != nil {
		return nil, err
	}
	out := &tenantOutput{}
	out.Body.View = t.View()
	out.Body.Certifier = t.Certifier
	out.Body.Users = []user.View{}
	if t.OnboardedAt == "" {
		return out, nil
	}
	all, err := s.users.List(ctx, id, nil)
	for _, u := range all {
		out.Body.Users = append(out.Body.Users, u.View())
	}
	return out, err
}

// loadTenants stores the tenants of a file as tenantPath does. The error names each
// entry that is wrong, counted from 1, with its fields; the others are stored.
func (s *sandbox) loadTenants(ctx context.Context, file string) error {
	if s.tenants == nil {
		return fmt.Errorf("%s: the product %s is not served here: %s leaves it out", tenantsSetting, interop.Product.Name, productsSetting)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%s: %w", tenantsSetting, err)
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &entries); err != nil || entries == nil {
		return fmt.Errorf("%s: %s: expected a JSON array of tenants%s", tenantsSetting, file, lineOf(text, err))
	}
	var wrong []error
	for i, entry := range entries {
		for _, mistake := range storeTenant(ctx, s.tenants, entry) {
			wrong = append(wrong, fmt.Errorf("%s: %s: entry %d: %s", tenantsSetting, file, i+1, mistake))
		}
	}
	return errors.Join(wrong...)
}

// lineOf says in which line of a text JSON is malformed, nothing where it is well formed.
func lineOf(text []byte, err error) string {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	if !ok {
		return ""
	}
	return fmt.Sprintf("; line %d: %v", 1+bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n")), syntax)
}

// storeTenant stores a tenant and returns what is wrong with it.
func storeTenant(ctx context.Context, handler http.Handler, entry []byte) []string {
	if string(entry) == "null" { // which would be no body
		return []string{"expected object"}
	}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, tenantPath, bytes.NewReader(entry))
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, r)
	if answer.Code == http.StatusOK {
		return nil
	}
	var refusal interop.InteropProblem
	if err := json.Unmarshal(answer.Body.Bytes(), &refusal); err != nil || len(refusal.Errors) == 0 {
		return []string{answer.Body.String()}
	}
	var mistakes []string
	for _, e := range refusal.Errors {
		mistakes = append(mistakes, strings.TrimPrefix(strings.TrimPrefix(e.Detail, "body."), "body: "))
	}
	return mistakes
}
