package assertion

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ciclo/shared/platform/jose"
)

// When a proof may be used: for ProofTTL from its iat on, by a clock that may be
// ProofLeeway ahead of ours.
const (
	ProofTTL    = time.Minute
	ProofLeeway = 10 * time.Second
)

const (
	maxJTI        = 256 // characters
	proofExponent = 65537
)

// Proof is a DPoP proof. One that ReadProof returned is not verified until Verify returns no
// failures.
type Proof struct {
	JKT string // the thumbprint of the key that made it (RFC 7638)
	JTI string
	// Until is when the proof can no longer be used, so from then on its jti need
	// not be remembered. Two keys may use one jti.
	Until time.Time

	key       crypto.PublicKey
	signed    string
	signature string
}

// ParseProof reads and verifies the DPoP proof of a request, as ReadProof and Verify do
// one after the other.
func ParseProof(headerValues []string, method, url string, now time.Time) (Proof, []Failure) {
	p, failures := ReadProof(headerValues, method, url, now)
	if failures == nil {
		failures = p.Verify()
	}
	if failures != nil {
		return Proof{}, failures
	}
	return p, nil
}

// ReadProof reads the DPoP proof of a request for a token, as ReadProofFor does.
func ReadProof(headerValues []string, method, url string, now time.Time) (Proof, []Failure) {
	return ReadProofFor(Use{Method: method, URLs: []string{url}}, headerValues, now)
}

// Use is the request that a proof is used for.
type Use struct {
	Method string
	URLs   []string // its URL as the client knows it: one of them
	Token  string   // the access token that comes with the proof, "" for none
	// MayLackAth accepts a proof that does not name its access token. One that names
	// another token is refused all the same.
	MayLackAth bool
}

// ReadProofFor reads the DPoP proof of a request, from the values of its DPoP headers. It
// returns all failures except those of Verify and Binds and of a jti that was used before,
// in the order of PDND's debug tool (dpopValidation). If there are failures, the Proof is
// empty.
//
// The htu of a proof is compared with the URL without query and fragment, after
// RFC 3986 §6.2.2 and §6.2.3 but for dot segments.
func ReadProofFor(use Use, headerValues []string, now time.Time) (Proof, []Failure) {
	r := &reader{invalid: invalidProofClaims}
	if len(headerValues) > 1 || len(headerValues) == 1 && strings.Contains(headerValues[0], ",") {
		r.add(multipleProofs, "The request has more than one DPoP proof: send one header DPoP with one proof.")
		return Proof{}, r.failures
	}
	if len(headerValues) == 0 {
		r.add(invalidProofFormat, "The request has no DPoP proof: send one in the header DPoP.")
		return Proof{}, r.failures
	}
	var faults []string
	r.JWS, faults = jose.ParseJWS(headerValues[0])
	for _, fault := range faults {
		r.add(invalidProofFormat, "The DPoP proof %s.", fault)
	}
	if faults != nil {
		return Proof{}, r.failures
	}
	r.proofTyp()
	key := r.proofKey()
	r.htm(use.Method)
	r.htu(use.URLs)
	issued := r.proofDate(now)
	p := Proof{JTI: r.proofJTI(), Until: time.Unix(issued, 0).UTC().Add(ProofTTL + time.Second)}
	r.ath(use.Token, use.MayLackAth)
	r.strict("header", r.Header, "alg", "jwk", "typ")
	r.strict("payload", r.Payload, "ath", "htm", "htu", "iat", "jti")
	if len(r.failures) > 0 {
		return Proof{}, r.failures
	}
	p.JKT = jose.Thumbprint(key)
	p.key = key
	p.signed = r.Signed
	p.signature = string(r.Signature)
	return p, nil
}

// Verify checks that the proof is signed by the key in its header. Call it after the client
// is authenticated: the sender chooses the key, so before that anyone could make us verify
// signatures with the slowest key that is allowed.
func (p Proof) Verify() []Failure {
	var f failures
	if p.key == nil || !jose.Verify(p.key, p.signed, []byte(p.signature)) {
		f.add(invalidProofSignature,
			"The signature is not one by the key in the header's jwk: sign with the private key that belongs to it, and "+
				"change nothing afterwards.")
	}
	return f
}

// Binds checks that the access token is bound to the key of the proof: jkt, the token's
// cnf.jkt, is the thumbprint of that key.
func (p Proof) Binds(jkt string) []Failure {
	var f failures
	if p.JKT == "" || p.JKT != jkt {
		f.add(bindingMismatch,
			"The access token is not bound to the key of the DPoP proof (cnf.jkt): sign proofs with the key that the token "+
				"was asked for with.")
	}
	return f
}

// The typ is of a closed set, so unlike JWT it has one spelling with PDND.
func (r *reader) proofTyp() {
	const want = "dpop+jwt"
	if r.Header.Missing("typ") {
		r.add(proofTypNotFound, "The header's typ is missing: set it to %s.", want)
		return
	}
	if value, _ := r.Header.Text("typ"); value != want {
		r.add(invalidProofTyp, "The header's typ must be %s.", want)
	}
}

// proofKey reads the key that the proof must be signed with; nil when there is
// none, or when the proof is for another algorithm than the key.
func (r *reader) proofKey() crypto.PublicKey {
	alg, _ := r.Header.Text("alg")
	known := alg == jose.RS256 || alg == jose.ES256
	if r.Header.Missing("alg") {
		r.add(proofAlgorithmNotFound, "The header's alg is missing: set it to %s or %s.", jose.RS256, jose.ES256)
	} else if !known {
		r.add(proofAlgorithmNotAllowed, "The header's alg must be %s or %s: sign with one of these.", jose.RS256, jose.ES256)
	}
	if r.Header.Missing("jwk") {
		r.add(proofJWKNotFound, "The header's jwk is missing: set it to the public key of the proof.")
		return nil
	}
	jwk, _ := jose.ReadObject(r.Header["jwk"])
	key, keyAlg, fault := readProofKey(jwk)
	switch {
	case fault != "":
		r.add(invalidProofClaims, "%s", fault)
		return nil
	case known && alg != keyAlg:
		r.add(proofAlgorithmNotAllowed, "The header's alg must be %s, as its jwk is a key for that.", keyAlg)
	}
	if alg != keyAlg {
		return nil
	}
	return key
}

// keyMembers says how many members the JWK of a key for an algorithm needs: kty, n and e, or
// kty, crv, x and y. PDND refuses more.
var keyMembers = map[string]int{jose.RS256: 3, jose.ES256: 4}

// readProofKey reads the public key of a proof and returns it with its algorithm. The fault
// is a sentence, "" if there is none.
//
// The sender chooses the key, so it may have at most jose.MaxBits and the one exponent that
// is quick. Without these bounds anyone could make a verification take long
// (TestParseProofRefuses).
func readProofKey(jwk jose.Object) (key crypto.PublicKey, alg, fault string) {
	if jose.IsPrivate(jwk) {
		return nil, "",
			"The header's jwk has private members: it must be the public key alone. Whoever saw it can sign: make a new key " +
				"pair."
	}
	key = jose.ReadKey(jwk)
	alg = jose.Algorithm(key, jose.MaxBits)
	if rsaKey, ok := key.(*rsa.PublicKey); alg == "" || ok && rsaKey.E != proofExponent {
		return nil, "",
			"The header's jwk must be a public key, RSA of 2048 to 4096 bits with the exponent 65537 (kty, n, e) or EC on " +
				"P-256 (kty, crv, x, y), in base64url without leading zeros."
	}
	if len(jwk) != keyMembers[alg] {
		return nil, "",
			"The header's jwk may have kty, n and e alone, or kty, crv, x and y: remove all other members, such as kid, alg and use."
	}
	return key, alg, ""
}

func (r *reader) htm(method string) {
	value, _ := r.Payload.Text("htm")
	if value == "" {
		r.add(htmNotFound, "The claim htm is missing: set it to the method of the request.")
	} else if value != method {
		r.add(invalidHtm, "The claim htm must be the method of the request in capital letters.")
	}
}

func (r *reader) htu(urls []string) {
	if r.Payload.Missing("htu") {
		r.add(htuNotFound, "The claim htu is missing: set it to the URL of the request without query and fragment.")
		return
	}
	value, _ := r.Payload.Text("htu")
	if !slices.ContainsFunc(urls, func(url string) bool { return sameURL(value, url) }) {
		r.add(invalidHtu, "The claim htu must be the URL of the request without query and fragment.")
	}
}

// proofDate reads the claim iat; PDND counts in whole seconds.
func (r *reader) proofDate(now time.Time) int64 {
	issued := r.date("iat", proofIatNotFound)
	age := now.Unix() - issued
	switch {
	case issued == 0: // date has reported it
	case age < -int64(ProofLeeway.Seconds()):
		r.add(proofNotYetValid,
			"The claim iat, %s, is in the future, for it is %s: check the clock, and that it is in seconds.",
			stamp(time.Unix(issued, 0)), stamp(now))
	case age > int64(ProofTTL.Seconds()):
		r.add(proofExpired,
			"The claim iat is %s and it is %s; a proof is good for %d seconds: make a new one for every request, and check "+
				"the clock.", stamp(time.Unix(issued, 0)), stamp(now), int64(ProofTTL.Seconds()))
	}
	return issued
}

func (r *reader) proofJTI() string {
	value := r.required("jti", proofJTINotFound)
	if utf8.RuneCountInString(value) > maxJTI {
		r.add(invalidProofClaims, "The claim jti may have %d characters at most.", maxJTI)
	}
	return value
}

// ath reads the hash of the access token that the proof is for. A proof without an access
// token may have one of any.
func (r *reader) ath(token string, mayLack bool) {
	if r.Payload.Missing("ath") && token != "" && !mayLack {
		r.add(athNotFound, "The claim ath is missing: set it to the SHA-256 hash of the access token in base64url.")
		return
	}
	if _, ok := r.Payload["ath"]; !ok {
		return
	}
	value, _ := r.Payload.Text("ath")
	if !isHash(value) {
		r.add(invalidProofClaims,
			"The claim ath must be the SHA-256 hash of the access token in base64url, 43 characters, or be left out.")
		return
	}
	if hash := sha256.Sum256([]byte(token)); token != "" && value != jose.Encode(hash[:]) {
		r.add(invalidAth, "The claim ath must be the SHA-256 hash of the access token in base64url: make a proof for this access token.")
	}
}
