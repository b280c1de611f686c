package host

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
)

// errUnauthorized is the text by which API Gateway tells "answer 401" from a
// broken authorizer, which it answers 500.
var errUnauthorized = errors.New("Unauthorized")

// Authenticator tells whose credential the value of a header is.
type Authenticator interface {
	Authenticate(ctx context.Context, header string) (api.Identity, error)
}

// Authorize serves TOKEN authorizer events of a REST API: it allows a caller
// whom a knows the whole stage, because API Gateway uses the answer for other
// methods of the same token too, and passes the identity on. An error of a that
// is refusal becomes 401 at API Gateway, any other 500. One line is logged each
// time, without the token. Of a refused one it has the reason, which API Gateway cannot
// tell the caller, and a pseudonym: one credential again and again is a client that is
// broken, many are an attack. Such events have no source address
// (docs/decisions/0013-token-authorizers.md).
func Authorize(id string, a Authenticator, refusal error, deps api.Deps) func(
	context.Context, events.APIGatewayCustomAuthorizerRequest,
) (events.APIGatewayCustomAuthorizerResponse, error) {
	type response = events.APIGatewayCustomAuthorizerResponse
	return invocations(func(ctx context.Context, e events.APIGatewayCustomAuthorizerRequest) (response, error) {
		var res response
		var denied bool
		err := measured(ctx, deps, "authorize", []slog.Attr{slog.String("authorizer", id)}, func(ctx context.Context) ([]slog.Attr, error) {
			stage, err := stageOf(e.MethodArn)
			if err != nil {
				return nil, err
			}
			caller, err := a.Authenticate(ctx, e.AuthorizationToken)
			switch {
			case errors.Is(err, refusal):
				denied = true
				return []slog.Attr{
					slog.Bool("allowed", false), slog.String("reason", err.Error()),
					slog.String("credential", api.Pseudonym(e.AuthorizationToken)),
				}, nil
			case err != nil:
				return nil, err
			}
			res = allow(stage, caller)
			return []slog.Attr{slog.Bool("allowed", true), slog.String("kind", caller.Kind)}, nil
		})
		if denied {
			return res, errUnauthorized
		}
		return res, err
	})
}

// stageOf returns the ARN of every method of the stage that arn is a method of:
// arn:aws:execute-api:<region>:<account>:<api>/<stage>/<method>/<path>, where
// the path may have colons.
func stageOf(arn string) (string, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return "", errors.New("the event's methodArn is not an ARN")
	}
	resource := strings.SplitN(parts[5], "/", 3)
	if len(resource) < 3 || resource[0] == "" || resource[1] == "" {
		return "", errors.New("the event's methodArn names no method")
	}
	return strings.Join(parts[:5], ":") + ":" + resource[0] + "/" + resource[1] + "/*", nil
}

func allow(stage string, caller api.Identity) events.APIGatewayCustomAuthorizerResponse {
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: caller.Subject,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{
				{Effect: "Allow", Action: []string{"execute-api:Invoke"}, Resource: []string{stage}},
			},
		},
		Context:            caller.AuthorizerContext(),
		UsageIdentifierKey: caller.UsageKey,
	}
}
