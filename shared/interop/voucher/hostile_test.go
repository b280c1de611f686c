package voucher_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

const (
	badFormat = "invalidClientAssertionFormat"
	badClaims = "clientAssertionInvalidClaims"
	badAlg    = "algorithmNotAllowed"
	badSign   = "invalidSignature"
	badSub    = "invalidSubjectFormat"
	badKid    = "invalidKidFormat"
	badAud    = "invalidAudience"
	badHash   = "invalidDigestClaim"
	noKey     = "clientAssertionPublicKeyNotFound"
	over      = "tokenExpiredError"
)

// attempt is a request for a voucher and its outcome.
type attempt struct{ name, body, want string }

// attempts collects and sends requests of one client.
type attempts struct {
	*world
	p   requester
	all []attempt
}

// add adds a request.
func (a *attempts) add(name, body, want string) { a.all = append(a.all, attempt{name, body, want}) }

// addToken adds a request with this assertion.
func (a *attempts) addToken(name, token, want string) { a.add(name, form(token, nil), want) }

// header returns the header of a valid assertion, with changes.
func (a *attempts) header(changes object) string {
	return withChanges(object{"alg": "RS256", "kid": a.p.kid, "typ": "JWT"}, changes)
}

// payload returns the payload of a valid assertion, with changes.
func (a *attempts) payload(changes object) string { return interoptest.JSON(a.claims(a.p, changes)) }

// withChanges returns an object with changes as JSON; nil removes a member.
func withChanges(o, changes object) string {
	for name, value := range changes {
		if o[name] = value; value == nil {
			delete(o, name)
		}
	}
	return interoptest.JSON(o)
}

// addHeader adds a request with a changed header.
func (a *attempts) addHeader(name string, changes object, want string) {
	a.addToken("header: "+name, compact(a.header(changes), a.payload(nil), rs256(a.p.key)), want)
}

// addClaim adds a request with a changed payload.
func (a *attempts) addClaim(name string, changes object, want string) {
	a.addToken("payload: "+name, compact(a.header(nil), a.payload(changes), rs256(a.p.key)), want)
}

// check sends every request to the tool and to the endpoint, and counts the refusals.
func (a *attempts) check() (refused int) {
	a.Helper()
	for _, one := range a.all {
		a.Clock.Advance(time.Millisecond)
		tool := a.validate(consumer, one.body)
		res := a.issue(one.body)
		a.checkOutcomes(one.name, tool, res, one.want)
		if res.Status == 200 {
			continue
		}
		refused++
		a.checkRefusal(one.name, res, tool)
	}
	return refused
}

// checkRefusal checks that a refusal has the error of PDND, then the reasons of the tool.
func (a *attempts) checkRefusal(name string, res, tool apitest.Response) {
	a.Helper()
	a.Refused(res, interop.TokenRefused)
	all, _ := res.Body["errors"].([]any)
	for i, one := range all {
		entry, _ := one.(object)
		reason, _ := entry["detail"].(string)
		if outcome(res) != notVerified && i > 0 && (reason == "" || !strings.Contains(tool.Raw, interoptest.JSON(reason))) {
			a.Errorf("%s: the answer of the tool does not contain %q\n%s", name, reason, tool.Raw)
		}
	}
	if id := res.Text("correlationId"); id == "" || id != res.Header.Get("X-Correlation-Id") {
		a.Errorf("%s is refused without a correlation id\n%s", name, res.Raw)
	}
}

func (a *attempts) parameters() {
	good := func() string { return a.assertion(a.p, nil) }
	with := func(name, value string) string { return form(good(), map[string]string{name: value}) }
	const saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
	a.add("nothing changed", form(good(), nil), "Bearer")
	a.add("nothing", "", "invalidAssertionType invalidGrantType "+badFormat)
	a.add("JSON", `{"grant_type":"client_credentials"}`, "invalidAssertionType invalidGrantType "+badFormat)
	a.add("no assertion", with("client_assertion", ""), badFormat)
	a.add("no assertion type", with("client_assertion_type", ""), "invalidAssertionType")
	a.add("no grant", with("grant_type", ""), "invalidGrantType")
	a.add("an empty grant", with("grant_type", "")+"&grant_type=", "invalidGrantType")
	a.add("SAML", with("client_assertion_type", saml), "invalidAssertionType")
	a.add("type in capitals", with("client_assertion_type", "URN:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		"invalidAssertionType")
	a.add("another grant", with("grant_type", "password"), "invalidGrantType")
	a.add("grant with a space", with("grant_type", "client_credentials "), "invalidGrantType")
	a.add("client_id", with("client_id", a.p.clientID()), "Bearer")
	a.add("client_id in capitals", with("client_id", strings.ToUpper(a.p.clientID())), "Bearer")
	a.add("malformed client_id", with("client_id", "me"), "invalidClientIdFormat")
	a.add("client_id without dashes", with("client_id", strings.ReplaceAll(a.p.clientID(), "-", "")), "invalidClientIdFormat")
	a.add("another client_id", with("client_id", uuid.NewString()), "invalidSubject")
	a.add("client_id of another client", with("client_id", strings.TrimPrefix(a.MakeClient(consumer), "/clients/")), "invalidSubject")
	a.add("unknown parameter", with("scope", "all"), "Bearer")
	a.add("everything", form("x", map[string]string{"grant_type": "x", "client_assertion_type": "x", "client_id": "x"}),
		"invalidAssertionType invalidGrantType invalidClientIdFormat "+badFormat)
}

func (a *attempts) forms() {
	good := a.assertion(a.p, nil)
	parts := strings.Split(good, ".")
	head, payload, sign := a.header(nil), a.payload(nil), rs256(a.p.key)
	for name, token := range map[string]string{
		"two parts": parts[0] + "." + parts[1], "four parts": good + ".", "five parts": good + ".AA.AA", "no signature": parts[0] + "." +
			parts[1] + ".",
		"no header": "." + parts[1] + "." + parts[2], "padding": good + "==", "a space before": " " + good, "a line break": parts[0] + ".\n" +
			parts[1] + "." + parts[2],
		"Bearer before": "Bearer " + good, "a plus": parts[0] + "." + parts[1] + ".+" + parts[2][1:], "JSON": `{"payload":"` + parts[1] + `"}`,
		"another spelling of the signature": strings.TrimSuffix(good, good[len(good)-1:]) + string(otherSpelling(good[len(good)-1])),
		"a header that is an array":         compact("["+head+"]", payload, sign), "a header that is null": compact("null", payload, sign),
		"a payload that is a text": compact(head, `"x"`, sign), "two payloads": compact(head, payload+payload, sign),
		"a claim twice":         compact(head, strings.Replace(payload, "{", `{"sub":"x",`, 1), sign),
		"a claim twice, escape": compact(head, strings.Replace(payload, "{", `{"\u0073ub":"x",`, 1), sign),
		"alg twice":             compact(strings.Replace(head, "{", `{"alg":"none",`, 1), payload, sign),
		"no UTF-8":              compact(head, strings.Replace(payload, `"jti":"`, "\"jti\":\"\xff", 1), sign),
		"17 KB":                 compact(head, a.payload(object{"jti": strings.Repeat("j", 17<<10)}), sign),
	} {
		a.addToken(name, token, badFormat)
	}
}

// otherSpelling returns a letter of base64url that decodes to the same last byte; only the
// bits that are cut off differ.
func otherSpelling(letter byte) byte {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return letters[strings.IndexByte(letters, letter)^1]
}

func (a *attempts) headers() {
	a.addHeader("typ in capitals and small letters", object{"typ": "jwt"}, "Bearer")
	a.addHeader("no typ", object{"typ": nil}, "Bearer")
	a.addHeader("another typ", object{"typ": "at+jwt"}, badClaims)
	a.addHeader("typ of a proof", object{"typ": "dpop+jwt"}, badClaims)
	a.addHeader("crit", object{"crit": []string{"exp"}}, badClaims)
	a.addHeader("b64", object{"b64": false, "crit": []string{"b64"}}, badClaims)
	a.addHeader("jku", object{"jku": "https://evil.example/jwks"}, badClaims)
	a.addHeader("x5u", object{"x5u": "https://evil.example/cert"}, badClaims)
	a.addHeader("jwk", object{"jwk": jwkOf(&keys()[1].PublicKey)}, badClaims)
	a.addHeader("zip", object{"zip": "DEF"}, badClaims)
	a.addHeader("cty", object{"cty": "JWT"}, badClaims)
	a.addHeader("no alg", object{"alg": nil}, "algorithmNotFound")
	a.addHeader("alg none", object{"alg": "none"}, badAlg)
	a.addHeader("alg None", object{"alg": "None"}, badAlg)
	a.addHeader("alg PS256", object{"alg": "PS256"}, badAlg)
	a.addHeader("alg RS512", object{"alg": "RS512"}, badAlg)
	a.addHeader("alg rs256", object{"alg": "rs256"}, badAlg)
	a.addHeader("alg is an array", object{"alg": []string{"RS256"}}, badAlg)
	a.addHeader("alg ES256 with an RSA key", object{"alg": "ES256"}, badAlg)
	a.addHeader("no kid", object{"kid": nil}, "kidNotFound")
	a.addHeader("kid is short", object{"kid": a.p.kid[1:]}, badKid)
	a.addHeader("kid is long", object{"kid": a.p.kid + "A"}, badKid)
	a.addHeader("kid is a path", object{"kid": "../../../../../../../../../../../dev/null##"}, badKid)
	a.addHeader("kid is a number", object{"kid": 7}, badKid)
	a.addHeader("unknown kid", object{"kid": strings.Repeat("A", 43)}, noKey)
	a.addHeader("no kid and no alg, and crit", object{"kid": nil, "alg": nil, "crit": 1}, "kidNotFound algorithmNotFound "+badClaims)
}

func (a *attempts) payloads() {
	now := a.Clock.Now().Unix()
	for claim, missing := range map[string]string{
		"jti": "jtiNotFound", "iss": "issuerNotFound", "sub": "subjectNotFound", "aud": "audienceNotFound", "iat": "issuedAtNotFound",
		"exp": "expNotFound",
	} {
		a.addClaim("no "+claim, object{claim: nil}, missing)
		a.addClaim("empty "+claim, object{claim: ""}, missing)
	}
	a.addClaim("no purposeId", object{"purposeId": nil}, "purposeIdNotProvided")
	a.addClaim("malformed purposeId", object{"purposeId": "x"}, "invalidPurposeIdClaimFormat")
	a.addClaim("purposeId in capitals", object{"purposeId": strings.ToUpper(a.p.purposeID())}, "Bearer")
	a.addClaim("unknown purposeId", object{"purposeId": uuid.NewString()}, notLinked)
	a.addClaim("jti is a number", object{"jti": 7}, badClaims)
	a.addClaim("iss is another text", object{"iss": "another issuer"}, "Bearer")
	a.addClaim("malformed sub", object{"sub": "me"}, badSub)
	a.addClaim("unknown sub", object{"sub": uuid.NewString()}, noKey)
	a.addClaim("sub in capitals", object{"sub": strings.ToUpper(a.p.clientID())}, "Bearer")
	a.addClaim("exp is a text", object{"exp": "9999999999"}, badClaims)
	a.addClaim("exp in milliseconds", object{"exp": now * 1000}, badClaims)
	a.addClaim("times with a fraction", object{"exp": float64(now) + 60.5, "iat": float64(now) + 0.25, "nbf": float64(now) - 0.5}, "Bearer")
	a.addClaim("exp in another notation", object{"exp": json.RawMessage(fmt.Sprint(now+60, "e0")), "iat": json.RawMessage(fmt.Sprint(now,
		".0"))}, "Bearer")
	a.addClaim("iat is negative", object{"iat": -1}, badClaims)
	a.addClaim("nbf", object{"nbf": now}, "Bearer")
	a.addClaim("nbf a minute ahead", object{"nbf": now + 60}, "Bearer")
	a.addClaim("nbf more than a minute ahead", object{"nbf": now + 62}, "notBeforeError")
	a.addClaim("nbf is a text", object{"nbf": "now"}, badClaims)
	a.addClaim("scope", object{"scope": "admin"}, badClaims)
	a.addClaim("cnf", object{"cnf": object{"jkt": "x"}}, badClaims)
	a.addClaim("aud is the token endpoint", object{"aud": issuer + "/token.oauth2"}, "Bearer")
	a.addClaim("aud has one of them", object{"aud": []string{"https://other.example", issuer}}, "Bearer")
	for _, aud := range []any{
		"https://other.example", issuer + "/", issuer + "/token.oauth2/", strings.ToUpper(issuer), "http" + strings.TrimPrefix(issuer, "https"),
		issuer + ".evil.example",
		[]string{},
		[]any{issuer, 7},
		object{"aud": issuer},
	} {
		a.addClaim("aud is "+interoptest.JSON(aud), object{"aud": aud}, badAud)
	}
	digest := strings.Repeat("a1", 32)
	a.addClaim("digest", object{"digest": object{"alg": "SHA256", "value": digest}}, "Bearer")
	a.addClaim("digest by MD5", object{"digest": object{"alg": "MD5", "value": digest}}, "invalidHashAlgorithm")
	a.addClaim("short digest", object{"digest": object{"alg": "SHA256", "value": digest[1:]}}, "invalidHashLength")
	a.addClaim("digest without alg", object{"digest": object{"value": digest}}, badHash)
	a.addClaim("digest with more", object{"digest": object{"alg": "SHA256", "value": digest, "x": 1}}, badHash)
	a.addClaim("exp a second ahead", object{"exp": now + 1}, "Bearer") // requests are a millisecond apart
	a.addClaim("exp far ahead", object{"exp": int64(253402300799)}, "Bearer")
	a.addClaim("exp now", object{"exp": now}, over)
	a.addClaim("exp long ago", object{"iat": 1, "exp": 2}, over)
	a.addClaim("iat a minute ahead", object{"iat": now + 60}, "Bearer")
	a.addClaim("iat more than a minute ahead", object{"iat": now + 62}, "jsonWebTokenError")
	a.addClaim("expired before it was issued", object{"iat": now + 62, "exp": now - 1}, over+" jsonWebTokenError")
	a.addClaim("all wrong", object{
		"jti": nil, "iat": "x", "exp": nil, "iss": nil, "sub": "x", "purposeId": "x", "aud": "x", "digest": 1,
		"scope": 1,
	},
		strings.Join([]string{
			"jtiNotFound", badClaims, "expNotFound", "issuerNotFound", badSub, "invalidPurposeIdClaimFormat", badAud,
			badHash, badClaims,
		}, " "))
}

func (a *attempts) signatures() {
	head, payload := a.header(nil), a.payload(nil)
	good := compact(head, payload, rs256(a.p.key))
	parts := strings.Split(good, ".")
	a.addToken("signed with another key", compact(head, payload, rs256(keys()[1])), badSign)
	a.addToken("another payload under the signature", parts[0]+"."+b64(a.payload(nil))+"."+parts[2], badSign)
	a.addToken("another header under the signature", b64(a.header(object{"typ": nil}))+"."+parts[1]+"."+parts[2], badSign)
	a.addToken("a short signature", compact(head, payload, fixed(rs256(a.p.key)(parts[0] + "." + parts[1])[:255])), badSign)
	a.addToken("a signature of zeros", compact(head, payload, fixed(make([]byte, 256))), badSign)
	a.addToken("none, unsigned", compact(a.header(object{"alg": "none"}), payload, fixed(nil)), badFormat)
	a.addToken("none, signed", compact(a.header(object{"alg": "none"}), payload, fixed([]byte("x"))), badAlg)
	a.addToken("HS256 with the public key", compact(a.header(object{"alg": "HS256"}), payload, hs256(publicPEM(a.p.key))), badAlg)
	a.addToken("HS256 under RS256", compact(head, payload, hs256(publicPEM(a.p.key))), badSign)
	a.addToken("ES256 under RS256", compact(head, payload, es256(curves()[0])), badSign)
	a.addToken("signed with another key, expired", compact(head, a.payload(object{"exp": 1}), rs256(keys()[1])), badSign+" "+over)
}

// foreign adds requests with keys and purposes of others, deleted keys and keys for
// encryption.
func (a *attempts) foreign() {
	p, sign := a.p, rs256(keys()[1])
	by := func(kid string) string { return compact(a.header(object{"kid": kid}), a.payload(nil), sign) }
	others := a.MakeClient(consumer)
	kid := a.addKey(consumer, others, keys()[1])
	a.addToken("key of another client", by(kid), noKey)
	a.addToken("key and sub of another client", compact(a.header(object{"kid": kid}), a.payload(object{"sub": strings.TrimPrefix(others,
		"/clients/")}), sign), notLinked)
	a.addToken("kid of the client, key of another one", by(p.kid), badSign)
	a.SubmitAgreement(stranger, p.offer)
	foreign := requester{purpose: a.ActivatePurpose(stranger, p.offer, 5)}
	a.addClaim("purpose of another organization", object{"purposeId": foreign.purposeID()}, notLinked)
	draft := requester{purpose: a.DraftPurpose(consumer, p.offer, 5)}
	a.addClaim("purpose that is a draft", object{"purposeId": draft.purposeID()}, notLinked)
	gone := a.addKey(consumer, p.path, curves()[1])
	a.OK(consumer, "DELETE", p.path+"/keys/"+gone, "")
	a.addToken("key that was deleted", compact(a.header(object{"kid": gone, "alg": "ES256"}), a.payload(nil), es256(curves()[1])), noKey)
	kid = a.addKeyWithUse(consumer, p.path, keys()[2], "ENC")
	a.addToken("key for encryption", compact(a.header(object{"kid": kid}), a.payload(nil), rs256(keys()[2])), noKey)
}

// TestInvalidRequests sends forged and malformed requests.
func TestInvalidRequests(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		a := &attempts{world: w, p: w.newRequester()}
		a.parameters()
		a.forms()
		a.headers()
		a.payloads()
		a.signatures()
		a.foreign()
		a.curve()
		if refused := a.check(); refused < 100 {
			t.Errorf("%d of %d were refused", refused, len(a.all))
		}
	})
}

// curve adds requests with a key on P-256.
func (a *attempts) curve() {
	key := curves()[0]
	kid := a.addKey(consumer, a.p.path, key)
	head, payload := a.header(object{"kid": kid, "alg": "ES256"}), a.payload(nil)
	text := b64(head) + "." + b64(payload)
	good := es256(key)(text)
	hash := sha256.Sum256([]byte(text))
	der, err := ecdsa.SignASN1(rand.Reader, key, hash[:])
	if err != nil {
		a.Fatal(err)
	}
	order := key.Params().N.FillBytes(make([]byte, 32))
	a.addToken("ES256", text+"."+b64(string(good)), "Bearer")
	a.addToken("ES256 in DER", text+"."+b64(string(der)), badSign)
	a.addToken("ES256 of zeros", text+"."+b64(string(make([]byte, 64))), badSign)
	a.addToken("ES256 with r 0", text+"."+b64(string(append(make([]byte, 32), good[32:]...))), badSign)
	a.addToken("ES256 with s the order", text+"."+b64(string(append(good[:32:32], order...))), badSign)
	a.addToken("ES256 of 65 bytes", text+"."+b64(string(append(good[:64:64], 0))), badSign)
	a.addToken("ES256 by another key", compact(head, payload, es256(curves()[1])), badSign)
	a.addToken("RS256 with a key on P-256", compact(a.header(object{"kid": kid}), payload, rs256(a.p.key)), badAlg)
	a.addToken("RS256 by the RSA key under ES256", compact(a.header(object{"alg": "ES256"}), payload, rs256(a.p.key)), badAlg)
}
