// Package assertion reads and verifies client assertions (RFC 7523) and DPoP proofs
// (RFC 9449). It reports everything that is wrong with them, with the names and numbers
// of PDND. It has no state and no clock.
package assertion

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ciclo/shared/platform/form"
	"ciclo/shared/platform/jose"
)

// What a request for a voucher must say.
const (
	Type  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	Grant = "client_credentials"
)

const (
	digestAlgorithm = "SHA256"
	digestLength    = 64
)

// isHash reports whether a text is a SHA-256 hash in base64url, as a kid and the ath of a
// proof are.
func isHash(text string) bool { return form.Is(text, 43, 43, form.Base64URL) }

// Request is what a client sends to the token endpoint, as it came.
type Request struct {
	ClientID            string // "" when not given
	ClientAssertion     string
	ClientAssertionType string
	GrantType           string
}

// Expected are the values that assertions must have. No others are allowed.
type Expected struct {
	Audiences  []string // an assertion names at least one of these
	Aliases    []string // or of these, which refusals do not name
	Algorithms []string // jose.RS256, jose.ES256 or both
	// MaxLifetime is the longest time from iat to exp; 0 for no limit.
	MaxLifetime time.Duration
}

// Digest is the hash of additional data of the client. The voucher repeats it.
type Digest struct{ Alg, Value string }

// Assertion identifies a client and the voucher that it requests. It is not verified until
// SignedBy and Current return no failures.
type Assertion struct {
	ClientID  string // in lower case
	PurposeID string // in lower case; "" when not given
	Kid       string
	JTI       string
	Issuer    string
	Audience  []string
	Digest    *Digest // nil when not given
	Alg       string  // of the header
	IssuedAt  time.Time
	NotBefore time.Time // zero when not given
	ExpiresAt time.Time

	signed    string
	signature []byte
}

// named returns a copy of a with the ids of client, purpose and key that are well formed,
// and with what SignedBy needs.
func (a Assertion) named() Assertion {
	named := Assertion{JTI: a.JTI, Alg: a.Alg, signed: a.signed, signature: a.signature}
	if form.IsUUID(a.ClientID) {
		named.ClientID = a.ClientID
	}
	if form.IsUUID(a.PurposeID) {
		named.PurposeID = a.PurposeID
	}
	if isHash(a.Kid) {
		named.Kid = a.Kid
	}
	return named
}

// Lifetime returns the time from iat to exp.
func (a Assertion) Lifetime() time.Duration { return a.ExpiresAt.Sub(a.IssuedAt) }

// TooLong returns the failure of an assertion whose lifetime exceeds longest.
func (a Assertion) TooLong(longest time.Duration) Failure {
	return lifetimeTooLong.Because(fmt.Sprintf(
		"The client assertion may be used for %d seconds after its iat: whoever finds it can use it, too, so set exp at "+
			"most %d seconds after iat.", int64(a.Lifetime().Seconds()), int64(longest.Seconds())))
}

// Parse reads the assertion of a request. It returns all failures except those of SignedBy
// and Current, in the order of PDND's debug tool (clientAssertionValidation): of the
// parameters, then of the form of the token or, if that is right, of its members, and last
// the unknown members. If there are failures, the assertion has only the well-formed ids of
// client, purpose and key, its jti, and what SignedBy needs.
func Parse(request Request, expected Expected) (Assertion, []Failure) {
	r := &reader{invalid: invalidClaims}
	r.parameters(request)
	var faults []string
	r.JWS, faults = jose.ParseJWS(request.ClientAssertion)
	for _, fault := range faults {
		r.add(invalidAssertionFormat, "The client assertion %s.", fault)
	}
	if faults != nil {
		return Assertion{}, r.failures
	}
	a := Assertion{signed: r.Signed, signature: r.Signature}
	a.JTI = r.required("jti", jtiNotFound)
	a.IssuedAt = time.Unix(r.date("iat", issuedAtNotFound), 0).UTC()
	a.ExpiresAt = time.Unix(r.date("exp", expNotFound), 0).UTC()
	a.Issuer = r.required("iss", issuerNotFound)
	a.ClientID = r.subject(request.ClientID)
	a.PurposeID = r.purpose()
	a.Kid = r.kid()
	a.Audience = r.audience(expected)
	a.Alg = r.algorithm(expected.Algorithms)
	a.Digest = r.digest()
	if _, ok := r.Payload["nbf"]; ok {
		a.NotBefore = time.Unix(r.date("nbf", invalidClaims), 0).UTC()
	}
	if longest := expected.MaxLifetime; longest > 0 && len(r.failures) == 0 && a.Lifetime() > longest {
		r.failures = append(r.failures, a.TooLong(longest))
	}
	r.typ()
	r.strict("header", r.Header, "alg", "kid", "typ")
	r.strict("payload", r.Payload, "aud", "digest", "exp", "iat", "iss", "jti", "nbf", "purposeId", "sub")
	if len(r.failures) > 0 {
		return a.named(), r.failures
	}
	return a, nil
}

func (r *reader) parameters(request Request) {
	if request.ClientAssertionType != Type {
		r.add(InvalidAssertionType, "The parameter client_assertion_type must be %s.", Type)
	}
	if request.GrantType != Grant {
		r.add(InvalidGrantType, "The parameter grant_type must be %s.", Grant)
	}
	if request.ClientID != "" && !form.IsUUID(request.ClientID) {
		r.add(InvalidClientID, "The parameter client_id must be the UUID of the client.")
	}
}

// subject reads the id of the client. It is not compared with a malformed client_id.
func (r *reader) subject(clientID string) string {
	if r.Payload.Missing("sub") {
		r.add(subjectNotFound, "The claim sub is missing: set it to the UUID of the client.")
		return ""
	}
	value, _ := r.Payload.Text("sub")
	switch {
	case !form.IsUUID(value):
		r.add(invalidSubjectFormat, "The claim sub must be the UUID of the client.")
	case form.IsUUID(clientID) && !strings.EqualFold(value, clientID):
		r.add(invalidSubject, "The claim sub must be the client that the parameter client_id names.")
	}
	return strings.ToLower(value)
}

func (r *reader) purpose() string {
	if _, ok := r.Payload["purposeId"]; !ok {
		return ""
	}
	value, _ := r.Payload.Text("purposeId")
	if !form.IsUUID(value) {
		r.add(invalidPurposeID, "The claim purposeId must be the UUID of a purpose; clients of kind API leave it out.")
	}
	return strings.ToLower(value)
}

func (r *reader) kid() string {
	if r.Header.Missing("kid") {
		r.add(kidNotFound, "The header's kid is missing: set it to the id that the key got when it was added to the client.")
		return ""
	}
	value, _ := r.Header.Text("kid")
	if !isHash(value) {
		r.add(invalidKid,
			"The header's kid must be the id that the key got when it was added to the client: 43 letters, digits, - and _.")
	}
	return value
}

func (r *reader) audience(e Expected) []string {
	names := strings.Join(e.Audiences, " or ")
	if r.Payload.Missing("aud") {
		r.add(audienceNotFound, "The claim aud is missing: set it to %s.", names)
		return nil
	}
	values, ok := r.Payload.Texts("aud")
	if !ok {
		if one, ok := r.Payload.Text("aud"); ok {
			values = []string{one}
		}
	}
	isExpected := func(v string) bool { return slices.Contains(e.Audiences, v) || slices.Contains(e.Aliases, v) }
	if !slices.ContainsFunc(values, isExpected) {
		r.add(invalidAudience, "The claim aud must be or contain %s, letter by letter, and texts alone.", names)
	}
	return values
}

func (r *reader) algorithm(allowed []string) string {
	if r.Header.Missing("alg") {
		r.add(algorithmNotFound, "The header's alg is missing: set it to %s.", strings.Join(allowed, " or "))
		return ""
	}
	value, _ := r.Header.Text("alg")
	if !slices.Contains(allowed, value) {
		r.add(algorithmNotAllowed, "The header's alg must be %s: sign with that.", strings.Join(allowed, " or "))
	}
	return value
}

// digest reads the optional claim. As with PDND, null is the same as absent.
func (r *reader) digest() *Digest {
	raw := r.Payload["digest"]
	if raw == nil || string(raw) == "null" {
		return nil
	}
	o, _ := jose.ReadObject(raw)
	alg, hasAlg := o.Text("alg")
	value, hasValue := o.Text("value")
	if !hasAlg || !hasValue || len(o) != 2 {
		r.add(invalidDigest, "The claim digest must be an object of two texts, alg and value, or be left out.")
		return nil
	}
	if utf8.RuneCountInString(value) != digestLength {
		r.add(invalidHashLength, "The value in the claim digest must have %d characters: write the hash in hexadecimal.", digestLength)
	}
	if alg != digestAlgorithm {
		r.add(invalidHashAlgorithm, "The alg in the claim digest must be %s.", digestAlgorithm)
	}
	return &Digest{Alg: alg, Value: value}
}

// typ may be absent, as with PDND.
func (r *reader) typ() {
	if _, ok := r.Header["typ"]; !ok {
		return
	}
	if value, _ := r.Header.Text("typ"); !strings.EqualFold(value, "JWT") {
		r.add(invalidClaims, "The header's typ must be JWT or be left out.")
	}
}
