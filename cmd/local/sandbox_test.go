package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo/streams"
	"ciclo/shared/platform/testing/engine"
)

func nothing(string) string { return "" }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// each runs test on a sandbox on each engine.
func each(t *testing.T, test func(t *testing.T, c client)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) {
		t.Parallel()
		db := engine.Bolt(t, catalog.Schemas())
		test(t, open(t, furnished(t, &storage{db: db, feed: db})))
	})
	if config, ok := engine.Config(t, catalog.Schemas()); ok {
		t.Run("dynamodb", func(t *testing.T) {
			t.Parallel()
			test(t, open(t, furnished(t, &storage{db: engine.Dynamo(t, config), feed: streams.New(config)})))
		})
	}
}

// client calls a sandbox; handled gets the outcome of each change of a consumer that
// its worker handled.
type client struct {
	url     string
	token   string
	key     string // of a subscription
	handled chan error
}

func open(t *testing.T, store *storage) client {
	t.Helper()
	box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	handled := make(chan error, 10_000)
	for i, w := range box.workers {
		box.workers[i].handle = func(ctx context.Context, c table.Change) error {
			err := w.handle(ctx, c)
			if w.table == consumer.Consumers.Name {
				handled <- err
			}
			return err
		}
	}
	server := httptest.NewServer(box)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := box.start(ctx)
	t.Cleanup(func() {
		server.Close()
		cancel()
		<-done
	})
	c := client{url: server.URL, handled: handled}
	c.token = c.call(t, http.StatusOK, "GET", "/_local/token?issuerId=ISSUER-001&scope=d1-api:consumer:full", "")
	return c
}

// call sends a request, fails unless it is answered with status, and returns the body.
func (c client) call(t *testing.T, status int, method, path, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.key != "" {
		req.Header.Set(api.KeyHeader, c.key)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("%s %s = %d, want %d\n%s", method, path, res.StatusCode, status, raw)
	}
	return string(raw)
}

const ann = "/issuers/ISSUER-001/consumers/ann"

func TestGateway(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		c.call(t, 204, "PUT", ann, "")
		c.call(t, 200, "GET", ann, "")
		c.call(t, 403, "GET", "/issuers/ISSUER-002/consumers/ann", "")
		if body := c.call(t, 404, "GET", "/issuers/nothing", ""); !strings.Contains(body, "RESOURCE_NOT_FOUND") {
			t.Errorf("unknown route: %s", body)
		}
		for name, token := range map[string]string{"none": "", "garbage": "garbage", "spoilt": c.token[:len(c.token)-4] + "AAAA"} {
			anonymous := client{url: c.url, token: token}
			if body := anonymous.call(t, 401, "GET", ann, ""); !strings.Contains(body, "AUTHORIZER_UNAUTHORIZED") {
				t.Errorf("token %s: %s", name, body)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	reader := client{url: c.url, token: c.call(t, 200, "GET", "/_local/token?issuerId=ISSUER-001&scope=d1-api:consumer:read", "")}
	reader.call(t, 403, "PUT", ann, "")
	reader.call(t, 404, "GET", ann, "")
	aggregator := client{url: c.url, token: c.call(t, 200, "GET", "/_local/token?issuerId=ISSUER-001&issuerId=ISSUER-002", "")}
	aggregator.call(t, 204, "PUT", "/issuers/ISSUER-002/consumers/bob", "")
	aggregator.call(t, 403, "PUT", "/issuers/ISSUER-003/consumers/bob", "")
	c.call(t, 400, "GET", "/_local/token", "")
	c.call(t, 400, "GET", "/_local/token?issuerId=short", "")
}

func embedded(t *testing.T) *storage {
	t.Helper()
	db := engine.Bolt(t, catalog.Schemas())
	return furnished(t, &storage{db: db, feed: db})
}

func TestClockAndPurge(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		c.call(t, 200, "POST", "/_local/clock", `{"now":"2026-11-21T10:00:00.000Z"}`)
		c.token = c.call(t, 200, "GET", "/_local/token?issuerId=ISSUER-001", "")
		c.call(t, 204, "PUT", ann, "")
		if body := c.call(t, 200, "POST", "/_local/purge?dryRun=true", ""); !strings.Contains(body, `"deleted":0`) {
			t.Errorf("dry run = %s", body)
		}
		c.call(t, 200, "POST", "/_local/clock", `{"now":"2027-02-22T10:00:00.000Z"}`)
		c.token = c.call(t, 200, "GET", "/_local/token?issuerId=ISSUER-001", "")
		if body := c.call(t, 200, "GET", ann+"/operations", ""); !strings.Contains(body, `"operations":[]`) {
			t.Errorf("three months later: %s", body)
		}
		var report struct {
			Scanned, Deleted int
			Done             bool
		}
		err := json.Unmarshal([]byte(c.call(t, 200, "POST", "/_local/purge", "")), &report)
		if err != nil || report.Deleted != 1 || !report.Done {
			t.Errorf("purge = %+v, %v", report, err)
		}
		c.call(t, 200, "GET", ann, "")
		// Whoever tried a far future goes back and purges on.
		c.call(t, 200, "POST", "/_local/clock", `{"now":"2026-11-21T10:00:00.000Z"}`)
		c.token = c.call(t, 200, "GET", "/_local/token?issuerId=ISSUER-001", "")
		bob := strings.Replace(ann, "ann", "bob", 1)
		c.call(t, 204, "PUT", bob, "")
		if body := c.call(t, 200, "POST", "/_local/purge", ""); !strings.Contains(body, `"deleted":0`) {
			t.Errorf("purge in the past = %s", body)
		}
		if body := c.call(t, 200, "GET", bob+"/operations", ""); strings.Contains(body, `"operations":[]`) {
			t.Errorf("purge in the past removed what is live: %s", body)
		}
	})
}

func TestClockRefuses(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	for body, field := range map[string]string{
		`{}`: `"now"`,
		`{"now":"2026-11-21T10:00:00.000Z","advance":"1h"}`: `"advance"`,
		`{"now":"tomorrow"}`:     `"now"`,
		`{"advance":"3 months"}`: `"advance"`,
	} {
		if answer := c.call(t, 400, "POST", "/_local/clock", body); !strings.Contains(answer, field) {
			t.Errorf("clock %s = %s, want %s named", body, answer, field)
		}
	}
	c.call(t, 400, "POST", "/_local/clock", "now")
}

func TestPages(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	for path, want := range map[string]string{
		"/_local/health":             "ok",
		"/_local/jwks.json":          `"kty":"EC"`,
		"/_local/clock":              `"now":"`,
		"/openapi.json":              `"/api/v1/manage/services"`,
		"/openapi/interop.json":      `"title": "Ciclo interop"`,
		"/openapi/services.json":     `"title": "Ciclo services"`,
		"/openapi/consumers.json":    `"title": "Ciclo consumers"`,
		"/docs/interop":              `<title>API: interop · Ciclo</title>`,
		"/docs/docs.js":              "filter: true",
		"/office/start":              "La sandbox di Ciclo",
		"/docs/swagger-ui-bundle.js": "SwaggerUIBundle",
	} {
		if body := c.call(t, 200, "GET", path, ""); !strings.Contains(body, want) {
			t.Errorf("GET %s lacks %q", path, want)
		}
	}
	c.call(t, 302, "GET", "/", "")
	c.call(t, 302, "GET", "/docs", "")
	c.call(t, 302, "GET", "/docs/", "")
	c.call(t, 404, "GET", "/_local/other", "")
}

// TestRunStopsCleanly starts the whole program and ends it as Ctrl-C would.
func TestRunStopsCleanly(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	port := freePort(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, settings("PORT", port)) }()
	for {
		select {
		case err := <-ended:
			t.Fatalf("ended at once: %v", err)
		default:
		}
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", "localhost:"+port)
		if err == nil {
			_ = conn.Close()
			break
		}
	}
	if err := run(t.Context(), settings("PORT", port)); err == nil || !strings.Contains(err.Error(), "set PORT") {
		t.Errorf("a second one on the same port: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("run = %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDataDirKeepsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	for _, status := range []int{404, 200} {
		store, err := openStorage(t.Context(), settings("DATA_DIR", dir))
		if err != nil {
			t.Fatal(err)
		}
		box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
		if err != nil {
			t.Fatal(err)
		}
		identity := api.Identity{Subject: "ISSUER-001", Tenants: []string{"ISSUER-001"}, Scopes: []string{"d1-api:consumer:full"}}
		for _, method := range []string{"GET", "PUT"} {
			req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), identity), method, ann, http.NoBody)
			req.Host = "localhost:3000"
			rec := httptest.NewRecorder()
			box.api.ServeHTTP(rec, req)
			if method == "GET" && rec.Code != status {
				t.Errorf("GET = %d, want %d", rec.Code, status)
			}
		}
		if err := store.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnknownEngine(t *testing.T) {
	t.Parallel()
	_, err := openStorage(t.Context(), settings("ENGINE", "sqlite"))
	if err == nil || !strings.Contains(err.Error(), "embedded or dynamodb-local") {
		t.Errorf("err = %v", err)
	}
}

// settings is an environment of names and values in turn.
func settings(pairs ...string) func(string) string {
	return func(asked string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == asked {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
