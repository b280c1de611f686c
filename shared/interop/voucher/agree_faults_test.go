package voucher_test

import (
	"crypto/rsa"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// randomRequest is a request with random faults.
type randomRequest struct {
	claims, header object
	params         map[string]string
	key            *rsa.PrivateKey
	proof          string
	faults         []fault
}

// compose makes a request with no fault, one or several.
func (a *randomTest) compose() randomRequest {
	a.Helper()
	r := randomRequest{claims: object{}, header: object{"kid": a.kid}, params: map[string]string{}, key: a.key}
	if a.IntN(3) == 0 {
		r.params["client_id"] = a.clientID()
	}
	if a.IntN(4) == 0 {
		r.claims["digest"] = object{"alg": "SHA256", "value": strings.Repeat("a", 64)}
	}
	if a.IntN(3) == 0 {
		a.addProof(&r)
	}
	all := a.faultChoices()
	for _, i := range a.Perm(len(all))[:max(0, a.IntN(10)-7)] {
		all[i](&r)
	}
	return r
}

// faultChoices returns functions that each add a fault to a request.
func (a *randomTest) faultChoices() []func(r *randomRequest) {
	now := a.Clock.Now().Unix()
	pick := func(all ...func(r *randomRequest)) func(r *randomRequest) { return all[a.IntN(len(all))] }
	claim := func(name string, value any, step int, failure string) func(r *randomRequest) {
		return func(r *randomRequest) { r.claims[name], r.faults = value, append(r.faults, fault{step, failure}) }
	}
	header := func(name string, value any, step int, failure string) func(r *randomRequest) {
		return func(r *randomRequest) { r.header[name], r.faults = value, append(r.faults, fault{step, failure}) }
	}
	param := func(name, value, failure string) func(r *randomRequest) {
		return func(r *randomRequest) { r.params[name], r.faults = value, append(r.faults, fault{0, failure}) }
	}
	return []func(r *randomRequest){
		param("client_assertion_type", "x", "invalidAssertionType"),
		param("grant_type", "password", "invalidGrantType"),
		pick(param("client_id", "x", "invalidClientIdFormat"), param("client_id", uuid.NewString(), "invalidSubject")),
		pick(claim("aud", "https://example.it", 0, "invalidAudience"), claim("aud", nil, 0, "audienceNotFound")),
		pick(claim("jti", nil, 0, "jtiNotFound")),
		pick(claim("iss", nil, 0, "issuerNotFound")),
		pick(claim("iat", nil, 0, "issuedAtNotFound"), claim("iat", now+61, 2, "jsonWebTokenError")),
		pick(claim("exp", nil, 0, "expNotFound"), claim("exp", now, 2, "tokenExpiredError")),
		claim("scope", "x", 0, "clientAssertionInvalidClaims"),
		claim("digest", "x", 0, "invalidDigestClaim"),
		pick(append(
			a.purposeFaults(claim),
			claim("purposeId", "x", 0, "invalidPurposeIdClaimFormat"), header("kid", "x", 0, "invalidKidFormat"),
			header("kid", nil, 0, "kidNotFound"), header("kid", strings.Repeat("x", 43), 1, noKey),
		)...),
		func(r *randomRequest) { r.key, r.faults = keys()[1], append(r.faults, fault{2, "invalidSignature"}) },
	}
}

// purposeFaults returns functions that each add a purpose with a fault, or none where one is
// needed.
func (a *randomTest) purposeFaults(claim func(string, any, int, string) func(*randomRequest)) []func(*randomRequest) {
	if a.purpose == "" {
		named := claim("purposeId", uuid.NewString(), 1, hasPurposeID)
		return []func(*randomRequest){named, named, named, named} // as often as the other faults together
	}
	return []func(*randomRequest){claim("purposeId", nil, 1, noPurposeID), claim("purposeId", uuid.NewString(), 3, notLinked)}
}

// addProof adds a proof, which may be a used one.
func (a *randomTest) addProof(r *randomRequest) {
	a.Helper()
	now := a.Clock.Now().Unix()
	bad := func(failure string) { r.faults = append(r.faults, fault{5, failure}) }
	claims, typ := object{}, "dpop+jwt"
	switch a.IntN(10) {
	case 0:
		claims["htm"] = "GET"
		bad("invalidDPoPHtm")
	case 1:
		claims["htu"], typ = issuer, "JWT"
		bad("invalidDPoPHtu")
		bad("invalidDPoPTyp")
	case 2:
		claims["iat"] = now - 61
		bad("expiredDPoPProof")
	case 3:
		claims["jti"] = nil
		bad("dpopJtiNotFound")
	case 4, 5:
		if r.proof = a.proof; r.proof != "" {
			bad("dpopJtiAlreadyCached")
			return
		}
	}
	r.proof = a.newProof(object{"typ": typ}, claims)
}

// expected returns the sorted failures of the first step with a fault, or the type of the
// voucher.
func (r randomRequest) expected(stateFaults []fault) string {
	all := slices.Concat(r.faults, stateFaults)
	step := len(toolSteps)
	for _, f := range all {
		step = min(step, f.step)
	}
	names := map[string]bool{}
	for _, f := range all {
		if f.step == step {
			names[f.name] = true
		}
	}
	switch {
	case step == 1 && names[noKey]: // without it the kind of the client is not looked at
		return noKey
	case len(names) > 0:
		return strings.Join(slices.Sorted(maps.Keys(names)), " ")
	case r.proof != "":
		return "DPoP"
	}
	return "Bearer"
}
