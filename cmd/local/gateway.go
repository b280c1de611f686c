package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/services/subscription"
)

// publicSetting names the environment variable with the URLs by which clients know the
// sandbox besides its own, for example of a proxy in front of it, separated by commas.
const publicSetting = "PUBLIC_URL"

// athSetting names the environment variable that is "optional" for clients whose DPoP proofs
// lack the claim ath.
const athSetting = "DPOP_ATH"

// credential is the header by which the callers of a product show who they are.
type credential struct {
	header  string
	host    host.Authenticator
	refusal error  // wrapped by the errors that mean 401
	what    string // the header has
}

// credentials are those of API Gateway's authorizers that look at one header: access tokens,
// and the keys of the manage API.
func (s *sandbox) credentials() (bearer, key credential) {
	return credential{"Authorization", s.bearer, auth.ErrUnauthorized, "an access token"},
		credential{api.KeyHeader, s.keys, subscription.ErrUnauthorized, "a subscription key"}
}

// gateway runs the authorizer of the operation and puts what it found where API Gateway
// would. As there, no authorizer runs for a public operation or for none.
func (s *sandbox) gateway(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(api.WithRequestID(r.Context(), uuid.NewString()))
	spec, found := s.api.Find(r)
	if found {
		w = s.recent.record(w, spec, s.clock.now())
	}
	if found && !spec.Public {
		var found map[string]any
		var err error
		if spec.Product.Name == interop.Product.Name {
			found, err = s.enter(r)
		} else {
			found, err = s.authenticate(r, spec)
		}
		if err != nil {
			s.log.LogAttrs(r.Context(), slog.LevelError, "authorizer", slog.String("error", err.Error()))
			text(w, http.StatusInternalServerError, "The authorizer failed; see the log.")
			return
		}
		r = r.WithContext(host.Authorized(r.Context(), found))
	}
	s.api.ServeHTTP(w, r)
}

// enter returns what the authorizer of the interop product finds out about a request.
func (s *sandbox) enter(r *http.Request) (map[string]any, error) {
	caller, refused, err := s.door.Enter(r.Context(), r.Method, s.addresses(r), r.Header)
	if err != nil {
		return nil, err
	}
	if refused == nil {
		return caller.AuthorizerContext(), nil
	}
	if r.Header.Get("Authorization") == "" && r.Header.Get(api.KeyHeader) != "" {
		_, key := s.credentials()
		refused.Reason += ", and " + key.what + " (" + key.header + ") is not for this product"
	}
	return refused.AuthorizerContext(), nil
}

// authenticate returns what an authorizer of one header finds out. The operation answers a
// refusal, and says why, which the gateway's own answer cannot in AWS.
func (s *sandbox) authenticate(r *http.Request, spec api.Spec) (map[string]any, error) {
	asked, other := s.credentials()
	if spec.Product.Scheme.Name == api.SubscriptionKey.Name {
		asked, other = other, asked
	}
	sent := r.Header.Get(asked.header)
	id, err := asked.host.Authenticate(r.Context(), sent)
	switch {
	case err == nil:
		return id.AuthorizerContext(), nil
	case !errors.Is(err, asked.refusal):
		return nil, err
	}
	reason := strings.TrimPrefix(err.Error(), asked.refusal.Error()+": ")
	if sent == "" && r.Header.Get(other.header) != "" {
		reason += ", and " + other.what + " (" + other.header + ") is not for this product"
	}
	return api.Refusal{Code: spec.Product.Unauthorized, Reason: reason}.AuthorizerContext(), nil
}

// addresses returns the URLs at which the client may have sent a request: by every name of
// this machine, with the port that it called, and below the public URLs.
func (s *sandbox) addresses(r *http.Request) []string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if u, err := url.ParseRequestURI(path); err == nil && u.Host != "" { // sent as to a proxy
		path = u.EscapedPath()
	}
	_, port, err := net.SplitHostPort(r.Host)
	if err == nil {
		port = ":" + port
	}
	all := []string{"http://" + r.Host + path}
	for _, name := range loopback {
		all = append(all, "http://"+name+port+path)
	}
	return append(all, host.PublicAddresses(s.public, api.BaseFrom(r.Context()), path)...)
}
