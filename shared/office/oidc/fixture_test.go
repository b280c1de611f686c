package oidc_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/oidc"
)

// world is an office with its issuer and the APIs that it calls.
type world struct {
	t      *testing.T
	issuer *issuer
	office *httptest.Server
	config oidc.Config
	key    []byte
	log    *safeBuffer

	mu    sync.Mutex
	now   time.Time
	keys  map[string]string // what a manage key may read: services or reviews
	calls []http.Header     // that came to the APIs
}

// safeBuffer is a log that may be written by several requests at once.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// prefix is the stage, which API Gateway takes away from paths.
const prefix = "/v1"

func newWorld(t *testing.T, keycloak bool, changes ...func(*oidc.Config)) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC), log: &safeBuffer{}, key: make([]byte, 32),
		keys: map[string]string{"owner-key": "services", "reviewer-key": "reviews", "operator-key": "subscriptions", "idle-key": ""},
	}
	_, _ = rand.Read(w.key)
	w.issuer = newIssuer(t, keycloak, w.clock)
	w.office = httptest.NewUnstartedServer(nil)
	w.office.StartTLS()
	t.Cleanup(w.office.Close)
	w.config = oidc.Config{
		Issuer: w.issuer.url, ClientID: client, Token: oidc.IDToken, Office: w.office.URL + prefix, ClaimPrefix: "custom:",
		Organizations: true, CardIssuers: true, Keyed: true, Now: w.clock, Log: slog.New(slog.NewTextHandler(w.log, nil)), Transport: w.issuer,
	}
	if keycloak {
		w.config.Secret, w.config.Token, w.config.ClaimPrefix = secret, oidc.AccessToken, ""
	}
	for _, change := range changes {
		change(&w.config)
	}
	w.office.Config.Handler = http.StripPrefix(prefix, w.open(w.key))
	return w
}

// open returns the office, whose sessions are sealed with a key.
func (w *world) open(key []byte) http.Handler {
	w.t.Helper()
	provider, err := oidc.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	files := fstest.MapFS{"thing.html": {Data: []byte(`{{define "main"}}<h1>{{text .Title}}</h1><p>data: {{.Data}}</p>` +
		`<form method="post" action="{{link "/things"}}">{{template "csrf" $}}</form>{{end}}`)}}
	things := func(method string) func(v *office.Visit) (*office.View, error) {
		return func(v *office.Visit) (*office.View, error) {
			var said struct{ Who string }
			err := v.API("interop").Send(method, "/things", nil, &said)
			return &office.View{Template: "thing.html", Title: office.Same("Things"), Data: said.Who}, err
		}
	}
	o, err := office.New(office.Config{
		Prefix: prefix, SignIn: provider, KeyPage: oidc.KeyPage, Key: key, Secure: true, Now: w.clock, Log: w.config.Log,
		APIs: map[string]office.Remote{
			"interop":  {URL: "https://interop.example.it", Transport: w},
			"services": {URL: "https://services.example.it", Keyed: true, Transport: w},
		},
	}, office.Wing{Files: files, Menu: []office.Entry{
		{Text: office.Same("All things"), Path: "/things", Area: office.Interop},
		{Text: office.Same("All services"), Path: "/services", Area: office.Services},
		{Text: office.Same("All consumers"), Path: "/consumers", Area: office.Consumers},
		{Text: office.Same("The platform"), Path: "/platform", Area: office.Platform},
	}, Pages: []office.Page{
		{Method: http.MethodGet, Path: "/things", Area: office.Interop, Serve: things(http.MethodGet)},
		{Method: http.MethodPost, Path: "/things", Area: office.Interop, Serve: things(http.MethodPost)},
		{Method: http.MethodGet, Path: "/services", Area: office.Services, Serve: func(v *office.Visit) (*office.View, error) {
			var said struct{ Who string }
			err := v.API("services").Get("/api/v1/manage/services", nil, &said)
			return &office.View{Template: "thing.html", Title: office.Same("Services"), Data: said.Who}, err
		}},
		{Method: http.MethodGet, Path: "/broken", Area: office.Interop, Serve: func(*office.Visit) (*office.View, error) {
			panic("a page breaks")
		}},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// RoundTrip implements [http.RoundTripper] of the APIs: they say who calls.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, r.Header.Clone())
	answer := httptest.NewRecorder()
	key := r.Header.Get("Ocp-Apim-Subscription-Key")
	reads, known := w.keys[key]
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case r.URL.Host == "services.example.it" && !known:
		send(answer, http.StatusUnauthorized, map[string]string{"detail": "Send a valid key."})
	case r.URL.Host == "services.example.it" && !strings.HasSuffix(r.URL.Path, "/"+reads):
		send(answer, http.StatusForbidden, map[string]string{"detail": "Not for this key."})
	case r.URL.Host == "services.example.it":
		send(answer, http.StatusOK, map[string]string{"who": "owner of a key"})
	default:
		send(answer, http.StatusOK, map[string]string{"who": "caller " + subjectOf(token)})
	}
	return answer.Result(), nil
}

func subjectOf(token string) string {
	var c struct{ Sub string }
	if parts := strings.Split(token, "."); len(parts) == 3 {
		raw, _ := base64.RawURLEncoding.DecodeString(parts[1])
		_ = json.Unmarshal(raw, &c)
	}
	return c.Sub
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// called returns how many calls came to the APIs, and the credential of the last one.
func (w *world) called() (n int, last http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) == 0 {
		return 0, nil
	}
	return len(w.calls), w.calls[len(w.calls)-1]
}

// browser has cookies, as a browser does.
type browser struct {
	w       *world
	cookies map[string]*http.Cookie
	last    *http.Response
	text    string
}

func (w *world) browser() *browser { return &browser{w: w, cookies: map[string]*http.Cookie{}} }

// do sends a request to the office and keeps its cookies; where is a path or a URL.
func (b *browser) do(method, where string, form url.Values, headers ...string) *browser {
	b.w.t.Helper()
	if !strings.HasPrefix(where, "https://") {
		where = b.w.office.URL + prefix + where
	}
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, where, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for _, c := range b.cookies {
		if strings.HasPrefix(r.URL.Path, c.Path) {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
	if b.last, err = b.w.office.Client().Transport.RoundTrip(r); err != nil {
		b.w.t.Fatal(err)
	}
	defer b.last.Body.Close()
	text, err := io.ReadAll(b.last.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	b.text = html.UnescapeString(string(text))
	for _, c := range b.last.Cookies() {
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return b
}

func (b *browser) get(where string) *browser { return b.do(http.MethodGet, where, nil) }

// post sends a form with the token of the page before.
func (b *browser) post(where string, form url.Values) *browser {
	b.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	form.Set("_csrf", b.csrf())
	return b.do(http.MethodPost, where, form)
}

var csrfField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

// csrf returns the token in the forms of the page.
func (b *browser) csrf() string {
	b.w.t.Helper()
	match := csrfField.FindStringSubmatch(b.text)
	if match == nil {
		b.w.t.Fatalf("no form on the page\n%s", b.text)
	}
	return match[1]
}

// follow goes where a redirect within the office leads.
func (b *browser) follow() *browser {
	b.w.t.Helper()
	to := b.last.Header.Get("Location")
	if b.last.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, prefix+"/") {
		b.w.t.Fatalf("status %d leads to %q\n%s", b.last.StatusCode, to, b.text)
	}
	return b.get(strings.TrimPrefix(to, prefix))
}

// expect checks the status of the page and what is on it.
func (b *browser) expect(status int, texts ...string) *browser {
	b.w.t.Helper()
	if b.last.StatusCode != status {
		b.w.t.Fatalf("status %d, want %d\n%s\n%s", b.last.StatusCode, status, b.text, b.w.log)
	}
	for _, text := range texts {
		if !strings.Contains(b.text, text) {
			b.w.t.Errorf("the page lacks %q\n%s", text, b.text)
		}
	}
	return b
}

// start begins to sign in and returns the URL of the issuer's page.
func (b *browser) start(back string) string {
	b.w.t.Helper()
	b.get("/sign-in?back="+url.QueryEscape(back)).expect(http.StatusOK, "Sign in")
	match := regexp.MustCompile(`class="button" href="` + prefix + `([^"]+)"`).FindStringSubmatch(b.text)
	if match == nil {
		b.w.t.Fatalf("no way to sign in\n%s", b.text)
	}
	return b.get(match[1]).expect(http.StatusSeeOther).last.Header.Get("Location")
}

// signIn signs a person in, up to the answer to the way back.
func (b *browser) signIn(subject, back string) *browser {
	b.w.t.Helper()
	return b.get(b.w.issuer.authorize(b.start(back), subject)).expect(http.StatusSeeOther)
}

// signedIn reports whether the browser has a session.
func (b *browser) signedIn() bool { return b.cookies["ciclo-office0"] != nil }

// both runs a test with either kind of issuer.
func both(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	for name, keycloak := range map[string]bool{"Cognito": false, "Keycloak": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorld(t, keycloak))
		})
	}
}
