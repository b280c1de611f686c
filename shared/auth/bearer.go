// Package auth finds out who sent a request: it verifies a bearer token, a JWT
// signed with RS256 or ES256 by a configured issuer, and returns the caller as an
// api.Identity. An issuer's keys come from its JWKS at a fixed URL, or are
// configured too; they verify the tokens of no other issuer.
package auth

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/api"
	"ciclo/shared/sign"
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

	envOwnIssuer   = "SIGN_ISSUER"
	envOwnKeys     = "SIGN_JWKS"
	envOwnAudience = "SIGN_AUDIENCE"
)

// Register is told of every organization that a token identifies before the caller
// is let in. Where it fails, the caller is not.
type Register func(context.Context, api.Organization) error

// Issuer is one whose tokens are accepted: URL, Audience and one source of keys are
// required.
type Issuer struct {
	URL           string // the iss claim, exactly
	Audience      string // one of the aud claim
	JWKSURL       string // where the keys are: https, or http on a loopback host
	JWKS          []byte // the keys themselves, which are then never fetched
	Organizations bool   // its tokens identify organizations alone
	CardIssuers   bool   // its tokens identify card issuers alone
}

// only is the kind of callers that the issuer's tokens identify, "" for all.
func (i Issuer) only() string {
	switch {
	case i.Organizations:
		return kindOrganization
	case i.CardIssuers:
		return kindIssuer
	}
	return ""
}

// Config says whose tokens are accepted. Issuers and Now are required.
type Config struct {
	Issuers   []Issuer
	Now       func() time.Time  // safe for concurrent use
	Transport http.RoundTripper // fetches the keys; nil means http.DefaultTransport
	Register  Register          // nil tells nobody
}

// Bearer verifies bearer tokens. It is safe for concurrent use.
type Bearer struct {
	parser   *jwt.Parser
	issuers  map[string]issuer
	register Register
}

// issuer is an Issuer at work.
type issuer struct {
	keys   keySource
	claims *jwt.Validator
	only   string // the kind of callers, "" for all
}

// keySource has the keys of one issuer.
type keySource interface {
	get(ctx context.Context, id keyID) (crypto.PublicKey, error)
	refresh(ctx context.Context) error
}

// New returns a Bearer for c, without fetching keys yet. The error tells which
// part of c is missing or not acceptable.
func New(c Config) (*Bearer, error) {
	if len(c.Issuers) == 0 || c.Now == nil {
		return nil, errors.New("auth: an issuer and a clock are required")
	}
	b := &Bearer{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Name, jwt.SigningMethodES256.Name}),
			jwt.WithoutClaimsValidation(), // that is the issuer's
			jwt.WithStrictDecoding(),
		),
		issuers:  make(map[string]issuer, len(c.Issuers)),
		register: c.Register,
	}
	for _, i := range c.Issuers {
		if err := c.add(b, i); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add makes b accept the tokens of i, too.
func (c Config) add(b *Bearer, i Issuer) error {
	// An empty audience would make the validator skip the check, not fail it.
	if i.URL == "" || i.Audience == "" || (i.JWKSURL == "") == (i.JWKS == nil) {
		return errors.New("auth: issuer, audience and one source of keys are required")
	}
	if i.Organizations && i.CardIssuers {
		return errors.New("auth: an issuer that identifies nobody")
	}
	if _, taken := b.issuers[i.URL]; taken {
		return errors.New("auth: an issuer twice")
	}
	keys, err := c.source(i)
	if err != nil {
		return err
	}
	b.issuers[i.URL] = issuer{keys: keys, only: i.only(), claims: jwt.NewValidator(
		jwt.WithAudience(i.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(c.Now),
	)}
	return nil
}

func (c Config) source(i Issuer) (keySource, error) {
	if i.JWKS != nil {
		keys, err := parseKeys(i.JWKS)
		if err != nil {
			return nil, fmt.Errorf("auth: %w", err)
		}
		return fixedKeys(keys), nil
	}
	if err := checkURL(i.JWKSURL); err != nil {
		return nil, err
	}
	return newKeySet(i.JWKSURL, c.Transport, c.Now), nil
}

// FromEnv returns a Bearer for the issuer named by the environment variables
// ISSUER_URL, JWKS_URL and AUDIENCE, and spends up to a second on fetching its
// keys unless PREWARM is "off". Where SIGN_ISSUER, SIGN_JWKS and SIGN_AUDIENCE are
// set it accepts tokens of two more issuers, with the keys that are in SIGN_JWKS:
// of the deployment itself for SIGN_AUDIENCE, which identify organizations alone,
// and of its token endpoint of D1 ([sign.CardIssuers]) for AUDIENCE, which identify
// card issuers alone. It tells register of organizations. The error names a variable
// that is missing or not acceptable; keys out of reach are no error until a request
// needs them.
func FromEnv(getenv func(string) string, register Register) (*Bearer, error) {
	required := []string{envIssuer, envJWKS, envAudience}
	own := Issuer{
		URL: getenv(envOwnIssuer), JWKS: []byte(getenv(envOwnKeys)), Audience: getenv(envOwnAudience), Organizations: true,
	}
	owns := own.URL != "" && len(own.JWKS) > 0 // a deployment with one of them issues nothing
	if owns {
		required = append(required, envOwnAudience)
	}
	for _, name := range required {
		if getenv(name) == "" {
			return nil, fmt.Errorf("auth: %s is not set", name)
		}
	}
	configured := Issuer{URL: getenv(envIssuer), JWKSURL: getenv(envJWKS), Audience: getenv(envAudience)}
	c := Config{Issuers: []Issuer{configured}, Now: time.Now, Register: register}
	b, err := New(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envJWKS, err)
	}
	if owns {
		d1 := Issuer{URL: sign.CardIssuers(own.URL), JWKS: own.JWKS, Audience: configured.Audience, CardIssuers: true}
		if err := cmp.Or(c.add(b, own), c.add(b, d1)); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", envOwnIssuer, envOwnKeys, err)
		}
	}
	if getenv(envPrewarm) != "off" {
		ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
		defer cancel()
		_ = b.issuers[configured.URL].keys.refresh(ctx) // the first request tries again
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
	var from issuer
	var keyErr error // kept apart: the parser would make it an error of the token
	_, err = b.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if from, keyErr = b.issuer(claims); keyErr != nil {
			return nil, keyErr
		}
		var key any
		key, keyErr = from.key(ctx, t)
		return key, keyErr
	})
	if keyErr != nil {
		return api.Identity{}, keyErr
	}
	if err == nil {
		err = from.claims.Validate(claims)
	}
	if err != nil {
		return api.Identity{}, refuse(reasonOf(err))
	}
	id, organization, err := identify(claims, from.only)
	if err != nil || organization == nil || b.register == nil {
		return id, err
	}
	if err := b.register(ctx, *organization); err != nil {
		return api.Identity{}, fmt.Errorf("auth: register the organization: %w", err)
	}
	return id, nil
}

// issuer finds the issuer of a token that is not verified yet: whose keys and
// rules it has to stand up to.
func (b *Bearer) issuer(claims jwt.MapClaims) (issuer, error) {
	url, err := claims.GetIssuer()
	if err != nil {
		return issuer{}, refuse("malformed")
	}
	if url == "" {
		return issuer{}, refuse("claim missing")
	}
	from, ok := b.issuers[url]
	if !ok {
		return issuer{}, refuse("wrong issuer")
	}
	return from, nil
}

// key finds the key that t must be signed with. What else the header offers
// (jwk, jku, x5u, x5c) is the sender's word and not looked at.
func (i issuer) key(ctx context.Context, t *jwt.Token) (any, error) {
	if _, ok := t.Header["crit"]; ok {
		return nil, refuse("critical header extension")
	}
	kid, _ := t.Header["kid"].(string)
	if kid == "" {
		return nil, refuse("no key id")
	}
	return i.keys.get(ctx, keyID{kid: kid, alg: t.Method.Alg()})
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
