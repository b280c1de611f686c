package officetest_test

import (
	"bytes"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// policy is the least that the Content-Security-Policy says.
var policy = []string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}

// TestHeaders: each page of each person, each page of an error and each asset has the headers
// that keep it safe. Pages are stored nowhere, assets for good.
func TestHeaders(t *testing.T) {
	t.Parallel()
	box, found := populated(t)
	id := uuid.NewString()
	found["others"] = []place{
		{"municipality", "/office/"},
		{"municipality", "/office/nothing"},
		{"municipality", "/office/platform"},
		{"municipality", "/office/services/" + id},
		{"municipality", "/"},
		{"municipality", "/office/sign-in"},
	}
	visitors, assets := map[string]*officetest.Visitor{}, map[string]bool{}
	for _, person := range persons {
		visitors[person] = box.As(t, person)
	}
	for _, all := range found {
		for _, p := range all {
			shown := visitors[p.person].Get(p.path)
			checkHeaders(t, shown, "no-store")
			for _, link := range shown.Find("link[href], script[src], img[src]").Nodes {
				for _, a := range link.Attr {
					if (a.Key == "href" || a.Key == "src") && strings.Contains(a.Val, "/assets/") {
						assets[a.Val] = true
					}
				}
			}
		}
	}
	if len(assets) != 3 {
		t.Errorf("the pages have the assets %q", slices.Collect(maps.Keys(assets)))
	}
	for asset := range assets {
		checkHeaders(t, visitors["municipality"].Get(asset), "public, max-age=31536000, immutable")
	}
	checkHeaders(t, visitors["municipality"].Get("/office/assets/office.000000000000.css"), "no-store")
}

func checkHeaders(t *testing.T, shown *officetest.Shown, cache string) {
	t.Helper()
	for _, rule := range policy {
		if csp := shown.Header.Get("Content-Security-Policy"); !strings.Contains(csp, rule) || strings.Contains(csp, "unsafe") {
			t.Errorf("%s has the policy %q, without %s", shown.URL, csp, rule)
		}
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Cache-Control": cache,
		"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		"Strict-Transport-Security": "", // the sandbox has no HTTPS
	} {
		if got := shown.Header.Get(name); got != want {
			t.Errorf("%s (%d) has %s: %q, want %q", shown.URL, shown.Status, name, got, want)
		}
	}
}

// TestCookies: every cookie of the office is for the office alone, and no script or other site
// gets it. The session is sealed: it does not say the key or token in it.
func TestCookies(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t) // whose clock is moved
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var names []string
	for _, r := range []struct{ method, path, form string }{
		{http.MethodPost, "/office/sign-in", "person=municipality"},
		{http.MethodGet, "/office/language?lang=en", ""},
		{http.MethodPost, "/office/start/clock", "advance=1ns"},
	} {
		request, err := http.NewRequestWithContext(t.Context(), r.method, box.URL+r.path, strings.NewReader(r.form))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		for _, c := range res.Cookies() {
			names = append(names, c.Name)
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/office/" || c.Domain != "" {
				t.Errorf("%s sets %s", r.path, c)
			}
			text, err := base64.RawURLEncoding.DecodeString(c.Value)
			open := bytes.Contains(text, []byte("comune")) || bytes.Contains(text, []byte(`"p":"`))
			if strings.HasPrefix(c.Name, "ciclo-office") && (err != nil || open) {
				t.Errorf("the cookie %s says who it is for: %s (%v)", c.Name, text, err)
			}
		}
	}
	if len(names) < 3 {
		t.Errorf("only the cookies %q were set", names)
	}
}
