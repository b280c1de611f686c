package interop_test

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/interop"
)

const (
	consumer = "11111111-1111-4111-8111-111111111111" // the organization of the session
	producer = "22222222-2222-4222-8222-222222222222"
	thing    = "33333333-3333-4333-8333-333333333333"
	nothing  = `{"results":[],"pagination":{"totalCount":0}}`
)

// now is the time by the clock of the office.
var now = time.Date(2026, time.May, 10, 12, 0, 0, 0, time.UTC)

// api answers as the API would: by method and path, and with an empty list otherwise. What has
// a status at its start, as in "401 {}", is answered with that.
type api struct {
	answers map[string]string
	dynamic func(*http.Request) string // before answers; "" for those
	lock    sync.Mutex
	calls   []string // with queries
}

// RoundTrip implements [http.RoundTripper].
func (a *api) RoundTrip(r *http.Request) (*http.Response, error) {
	a.lock.Lock()
	a.calls = append(a.calls, r.Method+" "+r.URL.RequestURI())
	a.lock.Unlock()
	answer := ""
	if a.dynamic != nil {
		answer = a.dynamic(r)
	}
	answer = cmp.Or(answer, a.answers[r.Method+" "+r.URL.Path], nothing)
	w := httptest.NewRecorder()
	if status, body, found := strings.Cut(answer, " "); found {
		if code, err := strconv.Atoi(status); err == nil {
			w.WriteHeader(code)
			answer = body
		}
	}
	_, _ = w.WriteString(answer)
	return w.Result(), nil
}

// query returns the query of the first call that begins so.
func (a *api) query(start string) url.Values {
	for _, call := range a.calls {
		if strings.HasPrefix(call, start) {
			_, query, _ := strings.Cut(call, "?")
			values, _ := url.ParseQuery(query)
			return values
		}
	}
	return nil
}

// count returns how many calls begin so.
func (a *api) count(start string) (n int) {
	for _, call := range a.calls {
		if strings.HasPrefix(call, start) {
			n++
		}
	}
	return n
}

// browser is somebody of the consumer who has signed in.
type browser struct {
	t       *testing.T
	office  http.Handler
	cookies []*http.Cookie
	csrf    string
}

// visit signs somebody in to the pages over an API that answers so.
func visit(t *testing.T, answers map[string]string) (*browser, *api) {
	t.Helper()
	remote := &api{answers: answers}
	clock := func() time.Time { return now }
	signIn := &office.Persons{Now: clock, Open: func(context.Context, string) (office.Session, error) {
		return office.Session{
			Token: "token", Areas: []office.Area{office.Interop}, Organization: consumer, OrganizationName: "Comune",
			Expires: now.Add(time.Hour),
		}, nil
	}}
	o, err := office.New(office.Config{
		SignIn: signIn, Key: make([]byte, 32), Now: clock, Log: slog.New(slog.DiscardHandler),
		APIs: map[string]office.Remote{"interop": {URL: "http://api.example.it", Transport: remote}},
	}, interop.Wings()...)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, office: o}
	b.cookies = b.send(http.MethodPost, "/sign-in", url.Values{}).Result().Cookies()
	token := regexp.MustCompile(`name="_csrf" value="([^"]+)"`).FindStringSubmatch(b.get("/debug"))
	if token == nil {
		t.Fatal("the form has no token")
	}
	b.csrf = token[1]
	return b, remote
}

func (b *browser) send(method, path string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	form.Set("_csrf", b.csrf)
	r := httptest.NewRequestWithContext(b.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.office.ServeHTTP(w, r)
	return w
}

// get returns a page, each run of space as one.
func (b *browser) get(path string) string {
	b.t.Helper()
	w := b.send(http.MethodGet, path, url.Values{})
	if w.Code != http.StatusOK {
		b.t.Fatalf("%s is answered %d: %s", path, w.Code, w.Body)
	}
	return strings.Join(strings.Fields(w.Body.String()), " ")
}

// TestEndedSession: when the API takes the credential no more, whatever is sent leads to the
// page on which one signs in; no page shows that as a refusal.
func TestEndedSession(t *testing.T) {
	t.Parallel()
	const ended = `401 {"status":401,"title":"Token verification failed"}`
	purpose := `{"id":"` + thing + `","eserviceId":"e","consumerId":"` + consumer + `","currentVersion":{"state":"DRAFT","dailyCalls":1}}`
	client := `{"id":"` + thing + `","consumerId":"` + consumer + `","name":"Portal","allowedActions":["delete"]}`
	b, remote := visit(t, map[string]string{
		"GET /purposes/" + thing:                purpose,
		"GET /agreements":                       `{"results":[{"id":"a","eserviceId":"e"}],"pagination":{"totalCount":1}}`,
		"GET /clients/" + thing:                 client,
		"POST /purposes":                        ended,
		"PATCH /purposes/" + thing:              ended,
		"POST /purposes/" + thing + "/clone":    ended,
		"POST /purposes/" + thing + "/versions": ended,
		"POST /purposes/" + thing + "/suspend":  ended,
		"POST /tools/validateTokenGeneration":   ended,
		"DELETE /clients/" + thing:              ended,
		"POST /clients":                         ended,
		"POST /agreements":                      ended,
	})
	typed := url.Values{"title": {"A title"}, "description": {"Certificates"}, "dailyCalls": {"10"}, "eserviceId": {"e"}}
	for path, call := range map[string]string{
		"/purposes/new":                           "POST /purposes",
		"/purposes/" + thing + "/edit":            "PATCH /purposes/",
		"/purposes/" + thing + "/clone":           "POST /purposes/" + thing + "/clone",
		"/purposes/" + thing + "/estimate":        "POST /purposes/" + thing + "/versions",
		"/purposes/" + thing + "/actions/suspend": "POST /purposes/" + thing + "/suspend",
		"/debug":                        "POST /tools/",
		"/clients/" + thing + "/delete": "DELETE /clients/",
		"/clients/new":                  "POST /clients",
		"/agreements/new":               "POST /agreements",
	} {
		w := b.send(http.MethodPost, path, typed)
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s is answered %d and leads to %q", path, w.Code, to)
		}
		if remote.count(call) == 0 {
			t.Errorf("%s does not call %s", path, call)
		}
	}
}

// TestExpiredVerification: a verification that has expired gives the organization nothing,
// though the API lists it: neither among its attributes nor in the registry.
func TestExpiredVerification(t *testing.T) {
	t.Parallel()
	verified := "/tenants/" + consumer + "/verifiedAttributes"
	held := func(ids ...string) string {
		all := make([]string, len(ids))
		for i, id := range ids {
			all[i] = `{"id":"` + id + `","name":"` + id + `","assignedAt":"2026-01-01T00:00:00Z"}`
		}
		return `{"results":[` + strings.Join(all, ",") + `],"pagination":{"totalCount":` + strconv.Itoa(len(ids)) + `}}`
	}
	by := func(expires ...string) string {
		all := make([]string, len(expires))
		for i, at := range expires {
			all[i] = `{"id":"` + producer + `","expiresAt":"` + at + `"}`
		}
		return `{"results":[` + strings.Join(all, ",") + `],"pagination":{"totalCount":` + strconv.Itoa(len(expires)) + `}}`
	}
	const past, future = "2026-05-10T11:59:59Z", "2026-05-10T12:00:01Z"
	b, _ := visit(t, map[string]string{
		"GET " + verified:                       held("past", "future", "both", "none"),
		"GET " + verified + "/past/verifiers":   by(past),
		"GET " + verified + "/future/verifiers": by(future),
		"GET " + verified + "/both/verifiers":   by(past, future),
		"GET " + verified + "/none/verifiers":   by(),
		"GET /verifiedAttributes":               held("past", "future", "both", "none"),
	})
	page := b.get("/attributes?kind=verified")
	own, registry, _ := strings.Cut(page, `id="registry"`)
	for id, want := range map[string][]string{
		"past": {"Expired", "expired on <time"}, "future": {"Active", "until <time"}, "both": {"Active", "expired on <time", "until <time"},
		"none": {"Revoked"},
	} {
		row := rowOf(t, own, id)
		for _, words := range want {
			if !strings.Contains(row, words) {
				t.Errorf("the attribute %s is shown without %q: %s", id, words, row)
			}
		}
		if has := strings.Contains(rowOf(t, registry, id), "You have it"); has != (want[0] == "Active") {
			t.Errorf("the registry says of %s that the organization has it: %t", id, has)
		}
	}
	if row := rowOf(t, own, "past"); strings.Contains(row, "Active") || strings.Contains(row, "until") {
		t.Errorf("what has expired is shown as active: %s", row)
	}
}

// rowOf returns the row of a table about an attribute.
func rowOf(t *testing.T, page, id string) string {
	t.Helper()
	for row := range strings.SplitSeq(page, "<tr>") {
		if strings.HasPrefix(row, `<th scope="row">`+id+"<") || strings.HasPrefix(row, `<th scope="row">`+id+"…<") {
			return row
		}
	}
	t.Fatalf("%s is not in %s", id, page)
	return ""
}
