package voucher_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

const (
	badProof       = "invalidDPoPProofFormat"
	badProofClaims = "dpopProofInvalidClaims"
	usedProof      = "dpopJtiAlreadyCached"
	manyProofs     = "multipleDPoPProofsError"
)

func encodeInt(n *big.Int, bytes int) string {
	if bytes == 0 {
		return base64.RawURLEncoding.EncodeToString(n.Bytes())
	}
	return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, bytes)))
}

// jwkOf returns an RSA key as a JWK.
func jwkOf(key *rsa.PublicKey) object {
	return object{"kty": "RSA", "n": encodeInt(key.N, 0), "e": encodeInt(big.NewInt(int64(key.E)), 0)}
}

// curveJWK returns a key on P-256 as a JWK.
func curveJWK(key *ecdsa.PublicKey) object {
	point, err := key.Bytes()
	if err != nil {
		panic(err)
	}
	return object{
		"kty": "EC", "crv": "P-256", "x": base64.RawURLEncoding.EncodeToString(point[1:33]),
		"y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}
}

const endpoint = issuer + "/token.oauth2"

// newProof makes a proof by the first key on P-256, with changes of its header and payload.
func (w *world) newProof(header, payload object) string {
	return w.newProofBy(curves()[0], header, payload)
}

func (w *world) newProofBy(key *ecdsa.PrivateKey, header, payload object) string {
	return compact(
		withChanges(object{"typ": "dpop+jwt", "alg": "ES256", "jwk": curveJWK(&key.PublicKey)}, header),
		withChanges(object{"jti": uuid.NewString(), "htm": "POST", "htu": endpoint, "iat": w.Clock.Now().Unix()}, payload), es256(key))
}

// checkProof sends one request with a proof to the tool and to the endpoint, and checks that
// both have the expected outcome.
func (w *world) checkProof(name string, p requester, changes object, proof, want string) apitest.Response {
	w.Helper()
	w.Clock.Advance(time.Millisecond)
	token := w.assertion(p, changes)
	tool := w.validate(consumer, form(token, map[string]string{"dpop_proof": proof}))
	res := w.issue(form(token, nil), "DPoP", proof)
	w.checkOutcomes(name, tool, res, want)
	return res
}

// checkBound checks that a voucher is bound to a key.
func (w *world) checkBound(res apitest.Response, key *ecdsa.PrivateKey) {
	w.Helper()
	want := object{"jkt": jose.Thumbprint(&key.PublicKey)}
	if diff := cmp.Diff(any(want), w.voucherClaims(res)["cnf"]); diff != "" {
		w.Errorf("cnf (-want +got):\n%s", diff)
	}
}

// proofCase is a proof with changes of its header or its payload, and the outcome of a
// request with it.
type proofCase struct {
	changes object
	want    string
}

// proofHeaders are changes of the header of a proof.
func proofHeaders(p requester) map[string]proofCase {
	private := curveJWK(&curves()[0].PublicKey)
	private["d"] = "AAAA"
	return map[string]proofCase{
		"no typ": {object{"typ": nil}, "dpopTypNotFound"}, "JWT": {object{"typ": "JWT"}, "invalidDPoPTyp"},
		"typ in capitals": {object{"typ": "DPOP+JWT"}, "invalidDPoPTyp"},
		"no alg":          {object{"alg": nil}, "dpopAlgorithmNotFound"}, "none": {object{"alg": "none"}, "dpopAlgorithmNotAllowed"},
		"HS256": {object{"alg": "HS256"}, "dpopAlgorithmNotAllowed"}, "RS256 for a curve": {object{"alg": "RS256"}, "dpopAlgorithmNotAllowed"},
		"no jwk": {object{"jwk": nil}, "dpopJwkNotFound"}, "private jwk": {object{"jwk": private}, badProofClaims},
		"symmetric jwk":      {object{"jwk": object{"kty": "oct", "k": "AAAA"}}, badProofClaims},
		"jwk of another key": {object{"jwk": curveJWK(&curves()[1].PublicKey)}, "invalidDPoPSignature"},
		"crit":               {object{"crit": []string{"x"}}, badProofClaims}, "kid": {object{"kid": p.kid}, badProofClaims},
		"jku":     {object{"jku": "https://evil.example"}, badProofClaims},
		"nothing": {object{"typ": nil, "alg": nil, "jwk": nil}, "dpopTypNotFound dpopAlgorithmNotFound dpopJwkNotFound"},
	}
}

// proofPayloads are changes of the payload of a proof that is made now, in Unix time.
func proofPayloads(now int64) map[string]proofCase {
	return map[string]proofCase{
		"no htm": {object{"htm": nil}, "dpopHtmNotFound"}, "GET": {object{"htm": "GET"}, "invalidDPoPHtm"},
		"post":   {object{"htm": "post"}, "invalidDPoPHtm"},
		"no htu": {object{"htu": nil}, "dpopHtuNotFound"}, "another path": {object{"htu": issuer}, "invalidDPoPHtu"},
		"another host": {object{"htu": "https://evil.example/token.oauth2"}, "invalidDPoPHtu"},
		"http":         {object{"htu": "http" + strings.TrimPrefix(endpoint, "https")}, "invalidDPoPHtu"},
		"query":        {object{"htu": endpoint + "?a=1"}, "invalidDPoPHtu"}, "fragment": {object{"htu": endpoint + "#"}, "invalidDPoPHtu"},
		"path in capitals":                {object{"htu": issuer + "/TOKEN.oauth2"}, "invalidDPoPHtu"},
		"host in capitals, with the port": {object{"htu": "HTTPS://VOUCHERS.example.it:443/token.oauth2"}, "DPoP"},
		"no iat":                          {object{"iat": nil}, "dpopIatNotFound"}, "a text for iat": {object{"iat": "1"}, badProofClaims},
		"long ago":      {object{"iat": now - 62}, "expiredDPoPProof"},
		"just not over": {object{"iat": now - 59}, "DPoP"}, "ten seconds ahead": {object{"iat": now + 10}, "DPoP"},
		"more than ten seconds ahead": {object{"iat": now + 12}, "notYetValidDPoPProof"},
		"no jti":                      {object{"jti": nil}, "dpopJtiNotFound"}, "a number for jti": {object{"jti": 1}, badProofClaims},
		"a jti of 257": {object{"jti": strings.Repeat("j", 257)}, badProofClaims},
		"a jti of 256": {object{"jti": strings.Repeat("à", 256)}, "DPoP"}, "exp": {object{"exp": now}, badProofClaims},
		"a bad ath":   {object{"ath": "x"}, badProofClaims},
		"all of them": {object{"htm": "x", "htu": "x", "iat": nil, "jti": nil}, "invalidDPoPHtm invalidDPoPHtu dpopIatNotFound dpopJtiNotFound"},
	}
}

// TestProofs sends requests with every kind of proof.
func TestProofs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		now := w.Clock.Now().Unix()
		w.checkBound(w.checkProof("a proof", p, nil, w.newProof(nil, nil), "DPoP"), curves()[0])
		rsaProof := compact(interoptest.JSON(object{"typ": "dpop+jwt", "alg": "RS256", "jwk": jwkOf(&keys()[1].PublicKey)}),
			interoptest.JSON(object{"jti": "1", "htm": "POST", "htu": endpoint, "iat": now}), rs256(keys()[1]))
		claims := w.voucherClaims(w.checkProof("a proof by an RSA key", p, nil, rsaProof, "DPoP"))
		if diff := cmp.Diff(any(object{"jkt": jose.Thumbprint(&keys()[1].PublicKey)}), claims["cnf"]); diff != "" {
			t.Errorf("cnf (-want +got):\n%s", diff)
		}
		for name, c := range proofHeaders(p) {
			w.checkProof("header: "+name, p, nil, w.newProof(c.changes, nil), c.want)
		}
		for name, c := range proofPayloads(now) {
			w.checkProof("payload: "+name, p, nil, w.newProof(nil, c.changes), c.want)
		}
		good := w.newProof(nil, nil)
		for name, c := range map[string][2]string{
			"no JWT":            {"x", badProof},
			"two in one header": {good + "," + w.newProof(nil, nil), manyProofs},
			"DPoP before":       {"DPoP " + good, badProof},
			"an assertion": {w.assertion(p, nil), "invalidDPoPTyp dpopJwkNotFound dpopHtmNotFound dpopHtuNotFound " + badProofClaims + " " +
				badProofClaims},
			"17 KB": {w.newProof(nil, object{"jti": strings.Repeat("j", 17<<10)}), badProof}, "cut off": {
				good[:len(good)-2],
				"invalidDPoPSignature",
			},
			"unsigned": {good[:strings.LastIndexByte(good, '.')+1], badProof},
		} {
			w.checkProof(name, p, nil, c[0], c[1])
		}
	})
}

// TestProofsWithOtherFailures checks that the endpoint answers with the failures of the first
// step and the tool also with those of the proof, and that only a voucher uses a proof.
func TestProofsWithOtherFailures(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		other := p
		other.key = keys()[1]
		for _, c := range []struct {
			name    string
			p       requester
			changes object
			want    string
			before  func()
		}{
			{"claims", p, object{"aud": "x"}, badAud, nil},
			{"no purpose", p, object{"purposeId": nil}, "purposeIdNotProvided", nil},
			{"key", p, object{"sub": uuid.NewString()}, noKey, nil},
			{"signature", other, nil, badSign, nil},
			{"link", p, object{"purposeId": uuid.NewString()}, notLinked, nil},
			{"states", p, nil, noPurpose, func() { w.act(producer, p.purpose, "suspend") }},
		} {
			if c.before != nil {
				c.before()
			}
			bad := w.newProof(nil, object{"htm": "GET"})
			w.checkProof(c.name, c.p, c.changes, bad, c.want)
			if tool := w.validate(consumer, form(w.assertion(c.p, c.changes), map[string]string{"dpop_proof": bad})); !strings.Contains(tool.Raw,
				"invalidDPoPHtm") {
				t.Errorf("%s: the tool does not answer with the failure of the proof\n%s", c.name, tool.Raw)
			}
			if c.before == nil {
				good := w.newProof(nil, nil)
				w.checkProof(c.name+" with a good proof", c.p, c.changes, good, c.want)
				w.checkProof(c.name+" put right", p, nil, good, "DPoP")
				w.checkProof(c.name+" again", p, nil, good, usedProof)
			}
		}
	})
}

// TestTwoProofs sends no proof, one proof, two proofs and an empty one.
func TestTwoProofs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		for want, proofs := range map[string][]string{
			"Bearer": nil, "DPoP": {w.newProof(nil, nil)}, manyProofs: {w.newProof(nil, nil), w.newProof(nil, nil)}, badProof: {""},
		} {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/token.oauth2", strings.NewReader(form(w.assertion(p, nil), nil)))
			r.Header.Set("Content-Type", formType)
			for _, proof := range proofs {
				r.Header.Add("dpop", proof)
			}
			rec := httptest.NewRecorder()
			w.Handler(t).ServeHTTP(rec, r)
			res := apitest.Response{Status: rec.Code, Raw: rec.Body.String()}
			if err := json.Unmarshal(rec.Body.Bytes(), &res.Body); err != nil {
				t.Fatal(err)
			}
			if got := outcome(res); got != want {
				t.Errorf("%d proofs are answered %q, want %q\n%s", len(proofs), got, want, res.Raw)
			}
		}
	})
}

// TestReplay uses proofs again: a proof is valid for one voucher of any client, and proofs by
// two keys may have the same jti.
func TestReplay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		q := w.newRequesterOn(p.offer, p.agreement, keys()[1])
		jti := object{"jti": "the same"}
		proof := w.newProof(nil, jti)
		if got := toolOutcome(w.validate(consumer, form(w.assertion(p, nil), map[string]string{"dpop_proof": proof}))); got != "DPoP" {
			t.Errorf("the tool answers %q", got)
		}
		w.checkProof("first", p, nil, proof, "DPoP")
		w.checkProof("again", p, nil, proof, usedProof)
		w.checkProof("another proof with its jti", p, nil, w.newProof(nil, jti), usedProof)
		w.checkProof("by another client", q, nil, w.newProof(nil, jti), usedProof)
		w.checkBound(w.checkProof("by another key", p, nil, w.newProofBy(curves()[1], nil, jti), "DPoP"), curves()[1])
		w.checkProof("with another jti", p, nil, w.newProof(nil, object{"jti": "The same"}), "DPoP")
		w.checkProof("without a proof", p, nil, w.newProof(nil, nil), "DPoP")
		w.Clock.Advance(time.Minute)
		w.checkProof("at its end", p, nil, proof, usedProof)
		w.Clock.Advance(time.Second)
		w.checkProof("expired", p, nil, proof, "expiredDPoPProof")
		w.checkOutcome(p, "Bearer")
	})
}

// TestUsedProofsExpire checks that only the expiry of a used proof is stored, without its
// jti, and that it is later than the last time at which the proof is valid.
func TestUsedProofsExpire(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		ahead := w.Clock.Now().Unix() + 5
		w.checkProof("a proof", p, nil, w.newProof(nil, object{"jti": "canary", "iat": ahead}), "DPoP")
		kept := w.Stored(func(key table.Key) bool { return strings.HasPrefix(key.PK, "PROOF#") })
		if len(kept) != 1 {
			t.Fatalf("stored are %v", kept)
		}
		for key, item := range kept {
			if strings.Contains(interoptest.JSON(item)+key.PK, "canary") {
				t.Errorf("the jti is stored in %v", key)
			}
			if ttl, _ := item["ttl"].(float64); int64(ttl) <= ahead+60 || int64(ttl) > ahead+120 {
				t.Errorf("stored until %v, the proof is valid until %d", item["ttl"], ahead+60)
			}
		}
	})
}

// TestToolOwners checks that the tool refuses callers that do not own the client.
func TestToolOwners(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		for _, changes := range []object{nil, {"exp": 1}, {"purposeId": uuid.NewString()}} {
			body := form(w.assertion(p, changes), nil)
			w.Refused(w.validate(stranger, body), interop.NotTheClientOwner)
			w.Refused(w.validate(producer, body), interop.NotTheClientOwner)
		}
		forged := p
		forged.key = keys()[1]
		w.Refused(w.validate(stranger, form(w.assertion(forged, nil), nil)), interop.NotTheClientOwner)
		if got := toolOutcome(w.validate(stranger, form(w.assertion(p, object{"sub": uuid.NewString()}), nil))); got != noKey {
			t.Errorf("for an unknown client the tool answers %q", got)
		}
	})
}
