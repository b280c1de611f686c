package main

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// door is how the callers of a product show who they are.
type door struct {
	header  string
	host    host.Authenticator
	refusal error  // wrapped by the errors that mean 401
	what    string // the header has
}

// doors are the authorizers of API Gateway; the second is that of the manage API.
func (s *sandbox) doors() (bearer, key door) {
	return door{"Authorization", s.bearer, auth.ErrUnauthorized, "an access token"},
		door{api.KeyHeader, s.keys, subscription.ErrUnauthorized, "a subscription key"}
}

// gateway runs the product's authorizer and puts what it found where API Gateway
// would. A request without a valid credential goes on without an identity; the
// operation then answers 401 and says why, which the gateway's own answer cannot in AWS.
func (s *sandbox) gateway(w http.ResponseWriter, r *http.Request) {
	ctx := api.WithRequestID(r.Context(), uuid.NewString())
	asked, other := s.doors()
	if services.Product.Has(r.URL.Path) {
		asked, other = other, asked
	}
	credential := r.Header.Get(asked.header)
	id, err := asked.host.Authenticate(ctx, credential)
	switch {
	case err == nil:
		ctx = host.Authorized(ctx, id.AuthorizerContext())
	case !errors.Is(err, asked.refusal):
		s.log.LogAttrs(ctx, slog.LevelError, "authorizer", slog.String("error", err.Error()))
		text(w, http.StatusInternalServerError, "The authorizer failed; see the log.")
		return
	default:
		reason := strings.TrimPrefix(err.Error(), asked.refusal.Error()+": ")
		if credential == "" && r.Header.Get(other.header) != "" {
			reason += ", and " + other.what + " (" + other.header + ") is not for this product"
		}
		ctx = api.WithRefusal(ctx, api.Refusal{Reason: reason})
	}
	s.api.ServeHTTP(w, r.WithContext(ctx))
}
