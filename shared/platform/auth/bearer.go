// Package auth finds out who sent a request: it verifies a bearer token, a JWT
// signed with RS256 or ES256 by a configured issuer, and returns the caller as an
// api.Identity. An issuer's keys come from its JWKS at a fixed URL, or are
// configured too; they verify the tokens of no other issuer.
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
// It comes wrapped with a reason that is safe to log and to tell: a fixed text, in
// which nothing of the token is but its expiry.
var ErrUnauthorized = errors.New("unauthorized")

// Bearer verifies bearer tokens. It is safe for concurrent use.
type Bearer struct {
	parser  *jwt.Parser
	issuers map[string]issuer
	now     func() time.Time
}

// issuer is an Issuer at work.
type issuer struct {
	Issuer
	callers []claims.Kind // of the product, those that it may not identify too
	keys    keySource
	claims  *jwt.Validator
}

// keySource has the keys of one issuer.
type keySource interface {
	get(ctx context.Context, id keyID) (crypto.PublicKey, error)
	refresh(ctx context.Context) error
}

// Authenticate returns the caller that the value of an Authorization header
// identifies. The error wraps ErrUnauthorized when the header does not; any
// other error means that the keys could not be had in time, or that the caller could not be
// admitted.
func (b *Bearer) Authenticate(ctx context.Context, authorization string) (api.Identity, error) {
	token, err := bearerToken(authorization)
	if err != nil {
		return api.Identity{}, err
	}
	verified := jwt.MapClaims{}
	var from issuer
	var keyErr error // kept apart: the parser would make it an error of the token
	_, err = b.parser.ParseWithClaims(token, verified, func(t *jwt.Token) (any, error) {
		if from, keyErr = b.issuer(verified); keyErr != nil {
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
		err = from.claims.Validate(verified)
	}
	if err != nil {
		return api.Identity{}, refuse(b.reasonOf(err, verified, from))
	}
	return from.identify(ctx, verified)
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

// reasonOf says in our own words why the parser or the issuer refused a token; theirs
// may quote claims. Of times it says what the token and our clock have: either may be
// wrong.
func (b *Bearer) reasonOf(err error, claims jwt.MapClaims, from issuer) string {
	now := b.now()
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		// The validator has read it, or it could not have expired.
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

// instant is t to the second, as RFC 3339 has it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// bearerToken takes the token out of an Authorization header.
func bearerToken(authorization string) (string, error) {
	if authorization == "" {
		return "", refuse("no token")
	}
	scheme, token, ok := strings.Cut(authorization, " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", refuse("no bearer token")
	}
	return token, checkForm(token)
}
