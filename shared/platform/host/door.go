package host

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
)

// envPublicURL names the variable with the URLs by which clients know the API.
const envPublicURL = "PUBLIC_URL"

// Door decides who comes in by everything that precedes the body of a request. urls are the
// addresses at which the client may have sent it; the context has the base path. A refusal
// is no error.
type Door interface {
	Enter(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, *api.Refusal, error)
}

// RequestAuthorizer adds a Lambda authorizer of the type REQUEST.
func RequestAuthorizer[S Door](a api.Authorizer[S]) Option {
	return add(target{id: a.ID, name: a.ID, access: a.Access, build: func(f function, deps api.Deps) (any, error) {
		store, err := a.Open(deps)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.ID, err)
		}
		f.connected()
		return AuthorizeRequest(a.ID, store, f.getenv(envPublicURL), deps), nil
	}})
}

// refusedPrincipal is the principal of a request that is refused; API Gateway wants one.
const refusedPrincipal = "refused"

// AuthorizeRequest serves REQUEST authorizer events of a REST API, whose answers must not be
// cached. It always allows: the context of the answer has the identity of the caller or why
// the request is refused, and never both. The operation answers a refusal, because API
// Gateway could not give its status, its code and its headers; no operation runs without an
// identity (docs/decisions/0021-the-authorizer-of-interop.md). Only a failure of d becomes an
// error, which API Gateway answers 500.
//
// public are the URLs by which clients know the API. Without any, a client knows it by the
// host that it has sent the request to.
//
// One line is logged each time, as Authorize does, with a pseudonym of the source address.
func AuthorizeRequest(id string, d Door, public string, deps api.Deps) func(
	context.Context, events.APIGatewayCustomAuthorizerRequestTypeRequest,
) (events.APIGatewayCustomAuthorizerResponse, error) {
	type response = events.APIGatewayCustomAuthorizerResponse
	return invocations(func(ctx context.Context, e events.APIGatewayCustomAuthorizerRequestTypeRequest) (response, error) {
		var res response
		known := []slog.Attr{slog.String("authorizer", id), slog.String("requestId", e.RequestContext.RequestID)}
		err := measured(ctx, deps, "authorize", known, func(ctx context.Context) ([]slog.Attr, error) {
			stage, err := stageOf(e.MethodArn)
			if err != nil {
				return nil, err
			}
			ctx, urls, header := asked(ctx, e, public)
			caller, refused, err := d.Enter(ctx, e.HTTPMethod, urls, header)
			if err != nil {
				return nil, err
			}
			res = allow(stage, caller)
			if refused == nil {
				return []slog.Attr{slog.Bool("allowed", true), slog.String("kind", caller.Kind)}, nil
			}
			res.PrincipalID = refusedPrincipal
			res.Context = refused.AuthorizerContext()
			return refusalAttrs(refused, header.Get("Authorization"), e.RequestContext.Identity.SourceIP), nil
		})
		return res, err
	})
}

// asked returns what a door looks at. Like newRequest it leaves out a header that is not
// valid: the operation refuses the request for it.
func asked(ctx context.Context, e events.APIGatewayCustomAuthorizerRequestTypeRequest, public string) (
	context.Context, []string, http.Header,
) {
	host, header, _ := readHeaders(events.APIGatewayProxyRequest{Headers: e.Headers, MultiValueHeaders: e.MultiValueHeaders})
	base, _ := matchedPath(e.Path, e.Resource)
	if base != "" {
		ctx = api.WithBase(ctx, base)
	}
	if public != "" {
		return ctx, PublicAddresses(public, base, e.Path), header
	}
	return ctx, []string{"https://" + host + e.RequestContext.Path}, header
}

func refusalAttrs(refused *api.Refusal, credential, source string) []slog.Attr {
	attrs := []slog.Attr{
		slog.Bool("allowed", false), slog.String("problem", refused.Code.Name), slog.String("reason", refused.Reason),
		slog.String("credential", api.Pseudonym(credential)),
	}
	address, _ := netip.ParseAddr(source)
	if from, known := api.SourceAttr(address.Unmap()); known {
		attrs = append(attrs, from)
	}
	return attrs
}
