package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/problem"
)

// enter is a Door of one function.
type enter func(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, *api.Refusal, error)

func (f enter) Enter(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, *api.Refusal, error) {
	return f(ctx, method, urls, header)
}

// asking is the event of a request to /agreements/{agreementId}, below a base path.
func asking(base string) events.APIGatewayCustomAuthorizerRequestTypeRequest {
	e := events.APIGatewayCustomAuthorizerRequestTypeRequest{
		Type: "REQUEST", MethodArn: methodARN, Resource: "/agreements/{agreementId}", Path: base + "/agreements/a%2Fb", HTTPMethod: "GET",
		MultiValueHeaders: map[string][]string{
			"Host": {"api.example.it"}, "authorization": {"DPoP secret"}, "DPoP": {"p1", "p2"}, "X-Golambdaproxy-Subject": {"forged"},
		},
		Headers: map[string]string{"Authorization": "the last one"},
	}
	e.RequestContext.Path = e.Path
	e.RequestContext.RequestID = "9f2c"
	e.RequestContext.Identity.SourceIP = "203.0.113.10"
	return e
}

// TestAuthorizeRequestTells checks what a door is told of a request.
func TestAuthorizeRequestTells(t *testing.T) {
	t.Parallel()
	stage := asking("")
	stage.RequestContext.Path = "/v1" + stage.Path
	slash := asking("/v3")
	slash.Path += "/"
	slash.RequestContext.Path += "/"
	single := asking("/v3")
	single.MultiValueHeaders = nil
	single.Headers = map[string]string{"host": "api.example.it", "Authorization": "DPoP secret", "DPoP": "p1"}
	for name, tc := range map[string]struct {
		event  events.APIGatewayCustomAuthorizerRequestTypeRequest
		public string
		base   string
		urls   []string
		proofs []string
	}{
		"a stage":     {stage, "", "", []string{"https://api.example.it/v1/agreements/a%2Fb"}, []string{"p1", "p2"}},
		"a base path": {asking("/pdnd/v3"), "", "/pdnd/v3", []string{"https://api.example.it/pdnd/v3/agreements/a%2Fb"}, []string{"p1", "p2"}},
		"a slash":     {slash, "", "/v3", []string{"https://api.example.it/v3/agreements/a%2Fb/"}, []string{"p1", "p2"}},
		"one header":  {single, "", "/v3", []string{"https://api.example.it/v3/agreements/a%2Fb"}, []string{"p1"}},
		"public URLs": {
			asking("/v3"), "https://one.example, https://two.example/pdnd/v3/", "/v3",
			[]string{"https://one.example/v3/agreements/a%2Fb", "https://two.example/pdnd/v3/agreements/a%2Fb"},
			[]string{"p1", "p2"},
		},
	} {
		called := false
		door := enter(func(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, *api.Refusal, error) {
			called = true
			forged := header.Get("X-Golambdaproxy-Subject")
			got := []any{method, api.BaseFrom(ctx), urls, header.Values("DPoP"), header.Values("Authorization"), forged}
			want := []any{"GET", tc.base, tc.urls, tc.proofs, []string{"DPoP secret"}, ""}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			return api.Identity{Subject: "s"}, nil, nil
		})
		if _, err := host.AuthorizeRequest("x", door, tc.public, newDeps(io.Discard))(t.Context(), tc.event); err != nil || !called {
			t.Errorf("%s: %v, called %v", name, err, called)
		}
	}
}

// TestPublicAddresses lists the addresses below public URLs.
func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ public, base, path, want string }{
		{"", "/v3", "/v3/a", ""},
		{" , ", "", "/a", ""},
		{"https://x", "", "/a", "https://x/a"},
		{"https://x/", "/v3", "/v3/a", "https://x/v3/a"},
		{"https://x/v3", "/v3", "/v3/a", "https://x/v3/a"},
		{"https://x/m2m/v3", "/pdnd/v3", "/pdnd/v3/a", "https://x/m2m/v3/pdnd/v3/a https://x/m2m/v3/a"},
		{"https://x/m2m", "/v3", "/v3/a", "https://x/m2m/v3/a https://x/m2m/a"},
		{"https://x/m2m", "", "/a", "https://x/m2m/a"},
		{"https://x/v3,https://y", "/v3", "/v3/a/", "https://x/v3/a/ https://y/v3/a/"},
	} {
		if got := strings.Join(host.PublicAddresses(tc.public, tc.base, tc.path), " "); got != tc.want {
			t.Errorf("%q, %q, %s: %q, want %q", tc.public, tc.base, tc.path, got, tc.want)
		}
	}
}

// TestAuthorizeRequestAllows: every answer allows the stage, and has the caller or the
// refusal. An operation's function then reads the same.
func TestAuthorizeRequestAllows(t *testing.T) {
	t.Parallel()
	caller := api.Identity{
		Subject: "s", Kind: "organization", Scopes: []string{"m2m"}, Client: "c", User: "u",
		Allowance: api.Allowance{Limit: 10, Remaining: 3, Interval: time.Second},
	}
	refused := api.Refusal{
		Code: problem.Code{Name: "017-10004"}, Reason: "too many", Allowance: api.Allowance{Limit: 10, Interval: time.Second},
	}
	for name, tc := range map[string]struct {
		refused   *api.Refusal
		principal string
		context   map[string]any
		logged    []string
	}{
		"a caller": {nil, "s", caller.AuthorizerContext(), []string{`"allowed":true`, `"kind":"organization"`}},
		"a refusal": {&refused, "refused", refused.AuthorizerContext(), []string{
			`"allowed":false`, `"problem":"017-10004"`, `"reason":"too many"`, `"credential":"` + api.Pseudonym("DPoP secret") + `"`,
			`"source":"` + api.Pseudonym("203.0.113.10/32") + `"`,
		}},
	} {
		door := enter(func(context.Context, string, []string, http.Header) (api.Identity, *api.Refusal, error) {
			if tc.refused != nil {
				return api.Identity{}, tc.refused, nil
			}
			return caller, nil, nil
		})
		var log bytes.Buffer
		got, err := host.AuthorizeRequest("authorizer/bearer", door, "", newDeps(&log))(t.Context(), asking("/v3"))
		if err != nil {
			t.Fatal(err)
		}
		want := events.APIGatewayCustomAuthorizerResponse{
			PrincipalID: tc.principal, Context: tc.context,
			PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
				Version: "2012-10-17",
				Statement: []events.IAMPolicyStatement{{
					Effect: "Allow", Action: []string{"execute-api:Invoke"},
					Resource: []string{"arn:aws:execute-api:eu-south-1:123456789012:abc123/prod/*"},
				}},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		checkRead(t, got.Context, caller, refused)
		line := log.String()
		for _, want := range append(tc.logged, `"requestId":"9f2c"`) {
			if !strings.Contains(line, want) {
				t.Errorf("%s: logged is %s, want %s", name, line, want)
			}
		}
		if strings.Count(line, "\n") != 1 || strings.Contains(line, "secret") || strings.Contains(line, "203.0.113.10") {
			t.Errorf("%s: logged is %s", name, line)
		}
	}
}

// checkRead checks that a function reads the caller or the refusal in a context that API
// Gateway hands on, which it does with texts alone.
func checkRead(t *testing.T, found map[string]any, caller api.Identity, refused api.Refusal) {
	t.Helper()
	for member, value := range found {
		if _, flat := value.(string); !flat {
			t.Errorf("API Gateway drops %s, which is no text: %v", member, value)
		}
	}
	ctx := host.Authorized(t.Context(), found)
	id, known := api.IdentityFrom(ctx)
	read, isRefused := api.RefusalFrom(ctx)
	if known == isRefused || known && !cmp.Equal(id, caller) || isRefused && !cmp.Equal(read, refused) {
		t.Errorf("a function reads %+v, %v and %+v, %v", id, known, read, isRefused)
	}
}

// TestAuthorizeRequestFails: what the door cannot find out, or an event that is none, is an
// error other than Unauthorized, which API Gateway answers 500.
func TestAuthorizeRequestFails(t *testing.T) {
	t.Parallel()
	works := enter(func(context.Context, string, []string, http.Header) (api.Identity, *api.Refusal, error) {
		return api.Identity{Subject: "s"}, nil, nil
	})
	noARN := asking("")
	noARN.MethodArn = "POST/x"
	for name, tc := range map[string]struct {
		door  enter
		event events.APIGatewayCustomAuthorizerRequestTypeRequest
	}{
		"the door fails": {func(context.Context, string, []string, http.Header) (api.Identity, *api.Refusal, error) {
			return api.Identity{}, nil, errors.New("no keys")
		}, asking("")},
		"the door panics": {func(context.Context, string, []string, http.Header) (api.Identity, *api.Refusal, error) {
			panic("boom")
		}, asking("")},
		"no ARN": {works, noARN},
	} {
		var log bytes.Buffer
		got, err := host.AuthorizeRequest("x", tc.door, "", newDeps(&log))(t.Context(), tc.event)
		if err == nil || err.Error() == "Unauthorized" || len(got.PolicyDocument.Statement) > 0 || len(got.Context) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if !strings.Contains(log.String(), `"level":"ERROR"`) || strings.Contains(log.String(), "secret") {
			t.Errorf("%s: logged is %s", name, log.String())
		}
	}
}

// TestRefusalIsAnswered sends the context of a refusal to an operation, which does not run:
// the answer has the product's code.
func TestRefusalIsAnswered(t *testing.T) {
	t.Parallel()
	counts := opened{}
	h, err := api.NewHandler(newDeps(io.Discard), counts.operation("a/get"))
	if err != nil {
		t.Fatal(err)
	}
	found := api.Refusal{Code: problem.Code{Name: "none of the product's"}, Reason: "because"}.AuthorizerContext()
	raw, err := json.Marshal(found)
	if err == nil {
		err = json.Unmarshal(raw, &found) // as API Gateway hands it on
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(host.Authorized(t.Context(), found), http.MethodGet, "/a/get", http.NoBody)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if rec.Code != http.StatusUnauthorized || !strings.Contains(rec.Body.String(), "because") {
		t.Errorf("answered %d %s", rec.Code, rec.Body)
	}
}
