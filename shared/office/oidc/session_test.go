package oidc_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/office/oidc"
	"ciclo/shared/platform/claims"
)

// TestStolenForm: a form that is not the session's own changes nothing.
func TestStolenForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	anna, eve := w.browser().signIn("anna", "/things").follow(), w.browser().signIn("eve", "/things").follow()
	calls, _ := w.called()
	for name, send := range map[string]func() *browser{
		"no token":    func() *browser { return anna.do(http.MethodPost, "/things", url.Values{}) },
		"empty token": func() *browser { return anna.do(http.MethodPost, "/things", url.Values{"_csrf": {""}}) },
		"of another":  func() *browser { return anna.do(http.MethodPost, "/things", url.Values{"_csrf": {eve.csrf()}}) },
		"in the query": func() *browser {
			return anna.do(http.MethodPost, "/things?_csrf="+anna.get("/sign-in").csrf(), url.Values{})
		},
		"another site": func() *browser {
			return anna.do(http.MethodPost, "/things", url.Values{"_csrf": {anna.get("/sign-in").csrf()}}, "Sec-Fetch-Site", "cross-site")
		},
		"another site2": func() *browser {
			return anna.do(http.MethodPost, "/things", url.Values{"_csrf": {anna.get("/sign-in").csrf()}}, "Origin", "https://evil.example")
		},
		"links a key":   func() *browser { return anna.do(http.MethodPost, "/key", url.Values{"key": {"owner-key"}}) },
		"removes a key": func() *browser { return anna.do(http.MethodPost, "/key/remove", url.Values{}) },
	} {
		send().expect(http.StatusForbidden)
		if n, _ := w.called(); n != calls {
			t.Fatalf("%s: the API was called", name)
		}
	}
	anna.get("/things").post("/things", nil).expect(http.StatusOK)
}

// TestSessionsAreApart: what one person sees is nobody else's, and a cookie that is damaged,
// or not sealed as a session by this office, is none.
func TestSessionsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	anna, bruno := w.browser().signIn("anna", "/things").follow(), w.browser().signIn("bruno", "/things").follow()
	for range 3 {
		anna.get("/things").expect(http.StatusOK, "caller anna")
		bruno.get("/things").expect(http.StatusOK, "caller bruno")
		if strings.Contains(anna.text, "bruno") || strings.Contains(bruno.text, "anna") {
			t.Fatal("one sees the other")
		}
		if anna.last.Header.Get("Cache-Control") != "no-store" {
			t.Error("pages may be stored")
		}
	}
	stranger := w.browser()
	stranger.get("/things").expect(http.StatusSeeOther)

	const name = "ciclo-office0"
	good := anna.cookies[name].Value
	flipped := []byte(good)
	flipped[len(flipped)/2] ^= 1
	other := w.browser()
	other.start("/")
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	for what, value := range map[string]string{
		"changed": string(flipped), "cut short": good[:len(good)-4], "longer": good + "AAAA", "empty": "", "no base64": "%%%",
		"sealed as something else": other.cookies["ciclo-sign-in"].Value, "twice": good + good,
	} {
		anna.cookies[name].Value = value
		anna.get("/things")
		if anna.last.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: status %d", what, anna.last.StatusCode)
		}
	}
	anna.cookies[name].Value = good
	anna.get("/things").expect(http.StatusOK)
	w.office.Config.Handler = http.StripPrefix(prefix, w.open(key)) // another revision
	anna.get("/things").expect(http.StatusSeeOther)
}

// TestHeaders: no page is shown in a frame, runs a script of others or sends forms elsewhere.
func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	b := w.browser().signIn("anna", "/things").follow()
	for _, page := range []string{"/things", "/sign-in", "/key", "/none", "/sign-in/callback", "/broken"} {
		b.get(page)
		policy := b.last.Header.Get("Content-Security-Policy")
		for _, part := range []string{
			"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "script-src 'self'", "base-uri 'none'",
		} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy lacks %s", page, part)
			}
		}
		if strings.Contains(policy, "unsafe") || b.last.Header.Get("X-Content-Type-Options") != "nosniff" ||
			b.last.Header.Get("x-correlation-id") == "" {
			t.Errorf("%s: %v", page, b.last.Header)
		}
	}
	b.get("/broken").expect(http.StatusInternalServerError, "Something went wrong", b.last.Header.Get("x-correlation-id"))
	if strings.Contains(b.text, "a page breaks") || !strings.Contains(w.log.String(), "a page breaks") {
		t.Errorf("a panic is shown, or not logged:\n%s\n%s", b.text, w.log)
	}
}

// TestKey: a key opens what the API lets it read, stays in the session alone and can be
// removed.
func TestKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false)
	b := w.browser().signIn("anna", "/things").follow().expect(http.StatusOK, "Link your key")
	b.get("/services").expect(http.StatusForbidden)
	for _, wrong := range []string{"unknown-key", "idle-key", "", "two words", "owner-key\nx", strings.Repeat("k", 300)} {
		b.get("/key").post("/key", url.Values{"key": {wrong}}).expect(http.StatusBadRequest, "not valid")
		if wrong != "" && strings.Contains(b.text, wrong) {
			t.Errorf("the page repeats the key %q", wrong)
		}
	}
	b.get("/key").post("/key", url.Values{"key": {" owner-key "}}).expect(http.StatusSeeOther)
	b.get("/services").expect(http.StatusOK, "owner of a key", "Your key", "All services", "All things")
	if _, last := w.called(); last.Get("Ocp-Apim-Subscription-Key") != "owner-key" || last.Get("Authorization") != "" {
		t.Errorf("the API got %v", last)
	}
	if strings.Contains(b.get("/key").text, "owner-key") {
		t.Error("the page has the key")
	}
	b.get("/key").post("/key/remove", nil).expect(http.StatusSeeOther)
	b.get("/services").expect(http.StatusForbidden)
	b.get("/key").post("/key", url.Values{"key": {"reviewer-key"}}).expect(http.StatusSeeOther)
	b.get("/key").expect(http.StatusOK, "opens the reviews")
	b.get("/services").expect(http.StatusForbidden)
	b.get("/key").post("/key", url.Values{"key": {"operator-key"}}).expect(http.StatusSeeOther)
	b.get("/key").expect(http.StatusOK, "opens the list of subscriptions")
	b.get("/services").expect(http.StatusForbidden)

	b.get("/key").post("/key", url.Values{"key": {"owner-key"}}).expect(http.StatusSeeOther)
	w.mu.Lock()
	delete(w.keys, "owner-key") // is revoked
	w.mu.Unlock()
	b.get("/services").expect(http.StatusSeeOther)
	b.follow().expect(http.StatusOK, "no longer valid", "Link your key")
	b.get("/things").expect(http.StatusOK, "caller anna")
	if log := w.log.String(); strings.Contains(log, "owner-key") {
		t.Errorf("the log has the key:\n%s", log)
	}
}

// TestKeySurvivesRefresh: a new token leaves the key where it is.
func TestKeySurvivesRefresh(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, w *world) {
		b := w.browser().signIn("anna", "/key").follow()
		b.post("/key", url.Values{"key": {"owner-key"}}).expect(http.StatusSeeOther)
		w.advance(60 * 59e9)
		w.advance(30e9)
		b.get("/things").expect(http.StatusOK)
		if w.issuer.count("/token") != 2 {
			t.Fatal("the token was not refreshed")
		}
		b.get("/services").expect(http.StatusOK, "owner of a key")
	})
}

// TestWithoutAreas: whose token opens nothing is led to the key.
func TestWithoutAreas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, false, func(c *oidc.Config) { c.Organizations = false })
	b := w.browser().signIn("anna", "/").follow().expect(http.StatusOK, "The key for services")
	b.get("/things").expect(http.StatusForbidden)
}

// TestAreas: the claims open what they open at the authorizers of the APIs.
func TestAreas(t *testing.T) {
	t.Parallel()
	const things, consumers, platform = "All things", "All consumers", "The platform"
	operator := func(c *oidc.Config) { c.Operator = claims.Claim{Name: "role", Value: "operator"} }
	none := ""
	for name, tc := range map[string]struct {
		claims map[string]any
		change func(*oidc.Config)
		sees   []string
	}{
		"an organization":         {nil, nil, []string{things}},
		"its id in upper case":    {map[string]any{"custom:organizationId": strings.ToUpper(organization)}, nil, []string{things}},
		"a plain name":            {map[string]any{"organizationId": organization, "custom:organizationId": "x"}, nil, []string{things}},
		"no id":                   {map[string]any{"custom:organizationId": "x"}, nil, nil},
		"an empty attribute":      {map[string]any{"custom:organizationId": none}, nil, nil},
		"a list":                  {map[string]any{"custom:organizationId": []string{organization}}, nil, nil},
		"not this kind of caller": {nil, func(c *oidc.Config) { c.Organizations = false }, nil},
		"another prefix":          {nil, func(c *oidc.Config) { c.ClaimPrefix = "" }, nil},
		"the operator":            {map[string]any{"custom:organizationId": none, "custom:role": "operator"}, operator, []string{platform}},
		"no operator":             {map[string]any{"custom:organizationId": none, "custom:role": "operator"}, nil, nil},
		"an operator of issuers": {
			map[string]any{"custom:organizationId": none, "custom:role": "operator", "custom:issuers": "ISSUER0001"}, operator, []string{consumers},
		},
		"issuers": {
			map[string]any{"custom:organizationId": none, "custom:issuers": "ISSUER0001 ISSUER0002"}, nil, []string{consumers},
		},
		"an issuer":     {map[string]any{"custom:organizationId": none, "sub": "ISSUER0001"}, nil, []string{consumers}},
		"both":          {map[string]any{"custom:issuers": "ISSUER0001"}, nil, []string{things, consumers}},
		"no issuer ids": {map[string]any{"custom:organizationId": none, "custom:issuers": "ISSUER0001 x"}, nil, nil},
		"issuers not let in": {
			map[string]any{"custom:issuers": "ISSUER0001"}, func(c *oidc.Config) { c.CardIssuers = false }, []string{things},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []func(*oidc.Config)
			if tc.change != nil {
				changes = append(changes, tc.change)
			}
			w := newWorld(t, false, changes...)
			w.issuer.claims = tc.claims
			b := w.browser().signIn("anna", "/key").follow().expect(http.StatusOK)
			for _, entry := range []string{things, consumers, platform} {
				if has := strings.Contains(b.text, entry); has != slices.Contains(tc.sees, entry) {
					t.Errorf("the menu has %s: %v", entry, has)
				}
			}
		})
	}
}
