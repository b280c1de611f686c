package oidc_test

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ciclo/shared/office/oidc"
)

// TestSignIn: a person who opens a page signs in at the issuer and comes back to it; the page
// calls the API with the token that it takes.
func TestSignIn(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.get("/things?state=1").expect(http.StatusSeeOther)
		if to := b.last.Header.Get("Location"); to != prefix+"/sign-in?back="+url.QueryEscape("/things?state=1") {
			t.Fatalf("the page leads to %s", to)
		}
		b.signIn("anna", "/things?state=1")
		if to := b.last.Header.Get("Location"); to != prefix+"/things?state=1" {
			t.Errorf("signing in leads to %s", to)
		}
		b.follow().expect(http.StatusOK, "data: caller anna", "anna", "All things")
		if strings.Contains(b.text, "All services") {
			t.Error("without a key there are services")
		}
		_, header := w.called()
		use := "id"
		if w.issuer.keycloak {
			use = "the-apis"
			b.expect(http.StatusOK, "Comune di Esempio")
		}
		_, token, _ := strings.Cut(header.Get("Authorization"), " ")
		if raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1]); !strings.Contains(string(raw), `"`+use+`"`) {
			t.Errorf("the API got the token %s", raw)
		}
	})
}

// TestCookies: what the browser keeps is for the office alone, for HTTPS alone, and for no script.
func TestCookies(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.start("/")
		b.signIn("anna", "/")
		seen := 0
		for _, c := range b.last.Cookies() {
			seen++
			if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode || c.Path != prefix+"/" || c.Domain != "" {
				t.Errorf("the cookie %s is %s", c.Name, c.Raw)
			}
			raw, err := base64.RawURLEncoding.DecodeString(c.Value)
			if err != nil || strings.Contains(string(raw), "anna") || strings.Contains(string(raw), organization) || len(c.Raw) > 4096 {
				t.Errorf("the cookie %s can be read: %q, %v", c.Name, raw, err)
			}
		}
		if hsts := b.last.Header.Get("Strict-Transport-Security"); hsts != "max-age=31536000" {
			t.Errorf("the browser may come by plain HTTP: %q", hsts)
		}
		if seen < 2 || b.cookies["ciclo-sign-in"] != nil {
			t.Errorf("%d cookies; the attempt is kept: %v", seen, b.cookies)
		}
	})
}

// TestBackStaysInside: no link to the page to sign in leads out of the office afterwards.
func TestBackStaysInside(t *testing.T) {
	t.Parallel()
	for _, back := range []string{
		"https://evil.example/", "//evil.example", `/\evil.example`, "evil.example", "javascript:alert(1)",
		"/\t/evil.example", "", "///evil.example", "/../openapi.json", "/things/..", "/%2e%2e/openapi.json",
	} {
		w := newWorld(t, false)
		for _, begin := range []func(b *browser) string{
			func(b *browser) string { return b.start(back) },
			func(b *browser) string {
				return b.get("/sign-in/start?" + url.Values{"back": {back}}.Encode()).last.Header.Get("Location")
			},
		} {
			b := w.browser()
			b.get(w.issuer.authorize(begin(b), "anna")).expect(http.StatusSeeOther)
			if to := b.last.Header.Get("Location"); to != prefix+"/" {
				t.Errorf("back=%q leads to %s", back, to)
			}
		}
	}
}

// TestRefresh: a token that ends soon is replaced, and forms stay valid.
func TestRefresh(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		b := w.browser().signIn("anna", "/things").follow().expect(http.StatusOK)
		csrf := b.csrf()
		_, before := w.called()
		for range 3 {
			w.advance(59*time.Minute + 30*time.Second)
			b.get("/things").expect(http.StatusOK, "caller anna")
		}
		_, after := w.called()
		if after.Get("Authorization") == before.Get("Authorization") || w.issuer.count("/token") != 4 {
			t.Errorf("%d tokens", w.issuer.count("/token"))
		}
		if b.csrf() == csrf {
			t.Error("the token of forms is the same on all pages")
		}
		b.do(http.MethodPost, "/things", url.Values{"_csrf": {csrf}}).expect(http.StatusOK) // a form that was open meanwhile
		for range 10 {                                                                      // twelve hours at most
			w.advance(59*time.Minute + 30*time.Second)
			b.get("/things")
		}
		b.expect(http.StatusSeeOther)
		if b.signedIn() {
			t.Error("a session does not end")
		}
	})
}

// TestEndOfSession: without a token that can be had the person signs in again, once the token
// of the session has ended; at once when the issuer answers with another person's.
func TestEndOfSession(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(w *world)
		good   bool // until the token ends
		status int
	}{
		"refused":        {func(w *world) { clear(w.issuer.refresh) }, true, http.StatusSeeOther},
		"another person": {func(w *world) { w.issuer.claims = map[string]any{"sub": "eve"} }, false, http.StatusSeeOther},
		"unreachable":    {func(w *world) { w.issuer.down = true }, true, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, false)
			b := w.browser().signIn("anna", "/things").follow().expect(http.StatusOK)
			w.issuer.set(func() { tc.change(w) })
			w.advance(59*time.Minute + 30*time.Second)
			if tc.good {
				b.get("/things").expect(http.StatusOK)
				w.advance(time.Minute)
			}
			calls, _ := w.called()
			b.get("/things").expect(tc.status)
			if n, _ := w.called(); n != calls {
				t.Error("the API was called")
			}
			if tc.status == http.StatusSeeOther && (b.signedIn() || b.last.Header.Get("Location") != prefix+"/sign-in?back=%2Fthings") {
				t.Errorf("signed in: %v, leads to %s", b.signedIn(), b.last.Header.Get("Location"))
			}
		})
	}
}

// TestLongRefreshToken: where it does not fit the session ends with its token.
func TestLongRefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	w.issuer.padding = strings.Repeat("x", 6000)
	b := w.browser().signIn("anna", "/things").follow().expect(http.StatusOK, "caller anna")
	w.advance(2 * time.Hour)
	b.get("/things").expect(http.StatusSeeOther)
	if w.issuer.count("/token") != 1 {
		t.Error("the token was refreshed")
	}
}

// TestSignOut: the session ends here and at the issuer, whose page follows.
func TestSignOut(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		b := w.browser().signIn("anna", "/things").follow()
		b.do(http.MethodPost, "/sign-out", nil).expect(http.StatusForbidden)
		if !b.signedIn() {
			t.Fatal("another site signs people out")
		}
		b.get("/things").post("/sign-out", nil).expect(http.StatusOK, "signed out")
		back := "post_logout_redirect_uri"
		if !w.issuer.keycloak {
			back = "logout_uri"
		}
		want := "0; url=https://login.example.it/logout?" + url.Values{"client_id": {client}, back: {w.office.URL + prefix + "/sign-in"}}.Encode()
		if got := b.last.Header.Get("Refresh"); got != want {
			t.Errorf("signing out leads to %q, want %q", got, want)
		}
		if b.signedIn() || len(w.issuer.revoked) != 1 || w.issuer.revoked[0] == "" {
			t.Errorf("signed in: %v, revoked %q", b.signedIn(), w.issuer.revoked)
		}
		b.get("/things").expect(http.StatusSeeOther)
	})
}

// TestMetadata: metadata is read once an hour, and old metadata serves while the issuer is
// down. What is not the issuer's, or not safe, is not used.
func TestMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t, true)
	b := w.browser()
	const where = "/realms/public/.well-known/openid-configuration"
	b.start("/")
	b.start("/")
	if n := w.issuer.count(where); n != 1 {
		t.Errorf("read %d times", n)
	}
	w.advance(2 * time.Hour)
	w.issuer.set(func() { w.issuer.down = true })
	b.start("/")
	if n := w.issuer.count(where); n != 2 {
		t.Errorf("read %d times", n)
	}
	for name, value := range map[string]string{
		"issuer": "https://evil.example", "authorization_endpoint": "http://evil.example/",
		"token_endpoint": "", "jwks_uri": "http://evil.example/jwks",
	} {
		w := newWorld(t, true)
		w.issuer.metadata[name] = value
		w.browser().get("/sign-in/start").expect(http.StatusServiceUnavailable, "does not answer")
	}
}

// TestConfig: a configuration that is not safe is refused.
func TestConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	for name, change := range map[string]func(*oidc.Config){
		"no issuer": func(c *oidc.Config) { c.Issuer = "" }, "an issuer without TLS": func(c *oidc.Config) { c.Issuer = "http://issuer.example" },
		"no client": func(c *oidc.Config) { c.ClientID = "" }, "another token": func(c *oidc.Config) { c.Token = "refresh_token" },
		"an office without TLS": func(c *oidc.Config) { c.Office = "http://office.example" }, "no clock": func(c *oidc.Config) { c.Now = nil },
	} {
		c := w.config
		change(&c)
		if _, err := oidc.New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	if w.open(key) == nil {
		t.Error("no office")
	}
}
