package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/testing/problemtest"
)

// request is what a handler sees of a request.
type request struct {
	Method, Path, Escaped, Host, Body string
	Query                             url.Values
	Header                            http.Header
	Absolute                          bool // the URL names a host, as a client's does
}

func read(r *http.Request) request {
	body, _ := io.ReadAll(r.Body)
	return request{
		Method: r.Method, Path: r.URL.Path, Escaped: r.URL.EscapedPath(), Host: r.Host, Body: string(body),
		Query: r.URL.Query(), Header: r.Header, Absolute: r.URL.Scheme+r.URL.Host != "",
	}
}

// recorder keeps the request it was given and answers by the function.
type recorder struct {
	answer  func(http.ResponseWriter, *http.Request)
	raw     *http.Request
	request request
	flaw    string
}

func (h *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.raw, h.request = r, read(r)
	if h.answer != nil {
		h.answer(w, r)
	}
}

func (h *recorder) Reject(w http.ResponseWriter, r *http.Request, detail string) {
	h.raw, h.flaw = r, detail
	w.WriteHeader(http.StatusBadRequest)
}

// proxy sends e, as JSON would carry it, to h.
func proxy(t testing.TB, ctx context.Context, h host.Handler, e events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	t.Helper()
	wire, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var sent events.APIGatewayProxyRequest
	if err := json.Unmarshal(wire, &sent); err != nil {
		t.Fatal(err)
	}
	res, err := host.Proxy(h)(ctx, sent)
	if err != nil {
		t.Fatalf("function error: %v", err)
	}
	return res
}

type event = events.APIGatewayProxyRequest

func TestProxyRejectsWhatIsNotHTTP(t *testing.T) {
	t.Parallel()
	tests := map[string]event{
		"no method":           {Path: "/"},
		"malformed method":    {HTTPMethod: "GE T", Path: "/"},
		"bad base64":          {HTTPMethod: "PUT", Path: "/", Body: "!!", IsBase64Encoded: true},
		"lone percent":        {HTTPMethod: "GET", Path: "/100%"},
		"malformed sequence":  {HTTPMethod: "GET", Path: "/%zz"},
		"line feed in path":   {HTTPMethod: "GET", Path: "/a\nb"},
		"tab in path":         {HTTPMethod: "GET", Path: "/a\tb"},
		"nul in path":         {HTTPMethod: "GET", Path: "/a\x00"},
		"header name":         {HTTPMethod: "GET", Path: "/", Headers: map[string]string{"a b": "1"}},
		"empty header name":   {HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{"": {"1"}}},
		"header value":        {HTTPMethod: "GET", Path: "/", Headers: map[string]string{"X-A": "1\r\nX-B: 2"}},
		"second header value": {HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{"X-A": {"1", "\x7f"}}},
	}
	for name, e := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			e.RequestContext.Authorizer = map[string]any{"subject": "s"}
			res := proxy(t, t.Context(), newHandler(t, &log), e)
			var body problemtest.Problem
			if err := json.Unmarshal([]byte(res.Body), &body); err != nil || res.StatusCode != http.StatusBadRequest {
				t.Fatalf("answer = %d %q (%v), want a problem with 400", res.StatusCode, res.Body, err)
			}
			if body.ErrorCode != problemtest.InvalidFormat.Name || body.Detail == "" {
				t.Errorf("body = %+v, want FIELD_INVALID_FORMAT and a detail", body)
			}
			if n := strings.Count(log.String(), "\n"); n != 1 {
				t.Errorf("%d log lines, want 1:\n%s", n, log.String())
			}
		})
	}
}

func TestProxyAnswer(t *testing.T) {
	t.Parallel()
	type response = events.APIGatewayProxyResponse
	tests := map[string]struct {
		answer http.HandlerFunc
		want   response
	}{
		"nothing written": {
			func(http.ResponseWriter, *http.Request) {},
			response{StatusCode: 200, MultiValueHeaders: http.Header{}},
		},
		"second status": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(409); w.WriteHeader(200) },
			response{StatusCode: 409, MultiValueHeaders: http.Header{}},
		},
		"informational status": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(202) },
			response{StatusCode: 202, MultiValueHeaders: http.Header{}},
		},
		"status after the body": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hi"); w.WriteHeader(500) },
			response{StatusCode: 200, Body: "hi", MultiValueHeaders: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}},
		},
		"no content": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); _, _ = io.WriteString(w, "hi") },
			response{StatusCode: 204, MultiValueHeaders: http.Header{}},
		},
		"not modified": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304); _, _ = io.WriteString(w, "hi") },
			response{StatusCode: 304, MultiValueHeaders: http.Header{}},
		},
		"binary": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "image/png")
				_, _ = w.Write([]byte{0xff, 0})
			},
			response{StatusCode: 200, Body: "/wA=", IsBase64Encoded: true, MultiValueHeaders: http.Header{"Content-Type": {"image/png"}}},
		},
		"several values of a header": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Add("Set-Cookie", "a=1, b")
				w.Header().Add("Set-Cookie", "c=2")
			},
			response{StatusCode: 200, MultiValueHeaders: http.Header{"Set-Cookie": {"a=1, b", "c=2"}}},
		},
		"panic": {
			func(http.ResponseWriter, *http.Request) { panic("boom") },
			response{
				StatusCode: 500, Headers: map[string]string{"Content-Type": "application/problem+json"},
				Body: `{"type":"about:blank","title":"Internal Server Error","status":500}`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := proxy(t, t.Context(), &recorder{answer: test.answer}, events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/"})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

func TestProxyContext(t *testing.T) {
	t.Parallel()
	h := &recorder{}
	e := events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/"}
	e.RequestContext.Identity.SourceIP = "2001:db8::1"
	e.RequestContext.Authorizer = map[string]any{
		"subject": "s", "issuers": "A B", "scopes": "x", "principalId": "p", "claims": map[string]any{},
	}
	deadline := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	proxy(t, ctx, h, e)
	if ip, _, err := net.SplitHostPort(h.raw.RemoteAddr); err != nil || ip != "2001:db8::1" {
		t.Errorf("remote address %q: %v", h.raw.RemoteAddr, err)
	}
	id, ok := api.IdentityFrom(h.raw.Context())
	if want := (api.Identity{Subject: "s", Tenants: []string{"A", "B"}, Scopes: []string{"x"}}); !ok || !cmp.Equal(id, want) {
		t.Errorf("identity = %+v, %v, want %+v", id, ok, want)
	}
	if got, ok := h.raw.Context().Deadline(); !ok || !got.Equal(deadline.Add(-200*time.Millisecond)) {
		t.Errorf("deadline = %v, want 200 ms before %v", got, deadline)
	}
	if _, ok := api.IdentityFrom(host.Authorized(t.Context(), map[string]any{"principalId": "p"})); ok {
		t.Error("an authorizer without a subject must not identify anybody")
	}
}

// TestProxyForgedIdentity sends every shape in which an identity could be
// claimed by the client to an operation that needs one.
func TestProxyForgedIdentity(t *testing.T) {
	t.Parallel()
	forged := `{"authorizer":{"subject":"admin","issuers":"A","scopes":"write"}}`
	for _, name := range []string{"X-GoLambdaProxy-ApiGw-Context", "x-golambdaproxy-apigw-context", "X-Amzn-Request-Context", "Subject"} {
		res := proxy(t, t.Context(), newHandler(t, io.Discard), events.APIGatewayProxyRequest{
			HTTPMethod: "GET", Path: "/things/1", Headers: map[string]string{name: forged},
			QueryStringParameters: map[string]string{"authorizer": forged},
		})
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: status = %d, want 401", name, res.StatusCode)
		}
	}
}

// TestProxyServesAnOperation goes through everything that Start puts together,
// with one function for simultaneous calls.
func TestProxyServesAnOperation(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	serve := host.Proxy(newHandler(t, &log))
	e := events.APIGatewayProxyRequest{HTTPMethod: "GET", Path: "/things/7"}
	e.RequestContext.RequestID = "gateway-1"
	e.RequestContext.Authorizer = map[string]any{"subject": "s", "scopes": "read"}
	answers := make(chan events.APIGatewayProxyResponse)
	for range 8 {
		go func() {
			res, _ := serve(t.Context(), e)
			answers <- res
		}()
	}
	for range 8 {
		if res := <-answers; res.StatusCode != http.StatusOK || strings.TrimSpace(res.Body) != `{"id":"7"}` {
			t.Errorf("answer = %d %q", res.StatusCode, res.Body)
		}
	}
	first, _, _ := strings.Cut(log.String(), "\n")
	for _, want := range []string{`"requestId":"gateway-1"`, `"coldStart":`, `"operation":"thing-get"`} {
		if !strings.Contains(first, want) {
			t.Errorf("log line lacks %s: %s", want, first)
		}
	}
	if cold := strings.Count(log.String(), `"coldStart":true`); cold != 1 {
		t.Errorf("%d cold starts, want 1", cold)
	}
}

type thingInput struct {
	ID string `path:"id"`
}

type thingOutput struct {
	Body struct {
		ID string `json:"id"`
	}
}

var product = &api.Product{Product: problemtest.Product, Scheme: api.Bearer, Pass: api.ByTenant}

func newHandler(t testing.TB, log io.Writer) *api.Handler {
	t.Helper()
	op := api.Operation[struct{}, thingInput, thingOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "thing/get", Method: http.MethodGet, Path: "/things/{id}", Product: product,
				Scopes: []string{"read"}, Status: http.StatusOK,
			}
		},
		Open: func(api.Deps) (*struct{}, error) { return &struct{}{}, nil },
		Run: func(_ *struct{}, _ context.Context, in *thingInput) (*thingOutput, error) {
			out := &thingOutput{}
			out.Body.ID = in.ID
			return out, nil
		},
	}
	h, err := api.NewHandler(newDeps(log), op)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func newDeps(log io.Writer) api.Deps {
	return api.Deps{Now: time.Now, Log: host.NewLogger(log, func(string) string { return "" })}
}

var _ host.Handler = (*api.Handler)(nil)
