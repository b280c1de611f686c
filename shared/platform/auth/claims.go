package auth

import (
	"errors"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/form"
	"ciclo/shared/platform/jose"
)

const (
	maxTokenBytes = 8 << 10
)

// compact is the form of a JWS in compact serialization (RFC 7515 §7.1).
const compact = `[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`

// HeaderPattern is the form of an Authorization header that can hold a token, anchored,
// in the syntax that Go and Java have in common. API Gateway answers every other header
// itself and starts no function for it. A header with the scheme DPoP matches, so that the
// authorizer refuses it and logs why.
const HeaderPattern = `^(?i:Bearer|DPoP) ` + compact + `$`

// isCompact reports whether a token is three texts in base64url, joined by dots. The parser
// would skip line breaks inside base64.
func isCompact(token string) bool {
	parts := strings.SplitN(token, ".", 4)
	return len(parts) == 3 && !slices.ContainsFunc(parts, func(part string) bool { return !form.Is(part, 1, len(part), form.Base64URL) })
}

// checkForm returns an error unless the token is a JWS in compact form whose header and
// payload are JSON objects with distinct names. Two readers could otherwise see different
// claims in it (TestAuthenticateRefuses).
func checkForm(token string) error {
	if len(token) > maxTokenBytes {
		return refuse("too long")
	}
	if !isCompact(token) {
		return refuse("malformed")
	}
	for _, part := range strings.Split(token, ".")[:2] {
		raw, ok := jose.DecodeLenient(part)
		if !ok {
			return refuse("malformed")
		}
		if _, ok := jose.ReadObject(raw); !ok {
			return refuse("malformed")
		}
	}
	return nil
}

// identify reads the caller from the claims of a verified token of i.
func (i issuer) identify(verified jwt.MapClaims) (claims.Verified, error) {
	if !datesInRange(verified) {
		return claims.Verified{}, refuse("date out of range")
	}
	set := i.withoutPrefix(verified)
	kind, ok := i.kindOf(set)
	if !ok {
		return claims.Verified{}, refuse("no kind of caller")
	}
	id, err := kind.Identify(set)
	var refused *claims.Refused
	switch {
	case errors.As(err, &refused):
		return claims.Verified{}, refuse(refused.Reason)
	case err != nil:
		return claims.Verified{}, err
	case !i.mayIdentify(kind):
		return claims.Verified{}, refuse("wrong kind of caller for this issuer")
	}
	return claims.NewVerified(id, kind, set, i.Own), nil
}

// kindOf returns the kind of caller that the claims identify: the first that they mark. If
// they mark none, it is the only kind that i may identify, or else the kind that has no
// mark.
func (i issuer) kindOf(set claims.Set) (claims.Kind, bool) {
	var possible, unmarked []claims.Kind
	for _, kind := range i.callers {
		switch {
		case kind.Word == "":
			if i.Operator.IsIn(set) {
				return kind, true
			}
			continue
		case kind.Marks == nil:
			unmarked = append(unmarked, kind)
		case kind.Marks(set):
			return kind, true
		}
		if i.mayIdentify(kind) {
			possible = append(possible, kind)
		}
	}
	if len(possible) == 1 {
		return possible[0], true
	}
	if len(unmarked) > 0 {
		return unmarked[0], true
	}
	return claims.Kind{}, false
}

// mayIdentify reports whether tokens of i may identify callers of that kind.
func (i issuer) mayIdentify(kind claims.Kind) bool {
	return kind.Word == "" && i.Operator != (claims.Claim{}) || slices.Contains(i.Kinds, kind.Name)
}

// withoutPrefix returns the claims with plain names for those that identify the caller.
// Registered claims (RFC 7519 §4.1) and cnf have no prefix.
func (i issuer) withoutPrefix(verified jwt.MapClaims) claims.Set {
	names := []string{i.Operator.Name}
	for _, kind := range i.callers {
		names = append(names, kind.Claims...)
	}
	return claims.Set(verified).WithoutPrefix(i.ClaimPrefix, names...)
}

// datesInRange reports whether the dates can be converted to time.Time without an overflow,
// which would turn a date in the far future into one in the past.
func datesInRange(claims jwt.MapClaims) bool {
	for _, name := range []string{"exp", "nbf", "iat"} {
		if v, ok := claims[name]; ok {
			if seconds, ok := v.(float64); !ok || seconds < 0 || seconds > jose.MaxDate {
				return false
			}
		}
	}
	return true
}
