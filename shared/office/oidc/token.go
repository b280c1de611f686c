package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/jose"
)

const (
	early    = time.Minute    // how long before the end of a token it is renewed
	longest  = 12 * time.Hour // that a session lasts, however often it is renewed
	unstated = 5 * time.Minute
)

// errStranger is the error of a refresh token that gives the ID token of another person.
var errStranger = errors.New("oidc: ID token: of another person")

// errRefused is the error of a sign-in or of a refresh token that the issuer does not accept.
var errRefused = errors.New("oidc: refused")

// tokens is an answer of the token endpoint (RFC 6749 §5).
type tokens struct {
	ID      string `json:"id_token"`
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
	Error   string `json:"error"`
}

// ask sends a form to the token endpoint.
func (p *Provider) ask(ctx context.Context, m *metadata, form url.Values) (tokens, error) {
	var t tokens
	r, err := p.authenticated(ctx, m, m.Token, form)
	if err != nil {
		return t, err
	}
	status, err := p.do(r, &t)
	switch {
	case err != nil:
		return t, fmt.Errorf("oidc: token endpoint: %w", err)
	case status == http.StatusOK:
		return t, nil
	case t.Error == "invalid_grant":
		return t, fmt.Errorf("%w: the code or refresh token is not valid", errRefused)
	}
	return t, fmt.Errorf("oidc: token endpoint: status %d, error %q", status, word(t.Error))
}

// authenticated returns a POST request in the name of the client.
func (p *Provider) authenticated(ctx context.Context, m *metadata, endpoint string, form url.Values) (*http.Request, error) {
	basic := p.Secret != "" && !m.secretByForm()
	if !basic {
		form.Set("client_id", p.ClientID)
	}
	if p.Secret != "" && !basic {
		form.Set("client_secret", p.Secret)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic {
		r.SetBasicAuth(url.QueryEscape(p.ClientID), url.QueryEscape(p.Secret)) // RFC 6749 §2.3.1
	}
	return r, nil
}

// verify returns the claims of an ID token for this client. A nonce that is not "" must be
// in it.
func (p *Provider) verify(ctx context.Context, m *metadata, token, nonce string) (claims.Set, error) {
	verified, err := m.bearer.Verify(ctx, token)
	if errors.Is(err, auth.ErrUnauthorized) {
		return nil, fmt.Errorf("%w: ID token: %w", errRefused, err)
	}
	if err != nil {
		return nil, err
	}
	set := verified.Claims()
	if nonce != "" && set.Text("nonce") != nonce {
		return nil, fmt.Errorf("%w: ID token: wrong nonce", errRefused)
	}
	if set.Has("azp") && set.Text("azp") != p.ClientID {
		return nil, fmt.Errorf("%w: ID token: for another client", errRefused)
	}
	return set, nil
}

// session returns the session that tokens are good for; said has the claims of their ID token.
func (p *Provider) session(t tokens, said claims.Set) (office.Session, error) {
	s := office.Session{Person: said.Text("sub"), Name: office.Same(nameOf(said)), Refresh: t.Refresh}
	of := said
	switch p.Token {
	case IDToken:
		exp, _ := said["exp"].(float64) // was verified
		s.Token, s.Expires = t.ID, time.Unix(int64(exp), 0).UTC()
	default:
		if t.Access == "" {
			return s, fmt.Errorf("%w: no access token", errRefused)
		}
		life := time.Duration(t.Seconds) * time.Second
		if t.Seconds <= 0 {
			life = unstated
		}
		s.Token, s.Expires = t.Access, p.Now().Add(life)
		if read, ok := read(t.Access); ok {
			of = read.WithoutPrefix(p.ClaimPrefix, append([]string{p.Operator.Name}, identityClaims...)...)
		}
	}
	p.identify(&s, of)
	return s, nil
}

// read returns the claims of an access token in the form of a JWT. Its signature is not
// verified: it comes from the token endpoint itself, and its claims decide only which pages
// there are links to. The APIs verify it.
func read(token string) (claims.Set, bool) {
	t, faults := jose.ParseJWS(token)
	if faults != nil {
		return nil, false
	}
	set := claims.Set{}
	for name, raw := range t.Payload {
		var value any
		if json.Unmarshal(raw, &value) != nil {
			return nil, false
		}
		set[name] = value
	}
	return set, true
}

// Renew implements [office.SignIn]: it refreshes a token that ends soon.
func (p *Provider) Renew(ctx context.Context, s office.Session) (office.Session, error) {
	now := p.Now()
	if now.Sub(s.Since) > longest {
		return s, office.ErrSignIn
	}
	if now.Add(early).Before(s.Expires) {
		return s, nil
	}
	renewed, err := p.refresh(ctx, s)
	switch {
	case err == nil:
		return renewed, nil
	case errors.Is(err, errStranger):
		return s, office.ErrSignIn
	case now.Before(s.Expires): // the token is good until its end, e.g. where another tab has used the refresh token
		return s, nil
	case errors.Is(err, errRefused):
		return s, office.ErrSignIn
	}
	p.Log.ErrorContext(ctx, "sign-in", "error", err.Error())
	return s, &office.Refusal{Status: http.StatusServiceUnavailable}
}

func (p *Provider) refresh(ctx context.Context, s office.Session) (office.Session, error) {
	if s.Refresh == "" {
		return s, errRefused
	}
	m, err := p.discover(ctx)
	if err != nil {
		return s, err
	}
	t, err := p.ask(ctx, m, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.Refresh}})
	if err != nil {
		return s, err
	}
	if t.Refresh == "" { // it stays as it was
		t.Refresh = s.Refresh
	}
	if t.ID == "" && p.Token == AccessToken { // OpenID Connect Core 1.0 §12.2 leaves it to the issuer
		return p.prolonged(s, t)
	}
	said, err := p.verify(ctx, m, t.ID, "")
	if err != nil {
		return s, err
	}
	if said.Text("sub") != s.Person {
		return s, errStranger
	}
	renewed, err := p.session(t, said)
	return withKey(renewed, s), err
}

// prolonged returns the session with another access token, and the name that it had.
func (p *Provider) prolonged(s office.Session, t tokens) (office.Session, error) {
	renewed, err := p.session(t, claims.Set{"sub": s.Person})
	renewed.Name = s.Name
	return withKey(renewed, s), err
}

// withKey returns a renewed session with the manage key of the session before.
func withKey(renewed, before office.Session) office.Session {
	renewed.Key, renewed.CSRF, renewed.Since = before.Key, before.CSRF, before.Since
	for _, a := range before.Areas {
		if before.Key != "" && a.OfKey() {
			renewed.Areas = append(renewed.Areas, a)
		}
	}
	return renewed
}

// End implements [office.SignIn]: it revokes the refresh token (RFC 7009) and returns where
// the session at the issuer ends. The ID token is no hint in that URL, because the APIs may
// take it, and URLs are kept in many places.
func (p *Provider) End(ctx context.Context, s office.Session) string {
	m, err := p.discover(ctx)
	if err != nil {
		return ""
	}
	if s.Refresh != "" && m.Revocation != "" {
		r, err := p.authenticated(ctx, m, m.Revocation, url.Values{"token": {s.Refresh}, "token_type_hint": {"refresh_token"}})
		if err == nil {
			_, err = p.do(r, &struct{}{})
		}
		if err != nil {
			p.Log.WarnContext(ctx, "sign-in", "revocation", err.Error())
		}
	}
	if m.EndSession == "" {
		return ""
	}
	back := "post_logout_redirect_uri" // OpenID Connect RP-Initiated Logout 1.0
	if isCognito(p.Issuer) {
		back = "logout_uri"
	}
	return withQuery(m.EndSession, url.Values{"client_id": {p.ClientID}, back: {p.Office + signInPath}})
}

// withQuery adds parameters to the query of an endpoint.
func withQuery(endpoint string, more url.Values) string {
	separator := "?"
	if strings.Contains(endpoint, "?") {
		separator = "&"
	}
	return endpoint + separator + more.Encode()
}

func refusedBecause(reason string) error { return fmt.Errorf("%w: %s", errRefused, reason) }
