package office

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrSignIn is the error of a session that cannot be renewed: the person has to sign in.
var ErrSignIn = errors.New("office: the session has ended")

// Session is who visits, with the credentials for the APIs. It is kept in a sealed cookie,
// nowhere else.
type Session struct {
	Person           string    `json:"p,omitempty"` // of the sandbox, or the subject of the issuer
	Name             Text      `json:"n"`
	Organization     string    `json:"o,omitempty"` // id of the organization, issuer or owner
	OrganizationName string    `json:"m,omitempty"`
	Issuers          []string  `json:"i,omitempty"` // the card issuers that the person acts for, where they are not the organization
	Areas            []Area    `json:"a"`
	Token            string    `json:"t,omitempty"` // for the APIs of interop and consumers
	Key              string    `json:"k,omitempty"` // for the manage API of services
	Refresh          string    `json:"r,omitempty"` // refresh token
	CSRF             string    `json:"c"`           // that its forms have
	Expires          time.Time `json:"e"`           // of the token
	Since            time.Time `json:"s"`           // when the person signed in
}

// May reports whether the session is for an area.
func (s *Session) May(a Area) bool { return a == Everybody || slices.Contains(s.Areas, a) }

// formToken returns the token of the session's forms as a page has it: masked anew for each
// page. Pages are compressed together with texts that others choose, and by the length of
// many answers one could otherwise find out what is the same in all of them (BREACH).
func (s *Session) formToken() string {
	if s.CSRF == "" {
		return ""
	}
	mask := []byte(rand.Text()) // as long as the token
	return base64.RawURLEncoding.EncodeToString(append(mask, masked([]byte(s.CSRF), mask)...))
}

// owns reports whether a form with that token is one of this session's.
func (s *Session) owns(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || s.CSRF == "" || len(raw) != 2*len(s.CSRF) {
		return false
	}
	mask, rest := raw[:len(s.CSRF)], raw[len(s.CSRF):]
	return subtle.ConstantTimeCompare(masked(rest, mask), []byte(s.CSRF)) == 1
}

func masked(text, mask []byte) []byte {
	out := make([]byte, len(text))
	subtle.XORBytes(out, text, mask)
	return out
}

// SignIn is how people come to have a session.
type SignIn interface {
	// Pages are those below /sign-in, without an area.
	Pages(o *Office) []Page
	// Renew returns the session with a credential that is valid at this moment. The error is
	// ErrSignIn when that takes the person.
	Renew(ctx context.Context, s Session) (Session, error)
	// End forgets what the issuer of the session knows of it, and returns the URL at which the
	// person signs out there; "" where there is none.
	End(ctx context.Context, s Session) string
	// Links are shown beside the name of the person.
	Links(s Session) []Entry
}

const (
	sessionCookie = "ciclo-office"
	doneCookie    = "ciclo-done" // what the page before has done
	langCookie    = "ciclo-lang"
)

// maxCookie is how many characters browsers keep of one cookie, less its name and
// attributes (RFC 6265 §6.1). A longer session is in several.
const maxCookie = 3800

// maxCookies is how many cookies a session may have; API Gateway takes 10,240 bytes of headers.
const maxCookies = 2

// Begin signs a person in; the session gets a new token for forms.
func (v *Visit) Begin(s Session) error {
	s.CSRF, s.Since = rand.Text(), v.office.Now()
	return v.keep(s)
}

// Keep stores a change of the session, whose forms stay valid.
func (v *Visit) Keep(s Session) error {
	s.CSRF, s.Since = v.Session.CSRF, v.Session.Since
	return v.keep(s)
}

// withoutKey forgets a manage key that the API no longer takes, and leads to the page on
// which another one is linked.
func (v *Visit) withoutKey() *View {
	if err := v.Keep(v.Session.WithoutKey()); err != nil {
		return v.failed(err)
	}
	return v.Redirect(v.office.KeyPage, Text{
		"La chiave collegata non è più valida. Collegane un’altra.", "The linked key is no longer valid. Link another one.",
	})
}

// WithoutKey returns the session without its manage key and the areas that the key opens.
func (s Session) WithoutKey() Session {
	s.Key = ""
	s.Areas = slices.DeleteFunc(slices.Clone(s.Areas), Area.OfKey)
	return s
}

// keep stores a session in the browser. Where it is too long the refresh token is left out,
// and the session ends with its token.
func (v *Visit) keep(s Session) error {
	sealed, err := v.sealed(s)
	if err == nil && len(sealed) > maxCookie*maxCookies {
		s.Refresh = ""
		sealed, err = v.sealed(s)
	}
	if err != nil {
		return err
	}
	if len(sealed) > maxCookie*maxCookies {
		return errors.New("office: the tokens of the session are too long for cookies")
	}
	for i := range maxCookies {
		part := sealed[min(i*maxCookie, len(sealed)):min((i+1)*maxCookie, len(sealed))]
		v.cookie(sessionCookie+strconv.Itoa(i), part, part == "")
	}
	v.Session, v.signedIn = s, true
	return nil
}

func (v *Visit) sealed(s Session) (string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	return v.Seal(sessionCookie, string(text)), nil
}

// end forgets the session.
func (v *Visit) end() {
	for i := range maxCookies {
		v.cookie(sessionCookie+strconv.Itoa(i), "", true)
	}
	v.Session, v.signedIn = Session{}, false
}

// readSession returns the session of a request.
func (o *Office) readSession(r *http.Request) (s Session, found bool) {
	var sealed strings.Builder
	for i := range maxCookies {
		if c, err := r.Cookie(sessionCookie + strconv.Itoa(i)); err == nil {
			sealed.WriteString(c.Value)
		}
	}
	text, ok := o.open(sealed.String(), sessionCookie)
	if !ok || json.Unmarshal(text, &s) != nil || s.CSRF == "" {
		return Session{}, false
	}
	return s, true
}

// open returns what was sealed as the cookie name.
func (o *Office) open(sealed, name string) (text []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) == 0 {
		return nil, false
	}
	text, err = o.box.Open(raw, []byte(name))
	return text, err == nil
}

// cookie sets a cookie for the office alone, or removes it.
func (v *Visit) cookie(name, value string, remove bool) {
	age := 0
	if remove {
		age = -1
	}
	v.setCookie(name, value, age)
}

func (v *Visit) setCookie(name, value string, age int) {
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // G124: Secure is left out where the office is served by plain HTTP, on a laptop
		Name: name, Value: value, Path: v.office.root() + "/", HttpOnly: true, Secure: v.office.Secure, SameSite: http.SameSiteLaxMode,
		MaxAge: age,
	})
}

// Put keeps a text in a sealed cookie of the browser for some time; for [Visit.Take].
func (v *Visit) Put(name, text string, life time.Duration) {
	v.setCookie(name, v.Seal(name, text), int(life.Seconds()))
}

// Take returns what Put has kept, and removes it.
func (v *Visit) Take(name string) (text string, ok bool) {
	c, err := v.Request.Cookie(name)
	if err != nil {
		return "", false
	}
	v.cookie(name, "", true)
	return v.Unseal(name, c.Value)
}

// Seal returns text as only this office can read it, as name; for [Visit.Unseal].
func (v *Visit) Seal(name, text string) string {
	return base64.RawURLEncoding.EncodeToString(v.office.box.Seal([]byte(text), []byte(name)))
}

// Unseal returns what Seal has sealed as name.
func (v *Visit) Unseal(name, sealed string) (text string, ok bool) {
	raw, ok := v.office.open(sealed, name)
	return string(raw), ok
}

// renew makes the credentials of the session valid, with the first of the calls of a visit:
// several may be made at once.
func (v *Visit) renew() error {
	v.renewal.Do(func() { v.expired = v.renewNow() })
	return v.expired
}

func (v *Visit) renewNow() error {
	if !v.signedIn {
		return ErrSignIn
	}
	renewed, err := v.office.SignIn.Renew(v.Context(), v.Session)
	if err != nil {
		return err
	}
	if renewed.Token != v.Session.Token || renewed.Key != v.Session.Key {
		return v.Keep(renewed)
	}
	return nil
}
