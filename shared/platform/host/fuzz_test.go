package host_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/platform/host"
)

// FuzzProxy gives one request to a handler twice, as net/http reads it from a
// connection and as API Gateway would put it into an event, and expects the
// handler to see no difference. With decoded, the gateway is one that decodes
// the path; then only the decoded path can be the same.
func FuzzProxy(f *testing.F) {
	f.Add("GET", "issuers/0123456789/consumers/abc", "offset=1&limit=2", "X-Correlation-Id", "a b", []byte(nil), false)
	f.Add("POST", "issuers/x/consumers/y/operations:delete", "", "Content-Type", "application/json", []byte(`{"reason":"é"}`), false)
	f.Add("PUT", "a%2Fb%20c/%25", "s=A&s=B,C&s=A&t", "If-Match", `"a,b", "c"`, []byte{0xff, 0}, false)
	f.Add("GET", "a b/ü?", "", "X-Date", "Tue, 15 Nov 1994 08:12:31 GMT", []byte("x"), true)
	f.Add("patch", "/evil.example//", "a=%3D%26&+=+;&=", "x-golambdaproxy-apigw-context", "{}", []byte("%"), false)
	f.Fuzz(func(t *testing.T, method, path, query, name, value string, body []byte, decoded bool) {
		direct, err := parse(method, path, query, name, value, body)
		if err != nil {
			return // not a request on either way
		}
		e, want := serveDirectly(direct, decoded)
		if wire, err := json.Marshal(e); err != nil || strings.Contains(string(wire), `\ufffd`) {
			return // JSON cannot carry it
		}
		if decoded && strings.ContainsAny(e.Path, "%") || strings.ContainsFunc(e.Path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return // ambiguous, and refused; see newRequest
		}
		h := &recorder{}
		if res := proxy(t, t.Context(), h, e); res.StatusCode != http.StatusOK {
			t.Fatalf("status = %d: %s", res.StatusCode, h.flaw)
		}
		if decoded {
			want.Escaped, h.request.Escaped = "", ""
		}
		if diff := cmp.Diff(want, h.request, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("request (-direct +event):\n%s", diff)
		}
	})
}

// What http.Server refuses in a header after http.ReadRequest let it pass.
var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValue = regexp.MustCompile(`^[^\x00-\x08\x0a-\x1f\x7f]*$`)
)

// parse makes the request that net/http's server would read from a connection.
func parse(method, path, query, name, value string, body []byte) (*http.Request, error) {
	target := "/" + path
	if query != "" {
		target += "?" + query
	}
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(fmt.Sprintf(
		"%s %s HTTP/1.1\r\nHost: api.example.org\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s", method, target, name, value, len(body), body,
	))))
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		if !headerName.MatchString(name) || slices.ContainsFunc(values, func(v string) bool { return !headerValue.MatchString(v) }) {
			return nil, errors.New("malformed header")
		}
	}
	return r, nil
}

// serveDirectly serves r, and returns what a handler saw of it and the event
// that API Gateway would make of that.
func serveDirectly(r *http.Request, decoded bool) (events.APIGatewayProxyRequest, request) {
	direct := &recorder{}
	direct.ServeHTTP(httptest.NewRecorder(), r)
	seen := direct.request
	e := events.APIGatewayProxyRequest{
		HTTPMethod: seen.Method, Path: seen.Escaped, Body: seen.Body,
		MultiValueQueryStringParameters: seen.Query,
		MultiValueHeaders:               seen.Header.Clone(),
	}
	if decoded {
		e.Path = seen.Path
	}
	if !utf8.ValidString(seen.Body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(seen.Body)), true
	}
	e.MultiValueHeaders["Host"] = []string{seen.Host}
	maps.DeleteFunc(seen.Header, func(name string, _ []string) bool { return strings.HasPrefix(name, "X-Golambdaproxy-") })
	return e, seen
}

// FuzzProxyAnyEvent sends arbitrary events to a real operation: the answer may
// be any refusal, but it is an answer and a handler made it.
func FuzzProxyAnyEvent(f *testing.F) {
	f.Add([]byte(`{"httpMethod":"GET","path":"/things/1","requestContext":{"requestId":"r","authorizer":{"subject":"s","scopes":"read"}}}`))
	f.Add([]byte(`{"httpMethod":"","path":"%","headers":{" ":"\n"},"body":"!","isBase64Encoded":true}`))
	f.Add([]byte(`{"httpMethod":"GET","path":"//things/../things/1?#","multiValueHeaders":{"Host":[],"X":[null]},` +
		`"multiValueQueryStringParameters":{"":[""]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var e events.APIGatewayProxyRequest
		if json.Unmarshal(data, &e) != nil {
			return // Lambda sends nothing else
		}
		res, err := host.Proxy(newHandler(t, io.Discard))(t.Context(), e)
		if err != nil || res.StatusCode < 200 || res.StatusCode > 599 || strings.Contains(res.Body, "about:blank") {
			t.Fatalf("answer = %+v, %v", res, err)
		}
	})
}
