package assertion

import (
	"crypto/ecdsa"
	"regexp"
	"time"

	"ciclo/shared/platform/jose"
)

// MaxBearerTTL is how far ahead of now the end of a bearer's assertion may be (D1
// v1, OAuth 2.0), by a clock that may be Leeway ahead of ours.
const MaxBearerTTL = 15 * time.Minute

// BearerExpected are the values that assertions of a JWT bearer grant must have.
type BearerExpected struct {
	Audiences []string      // an assertion that has an aud names at least one
	Audience  bool          // an aud is required
	MaxTTL    time.Duration // the longest time from now to exp
	JTI       bool          // a jti is required
}

var (
	issuerForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{10}$`)
	bearerKidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Bearer is the assertion of a JWT bearer grant (RFC 7523 §2.1). It is not verified until
// SignedBy returns true.
type Bearer struct {
	Issuer    string // also its subject
	Kid       string
	JTI       string // "" when not required
	ExpiresAt time.Time

	signed    string
	signature []byte
}

// ParseBearer reads the assertion of a grant of D1 v1: ES256 with a kid, the issuer as iss
// and sub, an exp, and what is expected of exp, aud and jti. Other members, which clients of
// D1 may send, are ignored. The reasons are one sentence for everything that is wrong,
// without any part of the token. If there are reasons, the Bearer is empty.
func ParseBearer(token string, expected BearerExpected, now time.Time) (Bearer, []string) {
	r := &reader{}
	var faults []string
	r.JWS, faults = jose.ParseJWS(token)
	for _, fault := range faults {
		r.add(Kind{}, "The assertion %s.", fault)
	}
	if faults == nil {
		r.algorithm([]string{jose.ES256})
		r.typ()
		b := Bearer{Kid: r.bearerKid(), Issuer: r.issuer(), signed: r.Signed, signature: r.Signature}
		r.critical()
		b.ExpiresAt = time.Unix(r.times(now.Unix(), expected.MaxTTL), 0).UTC()
		if _, ok := r.Payload["aud"]; ok || expected.Audience {
			r.audience(expected.Audiences)
		}
		if expected.JTI {
			b.JTI = r.required("jti", Kind{})
		}
		if len(r.failures) == 0 {
			return b, nil
		}
	}
	reasons := make([]string, len(r.failures))
	for i, f := range r.failures {
		reasons[i] = f.Reason
	}
	return Bearer{}, reasons
}

// SignedBy reports whether the assertion is signed by the key, which must be on P-256.
func (b Bearer) SignedBy(key *ecdsa.PublicKey) bool {
	return jose.Verify(key, b.signed, b.signature)
}

func (r *reader) bearerKid() string {
	value, _ := r.Header.Text("kid")
	if !bearerKidForm.MatchString(value) {
		r.add(Kind{}, "The header's kid must be the id that the key was registered under: 1 to 64 letters, digits, - and _.")
	}
	return value
}

// critical refuses extensions that must be understood (RFC 7515 §4.1.11): there are none.
func (r *reader) critical() {
	if _, ok := r.Header["crit"]; ok {
		r.add(Kind{}, "The header may not have crit.")
	}
}

func (r *reader) issuer() string {
	iss, _ := r.Payload.Text("iss")
	sub, _ := r.Payload.Text("sub")
	if !issuerForm.MatchString(iss) || sub != iss {
		r.add(Kind{}, "The claims iss and sub must both be the id of the issuer: 10 letters, digits, - and _.")
	}
	return iss
}

// times checks exp, and iat and nbf if they are there. It returns exp.
func (r *reader) times(now int64, maxTTL time.Duration) int64 {
	at := stamp(time.Unix(now, 0))
	exp := r.date("exp", Kind{})
	switch {
	case exp == 0: // date has reported it
	case exp <= now:
		r.add(Kind{}, "The claim exp is over, for it is %s: make a new assertion, and check the clock.", at)
	case exp > now+int64((maxTTL+Leeway).Seconds()):
		r.add(Kind{},
			"The claim exp may be %d seconds ahead at most, and it is %s: check the clock, and that it is in seconds.", int(maxTTL.Seconds()), at)
	}
	for _, name := range []string{"iat", "nbf"} {
		if _, ok := r.Payload[name]; ok && r.date(name, Kind{}) > now+int64(Leeway.Seconds()) {
			r.add(Kind{}, "The claim %s is in the future, for it is %s: check the clock, and that it is in seconds.", name, at)
		}
	}
	return exp
}
