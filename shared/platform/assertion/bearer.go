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

// BearerExpected is what assertions of a JWT bearer grant must say here.
type BearerExpected struct {
	Audiences []string      // an assertion names one at least, if it has an aud
	Audience  bool          // it must have one
	MaxTTL    time.Duration // how far ahead of now it may end
	JTI       bool          // it must have a jti
}

var (
	issuerForm    = regexp.MustCompile(`^[A-Za-z0-9_-]{10}$`)
	bearerKidForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// Bearer is the assertion of a JWT bearer grant (RFC 7523 §2.1). It is not to be
// believed before SignedBy says so.
type Bearer struct {
	Issuer    string // who it is of, which is also its subject
	Kid       string
	JTI       string // "" when not asked for
	ExpiresAt time.Time

	signed    string
	signature []byte
}

// ParseBearer reads the assertion of a grant as D1 v1 has it: ES256 with a kid, the
// issuer as iss and sub, an exp, and what is expected of exp, aud and jti. What a D1
// client may say besides is not looked at. The reasons
// are sentences of all that is wrong, without any part of the token; with them there
// is no assertion.
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

// SignedBy tells whether the assertion is signed by the key, which is on P-256.
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

// times reads when the assertion ends, which it returns, and, where it says so, begins.
func (r *reader) times(now int64, maxTTL time.Duration) int64 {
	at := stamp(time.Unix(now, 0))
	exp := r.date("exp", Kind{})
	switch {
	case exp == 0: // told
	case exp <= now:
		r.add(Kind{}, "The claim exp is over, for it is %s: make a new assertion, and check the clock.", at)
	case exp > now+int64((maxTTL+Leeway).Seconds()):
		r.add(Kind{}, "The claim exp may be %d seconds ahead at most, and it is %s: check the clock, and that it is in seconds.", int(maxTTL.Seconds()), at)
	}
	for _, name := range []string{"iat", "nbf"} {
		if _, ok := r.Payload[name]; ok && r.date(name, Kind{}) > now+int64(Leeway.Seconds()) {
			r.add(Kind{}, "The claim %s is in the future, for it is %s: check the clock, and that it is in seconds.", name, at)
		}
	}
	return exp
}
