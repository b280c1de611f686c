// Package auth identifies the caller of a request: it verifies a bearer token, a JWT
// signed with RS256 or ES256 by a configured issuer, and returns the caller as an
// api.Identity. An issuer's keys come from its JWKS at a fixed URL or from the
// configuration, and verify the tokens of that issuer only.
package auth

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/claims"
)

// ErrUnauthorized is the error of every header that does not identify a caller.
// It is wrapped with a reason that is safe to log and to return to the caller: a fixed
// text that contains nothing of the token except its expiry.
var ErrUnauthorized = errors.New("unauthorized")

// Bearer verifies bearer tokens. It is safe for concurrent use.
type Bearer struct {
	parser  *jwt.Parser
	issuers map[string]issuer
	now     func() time.Time
}

// issuer is an Issuer with its keys and rules.
type issuer struct {
	Issuer
	callers []claims.Kind // of the product, including those that it may not identify
	keys    keySource
	claims  *jwt.Validator
}

// keySource provides the keys of one issuer.
type keySource interface {
	get(ctx context.Context, id keyID) (crypto.PublicKey, error)
	refresh(ctx context.Context) error
}

// Authenticate returns the caller that the value of an Authorization header
// identifies. The error wraps ErrUnauthorized when the header does not; any
// other error means that the keys were not available in time, or that the caller could not
// be admitted.
//
// A token with a cnf claim (RFC 7800 §3.1) is valid only together with a proof that the
// sender holds a key: a DPoP proof or a client certificate. A bearer token comes without
// one, so it is refused (RFC 9449 §7.2, RFC 8705 §3).
func (b *Bearer) Authenticate(ctx context.Context, authorization string) (api.Identity, error) {
	token, err := bearerToken(authorization)
	if err != nil {
		return api.Identity{}, err
	}
	verified, err := b.Verify(ctx, token)
	if err != nil {
		return api.Identity{}, err
	}
	if verified.Bound {
		return api.Identity{}, refuse("bound to a key by its claim cnf, which a bearer token cannot show")
	}
	if err := verified.Admit(ctx); err != nil {
		return api.Identity{}, fmt.Errorf("auth: %w", err)
	}
	return verified.Caller, nil
}

// Verify verifies an access token, whatever the scheme that it was sent with. The error
// wraps ErrUnauthorized when the token identifies no caller; any other error means that the
// keys were not available in time. The caller has to be admitted, and a bound token to be
// sent together with a proof of its key, before the request goes on.
func (b *Bearer) Verify(ctx context.Context, token string) (claims.Verified, error) {
	if err := checkForm(token); err != nil {
		return claims.Verified{}, err
	}
	verified := jwt.MapClaims{}
	var from issuer
	var keyErr error // separate, because the parser would wrap it as an error of the token
	_, err := b.parser.ParseWithClaims(token, verified, func(t *jwt.Token) (any, error) {
		if from, keyErr = b.issuer(verified); keyErr != nil {
			return nil, keyErr
		}
		var key any
		key, keyErr = from.key(ctx, t)
		return key, keyErr
	})
	if keyErr != nil {
		return claims.Verified{}, keyErr
	}
	if err == nil {
		err = from.claims.Validate(verified)
	}
	if err != nil {
		return claims.Verified{}, refuse(b.reasonOf(err, verified, from))
	}
	return from.identify(verified)
}

// issuer returns the issuer that an unverified token names. The token is verified with the
// keys and rules of that issuer.
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

// key returns the key that t must be signed with. Keys and URLs in the header (jwk, jku,
// x5u, x5c) are ignored: the sender chooses them.
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

// reasonOf returns the reason why the parser or the issuer refused a token. It does not use
// their error texts, which may quote claims. A reason about times contains our clock, which
// may be the wrong one.
func (b *Bearer) reasonOf(err error, claims jwt.MapClaims, from issuer) string {
	now := b.now()
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		// There is no error: the validator has read it already.
		expiry, _ := claims.GetExpirationTime()
		return fmt.Sprintf("expired at %s, it is %s", instant(expiry.Time), instant(now))
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "not valid yet, it is " + instant(now)
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return "not for this product, whose audience is " + from.Audience
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return "claim missing"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid), errors.Is(err, jwt.ErrTokenUnverifiable):
		return "wrong signature or algorithm"
	}
	return "malformed"
}

// instant formats t to the second as in RFC 3339.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// bearerToken returns the token in an Authorization header.
func bearerToken(authorization string) (string, error) {
	if authorization == "" {
		return "", refuse("no token")
	}
	scheme, token, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", refuse("no bearer token")
	}
	return token, nil
}
