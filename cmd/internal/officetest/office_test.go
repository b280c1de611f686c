package officetest_test

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// site is the sandbox of the tests that leave its clock alone.
var site *officetest.Site

func TestMain(m *testing.M) {
	os.Exit(officetest.Run(m, func(s *officetest.Site) { site = s }))
}

// TestSignIn: who is not signed in comes to the page of persons, and from there to the page
// that was asked for.
func TestSignIn(t *testing.T) {
	t.Parallel()
	v := site.Visit(t)
	persons := v.Open("/office/services?sort=name")
	if persons.URL.Path != "/office/sign-in" {
		t.Fatalf("leads to %s", persons.URL)
	}
	services := persons.See("Who are you?").Press("Sign in as Municipality", nil)
	if services.Status != http.StatusOK || services.URL.RequestURI() != "/office/services?sort=name" {
		t.Errorf("leads to %s with %d", services.URL, services.Status)
	}
	if out := services.Press("Sign out", nil); out.URL.Path != "/office/sign-in" || v.Get("/office/services").URL.Path != "/office/sign-in" {
		t.Errorf("signing out leads to %s, and the session goes on", out.URL)
	}
}

// TestLanguages: the pages speak the browser's language, or the one that was chosen.
func TestLanguages(t *testing.T) {
	t.Parallel()
	v := site.As(t, "municipality")
	v.In("it-IT,it;q=0.9,en;q=0.8").Open("/office/services").See("Servizi")
	v.In("de").Open("/office/services").See("Servizi")
	v.In("de, en;q=0.5").Open("/office/services").See("Services")
	v.In("it").Open("/office/language?lang=en&back=/services").See("Services")
	v.In("it").Open("/office/services").See("Services")
	for _, back := range []string{"//example.it", `/\example.it`, "https://example.it/", "services", "%00"} {
		if shown := v.Get("/office/language?lang=en&back=" + url.QueryEscape(back)); !strings.HasPrefix(shown.URL.Path, "/office/") {
			t.Errorf("back=%s leads to %s", back, shown.URL)
		}
	}
}

// TestSignInByHand signs in in a browser.
func TestSignInByHand(t *testing.T) {
	t.Parallel()
	tab := site.Tab(t, "", officetest.Look{})
	tab.Open("/office/services")
	tab.Click("Sign in as Municipality")
	tab.See("Services")
	if tab.Path() != "/office/services" {
		t.Errorf("leads to %s", tab.Path())
	}
}
