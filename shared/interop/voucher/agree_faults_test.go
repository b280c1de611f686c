package voucher_test

import (
	"crypto/rsa"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// asked is a request that is put together at random.
type asked struct {
	claims, header object
	params         map[string]string
	key            *rsa.PrivateKey
	proof          string
	faults         []fault
}

// composes puts a request together, with nothing wrong, one thing or several.
func (a *asker) composes() asked {
	a.Helper()
	r := asked{claims: object{}, header: object{"kid": a.kid}, params: map[string]string{}, key: a.key}
	if a.IntN(3) == 0 {
		r.params["client_id"] = a.clientID()
	}
	if a.IntN(4) == 0 {
		r.claims["digest"] = object{"alg": "SHA256", "value": strings.Repeat("a", 64)}
	}
	if a.IntN(3) == 0 {
		a.addsProof(&r)
	}
	all := a.breaks()
	for _, i := range a.Perm(len(all))[:max(0, a.IntN(10)-7)] {
		all[i](&r)
	}
	return r
}

// breaks are things to be wrong with a request, each for itself.
func (a *asker) breaks() []func(r *asked) {
	now := a.Clock.Now().Unix()
	pick := func(all ...func(r *asked)) func(r *asked) { return all[a.IntN(len(all))] }
	claim := func(name string, value any, step int, says string) func(r *asked) {
		return func(r *asked) { r.claims[name], r.faults = value, append(r.faults, fault{step, says}) }
	}
	header := func(name string, value any, step int, says string) func(r *asked) {
		return func(r *asked) { r.header[name], r.faults = value, append(r.faults, fault{step, says}) }
	}
	param := func(name, value, says string) func(r *asked) {
		return func(r *asked) { r.params[name], r.faults = value, append(r.faults, fault{0, says}) }
	}
	return []func(r *asked){
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
		pick(
			claim("purposeId", "x", 0, "invalidPurposeIdClaimFormat"), claim("purposeId", nil, 1, "purposeIdNotProvided"),
			claim("purposeId", uuid.NewString(), 3, "purposeNotLinkedToClient"), header("kid", "x", 0, "invalidKidFormat"), header("kid", nil, 0,
				"kidNotFound"),
			header("kid", strings.Repeat("x", 43), 1, "clientAssertionPublicKeyNotFound"),
		),
		func(r *asked) { r.key, r.faults = keys()[1], append(r.faults, fault{2, "invalidSignature"}) },
	}
}

// addsProof adds a proof, which may be one that was used.
func (a *asker) addsProof(r *asked) {
	a.Helper()
	now := a.Clock.Now().Unix()
	bad := func(says string) { r.faults = append(r.faults, fault{5, says}) }
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
	r.proof = a.prove(object{"typ": typ}, claims)
}

// expected is what the first step says that finds something, in any order, or the
// type of the voucher.
func (r asked) expected(stands []fault) string {
	all := slices.Concat(r.faults, stands)
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
	case names["purposeIdNotProvided"]: // without which nothing is read
		return "purposeIdNotProvided"
	case len(names) > 0:
		return strings.Join(slices.Sorted(maps.Keys(names)), " ")
	case r.proof != "":
		return "DPoP"
	}
	return "Bearer"
}
