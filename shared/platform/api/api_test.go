package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// store is the store of the operations of these tests. A test chooses their outcome.
type store struct{ deps api.Deps }

type getInput struct {
	ThingID string `path:"thingId" pattern:"^[a-z]{1,5}$"`
	Paged
	api.Correlated
}

func (in *getInput) Tenant() string { return in.ThingID }

type getOutput struct {
	Body struct {
		Offset int `json:"offset"`
		Limit  int `json:"limit"`
	}
}

type putInput struct {
	ThingID string `path:"thingId"`
	api.Correlated
	Body *struct {
		Colour string `json:"colour,omitempty" enum:"red,blue"`
		Size   int    `json:"size,omitempty" maximum:"10"`
		Secret string `json:"secret,omitempty" pattern:"^[a-z]+$"`
	}
}

func (in *putInput) Check() []problem.Field {
	if in.Body != nil && in.Body.Size == 7 {
		return []problem.Field{{Name: "body.size", Code: problemtest.InvalidValue.Name, Detail: "not seven"}}
	}
	return nil
}

type putOutput struct{}

// outcomes has the results of the operations by the id of the thing.
var outcomes = map[string]func() error{
	"ok":       func() error { return nil },
	"panic":    func() error { panic("boom") },
	"unknown":  func() error { return errors.New("secret internals") },
	"busy":     func() error { return &table.Error{Kind: table.Throttled, Op: "write", Err: errors.New("slow down")} },
	"conflict": func() error { return &table.Error{Kind: table.Conflict, Op: "write", Err: errors.New("again")} },
	"away":     func() error { return &table.Error{Kind: table.Unavailable, Op: "get", Err: errors.New("no answer")} },
	"broken":   func() error { return &table.Error{Kind: table.Invalid, Op: "get", Err: errors.New("bad key")} },
	"late":     func() error { return fmt.Errorf("store: %w", context.DeadlineExceeded) },
	"missing":  func() error { return problem.New(problemtest.NotFound, "No such thing.") },
}

var product = &api.Product{Product: problemtest.Product, Scheme: api.Bearer, Pass: api.ByTenant}

func ops() []api.Op {
	open := func(d api.Deps) (*store, error) {
		if d.Setting("BROKEN") != "" {
			return nil, errors.New("BROKEN must not be set")
		}
		return &store{d}, nil
	}
	return []api.Op{
		api.Operation[store, getInput, getOutput]{
			Spec: func() api.Spec {
				return api.Spec{
					ID: "thing/get", Method: "GET", Path: "/things/{thingId}", Tag: "Things", Product: product,
					Scopes: []string{"read", "full"}, Status: 200, Settings: []string{"BROKEN"},
				}
			},
			Open: open,
			Run: func(_ *store, _ context.Context, in *getInput) (*getOutput, error) {
				out := &getOutput{}
				out.Body.Offset, out.Body.Limit = in.Offset, in.Limit
				return out, nil
			},
		},
		api.Operation[store, putInput, putOutput]{
			Spec: func() api.Spec {
				return api.Spec{
					ID: "thing/put", Method: "PUT", Path: "/things/{thingId}", Tag: "Things", Product: product,
					Scopes: []string{"full"}, Status: 204, Problems: []problem.Code{problemtest.NotFound},
				}
			},
			Open: open,
			Run: func(_ *store, _ context.Context, in *putInput) (*putOutput, error) {
				return &putOutput{}, outcomes[in.ThingID]()
			},
		},
	}
}

var me = &api.Identity{Subject: "me", Tenants: []string{"ok", "mine"}, Scopes: []string{"full"}}

func world() *apitest.World { return apitest.New(nil, ops()) }

func TestErrorsBecomeAnswers(t *testing.T) {
	t.Parallel()
	for thing, want := range map[string]string{
		"ok": "204 ", "panic": "500 INTERNAL", "unknown": "500 INTERNAL", "broken": "500 INTERNAL",
		"busy": "503 UNAVAILABLE", "conflict": "503 UNAVAILABLE", "away": "503 UNAVAILABLE", "late": "503 UNAVAILABLE",
		"missing": "404 NOT_FOUND",
	} {
		t.Run(thing, func(t *testing.T) {
			t.Parallel()
			w := world()
			res := w.Call(t, me, "PUT", "/things/"+thing, "")
			if got := fmt.Sprint(res.Status, " ", res.Text("errorCode")); got != want {
				t.Errorf("answer = %s, want %s\n%s", got, want, res.Raw)
			}
			if strings.Contains(res.Raw, "internals") || strings.Contains(res.Raw, "boom") {
				t.Errorf("the answer shows internals: %s", res.Raw)
			}
			if (res.Header.Get("Retry-After") != "") != (res.Status == 503) {
				t.Errorf("Retry-After = %q with %d", res.Header.Get("Retry-After"), res.Status)
			}
			line := w.Log.Lines(t)[0]
			id := res.Header.Get("x-correlation-id")
			if line["operation"] != "thing-put" || line["status"] != float64(res.Status) || line["correlationId"] != id {
				t.Errorf("log line = %v", line)
			}
			if res.Status >= 500 && (line["level"] != "ERROR" || line["cause"] == nil) {
				t.Errorf("a failure is logged with its cause, as an error: %v", line)
			}
		})
	}
}

func TestPanicLeavesTheHandlerServing(t *testing.T) {
	t.Parallel()
	w := world()
	w.Call(t, me, "PUT", "/things/panic", "")
	if res := w.Call(t, me, "PUT", "/things/ok", ""); res.Status != 204 {
		t.Errorf("after a panic: %d", res.Status)
	}
	if line := w.Log.Lines(t)[0]; !strings.Contains(fmt.Sprint(line["stack"]), "api_test.go") {
		t.Errorf("the stack is not logged: %v", line)
	}
}

func TestOrderOfRefusals(t *testing.T) {
	t.Parallel()
	w := world()
	stranger := &api.Identity{Subject: "other", Tenants: []string{"other"}, Scopes: []string{"nothing"}}
	for _, tc := range []struct {
		as   *api.Identity
		path string
		want int
	}{
		{nil, "/things/BAD?limit=0", 401},
		{stranger, "/things/BAD?limit=0", 400},
		{stranger, "/things/ok", 403},
		{&api.Identity{Subject: "me", Tenants: []string{"ok"}, Scopes: []string{"nothing"}}, "/things/ok", 403},
		{me, "/things/ok", 200},
	} {
		if res := w.Call(t, tc.as, "GET", tc.path, ""); res.Status != tc.want {
			t.Errorf("GET %s as %v = %d, want %d", tc.path, tc.as, res.Status, tc.want)
		}
	}
	for _, id := range []string{"a%2Fb", "%2e%2e", "a%2F"} {
		if res := w.Call(t, me, "GET", "/things/"+id, ""); res.Status != 400 {
			t.Errorf("GET /things/%s = %d, want the parameter refused", id, res.Status)
		}
	}
	if res := w.Call(t, nil, "GET", "/things/ok", ""); res.Header.Get("WWW-Authenticate") != "Bearer" {
		t.Error("401 lacks WWW-Authenticate (RFC 9110 §11.6.1)")
	}
}

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	w := world()
	for _, tc := range []struct{ method, path, want, allow string }{
		{"GET", "/nothing", "404 NO_ROUTE", ""},
		{"GET", "/things/", "404 NO_ROUTE", ""},
		{"GET", "/things//x", "404 NO_ROUTE", ""},
		{"GET", "/things/../things/ok", "404 NO_ROUTE", ""},
		{"DELETE", "/things/ok", "405 NO_METHOD", "GET, PUT"},
		{"HEAD", "/things/ok", "405 NO_METHOD", "GET, PUT"},
		{"OPTIONS", "/things/ok", "405 NO_METHOD", "GET, PUT"},
	} {
		res := w.Call(t, nil, tc.method, tc.path, "")
		if got := fmt.Sprint(res.Status, " ", res.Text("errorCode")); got != tc.want || res.Header.Get("Allow") != tc.allow {
			t.Errorf("%s %s = %s, Allow %q; want %s, %q", tc.method, tc.path, got, res.Header.Get("Allow"), tc.want, tc.allow)
		}
		if ct := res.Header.Get("Content-Type"); ct != "application/problem+json" {
			t.Errorf("%s %s: content type %q", tc.method, tc.path, ct)
		}
	}
}

func TestReject(t *testing.T) {
	t.Parallel()
	w := world()
	rec := httptest.NewRecorder()
	h := w.Handler(t).(*api.Handler)
	h.Reject(rec, httptest.NewRequestWithContext(api.WithRequestID(t.Context(), "req-1"), "GET", "/", http.NoBody), "The body is not base64.")
	if rec.Code != 400 || !strings.Contains(rec.Body.String(), "The body is not base64.") {
		t.Errorf("Reject = %d %s", rec.Code, rec.Body)
	}
	if line := w.Log.Lines(t)[0]; line["requestId"] != "req-1" || line["problem"] != "INVALID_FORMAT" {
		t.Errorf("log line = %v", line)
	}
}

func TestHandlerNeedsWorkingSettings(t *testing.T) {
	t.Parallel()
	w := world()
	w.Settings["BROKEN"] = "1"
	if _, err := api.NewHandler(w.Deps(), ops()...); err == nil || !strings.Contains(err.Error(), "thing/get") {
		t.Errorf("err = %v, want the operation named", err)
	}
	if _, err := api.NewHandler(w.Deps()); err == nil {
		t.Error("a handler without operations was made")
	}
}

func TestIdentityGoesThroughTheGateway(t *testing.T) {
	t.Parallel()
	want := api.Identity{Subject: "agg", Tenants: []string{"a", "b"}, Scopes: []string{"x", "y"}, Kind: "aggregator"}
	got, ok := api.IdentityFromAuthorizer(want.AuthorizerContext())
	same := got.Subject == want.Subject && got.Kind == want.Kind
	if !ok || !same || !slices.Equal(got.Tenants, want.Tenants) || !slices.Equal(got.Scopes, want.Scopes) {
		t.Errorf("identity = %+v, %v; want %+v", got, ok, want)
	}
	for _, m := range []map[string]any{nil, {}, {"subject": 7}, {"issuers": "a"}} {
		if _, ok := api.IdentityFromAuthorizer(m); ok {
			t.Errorf("an identity came out of %v", m)
		}
	}
}

func TestJobs(t *testing.T) {
	t.Parallel()
	type request struct {
		N int `json:"n"`
	}
	job := api.Job[store, request, int]{
		ID:   "thing/job",
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run:  func(_ *store, _ context.Context, r request) (int, error) { return r.N + 1, nil },
	}
	run, err := job.Start(world().Deps())
	if err != nil {
		t.Fatal(err)
	}
	for payload, want := range map[string]any{`{"n":4}`: 5, ``: 1, `{}`: 1, ` null `: 1, " {\"n\" : 4}\n": 5} {
		if got, err := run(t.Context(), []byte(payload)); err != nil || got != want {
			t.Errorf("job(%s) = %v, %v; want %v", payload, got, err, want)
		}
	}
	for _, payload := range []string{
		`{"n":"four"}`, `{"N":4}`, `{"n":null}`, `{"n":4,"n":5}`, `{"n":4,"m":5}`, `{"n":4} {}`,
		`[]`, `[{"n":4}]`, `"n"`, `4`, `{`, `true`,
	} {
		if _, err := run(t.Context(), []byte(payload)); err == nil || !strings.HasPrefix(err.Error(), "job thing/job: payload: ") {
			t.Errorf("the payload %s was taken: %v", payload, err)
		}
	}
}

func TestLogCountsStorage(t *testing.T) {
	t.Parallel()
	w := world()
	metered := api.Operation[store, putInput, putOutput]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/metered", Method: "PUT", Path: "/metered/{thingId}", Product: product, Scopes: []string{"full"}, Status: 204}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, ctx context.Context, _ *putInput) (*putOutput, error) {
			table.Metered(ctx, table.Usage{RoundTrips: 2, ItemsRead: 3, ReadUnits: 0.5, WriteUnits: 4})
			w.Clock.Advance(1500 * time.Microsecond)
			return &putOutput{}, nil
		},
	}
	h, err := api.NewHandler(w.Deps(), metered)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), *me), "PUT", "/metered/x", http.NoBody)
	h.ServeHTTP(httptest.NewRecorder(), req)
	line := w.Log.Lines(t)[0]
	for name, want := range map[string]float64{"roundTrips": 2, "itemsRead": 3, "readUnits": 0.5, "writeUnits": 4, "latencyMs": 1.5} {
		if line[name] != want {
			t.Errorf("%s = %v, want %v", name, line[name], want)
		}
	}
}
