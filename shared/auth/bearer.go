// Package auth finds out who sent a request: it verifies a bearer token, a JWT
// signed with RS256 or ES256 by one configured issuer, and returns the caller
// as an api.Identity. The issuer's keys come from its JWKS at a fixed URL.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/api"
)

// ErrUnauthorized is the error of every header that does not identify a caller.
// It comes wrapped with a reason that is safe to log: a fixed text, no part of
// the token.
var ErrUnauthorized = errors.New("unauthorized")

const (
	leeway      = time.Minute // how far the issuer's clock and ours may differ
	prewarmTime = time.Second
)

// Names of the environment variables that FromEnv reads.
const (
	envIssuer   = "ISSUER_URL"
	envJWKS     = "JWKS_URL"
	envAudience = "AUDIENCE"
	envPrewarm  = "PREWARM"
)

// Register is told of every organization that a token identifies before the caller
// is let in. Where it fails, the caller is not.
type Register func(context.Context, api.Organization) error

// Config says whose tokens are accepted. Everything but Transport and Register is
// required.
type Config struct {
	Issuer    string            // the iss claim, exactly
	JWKSURL   string            // https, or http on a loopback host
	Audience  string            // one of the aud claim
	Now       func() time.Time  // safe for concurrent use
	Transport http.RoundTripper // fetches the keys; nil means http.DefaultTransport
	Register  Register          // nil tells nobody
}

// Bearer verifies bearer tokens. It is safe for concurrent use.
type Bearer struct {
	parser   *jwt.Parser
	keys     *keySet
	register Register
}

// New returns a Bearer for c, without fetching keys yet. The error tells which
// part of c is missing or not acceptable.
func New(c Config) (*Bearer, error) {
	// An empty issuer would make the parser skip the check, not fail it.
	if c.Issuer == "" || c.Audience == "" || c.Now == nil {
		return nil, errors.New("auth: issuer, audience and clock are required")
	}
	if err := checkURL(c.JWKSURL); err != nil {
		return nil, err
	}
	return &Bearer{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Name, jwt.SigningMethodES256.Name}),
			jwt.WithIssuer(c.Issuer),
			jwt.WithAudience(c.Audience),
			jwt.WithExpirationRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(leeway),
			jwt.WithTimeFunc(c.Now),
			jwt.WithStrictDecoding(),
		),
		keys:     newKeySet(c.JWKSURL, c.Transport, c.Now),
		register: c.Register,
	}, nil
}

// FromEnv returns a Bearer for the issuer named by the environment variables
// ISSUER_URL, JWKS_URL and AUDIENCE, and spends up to a second on fetching its
// keys unless PREWARM is "off". It tells register of organizations. The error names a variable that is missing or
// not acceptable; keys out of reach are no error until a request needs them.
func FromEnv(getenv func(string) string, register Register) (*Bearer, error) {
	for _, name := range []string{envIssuer, envJWKS, envAudience} {
		if getenv(name) == "" {
			return nil, fmt.Errorf("auth: %s is not set", name)
		}
	}
	b, err := New(Config{Issuer: getenv(envIssuer), JWKSURL: getenv(envJWKS), Audience: getenv(envAudience), Now: time.Now, Register: register})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envJWKS, err)
	}
	if getenv(envPrewarm) != "off" {
		ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
		defer cancel()
		_ = b.keys.refresh(ctx) // the first request tries again
	}
	return b, nil
}

// checkURL refuses keys that anybody on the way could replace.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return errors.New("auth: the URL of the keys is not an absolute URL")
	}
	loopback := u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()
	if u.Scheme == "https" || u.Scheme == "http" && loopback {
		return nil
	}
	return errors.New("auth: the URL of the keys must be https")
}

// Authenticate returns the caller that the value of an Authorization header
// identifies. The error wraps ErrUnauthorized when the header does not; any
// other error means that the keys could not be had in time, or that Register failed.
func (b *Bearer) Authenticate(ctx context.Context, authorization string) (api.Identity, error) {
	token, err := bearerToken(authorization)
	if err != nil {
		return api.Identity{}, err
	}
	claims := jwt.MapClaims{}
	var keyErr error // kept apart: the parser would make it an error of the token
	_, err = b.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		key, err := b.key(ctx, t)
		keyErr = err
		return key, err
	})
	if keyErr != nil {
		return api.Identity{}, keyErr
	}
	if err != nil {
		return api.Identity{}, refuse(reasonOf(err))
	}
	id, organization, err := identify(claims)
	if err != nil || organization == nil || b.register == nil {
		return id, err
	}
	if err := b.register(ctx, *organization); err != nil {
		return api.Identity{}, fmt.Errorf("auth: register the organization: %w", err)
	}
	return id, nil
}

// key finds the key that t must be signed with. What else the header offers
// (jwk, jku, x5u, x5c) is the sender's word and not looked at.
func (b *Bearer) key(ctx context.Context, t *jwt.Token) (any, error) {
	if _, ok := t.Header["crit"]; ok {
		return nil, refuse("critical header extension")
	}
	kid, _ := t.Header["kid"].(string)
	if kid == "" {
		return nil, refuse("no key id")
	}
	return b.keys.get(ctx, keyID{kid: kid, alg: t.Method.Alg()})
}

func refuse(reason string) error { return fmt.Errorf("%w: %s", ErrUnauthorized, reason) }

// reasonOf says in fixed words why the parser refused a token; its own words may
// quote claims.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return "expired"
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "not valid yet"
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return "wrong issuer"
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return "wrong audience"
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return "claim missing"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return "wrong signature or algorithm"
	}
	return "malformed"
}

// bearerToken takes the token out of an Authorization header.
func bearerToken(authorization string) (string, error) {
	scheme, token, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", refuse("no bearer token")
	}
	return token, checkForm(token)
}
