package host_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
)

const methodARN = "arn:aws:execute-api:eu-south-1:123456789012:abc123/prod/POST/issuers/A/consumers/B/operations:delete"

var errRefused = errors.New("refused")

// authenticate is an Authenticator of one function.
type authenticate func(header string) (api.Identity, error)

func (f authenticate) Authenticate(_ context.Context, header string) (api.Identity, error) {
	return f(header)
}

func token(header string) events.APIGatewayCustomAuthorizerRequest {
	return events.APIGatewayCustomAuthorizerRequest{Type: "TOKEN", AuthorizationToken: header, MethodArn: methodARN}
}

func TestAuthorizeAllowsTheStage(t *testing.T) {
	t.Parallel()
	caller := api.Identity{Subject: "s", Tenants: []string{"A", "B"}, Scopes: []string{"read"}, Kind: "aggregator"}
	a := authenticate(func(header string) (api.Identity, error) {
		if header != "Bearer secret" {
			return api.Identity{}, errRefused
		}
		return caller, nil
	})
	var log bytes.Buffer
	got, err := host.Authorize("authorizer/bearer", a, errRefused, newDeps(&log))(t.Context(), token("Bearer secret"))
	if err != nil {
		t.Fatal(err)
	}
	want := events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: "s",
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{{
				Effect: "Allow", Action: []string{"execute-api:Invoke"},
				Resource: []string{"arn:aws:execute-api:eu-south-1:123456789012:abc123/prod/*"},
			}},
		},
		Context: caller.AuthorizerContext(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("response (-want +got):\n%s", diff)
	}
	if id, ok := api.IdentityFromAuthorizer(got.Context); !ok || !cmp.Equal(id, caller) {
		t.Errorf("a function would read %+v, %v", id, ok)
	}
	if line := log.String(); strings.Count(line, "\n") != 1 || strings.Contains(line, "secret") || !strings.Contains(line, `"allowed":true`) {
		t.Errorf("log = %s", line)
	}
}

// TestAuthorizePassesTheAllowance: API Gateway counts requests by the key, which
// is no business of the functions behind it.
func TestAuthorizePassesTheAllowance(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "gateway-key"} {
		caller := api.Identity{Subject: "s", Group: "g", Networks: []string{"192.0.2.0/24", "::1"}, UsageKey: key}
		a := authenticate(func(string) (api.Identity, error) { return caller, nil })
		var log bytes.Buffer
		got, err := host.Authorize("authorizer/key", a, errRefused, newDeps(&log))(t.Context(), token("k"))
		if err != nil || got.UsageIdentifierKey != key {
			t.Errorf("usageIdentifierKey = %q, %v; want %q", got.UsageIdentifierKey, err, key)
		}
		id, ok := api.IdentityFromAuthorizer(got.Context)
		caller.UsageKey = ""
		if !ok || !cmp.Equal(id, caller) {
			t.Errorf("a function would read %+v, %v", id, ok)
		}
		if key != "" && strings.Contains(fmt.Sprint(got.Context)+log.String(), key) {
			t.Errorf("the key is passed on: %v, %s", got.Context, log.String())
		}
	}
}

func TestAuthorizeErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer       error
		arn          string
		unauthorized bool
		logged       string
	}{
		"refused":          {fmt.Errorf("%w: expired", errRefused), methodARN, true, `"reason":"refused: expired"`},
		"keys unreachable": {errors.New("no keys"), methodARN, false, `"error":"no keys"`},
		"no ARN":           {nil, "POST/x", false, "not an ARN"},
		"no method":        {nil, "arn:aws:execute-api:r:1:abc123/prod", false, "names no method"},
		"no stage":         {nil, "arn:aws:execute-api:r:1:abc123//GET/x", false, "names no method"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := authenticate(func(string) (api.Identity, error) { return api.Identity{Subject: "s"}, test.answer })
			var log bytes.Buffer
			e := token("Bearer secret")
			e.MethodArn = test.arn
			res, err := host.Authorize("x", a, errRefused, newDeps(&log))(t.Context(), e)
			if err == nil || (err.Error() == "Unauthorized") != test.unauthorized {
				t.Errorf("error = %v, want Unauthorized: %v", err, test.unauthorized)
			}
			if len(res.PolicyDocument.Statement) > 0 {
				t.Errorf("response = %+v, want no policy", res)
			}
			line := log.String()
			if !strings.Contains(line, test.logged) || strings.Contains(line, "secret") {
				t.Errorf("log = %s, want %s and no token", line, test.logged)
			}
			if pseudonym := `"credential":"` + api.Pseudonym("Bearer secret") + `"`; strings.Contains(line, pseudonym) != test.unauthorized {
				t.Errorf("log = %s, want %s in it: %v", line, pseudonym, test.unauthorized)
			}
		})
	}
}

func TestAuthorizeOutlivesPanics(t *testing.T) {
	t.Parallel()
	a := authenticate(func(string) (api.Identity, error) { panic("boom") })
	if _, err := host.Authorize("x", a, errRefused, newDeps(io.Discard))(t.Context(), token("")); err == nil || err.Error() == "Unauthorized" {
		t.Errorf("error = %v, want one that is not Unauthorized", err)
	}
}
