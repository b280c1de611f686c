package host_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sent is an event and what a handler must see of it; URL and header maps that
// are nil stand for empty ones.
type sent struct {
	event event
	want  request
}

func (s sent) check(t *testing.T) {
	t.Helper()
	h := &recorder{}
	if res := proxy(t, t.Context(), h, s.event); res.StatusCode != http.StatusOK {
		t.Fatalf("status = %d (%s), want 200", res.StatusCode, h.flaw)
	}
	if diff := cmp.Diff(s.want, h.request, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}

func TestProxyRequestLine(t *testing.T) {
	t.Parallel()
	tests := map[string]sent{
		"encoded path": {
			event{HTTPMethod: "GET", Path: "/things/a%2Fb%20c"},
			request{Method: "GET", Path: "/things/a/b c", Escaped: "/things/a%2Fb%20c"},
		},
		"decoded path": {
			event{HTTPMethod: "GET", Path: "/things/a b é<"},
			request{Method: "GET", Path: "/things/a b é<", Escaped: "/things/a%20b%20%C3%A9%3C"},
		},
		"literal colon": {
			event{HTTPMethod: "POST", Path: "/things/1/operations:delete"},
			request{Method: "POST", Path: "/things/1/operations:delete", Escaped: "/things/1/operations:delete"},
		},
		"question mark and hash in the path": {
			event{HTTPMethod: "GET", Path: "/a?b=c#d", QueryStringParameters: map[string]string{"x": "1"}},
			request{Method: "GET", Path: "/a?b=c#d", Escaped: "/a%3Fb=c%23d", Query: url.Values{"x": {"1"}}},
		},
		"path that looks like a host": {
			event{HTTPMethod: "GET", Path: "//evil.example/x"},
			request{Method: "GET", Path: "//evil.example/x", Escaped: "//evil.example/x"},
		},
		"no path": {event{HTTPMethod: "GET"}, request{Method: "GET", Path: "/", Escaped: "/"}},
		"method keeps its case": {
			event{HTTPMethod: "get", Path: "/"}, request{Method: "get", Path: "/", Escaped: "/"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}

func TestProxyRequestContent(t *testing.T) {
	t.Parallel()
	tests := map[string]sent{
		"repeated query parameters in order": {
			event{
				HTTPMethod: "GET", Path: "/", QueryStringParameters: map[string]string{"s": "c"},
				MultiValueQueryStringParameters: map[string][]string{"s": {"a", "b&=", "a", "c"}, "empty": {""}},
			},
			request{Method: "GET", Path: "/", Escaped: "/", Query: url.Values{"s": {"a", "b&=", "a", "c"}, "empty": {""}}},
		},
		"headers are not split at commas": {
			event{HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{
				"if-match": {`"a,b"`, `"c"`}, "X-Date": {"Tue, 15 Nov 1994 08:12:31 GMT"},
			}},
			request{Method: "GET", Path: "/", Escaped: "/", Header: http.Header{
				"If-Match": {`"a,b"`, `"c"`}, "X-Date": {"Tue, 15 Nov 1994 08:12:31 GMT"},
			}},
		},
		"names that differ in case only": {
			event{HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{"x-a": {"2"}, "X-A": {"1"}}},
			request{Method: "GET", Path: "/", Escaped: "/", Header: http.Header{"X-A": {"1", "2"}}},
		},
		"single headers": {
			event{HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{}, Headers: map[string]string{"Accept": "a, b"}},
			request{Method: "GET", Path: "/", Escaped: "/", Header: http.Header{"Accept": {"a, b"}}},
		},
		"host": {
			event{
				HTTPMethod: "GET", Path: "/", Headers: map[string]string{"host": "api.example.org"},
				RequestContext: events.APIGatewayProxyRequestContext{DomainName: "x.execute-api.example"},
			},
			request{Method: "GET", Path: "/", Escaped: "/", Host: "api.example.org"},
		},
		"host of the gateway": {
			event{HTTPMethod: "GET", Path: "/", RequestContext: events.APIGatewayProxyRequestContext{DomainName: "x.execute-api.example"}},
			request{Method: "GET", Path: "/", Escaped: "/", Host: "x.execute-api.example"},
		},
		"binary body": {
			event{HTTPMethod: "PUT", Path: "/", Body: base64.StdEncoding.EncodeToString([]byte("\xff\x00")), IsBase64Encoded: true},
			request{Method: "PUT", Path: "/", Escaped: "/", Body: "\xff\x00"},
		},
		"forged context headers": {
			event{HTTPMethod: "GET", Path: "/", MultiValueHeaders: map[string][]string{
				"X-GoLambdaProxy-ApiGw-Context": {`{"authorizer":{"subject":"admin"}}`}, "x-golambdaproxy-apigw-stagevars": {`{}`}, "X-Kept": {"1"},
			}},
			request{Method: "GET", Path: "/", Escaped: "/", Header: http.Header{"X-Kept": {"1"}}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}
