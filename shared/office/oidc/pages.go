package oidc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"ciclo/shared/office"
)

const (
	signInPath   = "/sign-in"
	startPath    = "/sign-in/start"
	callbackPath = "/sign-in/callback"

	// attemptCookie has the attempt to sign in that is under way.
	attemptCookie = "ciclo-sign-in"
	// attemptLife is how long a person may take at the issuer.
	attemptLife = 10 * time.Minute
)

// attempt belongs to one sign-in, between the departure for the issuer and the way back.
type attempt struct {
	State    string    `json:"s"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"` // RFC 7636
	Back     string    `json:"b"` // the page that the person wanted
	Until    time.Time `json:"u"`
}

// Pages implements [office.SignIn].
func (p *Provider) Pages(*office.Office) []office.Page {
	pages := []office.Page{
		{Method: http.MethodGet, Path: signInPath, Serve: func(v *office.Visit) (*office.View, error) {
			return p.page(v, v.Query("back"), office.Text{}, 0), nil
		}},
		{Method: http.MethodGet, Path: startPath, Serve: p.start},
		{Method: http.MethodGet, Path: callbackPath, Serve: p.callback},
	}
	if p.Keyed {
		pages = append(pages, p.keyPages()...)
	}
	return pages
}

// page is the page to sign in, which may say why that did not succeed.
func (p *Provider) page(v *office.Visit, back string, problem office.Text, status int) *office.View {
	return &office.View{
		Template: "sign-in.html", Title: office.T("Accedi", "Sign in"), Status: status,
		Data: map[string]any{
			"Start":   startPath + "?" + url.Values{"back": {office.Inside(back)}}.Encode(),
			"Problem": problem, "Failed": status != 0, "Code": v.Correlation,
		},
	}
}

// start leads to the issuer. It is a link and no form: browsers hold redirects of a form to
// form-action of the policy.
func (p *Provider) start(v *office.Visit) (*office.View, error) {
	m, err := p.discover(v.Context())
	if err != nil {
		return p.unavailable(v, v.Query("back"), err), nil
	}
	a := attempt{
		State: rand.Text(), Nonce: rand.Text(), Verifier: rand.Text() + rand.Text(),
		Back: office.Inside(v.Query("back")), Until: p.Now().Add(attemptLife),
	}
	text, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	v.Put(attemptCookie, string(text), attemptLife)
	challenge := sha256.Sum256([]byte(a.Verifier))
	return v.Leave(withQuery(m.Authorization, url.Values{
		"response_type": {"code"}, "client_id": {p.ClientID}, "redirect_uri": {p.redirectURI()}, "scope": {p.scope()},
		"state": {a.State}, "nonce": {a.Nonce}, "ui_locales": {string(v.Lang)},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	})), nil
}

// callback is where the issuer sends a person back to, with a code or an error.
func (p *Provider) callback(v *office.Visit) (*office.View, error) {
	a, ok := p.attempt(v)
	if !ok {
		return p.page(v, "", office.T(
			"L’accesso è scaduto o è stato iniziato in un’altra finestra. Riprova.",
			"The sign-in has expired, or was begun in another window. Try again.",
		), http.StatusBadRequest), nil
	}
	m, err := p.discover(v.Context())
	if err != nil {
		return p.unavailable(v, a.Back, err), nil
	}
	s, err := p.exchange(v.Context(), m, a, v.Request.URL.Query())
	switch {
	case errors.Is(err, errDenied):
		return p.page(v, a.Back, office.T("L’accesso non è stato concesso.", "Access was not granted."), http.StatusForbidden), nil
	case errors.Is(err, errRefused):
		p.Log.WarnContext(v.Context(), "sign-in", "refused", err.Error(), "correlationId", v.Correlation)
		failed := office.T("L’accesso non è riuscito. Riprova.", "Signing in did not succeed. Try again.")
		return p.page(v, a.Back, failed, http.StatusBadRequest), nil
	case err != nil:
		return p.unavailable(v, a.Back, err), nil
	}
	if err := v.Begin(s); err != nil {
		return nil, err
	}
	if p.Keyed && len(s.Areas) == 0 && a.Back == "/" {
		return v.Redirect(KeyPage, office.Text{}), nil
	}
	return v.Redirect(a.Back, office.Text{}), nil
}

// attempt returns the attempt that an answer of the issuer belongs to, and ends it: it is good
// for one answer. Without it, or with another state, somebody else may have begun it
// (RFC 9700 §4.7).
func (p *Provider) attempt(v *office.Visit) (a attempt, ok bool) {
	text, ok := v.Take(attemptCookie)
	if !ok || json.Unmarshal([]byte(text), &a) != nil || a.State == "" || !p.Now().Before(a.Until) {
		return a, false
	}
	return a, subtle.ConstantTimeCompare([]byte(a.State), []byte(v.Query("state"))) == 1
}

// errDenied is the error of a person who does not want to sign in, or may not.
var errDenied = errors.New("oidc: access denied")

// exchange returns the session for the answer of the issuer to an attempt.
func (p *Provider) exchange(ctx context.Context, m *metadata, a attempt, answer url.Values) (office.Session, error) {
	// RFC 9207 §2.4: an answer of another issuer ends here, before its code goes to ours.
	if iss := answer.Get("iss"); iss != p.Issuer && (answer.Has("iss") || m.SendsIssuer) {
		return office.Session{}, refusedBecause("the answer is of another issuer")
	}
	if code := answer.Get("error"); code != "" {
		if code == "access_denied" {
			return office.Session{}, errDenied
		}
		return office.Session{}, refusedBecause("the issuer answered " + word(code))
	}
	if answer.Get("code") == "" {
		return office.Session{}, refusedBecause("no code")
	}
	t, err := p.ask(ctx, m, url.Values{
		"grant_type": {"authorization_code"}, "code": {answer.Get("code")}, "redirect_uri": {p.redirectURI()}, "code_verifier": {a.Verifier},
	})
	if err != nil {
		return office.Session{}, err
	}
	said, err := p.verify(ctx, m, t.ID, a.Nonce)
	if err != nil {
		return office.Session{}, err
	}
	return p.session(t, said)
}

// unavailable is the page for an issuer that cannot be reached or does not work.
func (p *Provider) unavailable(v *office.Visit, back string, err error) *office.View {
	p.Log.ErrorContext(v.Context(), "sign-in", "error", err.Error(), "correlationId", v.Correlation)
	return p.page(v, back, office.T(
		"Il servizio di accesso non risponde. Riprova fra qualche minuto.", "The sign-in service does not answer. Try again in a few minutes.",
	), http.StatusServiceUnavailable)
}
