package officetest_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
)

// TestStart: the start page says what runs, leads into the front office as every person, and to
// the documents of every product.
func TestStart(t *testing.T) {
	t.Parallel()
	v := site.Visit(t)
	start := v.Open("/").See(site.URL, "services", "interop", "consumers", "Storage", "Clock")
	for person, area := range map[string]string{
		"Municipality": "Services", "Reviewer": "To review", "Producer": "E-services", "Consumer": "Purposes", "Help desk": "Consumers",
		"Operator": "Platform",
	} {
		inside := start.Press("Sign in as "+person, nil)
		menu := inside.Find("nav.menu").Text()
		if inside.Status != http.StatusOK || !strings.Contains(inside.Find("header .who").Text(), person) || !strings.Contains(menu, area) {
			t.Errorf("signing in as %s leads to %s with the menu %q", person, inside.URL, strings.Join(strings.Fields(menu), " "))
		}
	}
	for _, product := range []string{"services", "interop", "consumers"} {
		docs := v.Get(start.Link("Read and try the operations of " + product))
		if docs.Status != http.StatusOK || docs.Find("title").Text() != "API: "+product+" · Ciclo" {
			t.Errorf("the documents of %s are answered %d with the title %q", product, docs.Status, docs.Find("title").Text())
		}
	}
	v.In("it").Open("/").See("Entra nel front office", "Che cosa gira qui", "Ultime richieste")
}

// TestStartCredentials: the credential that the start page shows opens an API of the person's when
// it is sent as it is shown.
func TestStartCredentials(t *testing.T) {
	t.Parallel()
	for person, path := range map[string]string{
		"Municipality": "/api/v1/manage/services", "Reviewer": "/api/v1/manage/reviews", "Producer": "/agreements", "Consumer": "/purposes",
		"Help desk": "/issuers/" + officetest.Issuer + "/consumers/nobody/operations", "Operator": "/api/v1/manage/subscriptions",
	} {
		shown := site.Visit(t).Open("/").Press("Credential for the API of "+person, nil).See(person + " · send it with each request")
		name, value, found := strings.Cut(shown.Find("main pre").First().Text(), ": ")
		if !found {
			t.Errorf("%s: no header is shown: %s", person, shown.Words())
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(name, value)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Errorf("%s: GET %s with %s is answered %d", person, path, name, res.StatusCode)
		}
	}
}

// TestStartClock moves the clock of a sandbox. A wrong duration stays in its field, with what
// is wrong.
func TestStartClock(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t)
	now := func() time.Time {
		t.Helper()
		var clock struct{ Now time.Time }
		if _, answer := box.Call(t, "", http.MethodGet, "/_local/clock", ""); json.Unmarshal([]byte(answer), &clock) != nil {
			t.Fatal(answer)
		}
		return clock.Now
	}
	before := now()
	v := box.Visit(t)
	wrong := v.Open("/").Press("Move the clock", map[string]any{"advance": "three months"})
	if kept := wrong.Find(`[name="advance"]`).AttrOr("value", ""); wrong.Status != http.StatusBadRequest || kept != "three months" {
		t.Errorf("a wrong duration is answered %d, and the field has %q", wrong.Status, kept)
	}
	if said := wrong.Find(`[name="advance"][aria-invalid="true"] ~ .error`).Text(); !strings.Contains(said, "must be a duration") {
		t.Errorf("at the field is said %q: %s", said, wrong.Words())
	}
	if moved := now().Sub(before); moved > time.Hour {
		t.Errorf("a wrong duration has moved the clock by %s", moved)
	}
	right := wrong.Press("Move the clock", map[string]any{"advance": "2232h"}).See("The clock was moved.")
	if moved := now().Sub(before); moved < 2232*time.Hour || moved > 2233*time.Hour {
		t.Errorf("the clock was moved by %s", moved)
	}
	at := now().Add(24 * time.Hour).UTC().Format("2006-01-02T15:04:05.000Z")
	right.Press("Move the clock", map[string]any{"now": at}).See("The clock was moved.")
	if left := time.Until(now()); now().UTC().Format("2006-01-02") != at[:10] {
		t.Errorf("the clock is at %s, %s from now, want %s", now(), left, at)
	}
	// Sessions go on, with credentials of the new time.
	box.As(t, "municipality").Open("/office/services").See("Services")
}

// TestStartRequests: the start page has the last twenty requests with their status and correlation
// id. It names operations, and has nothing of what was in a path, query or body.
func TestStartRequests(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t)
	token := box.Token(t, "issuerId="+officetest.Issuer)
	ids := map[string]bool{}
	for range 25 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
			box.URL+"/issuers/"+officetest.Issuer+"/consumers/MARIO-ROSSI?note=PERSONAL", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		ids[res.Header.Get("x-correlation-id")] = true
	}
	shown := box.Visit(t).Open("/").Miss("MARIO-ROSSI", "PERSONAL", officetest.Issuer+"/consumers")
	rows := shown.Find("#requests ~ .scroll tbody tr")
	if rows.Length() != 20 {
		t.Errorf("%d requests are shown", rows.Length())
	}
	rows.Each(func(_ int, row *goquery.Selection) {
		cells := row.Find("td").Map(func(_ int, cell *goquery.Selection) string { return cell.Text() })
		if cells[1] != "GET /issuers/{issuerId}/consumers/{consumerId}" || cells[2] != "404" && cells[2] != "400" || !ids[cells[3]] {
			t.Errorf("a row says %q", cells)
		}
	})
}

// whoMayCall is the end of the description of an operation.
var whoMayCall = regexp.MustCompile("\n\nFor (callers with `|anyone, |every key)")

// TestDocs: the page of each product has a title, a viewport and a filter box; it says who may
// call what, and what is long comes compressed.
func TestDocs(t *testing.T) {
	t.Parallel()
	v := site.Visit(t)
	for _, product := range []string{"services", "interop", "consumers"} {
		docs := v.Open("/docs/" + product)
		if docs.Find("title").Text() != "API: "+product+" · Ciclo" || docs.Find(`meta[name="viewport"]`).Length() != 1 {
			t.Errorf("%s has the title %q", docs.URL, docs.Find("title").Text())
		}
		for _, path := range []string{"/openapi/" + product + ".json", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"} {
			if text := gunzipped(t, path); len(text) < 10_000 {
				t.Errorf("%s has %d bytes", path, len(text))
			}
		}
		var document struct {
			Paths map[string]map[string]struct{ Description string }
		}
		if err := json.Unmarshal([]byte(gunzipped(t, "/openapi/"+product+".json")), &document); err != nil {
			t.Fatal(err)
		}
		if len(document.Paths) < 8 {
			t.Errorf("the document of %s has only %d paths", product, len(document.Paths))
		}
		for path, operations := range document.Paths {
			for method, operation := range operations {
				if !whoMayCall.MatchString(operation.Description) {
					t.Errorf("%s %s does not say who may call it: %q", method, path, operation.Description)
				}
			}
		}
	}
	if page := gunzipped(t, "/office/start"); !strings.Contains(page, "<h1>") {
		t.Errorf("the start page has no heading: %s", page)
	}
}

// gunzipped returns the answer to a request for a compressed one, which it must be.
func gunzipped(t *testing.T, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("%s is answered %d with the encoding %q", path, res.StatusCode, res.Header.Get("Content-Encoding"))
	}
	plain, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
