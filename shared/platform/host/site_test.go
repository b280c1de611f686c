package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal"
)

// pages is a site that answers what it was asked for.
func pages(deps api.Deps) (http.Handler, error) {
	key, err := deps.Derive(context.Background(), "k")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sign-in", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "in") })
	mux.HandleFunc("POST /people/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-correlation-id", "quote me")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		_, _ = io.WriteString(w, r.URL.Path+" "+r.FormValue("name")+" "+string(key)+deps.Setting("COLOUR")+deps.Setting("SECRET"))
	})
	mux.HandleFunc("GET /broken", func(http.ResponseWriter, *http.Request) { panic("boom") })
	mux.HandleFunc("GET /half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic("boom")
	})
	mux.HandleFunc("GET /begun", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		panic("boom")
	})
	mux.HandleFunc("GET /empty", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /hints", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		panic("boom")
	})
	return mux, nil
}

func openSite(t *testing.T, handler string, log io.Writer, derive seal.Derive) (
	func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error), error,
) {
	t.Helper()
	return openSiteAt(t, "/sign-in", handler, log, derive)
}

// openSiteAt opens a site that renders a page first.
func openSiteAt(t *testing.T, first, handler string, log io.Writer, derive seal.Derive) (
	func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error), error,
) {
	t.Helper()
	env := map[string]string{"_HANDLER": handler, "COLOUR": " red", "SECRET": " secret"}
	opened, err := host.OpenSite(func(name string) string { return env[name] }, host.NewLogger(log, func(string) string { return "" }),
		api.Site{ID: "a/site", Settings: []string{"COLOUR"}, Needs: []api.Need{api.NeedDerive}, Open: pages, First: first},
		host.Derive(func(func(string) string) (seal.Derive, error) { return derive, nil }))
	if err != nil {
		return nil, err
	}
	serve, ok := opened.(func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error))
	if !ok {
		t.Fatalf("the handler is %T", opened)
	}
	return serve, nil
}

func derived(context.Context, string) ([]byte, error) { return []byte("key"), nil }

// TestSite: a site gets its own path below the greedy resource of API Gateway, its settings and
// its key. The one line of a request has the pattern of the page and nothing that the
// person has sent.
func TestSite(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	serve, err := openSite(t, "a/site", &log, derived)
	if err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("the page that was rendered first is logged: %s", log.String())
	}
	res, err := serve(t.Context(), events.APIGatewayProxyRequest{
		HTTPMethod: http.MethodPost, Resource: "/{proxy+}", Path: "/people/anna-id", PathParameters: map[string]string{"proxy": "people/anna-id"},
		QueryStringParameters: map[string]string{"q": "in the query"},
		Headers:               map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Cookie": "session=of-anna"},
		Body:                  "bmFtZT1Bbm5h", IsBase64Encoded: true,
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: "request-1"},
	})
	if err != nil || res.StatusCode != http.StatusOK || res.Body != "/people/anna-id Anna key red" ||
		len(res.MultiValueHeaders["Set-Cookie"]) != 2 {
		t.Errorf("%+v, %v", res, err)
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	for name, want := range map[string]any{
		"message": "request", "site": "a/site", "method": "POST", "page": "POST /people/{id}", "status": float64(200),
		"correlationId": "quote me", "requestId": "request-1", "bytes": float64(len(res.Body)),
	} {
		if line[name] != want {
			t.Errorf("%s is %v, want %v", name, line[name], want)
		}
	}
	for _, personal := range []string{"anna", "Anna", "in the query"} {
		if strings.Contains(log.String(), personal) {
			t.Errorf("the log has %q: %s", personal, log.String())
		}
	}
}

// TestSiteFailures: a panic is a 500 and the process lives on; a request that cannot be read
// is a 400; both are logged.
func TestSiteFailures(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	serve, err := openSite(t, "a/site", &log, derived)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/broken": 500, "/%zz": 400, "/none": 404, "/sign-in": 200} {
		res, err := serve(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Resource: "/{proxy+}", Path: path})
		if err != nil || res.StatusCode != want || strings.Contains(res.Body, "boom") {
			t.Errorf("%s: %+v, %v", path, res, err)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 4 || !strings.Contains(log.String(), "boom") ||
		!strings.Contains(log.String(), `"level":"ERROR"`) {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}

// TestSiteLogsWhatIsSent: after a panic the line is an error and says what was answered; a 500 is
// written only when nothing was. An empty answer is a 200.
func TestSiteLogsWhatIsSent(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		status int
		body   string
		level  string
	}{
		"/broken": {500, "Internal Server Error", "ERROR"},
		"/hints":  {500, "Internal Server Error", "ERROR"},
		"/half":   {200, "half", "ERROR"},
		"/begun":  {404, "", "ERROR"},
		"/empty":  {200, "", "INFO"},
		"/none":   {404, "404 page not found\n", "INFO"},
	} {
		var log bytes.Buffer
		serve, err := openSite(t, "a/site", &log, derived)
		if err != nil {
			t.Fatal(err)
		}
		res, err := serve(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Resource: "/{proxy+}", Path: path})
		if err != nil || res.StatusCode != want.status || res.Body != want.body {
			t.Errorf("%s: %+v, %v", path, res, err)
		}
		var line map[string]any
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v: %s", path, err, log.String())
		}
		if line["status"] != float64(want.status) || line["level"] != want.level || line["bytes"] != float64(len(want.body)) {
			t.Errorf("%s: the line is %s", path, log.String())
		}
	}
}

// TestSiteWhoseFirstPagePanics: the site starts, and the log says why its first page failed.
func TestSiteWhoseFirstPagePanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	serve, err := openSiteAt(t, "/broken", "a/site", &log, derived)
	if err != nil {
		t.Fatal(err)
	}
	var line map[string]any
	if err := json.Unmarshal(log.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, log.String())
	}
	if line["level"] != "ERROR" || line["site"] != "a/site" || line["error"] != "panic: boom" || line["stack"] == nil {
		t.Errorf("the line is %s", log.String())
	}
	res, err := serve(t.Context(), events.APIGatewayProxyRequest{HTTPMethod: http.MethodGet, Resource: "/{proxy+}", Path: "/sign-in"})
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestSiteThatCannotStart says why.
func TestSiteThatCannotStart(t *testing.T) {
	t.Parallel()
	if _, err := openSite(t, "another", io.Discard, derived); err == nil || !strings.Contains(err.Error(), "a/site") {
		t.Errorf("another handler: %v", err)
	}
	failing := func(context.Context, string) ([]byte, error) { return nil, errors.New("no key") }
	if _, err := openSite(t, "a/site", io.Discard, failing); err == nil || !strings.Contains(err.Error(), "no key") {
		t.Errorf("no key: %v", err)
	}
	_, err := host.OpenSite(func(string) string { return "a/site" }, slog.New(slog.DiscardHandler),
		api.Site{ID: "a/site", Needs: []api.Need{api.NeedDerive}, Open: pages})
	if err == nil || !strings.Contains(err.Error(), "derive") {
		t.Errorf("no provider: %v", err)
	}
}
