// Package apitest drives operations in tests the way clients do: through the
// real HTTP handler, on real engines, with a clock that the test moves.
package apitest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

// Start is the time at which every World begins.
var Start = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// World is one deployment: storage, a clock, settings and the log.
type World struct {
	DB       table.DB
	Clock    *Clock
	Settings map[string]string
	Log      *Log
	Blobs    blob.Store   // for operations that keep files
	Sealer   seal.Sealer  // for operations that keep secrets
	Signer   *sign.Signer // for operations that issue tokens and publish their keys

	ops     []api.Op
	made    sync.Once // the handler, or why there is none
	handler http.Handler
	failed  error
}

// Each runs test in a new World on each engine. Its tables have no streams, which
// nothing reads there and which cost DynamoDB Local most of its time.
func Each(t *testing.T, schemas []table.Schema, ops []api.Op, test func(t *testing.T, w *World)) {
	t.Helper()
	schemas = slices.Clone(schemas)
	for i := range schemas {
		schemas[i].Stream = false
	}
	engine.Each(t, schemas, func(t *testing.T, db table.DB) { test(t, New(db, ops)) })
}

// Embedded runs test in a new World on the embedded engine alone. It is for tests of
// decisions before the first call to storage, and for tests that order these calls
// themselves: another engine would repeat the same thousands of calls.
func Embedded(t *testing.T, schemas []table.Schema, ops []api.Op, test func(t *testing.T, w *World)) {
	t.Helper()
	test(t, New(engine.Bolt(t, schemas), ops))
}

// New makes a World on db.
func New(db table.DB, ops []api.Op) *World {
	return &World{DB: db, Clock: &Clock{now: Start}, Settings: map[string]string{}, Log: &Log{}, ops: ops}
}

// Through returns the same deployment on another storage, which is usually a way to w.DB.
func (w *World) Through(db table.DB) *World {
	return &World{
		DB: db, Clock: w.Clock, Settings: w.Settings, Log: w.Log, Blobs: w.Blobs, Sealer: w.Sealer, Signer: w.Signer, ops: w.ops,
	}
}

// Deps is what the World gives to resource packages.
func (w *World) Deps() api.Deps {
	deps := api.Deps{
		DB: w.DB, Now: w.Clock.Now, Entropy: rand.Reader, Blobs: w.Blobs, Sealer: w.Sealer, Signer: w.Signer,
		Setting: func(name string) string { return w.Settings[name] },
		Log:     slog.New(slog.NewJSONHandler(w.Log, nil)),
	}
	if w.Signer != nil {
		deps.Keys = w.Signer.Keys()
	}
	return deps
}

// Restart makes the handler anew at its next use, as another process of the function: what it
// has in memory is forgotten. No request may be running.
func (w *World) Restart() { w.made = sync.Once{} }

// Handler is the World's HTTP handler, made at its first use, which may be several
// requests at once.
func (w *World) Handler(t testing.TB) http.Handler {
	t.Helper()
	w.made.Do(func() { w.handler, w.failed = api.NewHandler(w.Deps(), w.ops...) })
	if w.failed != nil {
		t.Fatal(w.failed)
	}
	return w.handler
}

// Issuer is the identity of an issuer's back end with those scopes.
func Issuer(issuerID string, scopes ...string) *api.Identity {
	return &api.Identity{Subject: issuerID, Tenants: []string{issuerID}, Scopes: scopes, Kind: "issuer"}
}

// Response is an answer, its body decoded when it is JSON.
type Response struct {
	Status int
	Header http.Header
	Raw    string
	Body   map[string]any
}

// Text returns a string member of the body.
func (r Response) Text(name string) string { s, _ := r.Body[name].(string); return s }

// othersNamed matches the sentence that a refusal has when the caller may take no action.
var othersNamed = regexp.MustCompile(`(?:^|[.] )(It is up to the .+ now|No further change is possible)\.$`)

// Call sends a request as that caller; body "" sends
// none, header is names and values in turn. It may be called
// from several goroutines once Handler was.
func (w *World) Call(t testing.TB, as *api.Identity, method, path, body string, header ...string) Response {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if as != nil {
		req = req.WithContext(api.WithIdentity(req.Context(), *as))
	}
	rec := httptest.NewRecorder()
	w.Handler(t).ServeHTTP(rec, req)
	res := Response{Status: rec.Code, Header: rec.Header(), Raw: rec.Body.String()}
	if strings.HasPrefix(rec.Body.String(), "{") {
		if err := json.Unmarshal(rec.Body.Bytes(), &res.Body); err != nil {
			t.Errorf("%s %s: the body is not JSON: %v\n%s", method, path, err, res.Raw)
		}
	}
	if allowed, ok := res.Body["allowedActions"].([]any); ok && len(allowed) == 0 && !othersNamed.MatchString(res.Text("detail")) {
		t.Errorf("%s %s: the caller may take no action, and the detail does not name the roles that may: %s", method, path, res.Raw)
	}
	return res
}

// Unreadable returns a request's target with a query that is no text, which every
// operation refuses.
func Unreadable(target string) string {
	if strings.Contains(target, "?") {
		return target + "&%FF"
	}
	return target + "?%FF"
}

// Within is a test with another context, which ends its calls.
type Within struct {
	testing.TB
	Ctx context.Context
}

// Context implements [testing.TB].
func (w Within) Context() context.Context { return w.Ctx }

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, also backwards.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Advance moves the clock by d.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Log keeps what was logged.
type Log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

var _ io.Writer = (*Log)(nil)

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// String returns everything logged so far, a JSON object a line.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// Lines returns the logged objects.
func (l *Log) Lines(t testing.TB) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(l.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("log line is not JSON: %v\n%s", err, line)
		}
		lines = append(lines, m)
	}
	return lines
}
