package operator_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/operator"
)

var now = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// apis answers requests by method and path; what it lacks is 404.
type apis map[string]string

// RoundTrip implements [http.RoundTripper]. An answer that begins with a status has that.
func (a apis) RoundTrip(r *http.Request) (*http.Response, error) {
	text, found := a[r.Method+" "+r.URL.Path]
	status := http.StatusOK
	switch {
	case !found:
		status = http.StatusNotFound
	case strings.HasPrefix(text, "409 "):
		status, text = http.StatusConflict, text[4:]
	case strings.HasPrefix(text, "503 "):
		status, text = http.StatusServiceUnavailable, text[4:]
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// quiet are the answers of a platform that has nothing to report.
func quiet() apis {
	return apis{
		"GET /platform/purge": `{"lastRun":{"startedAt":"2026-12-01T11:00:00Z","endedAt":"2026-12-01T11:00:01Z","by":"schedule","failed":false,` +
			`"report":{"scanned":10,"deleted":7,"skipped":3,"done":true}},"oldestOverdueSeconds":0,"oldestUnfinishedDay":"2026-12-01"}`,
		"GET /platform/ledger":              `{"eservices":4,"differences":[],"busy":[],"complete":true}`,
		"GET /platform/deadLetters/cascade": `{"queue":"cascade","exists":true,"waiting":0}`,
		"GET /platform/deadLetters/purge":   `{"queue":"purge","exists":false}`,
		"GET /platform/deadLetters/follow":  `{"queue":"follow","exists":true,"waiting":0}`,
		"GET /api/v1/manage/subscriptions":  `{"value":[],"pagination":{"offset":0,"limit":50,"count":0}}`,
	}
}

// visitor is the operator, signed in, at an office before the APIs of some products.
type visitor struct {
	t      *testing.T
	office *office.Office
	cookie string
}

func visit(t *testing.T, answers apis, key string, products ...string) *visitor {
	t.Helper()
	session := office.Session{
		Name: office.Same("Operator"), Areas: []office.Area{office.Platform}, Token: "t", Key: key, Expires: now.Add(time.Hour),
	}
	persons := &office.Persons{
		Now:  func() time.Time { return now },
		Open: func(context.Context, string) (office.Session, error) { return session, nil },
	}
	c := office.Config{
		APIs: map[string]office.Remote{}, SignIn: persons, Key: make([]byte, 32), Now: persons.Now,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, p := range products {
		c.APIs[p] = office.Remote{URL: "http://" + p, Keyed: p == "services", Transport: answers}
	}
	o, err := office.New(c, operator.Wing())
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, office: o}
	_, header := v.send(http.MethodPost, "/sign-in", url.Values{"person": {"operator"}})
	for _, line := range header.Values("Set-Cookie") {
		pair, _, _ := strings.Cut(line, ";")
		v.cookie += pair + "; "
	}
	return v
}

func (v *visitor) send(method, path string, form url.Values) (text string, header http.Header) {
	v.t.Helper()
	r := httptest.NewRequestWithContext(v.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Cookie", v.cookie)
	rec := httptest.NewRecorder()
	v.office.ServeHTTP(rec, r)
	header = rec.Result().Header
	header.Set("Status", http.StatusText(rec.Code))
	return rec.Body.String(), header
}

func (v *visitor) open(path string) string {
	v.t.Helper()
	text, header := v.send(http.MethodGet, path, nil)
	if header.Get("Status") != "OK" {
		v.t.Fatalf("%s: %s\n%s", path, header.Get("Status"), text)
	}
	return text
}

var all = []string{"consumers", "services", "interop"}

// TestAlerts shows platforms in several states: each that is worth an alarm is said in words,
// with the name of its playbook.
func TestAlerts(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path, answer string
		want         []string
	}{
		"quiet": {"", "", []string{"Nothing to report.", "the hourly schedule", "Complete", "No queue here"}},
		"no run so far": {
			"purge", `{"oldestOverdueSeconds":0,"oldestUnfinishedDay":"2026-12-01"}`,
			[]string{"Nothing to report.", "none so far"},
		},
		"a run goes on": {"purge", `{"runningUntil":"2026-12-01T12:10:00Z","oldestUnfinishedDay":"2026-12-01"}`, []string{"A run is going on"}},
		"overdue": {
			"purge", `{"oldestOverdueSeconds":200000,"oldestUnfinishedDay":"2026-11-29"}`,
			[]string{"expired more than a day ago", "purge-overdue.md", "2 days"},
		},
		"overdue by day": {"purge", `{"oldestOverdueSeconds":86400,"oldestUnfinishedDay":"2026-11-30"}`, []string{"Nothing to report.", "1 day"}},
		"silent": {
			"purge", `{"lastRun":{"endedAt":"2026-11-30T09:59:59Z","by":"operator","report":{"done":false}},"oldestUnfinishedDay":"2026-11-30"}`,
			[]string{"No run of the purge has succeeded for more than 26 hours", "purge-silent.md", "an operator", "Out of time"},
		},
		"failed": {
			"purge", `{"lastRun":{"endedAt":"2026-12-01T11:00:00Z","failed":true,"report":{}},"oldestUnfinishedDay":"2026-12-01"}`,
			[]string{"The last run of the purge failed", "purge-dead-letters.md", "Failed"},
		},
		"cascade gave up": {
			"deadLetters/cascade", `{"exists":true,"waiting":3}`,
			[]string{"Deletions of consumers: 3 in the queue", "To be looked at", "cascade-dead-letters.md"},
		},
		"follow gave up": {
			"deadLetters/follow", `{"exists":true,"waiting":1}`,
			[]string{"Updates of agreements: 1 in the queue", "agreements-behind.md"},
		},
		"purge is out of reach": {
			"purge", `503 {"status":503,"detail":"The call could not be completed in time."}`,
			[]string{"This part cannot be read", "could not be completed", "Dead letters"},
		},
		"queue is out of reach": {"deadLetters/follow", `503 {"status":503}`, []string{"Not available", "Run now"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := quiet()
			if tc.path != "" {
				answers["GET /platform/"+tc.path] = tc.answer
			}
			text := visit(t, answers, "key", all...).open("/platform")
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("the page lacks %q\n%s", want, text)
				}
			}
			if quiet := strings.Contains(text, "Nothing to report."); quiet != (tc.path == "" || tc.want[0] == "Nothing to report.") &&
				name != "a run goes on" {
				t.Errorf("nothing to report: %v", quiet)
			}
		})
	}
}

// TestProducts: each section is there with its product alone.
func TestProducts(t *testing.T) {
	t.Parallel()
	sections := map[string][]string{
		"consumers": {`id="purge"`, "Deletions of consumers"}, "interop": {"Ledger of load", "Updates of agreements"},
		"services": {"Subscriptions"},
	}
	for _, served := range all {
		text := visit(t, quiet(), "key", served).open("/platform")
		for product, words := range sections {
			for _, word := range words {
				if strings.Contains(text, word) != (product == served) {
					t.Errorf("with %s alone, %q of %s is there: %v", served, word, product, product != served)
				}
			}
		}
	}
	if text := visit(t, quiet(), "", all...).open("/platform"); !strings.Contains(text, "no key with the role operator") {
		t.Error("a session without a key gets no explanation")
	}
}

// TestSubscriptions shows who has keys; names are escaped.
func TestSubscriptions(t *testing.T) {
	t.Parallel()
	answers := quiet()
	answers["GET /api/v1/manage/subscriptions"] = `{"value":[` +
		`{"id":"MANAGE-a","owner":"<b>a</b>","group":"taxes","role":"owner","state":"active",` +
		`"created_at":"2026-11-01T09:00:00Z","networks":["192.0.2.0/24"]},` +
		`{"id":"MANAGE-REVIEW-p","owner":"p","role":"reviewer","state":"suspended"}],"pagination":{"count":120}}`
	text := visit(t, answers, "key", all...).open("/platform")
	for _, want := range []string{
		"&lt;b&gt;a&lt;/b&gt;", "taxes", "192.0.2.0/24", "Owner of services", "Reviewer", "suspended", "not recorded", "anywhere",
		"1–50", "120", "offset=50",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// TestRun runs the purge and counts; what was done is said on the page, and a refusal with its
// reason.
func TestRun(t *testing.T) {
	t.Parallel()
	csrf := regexp.MustCompile(`name="_csrf" value="([^"]+)"`)
	for name, tc := range map[string]struct {
		dry, answer, status string
		want                string
	}{
		"dry":         {"true", `{"deleted":12,"done":true,"dryRun":true}`, "See Other", "12 operations would be removed. Nothing was removed."},
		"dry, part":   {"true", `{"deleted":12,"done":false,"dryRun":true}`, "See Other", "more than 12 operations"},
		"run":         {"", `{"deleted":12,"done":true}`, "See Other", "12 operations were removed. No expired operation is left."},
		"run, part":   {"", `{"deleted":12,"done":false,"oldestUnfinishedDay":"2026-11-20"}`, "See Other", "continues at 2026-11-20"},
		"run, busy":   {"", `409 {"status":409,"detail":"Another purge is running."}`, "Conflict", "Another purge is running."},
		"run, failed": {"", `503 {"status":503,"detail":"Repeat it."}`, "Service Unavailable", "Repeat it."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answers := quiet()
			answers["POST /platform/purge"] = tc.answer
			v := visit(t, answers, "key", all...)
			token := csrf.FindStringSubmatch(v.open("/platform"))[1]
			if _, header := v.send(http.MethodPost, "/platform/purge", url.Values{"dryRun": {tc.dry}}); header.Get("Status") != "Forbidden" {
				t.Errorf("without the form's token: %s", header.Get("Status"))
			}
			text, header := v.send(http.MethodPost, "/platform/purge", url.Values{"dryRun": {tc.dry}, "_csrf": {token}})
			if header.Get("Status") != tc.status {
				t.Fatalf("%s\n%s", header.Get("Status"), text)
			}
			if header.Get("Location") != "" {
				done, _, _ := strings.Cut(header.Get("Set-Cookie"), ";")
				v.cookie += done
				text = v.open("/platform")
			}
			if !strings.Contains(text, tc.want) || !strings.Contains(text, "Dead letters") {
				t.Errorf("the page lacks %q\n%s", tc.want, text)
			}
		})
	}
}

// TestLedger shows a ledger that agrees, one that differs, and a check that is not finished.
func TestLedger(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		want   []string
		lacks  string
	}{
		"agrees": {
			`{"eservices":1200,"differences":[],"busy":[],"complete":true}`,
			[]string{"It agrees.", "1,200", "Repeat the check"},
			"ledger.md",
		},
		"differs": {
			`{"eservices":2,"differences":[{"eserviceId":"e1","consumerId":"c1","ledger":9,"active":5},` +
				`{"eserviceId":"e2","ledger":1,"active":1000}],"complete":true}`,
			[]string{
				"differs from the active purposes", "docs/playbooks/ledger.md", "consumers wait without need", "more can be activated", "1,000", "all",
			},
			"It agrees",
		},
		"busy": {`{"eservices":2,"busy":["e1"],"complete":true}`, []string{"Not compared", "e1"}, "It agrees"},
		"stops": {
			`{"eservices":2,"complete":false,"next":"a_b"}`,
			[]string{"not finished", `href="/platform/ledger?after=a_b"`},
			"Repeat the check",
		},
	} {
		answers := quiet()
		answers["GET /platform/ledger"] = tc.answer
		text := visit(t, answers, "key", all...).open("/platform/ledger")
		for _, want := range tc.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q\n%s", name, want, text)
			}
		}
		if strings.Contains(text, tc.lacks) {
			t.Errorf("%s: the page has %q", name, tc.lacks)
		}
	}
}
