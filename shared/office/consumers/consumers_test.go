package consumers_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/consumers"
)

// remote is an API that answers each path with a body, others with 404, and keeps the paths.
type remote struct {
	answers map[string]string

	mu    sync.Mutex
	asked []string
}

// RoundTrip implements [http.RoundTripper].
func (r *remote) RoundTrip(req *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	r.mu.Lock()
	r.asked = append(r.asked, req.Method+" "+req.URL.Path)
	r.mu.Unlock()
	body, found := r.answers[req.URL.Path]
	if !found {
		answer.Code = http.StatusNotFound
	}
	_, err := answer.WriteString(body)
	return answer.Result(), err
}

// visitor is a browser of somebody who acts for these issuers.
func visitor(t *testing.T, api http.RoundTripper, issuers ...string) (*http.Client, string) {
	t.Helper()
	now := func() time.Time { return time.Date(2026, time.November, 21, 10, 0, 0, 0, time.UTC) }
	signIn := &office.Persons{Now: now, Open: func(context.Context, string) (office.Session, error) {
		return office.Session{
			Organization: issuers[0], Issuers: issuers, Token: "token", Areas: []office.Area{office.Consumers}, Expires: now().Add(time.Hour),
		}, nil
	}}
	site, err := office.New(office.Config{
		Base: "/office", SignIn: signIn, Key: make([]byte, 32), Now: now, Log: slog.New(slog.DiscardHandler),
		APIs: map[string]office.Remote{"consumers": {URL: "http://api.example.it", Transport: api}},
	}, consumers.Wing())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	read(t, client, http.MethodPost, server.URL+"/office/sign-in")
	return client, server.URL + "/office"
}

func read(t *testing.T, client *http.Client, method, address string) (path, page string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Request.URL.RequestURI(), string(text)
}

// TestSeveralIssuers: who acts for several issuers chooses one, and stays with it.
func TestSeveralIssuers(t *testing.T) {
	t.Parallel()
	const base = "/issuers/ISSUER-002/consumers/ann"
	api := &remote{answers: map[string]string{
		base:                 `{"consumerId":"ann","state":"ACTIVE","cards":1,"allowedActions":["delete"]}`,
		base + "/operations": `{"operations":[{"operationId":"op-1","operation":"REGISTER","status":"SUCCESSFUL"}]}`,
		base + "/accounts":   `{"accounts":[{"accountId":"a-1","state":"ACTIVE"}]}`,
		base + "/cards":      `{"cards":[{"cardId":"c-1","state":"ACTIVE"}]}`,
	}}
	client, site := visitor(t, api, "ISSUER-001", "ISSUER-002")
	_, search := read(t, client, http.MethodGet, site+"/consumers")
	if !strings.Contains(search, `<select id="f-issuer"`) || !strings.Contains(search, `<option value="ISSUER-001" selected>`) {
		t.Errorf("the search offers no choice: %s", search)
	}
	path, page := read(t, client, http.MethodGet, site+"/consumers?issuer=ISSUER-002&by=consumer&id=ann")
	if path != "/office/consumers/ann?issuer=ISSUER-002" || !strings.Contains(page, "Consumer ann") {
		t.Fatalf("the search leads to %s: %s", path, page)
	}
	_, links, _ := strings.Cut(page, "<main")
	for _, link := range strings.Split(links, `href="`)[1:] {
		href, _, _ := strings.Cut(link, `"`)
		if u, err := url.Parse(href); err != nil || u.Query().Get("issuer") != "ISSUER-002" {
			t.Errorf("the link %s leads to another issuer", href)
		}
	}
	if !strings.Contains(page, `action="/office/consumers/ann/delete?issuer=ISSUER-002"`) {
		t.Error("the deletion is at another issuer")
	}
	for _, asked := range api.asked {
		if !strings.HasPrefix(asked, "GET "+base) {
			t.Errorf("the API is asked for %s", asked)
		}
	}
}

// TestOneIssuer: who acts for one issuer has no choice, and URLs do not name it.
func TestOneIssuer(t *testing.T) {
	t.Parallel()
	api := &remote{answers: map[string]string{
		"/issuers/ISSUER-001/consumers/ann":            `{"consumerId":"ann","state":"ACTIVE","allowedActions":[]}`,
		"/issuers/ISSUER-001/consumers/ann/operations": `{"operations":[]}`,
	}}
	client, site := visitor(t, api, "ISSUER-001")
	if _, search := read(t, client, http.MethodGet, site+"/consumers"); strings.Contains(search, "<select id=\"f-issuer\"") {
		t.Error("the search offers a choice of one")
	}
	path, page := read(t, client, http.MethodGet, site+"/consumers?id=ann")
	hasQuestion := strings.Contains(page, "/delete")
	if path != "/office/consumers/ann" || hasQuestion || !strings.Contains(page, "No operation in the last three months") {
		t.Errorf("the search leads to %s: %s", path, page)
	}
	if !slices.Contains(api.asked, "GET /issuers/ISSUER-001/consumers/ann/cards") {
		t.Errorf("the API is asked for %q", api.asked)
	}
}

// TestStates: the page of a consumer follows its state, and only a deletion in progress is
// shown again by itself.
func TestStates(t *testing.T) {
	t.Parallel()
	const deletion = `"deletion":{"operationId":"op-1","startTime":"2026-11-21T10:00:00.000Z",
		"deletedAccounts":1,"deletedCards":1500,"deletedDigitalCards":2}`
	for state, c := range map[string]struct {
		polls        bool
		says, misses string
	}{
		"ACTIVE":        {false, "Delete the consumer", "progress"},
		"DELETING":      {true, `<progress max="4503" value="1503"`, "/delete"},
		"DELETE_FAILED": {false, "Resume the deletion", "<progress"},
		"FROZEN":        {false, "FROZEN", "<progress"},
	} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			client, site := visitor(t, &remote{answers: map[string]string{
				"/issuers/ISSUER-001/consumers/ann": `{"consumerId":"ann","state":"` + state + `","accounts":1000,"cards":1000,"digitalCards":1000,
					"allowedActions":["register","addChild","delete"],` + deletion + `}`,
				"/issuers/ISSUER-001/consumers/ann/operations": `{"operations":[]}`,
			}}, "ISSUER-001")
			_, page := read(t, client, http.MethodGet, site+"/consumers/ann")
			if strings.Contains(page, "data-poll") != c.polls || !strings.Contains(page, c.says) || strings.Contains(page, c.misses) {
				t.Errorf("the page is\n%s", page)
			}
		})
	}
}
