package api

import (
	"context"

	"ciclo/shared/platform/problem"
)

type refusalKey struct{}

// WithRefusal returns a context for a request with a credential that was refused. The
// reason is a phrase such as "no token" that is safe to log and to return to the caller.
//
// API Gateway answers 401 itself and has no reason, so only the sandbox's gateway
// sets one. In AWS the reason is in the authorizer's log.
func WithRefusal(ctx context.Context, reason string) context.Context {
	return context.WithValue(ctx, refusalKey{}, reason)
}

// RefusalFrom returns why the credential of the request was refused, "" when that is
// not known.
func RefusalFrom(ctx context.Context) string {
	reason, _ := ctx.Value(refusalKey{}).(string)
	return reason
}

// unauthorized returns the problem of a 401: the credential that the operation takes and, if
// known, why that of the request was refused.
func unauthorized(ctx context.Context, spec Spec) *problem.Problem {
	scheme := spec.Product.Scheme
	if reason := RefusalFrom(ctx); reason != "" {
		return problem.New(spec.Product.Unauthorized, "The credential was refused: %s. %s", reason, scheme.Hint)
	}
	return problem.New(spec.Product.Unauthorized, "%s", scheme.Hint)
}
