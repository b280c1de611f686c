package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/claims"
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

	envOwnIssuer = "SIGN_ISSUER"
	envOwnKeys   = sign.EnvJWKS
)

// callersNone is the value of CALLERS for an issuer that identifies only the operator.
const callersNone = "none"

// Issuer is an issuer whose tokens are accepted. URL, Audience, one source of keys and
// at least one kind of caller are required.
type Issuer struct {
	URL      string // the iss claim, exactly
	Audience string // must be in the aud claim
	JWKSURL  string // where the keys are: https, or http on a loopback host
	JWKS     []byte // the keys themselves; then they are never fetched

	// Ask returns the keys as a JWKS, which never changes. It is called when a token
	// needs them, until it succeeds.
	Ask func(context.Context) ([]byte, error)

	// Further returns other keys of the issuer as a JWKS, which changes; nil where it has none.
	Further func(context.Context) ([]byte, error)

	// ClaimPrefix may precede the names of claims that identify the caller, for issuers
	// that cannot use the plain names. Empty means no prefix.
	ClaimPrefix string

	// Kinds are the names of the kinds of callers that its tokens may identify.
	Kinds []string
	// Own says that the deployment itself is the issuer.
	Own bool
	// Operator is the claim that makes a caller the operator; the zero value makes none.
	Operator claims.Claim
}

// Config lists the issuers whose tokens are accepted. Issuers, Kinds and Now are required.
type Config struct {
	Issuers   []Issuer
	Kinds     []claims.Kind     // of callers that a product knows
	Now       func() time.Time  // safe for concurrent use
	Transport http.RoundTripper // fetches the keys; nil means http.DefaultTransport
}

// New returns a Bearer for c, without fetching keys yet. The error names the
// part of c that is missing or not acceptable.
func New(c Config) (*Bearer, error) {
	if len(c.Issuers) == 0 || c.Now == nil {
		return nil, errors.New("auth: an issuer and a clock are required")
	}
	for _, i := range c.Issuers {
		if len(i.Kinds) == 0 && i.Operator == (claims.Claim{}) {
			return nil, errors.New("auth: an issuer that may identify no kind of caller")
		}
	}
	return c.bearer()
}

func (c Config) bearer() (*Bearer, error) {
	b := &Bearer{
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Name, jwt.SigningMethodES256.Name}),
			jwt.WithoutClaimsValidation(), // each issuer has its own validator
			jwt.WithStrictDecoding(),
		),
		issuers: make(map[string]issuer, len(c.Issuers)),
		now:     c.Now,
	}
	for _, i := range c.Issuers {
		keys, err := c.source(i)
		if err == nil {
			err = c.add(b, i, c.further(i.Further, keys))
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add makes b accept the tokens of i, which keys verify.
func (c Config) add(b *Bearer, i Issuer, keys keySource) error {
	// An empty audience would make the validator skip the check, not fail it.
	if i.URL == "" || i.Audience == "" {
		return errors.New("auth: issuer, audience and one source of keys are required")
	}
	if _, taken := b.issuers[i.URL]; taken {
		return errors.New("auth: an issuer twice")
	}
	b.issuers[i.URL] = issuer{Issuer: i, callers: c.Kinds, keys: keys, claims: jwt.NewValidator(
		jwt.WithAudience(i.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(c.Now),
	)}
	return nil
}

// further returns keys together with those that get returns, if it is not nil.
func (c Config) further(get func(context.Context) ([]byte, error), keys keySource) keySource {
	if get == nil {
		return keys
	}
	return sources{newKeySet(get, c.Now), keys}
}

// source returns the source of keys of i, which must have exactly one, other than Further.
func (c Config) source(i Issuer) (keySource, error) {
	byURL := i.JWKSURL != ""
	fixed := i.JWKS != nil
	asked := i.Ask != nil
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
		if err := CheckURL(i.JWKSURL); err != nil {
			return nil, err
		}
		return newKeySet(fetchURL(i.JWKSURL, c.Transport), c.Now), nil
	}
	return nil, errors.New("auth: issuer, audience and one source of keys are required")
}

// FromEnv returns a Bearer of the callers of a product for the issuer named by the
// environment variables ISSUER_URL, JWKS_URL and AUDIENCE, and spends up to a second on
// fetching its keys unless PREWARM is "off". CALLERS has the words of the kinds of callers
// that this issuer may identify, joined by commas, or none; when it is not set, all.
// OPERATOR_CLAIM names the claim and the value, as in role=operator, by which it identifies
// the operator; when it is not set, no token does. CLAIM_PREFIX is what the names of its
// claims may begin with: with "custom:", custom:role counts as role where there is no role.
//
// Where SIGN_ISSUER and SIGN_JWKS are set, the Bearer accepts the tokens that the
// deployment issues itself, too (callers.Own), with the keys that are in SIGN_JWKS. Where
// SIGN_JWKS is empty and SIGN_KEY_ID names a key, ask returns how to get the keys; nil means
// that there is no way. It is called with the first token of these issuers, so that tokens
// of the configured issuer depend on that issuer alone.
//
// The error names a variable that is missing or not acceptable; keys out of reach are no
// error until a request needs them.
func FromEnv(getenv func(string) string, callers claims.Callers, ask Ask) (*Bearer, error) {
	required := []string{envIssuer, envJWKS, envAudience}
	owns := ownsFromEnv(getenv, ask)
	if owns {
		for _, own := range callers.Own {
			required = append(required, own.Audience)
		}
	}
	for _, name := range required {
		if getenv(name) == "" {
			return nil, fmt.Errorf("auth: %s is not set", name)
		}
	}
	configured := Issuer{URL: getenv(envIssuer), JWKSURL: getenv(envJWKS), Audience: getenv(envAudience), ClaimPrefix: getenv(envPrefix)}
	if err := configured.setCallers(callers, getenv(envCallers), getenv(envOperator)); err != nil {
		return nil, err
	}
	c := Config{Issuers: []Issuer{configured}, Kinds: callers.Kinds, Now: time.Now}
	b, err := c.bearer()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envJWKS, err)
	}
	if owns {
		if err := c.addOwn(b, callers.Own, ask, getenv); err != nil {
			return nil, fmt.Errorf("%s, %s: %w", envOwnIssuer, envOwnKeys, err)
		}
	}
	if getenv(envPrewarm) != "off" {
		ctx, cancel := context.WithTimeout(context.Background(), prewarmTime)
		defer cancel()
		_ = b.issuers[configured.URL].keys.refresh(ctx) // a later request tries again
	}
	return b, nil
}

// Ask reads from the environment where the keys of the deployment are, and returns a
// function that gets them as a JWKS.
type Ask func(getenv func(string) string) (func(context.Context) ([]byte, error), error)

// ownsFromEnv reports whether the deployment itself issues tokens: it has a name, and keys or
// a way to ask for them.
func ownsFromEnv(getenv func(string) string, ask Ask) bool {
	return getenv(envOwnIssuer) != "" && (getenv(envOwnKeys) != "" || ask != nil && sign.HasKeys(getenv))
}

// addOwn makes b accept the tokens that the deployment issues. All may be signed by the same
// keys, those of an issuer with Keys by these as well.
func (c Config) addOwn(b *Bearer, all []claims.Own, ask Ask, getenv func(string) string) (err error) {
	var source Issuer
	if jwks := getenv(envOwnKeys); jwks != "" {
		source.JWKS = []byte(jwks)
	} else if source.Ask, err = ask(getenv); err != nil {
		return err
	}
	keys, err := c.source(source)
	if err != nil {
		return err
	}
	for _, own := range all {
		i := Issuer{URL: getenv(envOwnIssuer) + own.Path, Audience: getenv(own.Audience), Kinds: []string{own.Kind}, Own: true}
		if err := c.add(b, i, c.further(own.Keys, keys)); err != nil {
			return err
		}
	}
	return nil
}

// setCallers reads the values of CALLERS and OPERATOR_CLAIM into i.
func (i *Issuer) setCallers(known claims.Callers, callers, operator string) error {
	words := known.Words()
	wanted := words
	if callers == callersNone {
		wanted = nil
	} else if callers != "" {
		wanted = strings.Split(callers, ",")
	}
	for n, word := range wanted {
		wanted[n] = strings.TrimSpace(word)
		if !slices.Contains(words, wanted[n]) {
			return fmt.Errorf("auth: %s must be %s, some of them joined by commas, or %s", envCallers, strings.Join(words, ", "), callersNone)
		}
	}
	for _, kind := range known.Kinds {
		if slices.Contains(wanted, kind.Word) {
			i.Kinds = append(i.Kinds, kind.Name)
		}
	}
	if operator == "" && callers == callersNone {
		return fmt.Errorf(
			"auth: %s is %s, so %s must be set: otherwise the issuer may identify no kind of caller", envCallers, callersNone, envOperator)
	}
	if operator == "" {
		return nil
	}
	var ok bool
	i.Operator.Name, i.Operator.Value, ok = strings.Cut(operator, "=")
	if !ok || i.Operator.Name == "" || i.Operator.Value == "" {
		return fmt.Errorf("auth: %s must be a claim and its value, for example role=operator", envOperator)
	}
	return nil
}

// CheckURL returns an error for a URL whose answer could be replaced on the network: it must
// be https, or http on a loopback host.
func CheckURL(raw string) error {
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
