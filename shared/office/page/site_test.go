package page_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ciclo/shared/office/page"
	"ciclo/shared/platform/api"
)

// settings are those of a deployment with all products.
var settings = map[string]string{
	"OFFICE_URL": "https://office.example.it/base", "ISSUER_URL": "https://issuer.example.it", "OFFICE_CLIENT_ID": "office",
	"OFFICE_TOKEN": "id_token", "SERVICES_URL": "https://services.example.it", "INTEROP_URL": "https://interop.example.it/v1",
}

// open opens the site with changed settings; labels gets what its key is derived for.
func open(changes map[string]string, labels *[]string) (http.Handler, error) {
	all := maps.Clone(settings)
	maps.Copy(all, changes)
	return page.Site.Start(api.Deps{
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Setting: func(name string) string { return all[name] },
		Derive: func(_ context.Context, label string) ([]byte, error) {
			*labels = append(*labels, label)
			if all["no key"] != "" {
				return nil, errors.New("no key")
			}
			return make([]byte, 32), nil
		},
	})
}

// TestSite: pages are found with and without the base path, their links have it, and each
// revision has a key of its own.
func TestSite(t *testing.T) {
	t.Parallel()
	var labels []string
	site, err := open(nil, &labels)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/sign-in", "/base/sign-in"} {
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `href="/base/sign-in/start`) {
			t.Errorf("%s: %d\n%s", path, answer.Code, answer.Body)
		}
	}
	for path, want := range map[string]string{"/base": "/base/sign-in", "/": "/base/sign-in", "/baseball": ""} {
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
		if got := answer.Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	if _, err := open(map[string]string{"OFFICE_REVISION": "2"}, &labels); err != nil || len(labels) != 2 || labels[0] == labels[1] {
		t.Errorf("keys are derived for %q, %v", labels, err)
	}
}

// TestSiteWithoutServices has no page for keys.
func TestSiteWithoutServices(t *testing.T) {
	t.Parallel()
	var labels []string
	for services, want := range map[string]int{"": http.StatusNotFound, "https://services.example.it": http.StatusSeeOther} {
		site, err := open(map[string]string{"SERVICES_URL": services}, &labels)
		if err != nil {
			t.Fatal(err)
		}
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/key", http.NoBody))
		if answer.Code != want {
			t.Errorf("with services at %q: %d, want %d", services, answer.Code, want)
		}
	}
}

// TestSiteRefusesSettings names what is wrong.
func TestSiteRefusesSettings(t *testing.T) {
	t.Parallel()
	var labels []string
	for want, changes := range map[string]map[string]string{
		"OFFICE_URL": {"OFFICE_URL": ""}, "issuer": {"ISSUER_URL": ""}, "https": {"ISSUER_URL": "http://issuer.example.it"},
		"client id": {"OFFICE_CLIENT_ID": ""}, "id_token": {"OFFICE_TOKEN": "token"}, "no key": {"no key": "1"},
		"SERVICES_URL": {"SERVICES_URL": "http://services.example.it"},
	} {
		if _, err := open(changes, &labels); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", changes, err, want)
		}
	}
}
