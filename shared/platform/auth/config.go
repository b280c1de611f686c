package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/sign"
)

const (
	leeway      = time.Minute // how far the issuer's clock and ours may differ
	prewarmTime = time.Second
)

// Names of the environment variables that FromEnv reads.
const (
	envIssuer   = "ISSUER_URL"
	envJWKS     = "JWKS_URL"
	envAudience = "AUDIENCE"
	envCallers  = "CALLERS"
	envOperator = "OPERATOR_CLAIM"
	envPrefix   = "CLAIM_PREFIX"
	envPrewarm  = "PREWARM"

	envOwnIssuer   = "SIGN_ISSUER"
	envOwnKeys     = sign.EnvJWKS
	envOwnAudience = "SIGN_AUDIENCE"
)

// Words of CALLERS.
const (
	callersOrganizations = "organizations"
	callersCardIssuers   = "card-issuers"
	callersNone          = "none"
)

// Issuer is an issuer whose tokens are accepted. URL, Audience, one source of keys and
// at least one kind of caller are required.
type Issuer struct {
	URL      string // the iss claim, exactly
	Audience string // one of the aud claim
	JWKSURL  string // where the keys are: https, or http on a loopback host
	JWKS     []byte // the keys themselves, which are then never fetched

	// Ask returns the keys as a JWKS, which never changes. It is called when a token
	// needs them, until it succeeds.
	Ask func(context.Context) ([]byte, error)

	// ClaimPrefix is what the names of claims that say who is calling may begin with, for
	// issuers that cannot give them other names. Empty means nothing.
	ClaimPrefix string

	// The kinds of caller that its tokens may identify.
	Organizations bool
	CardIssuers   bool
	Aggregators   bool  // of card issuers
	Operator      Claim // makes a caller the platform's operator; the zero value makes none
}

// Claim is a claim and the value that it has to have.
type Claim struct{ Name, Value string }

// Config says whose tokens are accepted. Issuers and Now are required.
type Config struct {
	Issuers   []Issuer
	Now       func() time.Time  // safe for concurrent use
	Transport http.RoundTripper // fetches the keys; nil means http.DefaultTransport
	Register  Register          // may be nil
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
		now:      c.Now,
	}
	for _, i := range c.Issuers {
		keys, err := c.source(i)
		if err == nil {
			err = c.add(b, i, keys)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add makes b accept the tokens of i, too, which keys verify.
func (c Config) add(b *Bearer, i Issuer, keys keySource) error {
	// An empty audience would make the validator skip the check, not fail it.
	if i.URL == "" || i.Audience == "" {
		return errors.New("auth: issuer, audience and one source of keys are required")
	}
	if !i.Organizations && !i.CardIssuers && !i.Aggregators && i.Operator == (Claim{}) {
		return errors.New("auth: an issuer that may identify no kind of caller")
	}
	if _, taken := b.issuers[i.URL]; taken {
		return errors.New("auth: an issuer twice")
	}
	b.issuers[i.URL] = issuer{Issuer: i, keys: keys, claims: jwt.NewValidator(
		jwt.WithAudience(i.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(c.Now),
	)}
	return nil
}

// source returns the one source of keys that i has.
func (c Config) source(i Issuer) (keySource, error) {
	byURL, fixed, asked := i.JWKSURL != "", i.JWKS != nil, i.Ask != nil
	switch {
	case fixed && !byURL && !asked:
		keys, err := parseKeys(i.JWKS)
		if err != nil {
			return nil, fmt.Errorf("auth: %w", err)
		}
		return fixedKeys(keys), nil
	case asked && !byURL && !fixed:
		set := newKeySet(i.Ask, c.Now)
		set.lasting = true
		return set, nil
	case byURL && !fixed && !asked:
		if err := checkURL(i.JWKSURL); err != nil {
			return nil, err
		}
		return newKeySet(fetchURL(i.JWKSURL, c.Transport), c.Now), nil
	}
	return nil, errors.New("auth: issuer, audience and one source of keys are required")
}

// FromEnv returns a Bearer for the issuer named by the environment variables
// ISSUER_URL, JWKS_URL and AUDIENCE, and spends up to a second on fetching its
// keys unless PREWARM is "off". CALLERS names the kinds of caller that this issuer may
// identify: organizations, card-issuers (with their aggregators), both joined by a
// comma, or none; when it is not set, both. OPERATOR_CLAIM names the claim and the
// value, as in role=operator, by which it identifies the platform's operator; when it
// is not set, no token does. CLAIM_PREFIX is what the names of its claims may begin with:
// with "custom:", custom:role counts as role where there is no role.
//
// Where SIGN_ISSUER, SIGN_JWKS and SIGN_AUDIENCE are set, the Bearer accepts tokens of
// two more issuers, with the keys that are in SIGN_JWKS: of the deployment itself for
// SIGN_AUDIENCE, which identify organizations alone, and of its token endpoint of D1
// ([sign.CardIssuers]) for AUDIENCE, which identify card issuers alone. Where SIGN_JWKS
// is empty and SIGN_KEY_ID names a key, ask says how the keys are had; nil means that
// they cannot. They are asked for with the first token of these issuers, so that tokens
// of the configured issuer need nobody but that issuer.
//
// The Bearer tells register of organizations. The error names a variable that is missing
// or not acceptable; keys out of reach are no error until a request needs them.
func FromEnv(getenv func(string) string, register Register, ask Ask) (*Bearer, error) {
	required := []string{envIssuer, envJWKS, envAudience}
	own, owns := ownFromEnv(getenv, ask)
	if owns {
		required = append(required, envOwnAudience)
	}
	for _, name := range required {
		if getenv(name) == "" {
			return nil, fmt.Errorf("auth: %s is not set", name)
		}
	}
	configured := Issuer{URL: getenv(envIssuer), JWKSURL: getenv(envJWKS), Audience: getenv(envAudience), ClaimPrefix: getenv(envPrefix)}
	if err := configured.setCallers(getenv(envCallers), getenv(envOperator)); err != nil {
		return nil, err
	}
	c := Config{Issuers: []Issuer{configured}, Now: time.Now, Register: register}
	b, err := New(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envJWKS, err)
	}
	if owns {
		if err := c.addOwn(b, own, ask, getenv); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", envOwnIssuer, envOwnKeys, err)
		}
	}
	if getenv(envPrewarm) != "off" {
		ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
		defer cancel()
		_ = b.issuers[configured.URL].keys.refresh(ctx) // a request that comes later tries again
	}
	return b, nil
}

// Ask reads from the environment where the keys of the deployment are had, and returns a
// function that gets them as a JWKS.
type Ask func(getenv func(string) string) (func(context.Context) ([]byte, error), error)

// ownFromEnv returns the deployment itself as an issuer of tokens of organizations, still
// without keys that have to be asked for. A deployment without a name or keys issues
// nothing.
func ownFromEnv(getenv func(string) string, ask Ask) (own Issuer, owns bool) {
	own = Issuer{URL: getenv(envOwnIssuer), Audience: getenv(envOwnAudience), Organizations: true}
	if jwks := getenv(envOwnKeys); jwks != "" {
		own.JWKS = []byte(jwks)
	}
	return own, own.URL != "" && (own.JWKS != nil || ask != nil && sign.HasKeys(getenv))
}

// addOwn makes b accept the tokens that the deployment issues to organizations and to card
// issuers. Both are signed by the same keys.
func (c Config) addOwn(b *Bearer, own Issuer, ask Ask, getenv func(string) string) (err error) {
	if own.JWKS == nil {
		if own.Ask, err = ask(getenv); err != nil {
			return err
		}
	}
	keys, err := c.source(own)
	if err != nil {
		return err
	}
	d1 := Issuer{URL: sign.CardIssuers(own.URL), Audience: getenv(envAudience), CardIssuers: true}
	return cmp.Or(c.add(b, own, keys), c.add(b, d1, keys))
}

// setCallers reads the values of CALLERS and OPERATOR_CLAIM into i.
func (i *Issuer) setCallers(callers, operator string) error {
	if callers == "" {
		callers = callersOrganizations + "," + callersCardIssuers
	}
	for word := range strings.SplitSeq(callers, ",") {
		switch word = strings.TrimSpace(word); {
		case word == callersOrganizations:
			i.Organizations = true
		case word == callersCardIssuers:
			i.CardIssuers, i.Aggregators = true, true
		case word != callersNone || callers != callersNone:
			return fmt.Errorf("auth: %s must be %s, %s, both joined by a comma, or %s", envCallers, callersOrganizations, callersCardIssuers, callersNone)
		}
	}
	if operator == "" && callers == callersNone {
		return fmt.Errorf("auth: %s is %s, so %s must be set: otherwise the issuer may identify no kind of caller", envCallers, callersNone, envOperator)
	}
	if operator == "" {
		return nil
	}
	var ok bool
	if i.Operator.Name, i.Operator.Value, ok = strings.Cut(operator, "="); !ok || i.Operator.Name == "" || i.Operator.Value == "" {
		return fmt.Errorf("auth: %s must be a claim and its value, for example role=operator", envOperator)
	}
	return nil
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
