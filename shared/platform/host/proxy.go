package host

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"ciclo/shared/platform/api"
)

// Handler answers requests, and in Reject those that could not be read as HTTP;
// *api.Handler is one.
type Handler interface {
	http.Handler
	Reject(w http.ResponseWriter, r *http.Request, detail string)
}

// Proxy serves API Gateway REST events (payload 1.0) by h. It never returns an
// error: what a client got wrong is h's to reject, and a panic becomes a 500
// that is logged to slog's default logger, so that the process lives on.
//
// The caller's identity comes from requestContext.authorizer alone, which no
// header of a request can reach. Safe for concurrent use.
func Proxy(h Handler) func(context.Context, events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	return invocations(func(ctx context.Context, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		var res events.APIGatewayProxyResponse
		err := guard(func() error {
			var err error
			res, err = serve(ctx, h, e)
			return err
		})
		if err != nil {
			slog.LogAttrs(ctx, slog.LevelError, "request", failure(err)...)
			res = failed()
		}
		return res, nil
	})
}

func serve(ctx context.Context, h Handler, e events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	if id := e.RequestContext.RequestID; id != "" {
		ctx = api.WithRequestID(ctx, id)
	}
	w := newResponseWriter()
	r, flaw := newRequest(Authorized(ctx, e.RequestContext.Authorizer), e)
	if flaw != "" {
		h.Reject(w, r, flaw)
	} else {
		h.ServeHTTP(w, r)
	}
	return w.response()
}

// Authorized returns a context with what an authorizer put into the request context: why it
// refused the request, or else the identity of the caller. It returns ctx itself when there
// is neither.
func Authorized(ctx context.Context, authorizer map[string]any) context.Context {
	if refusal, ok := api.RefusalFromAuthorizer(authorizer); ok {
		return api.WithRefusal(ctx, refusal)
	}
	if id, ok := api.IdentityFromAuthorizer(authorizer); ok {
		return api.WithIdentity(ctx, id)
	}
	return ctx
}
