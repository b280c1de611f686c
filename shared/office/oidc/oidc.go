// Package oidc signs people in to the front office by OpenID Connect: the authorization code
// flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700), against the issuer whose tokens the
// APIs take. It works with Amazon Cognito and with Keycloak.
//
// Between a person's departure for the issuer and the way back a sealed cookie has what
// belongs to this one sign-in. Afterwards the session has the token for the APIs and, where
// there is room for it, the refresh token; nothing is stored on the server.
package oidc

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
)

// The tokens that APIs may take.
const (
	IDToken     = "id_token"     // which in Cognito has the audience and the attributes
	AccessToken = "access_token" // RFC 9068
)

// Config says who signs people in. Secret, Scopes, ClaimPrefix, Operator and Transport are
// optional.
type Config struct {
	Issuer      string // iss, exactly; its metadata is at /.well-known/openid-configuration below it
	ClientID    string
	Secret      string   // of a confidential client
	Token       string   // which one the APIs take, IDToken or AccessToken
	Scopes      []string // beside openid
	Office      string   // the URL of the office, without a slash at its end
	ClaimPrefix string   // as the authorizers have it
	Operator    claims.Claim
	// Organizations and CardIssuers say which kinds of callers the APIs let in by tokens.
	Organizations, CardIssuers bool
	Keyed                      bool // whether services are deployed, whose API takes a key of its own
	Now                        func() time.Time
	Log                        *slog.Logger
	Transport                  http.RoundTripper
}

// Provider is the [office.SignIn] of a deployment.
type Provider struct {
	Config
	client *http.Client

	mu       sync.Mutex
	metadata *metadata
	fetched  time.Time
}

// New returns a Provider; the issuer is not asked yet. The error names what is missing or
// not acceptable.
func New(c Config) (*Provider, error) {
	for name, value := range map[string]string{"issuer": c.Issuer, "client id": c.ClientID, "URL of the office": c.Office} {
		if value == "" {
			return nil, fmt.Errorf("oidc: the %s is missing", name)
		}
	}
	for _, raw := range []string{c.Issuer, c.Office} {
		if err := auth.CheckURL(raw); err != nil {
			return nil, fmt.Errorf("oidc: %s: %w", raw, err)
		}
	}
	if c.Token != IDToken && c.Token != AccessToken {
		return nil, fmt.Errorf("oidc: the token is %q, want %s or %s", c.Token, IDToken, AccessToken)
	}
	if c.Now == nil || c.Log == nil {
		return nil, errors.New("oidc: a clock and a log are required")
	}
	return &Provider{Config: c, client: &http.Client{
		Transport: c.Transport, Timeout: limit,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// redirectURI is where the issuer sends people back to. It is registered there.
func (p *Provider) redirectURI() string { return p.Office + callbackPath }

// scope returns the scopes that are asked for.
func (p *Provider) scope() string {
	all := []string{"openid"}
	for _, s := range p.Scopes {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, " ")
}

// isCognito reports whether an issuer is a user pool of Amazon Cognito.
func isCognito(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && strings.HasPrefix(u.Hostname(), "cognito-idp.")
}

// Links implements [office.SignIn].
func (p *Provider) Links(s office.Session) []office.Entry {
	switch {
	case !p.Keyed:
		return nil
	case s.Key == "":
		return []office.Entry{{Text: office.T("Collega la tua chiave", "Link your key"), Path: KeyPage}}
	}
	return []office.Entry{{Text: office.T("La tua chiave", "Your key"), Path: KeyPage}}
}
