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

func encode(n *big.Int, bytes int) string {
	if bytes == 0 {
		return base64.RawURLEncoding.EncodeToString(n.Bytes())
	}
	return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, bytes)))
}

// jwkOf is an RSA key as a JWK.
func jwkOf(key *rsa.PublicKey) object {
	return object{"kty": "RSA", "n": encode(key.N, 0), "e": encode(big.NewInt(int64(key.E)), 0)}
}

// curveJWK is a key on P-256 as a JWK.
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

// prove makes a proof by the first key on P-256, with changes of its header and payload.
func (w *world) prove(header, payload object) string {
	return w.proveBy(curves()[0], header, payload)
}

func (w *world) proveBy(key *ecdsa.PrivateKey, header, payload object) string {
	return compact(
		changed(object{"typ": "dpop+jwt", "alg": "ES256", "jwk": curveJWK(&key.PublicKey)}, header),
		changed(object{"jti": uuid.NewString(), "htm": "POST", "htu": endpoint, "iat": w.Clock.Now().Unix()}, payload), es256(key))
}

// proves asks for a voucher with a proof, the tool first: they must agree.
func (w *world) proves(name string, p party, changes object, proof, want string) apitest.Response {
	w.Helper()
	w.Clock.Advance(time.Millisecond)
	token := w.assertion(p, changes)
	tool := w.examines(consumer, form(token, map[string]string{"dpop_proof": proof}))
	res := w.asks(form(token, nil), "DPoP", proof)
	if got := reasons(res); got != public(tool) || found(tool) != want {
		w.Errorf("%s comes to %q, the tool says %q, want %q\n%s", name, got, found(tool), want, res.Raw)
	}
	return res
}

// binds fails unless a voucher is bound to a key.
func (w *world) binds(res apitest.Response, key *ecdsa.PrivateKey) {
	w.Helper()
	want := object{"jkt": jose.Thumbprint(&key.PublicKey)}
	if diff := cmp.Diff(any(want), w.payload(res)["cnf"]); diff != "" {
		w.Errorf("cnf (-want +got):\n%s", diff)
	}
}

// proofCase is a proof with changes of its header or its payload, and what asking with it
// comes to.
type proofCase struct {
	changes object
	want    string
}

// proofHeaders are changes of the header of a proof.
func proofHeaders(p party) map[string]proofCase {
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
		"just not over": {object{"iat": now - 59}, "DPoP"}, "five seconds ahead": {object{"iat": now + 5}, "DPoP"},
		"more than five seconds ahead": {object{"iat": now + 7}, "notYetValidDPoPProof"},
		"no jti":                       {object{"jti": nil}, "dpopJtiNotFound"}, "a number for jti": {object{"jti": 1}, badProofClaims},
		"a jti of 257": {object{"jti": strings.Repeat("j", 257)}, badProofClaims},
		"a jti of 256": {object{"jti": strings.Repeat("à", 256)}, "DPoP"}, "exp": {object{"exp": now}, badProofClaims},
		"a bad ath":   {object{"ath": "x"}, badProofClaims},
		"all of them": {object{"htm": "x", "htu": "x", "iat": nil, "jti": nil}, "invalidDPoPHtm invalidDPoPHtu dpopIatNotFound dpopJtiNotFound"},
	}
}

// TestProofs asks with proofs of every kind.
func TestProofs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		now := w.Clock.Now().Unix()
		w.binds(w.proves("a proof", p, nil, w.prove(nil, nil), "DPoP"), curves()[0])
		rsaProof := compact(interoptest.JSON(object{"typ": "dpop+jwt", "alg": "RS256", "jwk": jwkOf(&keys()[1].PublicKey)}),
			interoptest.JSON(object{"jti": "1", "htm": "POST", "htu": endpoint, "iat": now}), rs256(keys()[1]))
		said := w.payload(w.proves("a proof by an RSA key", p, nil, rsaProof, "DPoP"))
		if diff := cmp.Diff(any(object{"jkt": jose.Thumbprint(&keys()[1].PublicKey)}), said["cnf"]); diff != "" {
			t.Errorf("cnf (-want +got):\n%s", diff)
		}
		for name, c := range proofHeaders(p) {
			w.proves("header: "+name, p, nil, w.prove(c.changes, nil), c.want)
		}
		for name, c := range proofPayloads(now) {
			w.proves("payload: "+name, p, nil, w.prove(nil, c.changes), c.want)
		}
		good := w.prove(nil, nil)
		for name, c := range map[string][2]string{
			"no JWT": {"x", badProof}, "two in one header": {good + "," + w.prove(nil, nil), manyProofs}, "DPoP before": {"DPoP " + good, badProof},
			"an assertion": {w.assertion(p, nil), "invalidDPoPTyp dpopJwkNotFound dpopHtmNotFound dpopHtuNotFound " + badProofClaims + " " +
				badProofClaims},
			"17 KB": {w.prove(nil, object{"jti": strings.Repeat("j", 17<<10)}), badProof}, "cut off": {
				good[:len(good)-2],
				"invalidDPoPSignature",
			},
			"unsigned": {good[:strings.LastIndexByte(good, '.')+1], badProof},
		} {
			w.proves(name, p, nil, c[0], c[1])
		}
	})
}

// TestProofsBesideOtherFailures: the endpoint names the failures of the first step, the
// tool those of the proof as well, and a proof is used by a voucher alone.
func TestProofsBesideOtherFailures(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		other := p
		other.key = keys()[1]
		for _, c := range []struct {
			name    string
			p       party
			changes object
			want    string
			before  func()
		}{
			{"claims", p, object{"aud": "x"}, badAud, nil},
			{"no purpose", p, object{"purposeId": nil}, "purposeIdNotProvided", nil},
			{"key", p, object{"sub": uuid.NewString()}, noKey, nil},
			{"signature", other, nil, badSign, nil},
			{"link", p, object{"purposeId": uuid.NewString()}, notLinked, nil},
			{"states", p, nil, noPurpose, func() { w.does(producer, p.purpose, "suspend") }},
		} {
			if c.before != nil {
				c.before()
			}
			bad := w.prove(nil, object{"htm": "GET"})
			w.proves(c.name, c.p, c.changes, bad, c.want)
			if tool := w.examines(consumer, form(w.assertion(c.p, c.changes), map[string]string{"dpop_proof": bad})); !strings.Contains(tool.Raw,
				"invalidDPoPHtm") {
				t.Errorf("%s: the tool does not tell what is wrong with the proof\n%s", c.name, tool.Raw)
			}
			if c.before == nil {
				good := w.prove(nil, nil)
				w.proves(c.name+" with a good proof", c.p, c.changes, good, c.want)
				w.proves(c.name+" put right", p, nil, good, "DPoP")
				w.proves(c.name+" again", p, nil, good, usedProof)
			}
		}
	})
}

// TestTwoProofs sends the header twice.
func TestTwoProofs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for want, proofs := range map[string][]string{"Bearer": nil, "DPoP": {w.prove(nil, nil)}, manyProofs: {w.prove(nil, nil), w.prove(nil,
			nil)}, badProof: {""}} {
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
			if got := reasons(res); got != want {
				t.Errorf("%d proofs come to %q, want %q\n%s", len(proofs), got, want, res.Raw)
			}
		}
	})
}

// TestReplay uses proofs again: one is good for one voucher, of whatever client, and a
// jti belongs to its key.
func TestReplay(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.ready()
		q := w.linkedOn(p.offer, p.agreement, keys()[1])
		jti := object{"jti": "the same"}
		proof := w.prove(nil, jti)
		if got := found(w.examines(consumer, form(w.assertion(p, nil), map[string]string{"dpop_proof": proof}))); got != "DPoP" {
			t.Errorf("the tool says %q", got)
		}
		w.proves("first", p, nil, proof, "DPoP")
		w.proves("again", p, nil, proof, usedProof)
		w.proves("another proof with its jti", p, nil, w.prove(nil, jti), usedProof)
		w.proves("by another client", q, nil, w.prove(nil, jti), usedProof)
		w.binds(w.proves("by another key", p, nil, w.proveBy(curves()[1], nil, jti), "DPoP"), curves()[1])
		w.proves("with another jti", p, nil, w.prove(nil, object{"jti": "The same"}), "DPoP")
		w.proves("without a proof", p, nil, w.prove(nil, nil), "DPoP")
		w.Clock.Advance(time.Minute)
		w.proves("at its end", p, nil, proof, usedProof)
		w.Clock.Advance(time.Second)
		w.proves("when it is over", p, nil, proof, "expiredDPoPProof")
		w.gets(p, "Bearer")
	})
}

// TestUsedProofsExpire looks at what is kept of a proof: nothing but when it is over,
// which is later than the last time that it could be used.
func TestUsedProofsExpire(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		ahead := w.Clock.Now().Unix() + 5
		w.proves("a proof", p, nil, w.prove(nil, object{"jti": "canary", "iat": ahead}), "DPoP")
		kept := w.Stored(func(key table.Key) bool { return strings.HasPrefix(key.PK, "PROOF#") })
		if len(kept) != 1 {
			t.Fatalf("kept are %v", kept)
		}
		for key, item := range kept {
			if strings.Contains(interoptest.JSON(item)+key.PK, "canary") {
				t.Errorf("the jti is kept in %v", key)
			}
			if ttl, _ := item["ttl"].(float64); int64(ttl) <= ahead+60 || int64(ttl) > ahead+120 {
				t.Errorf("kept until %v, the proof is good until %d", item["ttl"], ahead+60)
			}
		}
	})
}

// TestNobodyElse: the tool is for the owner of the client, and says nothing of it to
// others.
func TestNobodyElse(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		for _, changes := range []object{nil, {"exp": 1}, {"purposeId": uuid.NewString()}} {
			body := form(w.assertion(p, changes), nil)
			w.Refused(w.examines(stranger, body), interop.NotTheClientOwner)
			w.Refused(w.examines(producer, body), interop.NotTheClientOwner)
		}
		forged := p
		forged.key = keys()[1]
		w.Refused(w.examines(stranger, form(w.assertion(forged, nil), nil)), interop.NotTheClientOwner)
		if got := found(w.examines(stranger, form(w.assertion(p, object{"sub": uuid.NewString()}), nil))); got != noKey {
			t.Errorf("of nobody's client the tool says %q", got)
		}
	})
}
