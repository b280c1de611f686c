// Package grant reads the assertions of JWT bearer grants (RFC 7523 §2.1) with which the
// back ends of card issuers ask for access tokens (Thales D1 v1, OAuth 2.0).
package grant

import (
	"crypto/ecdsa"
	"fmt"
	"slices"
	"strings"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/form"
	"ciclo/shared/platform/jose"
)

const (
	// MaxTTL is the longest time from now to the exp of an assertion (D1 v1).
	MaxTTL = 15 * time.Minute
	// Leeway is how far the clock of an issuer may be ahead of ours.
	Leeway = 60 * time.Second
)

// Expected are the values that assertions must have.
type Expected struct {
	Audiences []string      // an assertion that has an aud names at least one
	Audience  bool          // an aud is required
	MaxTTL    time.Duration // the longest time from now to exp
	JTI       bool          // a jti is required
}

// Assertion is an assertion whose claims are valid. It is not verified until SignedBy
// returns true.
type Assertion struct {
	Issuer    string // also its subject
	Kid       string
	JTI       string // "" when it is not required
	ExpiresAt time.Time

	signed    string
	signature []byte
}

// SignedBy reports whether the assertion is signed by the key, which must be on P-256.
func (a Assertion) SignedBy(key *ecdsa.PublicKey) bool {
	return jose.Verify(key, a.signed, a.signature)
}

// Parse reads an assertion: ES256 with a kid, the issuer as iss and sub, an exp, and what is
// expected of exp, aud and jti. Other members are ignored, because clients of D1 may send
// them. The reasons are one sentence for everything that is wrong, without any part of the
// token. If there are reasons, the Assertion is empty.
func Parse(token string, expected Expected, now time.Time) (a Assertion, reasons []string) {
	r := &reader{}
	var faults []string
	r.JWS, faults = jose.ParseJWS(token)
	if faults != nil {
		for _, fault := range faults {
			r.refuse("The assertion %s.", fault)
		}
		return Assertion{}, r.reasons
	}
	r.header()
	a = Assertion{Kid: r.kid(), Issuer: r.issuer(), signed: r.Signed, signature: r.Signature}
	r.critical()
	a.ExpiresAt = time.Unix(r.times(now.Unix(), expected.MaxTTL), 0).UTC()
	if _, ok := r.Payload["aud"]; ok || expected.Audience {
		r.audience(expected.Audiences)
	}
	if expected.JTI {
		a.JTI = r.jti()
	}
	if len(r.reasons) > 0 {
		return Assertion{}, r.reasons
	}
	return a, nil
}

// reader collects what is wrong with an assertion while its members are read.
type reader struct {
	jose.JWS
	reasons []string
}

func (r *reader) refuse(format string, args ...any) {
	r.reasons = append(r.reasons, fmt.Sprintf(format, args...))
}

// header checks alg and typ.
func (r *reader) header() {
	if alg, _ := r.Header.Text("alg"); r.Header.Missing("alg") {
		r.refuse("The header's alg is missing: set it to %s.", jose.ES256)
	} else if alg != jose.ES256 {
		r.refuse("The header's alg must be %s: sign with that.", jose.ES256)
	}
	if _, ok := r.Header["typ"]; ok {
		if typ, _ := r.Header.Text("typ"); !strings.EqualFold(typ, "JWT") {
			r.refuse("The header's typ must be JWT or be left out.")
		}
	}
}

// critical refuses extensions that must be understood (RFC 7515 §4.1.11): there are none.
func (r *reader) critical() {
	if _, ok := r.Header["crit"]; ok {
		r.refuse("The header may not have crit.")
	}
}

func (r *reader) kid() string {
	kid, _ := r.Header.Text("kid")
	if !form.Is(kid, 1, 64, form.Base64URL) {
		r.refuse("The header's kid must be the id that the key was registered under: 1 to 64 letters, digits, - and _.")
	}
	return kid
}

func (r *reader) issuer() string {
	iss, _ := r.Payload.Text("iss")
	sub, _ := r.Payload.Text("sub")
	if !consumers.IsIssuer(iss) || sub != iss {
		r.refuse("The claims iss and sub must both be the id of the issuer: 10 letters, digits, - and _.")
	}
	return iss
}

// times checks exp, and iat and nbf if they are there. It returns exp.
func (r *reader) times(now int64, maxTTL time.Duration) int64 {
	at := time.Unix(now, 0).UTC().Format(time.RFC3339)
	leeway := int64(Leeway.Seconds())
	exp := r.date("exp")
	switch {
	case exp == 0: // date has refused it
	case exp <= now:
		r.refuse("The claim exp is over, for it is %s: make a new assertion, and check the clock.", at)
	case exp > now+int64(maxTTL.Seconds())+leeway:
		r.refuse("The claim exp may be %d seconds ahead at most, and it is %s: check the clock, and that it is in seconds.",
			int(maxTTL.Seconds()), at)
	}
	for _, name := range []string{"iat", "nbf"} {
		if _, ok := r.Payload[name]; ok && r.date(name) > now+leeway {
			r.refuse("The claim %s is in the future, for it is %s: check the clock, and that it is in seconds.", name, at)
		}
	}
	return exp
}

// date reads a claim that is a time in seconds since 1970. 0 counts as missing.
func (r *reader) date(name string) int64 {
	seconds, ok := r.Payload.Date(name)
	switch {
	case r.Payload.Missing(name), ok && seconds == 0:
		r.refuse("The claim %s is missing: set it to a time in seconds since 1970.", name)
		return 0
	case !ok:
		r.refuse("The claim %s must be a number, seconds since 1970, no milliseconds and no text.", name)
		return 0
	}
	return seconds
}

func (r *reader) audience(expected []string) {
	if r.Payload.Missing("aud") {
		r.refuse("The claim aud is missing: set it to %s.", strings.Join(expected, " or "))
		return
	}
	values, ok := r.Payload.Texts("aud")
	if one, isText := r.Payload.Text("aud"); !ok && isText {
		values = []string{one}
	}
	if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(expected, v) }) {
		r.refuse("The claim aud must be or contain %s, letter by letter, and texts alone.", strings.Join(expected, " or "))
	}
}

func (r *reader) jti() string {
	if r.Payload.Missing("jti") {
		r.refuse("The claim jti is missing: set it to a text.")
		return ""
	}
	jti, ok := r.Payload.Text("jti")
	if !ok {
		r.refuse("The claim jti must be a text.")
	}
	return jti
}
