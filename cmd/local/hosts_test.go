package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/testing/engine"
)

// boxed is a sandbox with a setting.
func boxed(t *testing.T, getenv func(string) string) *sandbox {
	t.Helper()
	db := engine.Bolt(t, catalog.Schemas())
	box, err := newSandbox(furnished(t, &storage{db: db, feed: db}), "http://localhost:3000", getenv, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// TestHosts asks for everything under names that are the sandbox's and names that are not.
func TestHosts(t *testing.T) {
	t.Parallel()
	plain := boxed(t, nothing)
	more := boxed(t, settings(hostsSetting, "Host.Docker.Internal, ciclo.test"))
	all := boxed(t, settings(hostsSetting, "*"))
	for _, c := range []struct {
		host              string
		plain, more, star bool
	}{
		{"localhost", true, true, true},
		{"localhost:3000", true, true, true},
		{"LOCALHOST.:3000", true, true, true},
		{"ciclo.localhost:3000", true, true, true},
		{"127.0.0.1:3000", true, true, true},
		{"127.1.2.3", true, true, true},
		{"[::1]:3000", true, true, true},
		{"[::1]", true, true, true},
		{"[::ffff:127.0.0.1]:3000", true, true, true},
		{"host.docker.internal:3000", false, true, true},
		{"ciclo.test", false, true, true},
		{"evil.example:3000", false, false, true},
		{"localhost.evil.example", false, false, true},
		{"evillocalhost", false, false, true},
		{"127.0.0.1.evil.example", false, false, true},
		{"192.0.2.1:3000", false, false, true},
		{"0.0.0.0:3000", false, false, true},
		{"[::]:3000", false, false, true},
		{"", false, false, true},
		{"*", false, false, true},
	} {
		for _, path := range []string{
			"/_local/health", "/_local/key?owner=a", "/_local/token?issuerId=ISSUER-001",
			"/openapi.json", "/docs/", "/api/v1/manage/info", "/none",
		} {
			for box, admitted := range map[*sandbox]bool{plain: c.plain, more: c.more, all: c.star} {
				req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
				req.Host = c.host
				rec := httptest.NewRecorder()
				box.ServeHTTP(rec, req)
				if (rec.Code != http.StatusMisdirectedRequest) != admitted || !admitted && !strings.Contains(rec.Body.String(), "HOSTS=") {
					t.Errorf("GET %s for %q (HOSTS %v) = %d", path, c.host, box.guard.hosts, rec.Code)
				}
			}
		}
	}
}

// TestCommands sends the commands as a program, as a page of the sandbox and as a page of
// another site do.
func TestCommands(t *testing.T) {
	t.Parallel()
	box := boxed(t, nothing)
	bodies := map[string]string{
		"/_local/clock": `{"advance":"0s"}`, "/_local/purge": "",
		"/_local/tenant": `{"name":"Comune","externalId":{"origin":"IPA","value":"c_1"}}`,
	}
	for path, body := range bodies {
		for _, c := range []struct {
			what   string
			header map[string]string
			status int
		}{
			{"JSON", map[string]string{"Content-Type": "application/json"}, 200},
			{"JSON with a charset", map[string]string{"Content-Type": "application/json; charset=utf-8"}, 200},
			{"a page of its own", map[string]string{
				"Content-Type": "application/json", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-origin",
			}, 200},
			{"no type", nil, map[bool]int{false: 415, true: 200}[path == "/_local/purge"]},
			{"a form", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, 415},
			{"a form of text", map[string]string{"Content-Type": "text/plain"}, 415},
			{"a form with files", map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, 415},
			{"another site", map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403},
			{"another site's older browser", map[string]string{"Content-Type": "application/json", "Origin": "https://evil.example"}, 403},
			{"a page without an origin", map[string]string{"Content-Type": "application/json", "Origin": "null"}, 403},
			{"another port", map[string]string{"Content-Type": "application/json", "Origin": "http://localhost:8080"}, 403},
		} {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
			req.Host = "localhost:3000"
			for name, value := range c.header {
				req.Header.Set(name, value)
			}
			rec := httptest.NewRecorder()
			box.ServeHTTP(rec, req)
			if rec.Code != c.status {
				t.Errorf("POST %s as %s = %d %s, want %d", path, c.what, rec.Code, rec.Body, c.status)
			}
		}
	}
}
