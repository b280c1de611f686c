package assertion_test

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/interop/assertion"
)

// refusal is a token and the failures that it has.
type refusal struct {
	name, token string
	want        []string
}

func refuse(name, token string, want ...string) refusal { return refusal{name, token, want} }

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tc := range slices.Concat(formCases(t), headerCases(), claimCases(), dateCases(), digestCases()) {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, failures := assertion.Parse(request(tc.token), expected)
			names(t, failures, tc.token, tc.want...)
			named := assertion.Assertion{ClientID: a.ClientID, PurposeID: a.PurposeID, Kid: a.Kid, JTI: a.JTI, Alg: a.Alg}
			if diff := cmp.Diff(named, a, cmpopts.IgnoreUnexported(a)); diff != "" {
				t.Errorf("more than it names came with the failures: %s", diff)
			}
			if len(a.ClientID)%36 != 0 || len(a.PurposeID)%36 != 0 || len(a.Kid)%43 != 0 {
				t.Errorf("it names %q, %q, %q", a.ClientID, a.PurposeID, a.Kid)
			}
			if verify(a, keys().ec.Public(), "ES256", now) == nil {
				t.Error("it is to be believed")
			}
		})
	}
}

// formCases are texts that are no token: the same for an assertion and a proof.
func formCases(t *testing.T) []refusal {
	t.Helper()
	header, payload := head(nil), claims(nil)
	token := es256(header, payload)
	p := strings.Split(token, ".")
	raw := func(name, h, p string) refusal { return refuse(name, es256(h, p), format) }
	padded := base64.URLEncoding.EncodeToString([]byte(header + strings.Repeat(" ", 4-len(header)%3)))
	return []refusal{
		refuse("nothing", "", format),
		refuse("a word", "token", format),
		refuse("one byte too long", longToken(t, 16<<10+1), format),
		refuse("64 KB", es256(header, claims(set{"pad": strings.Repeat("p", 48<<10)})), format),
		refuse("two parts", p[0]+"."+p[1], format),
		refuse("four parts", token+"."+p[2], format),
		refuse("encrypted, five parts", b64([]byte(`{"alg":"RSA-OAEP","enc":"A256GCM","cty":"JWT"}`))+".AA.AA.AA.AA", format),
		refuse("nested", es256(head(set{"cty": "JWT"}), token), format),
		refuse("only dots", "..", format, format, format),
		refuse("empty header", "."+p[1]+"."+p[2], format),
		refuse("empty payload", p[0]+".."+p[2], format),
		refuse("empty signature", p[0]+"."+p[1]+".", format),
		refuse("unsigned", b64([]byte(head(set{"alg": "none"})))+"."+p[1]+".", format),
		refuse("Bearer before", "Bearer "+token, format),
		refuse("space before", " "+token, format),
		refuse("line break after", token+"\n", format),
		refuse("carriage return inside", p[0]+"."+p[1][:8]+"\r"+p[1][8:]+"."+p[2], format),
		refuse("line break inside", p[0]+"."+p[1][:8]+"\n"+p[1][8:]+"."+p[2], format),
		refuse("zero byte inside", p[0]+".\x00"+p[1]+"."+p[2], format),
		refuse("padded header", padded+"."+p[1]+"."+p[2], format),
		refuse("padded signature", token+"==", format),
		refuse("other base64 alphabet", p[0]+"."+p[1]+".+/"+p[2][2:], format),
		refuse("percent-encoded", strings.ReplaceAll(token, ".", "%2E"), format),
		refuse("impossible base64 length", p[0]+".A."+p[2], format),
		refuse("loose bits in base64", token[:len(token)-1]+looser(token[len(token)-1]), format),
		raw("header is no JSON", header[:len(header)-1], payload),
		raw("header is an array", `["ES256"]`, payload),
		raw("header is null", `null`, payload),
		raw("more after the header", header+"{}", payload),
		raw("payload is no JSON", header, payload[:len(payload)-1]),
		raw("payload is an array", header, "["+payload+"]"),
		raw("payload is a text", header, `"text"`),
		raw("payload is a number", header, `7`),
		raw("payload is null", header, `null`),
		raw("payload is deep", header, `{"aud":`+strings.Repeat("[", 11000)),
		raw("more after the payload", header, payload+payload),
		raw("a comma too many", header, payload[:len(payload)-1]+",}"),
		raw("payload is no UTF-8", header, strings.Replace(payload, "one of many", "\xff", 1)),
		raw("alg twice", `{"alg":"none",`+header[1:], payload),
		raw("kid twice", header[:len(header)-1]+`,"kid":"x"}`, payload),
		raw("sub twice", header, `{"sub":"x",`+payload[1:]),
		raw("sub twice, once escaped", header, `{"s\u0075b":"x",`+payload[1:]),
		raw("exp twice", header, payload[:len(payload)-1]+`,"exp":1777889700}`),
		refuse("header and payload are none", es256(`[]`, `[]`), format, format),
	}
}

// looser is the base64 character that differs from c in a bit beyond the last byte.
func looser(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}

func headerCases() []refusal {
	var cases []refusal
	with := func(name string, changes set, want ...string) {
		cases = append(cases, refuse(name, es256(head(changes), claims(nil)), want...))
	}
	with("kid missing", set{"kid": absent}, "kidNotFound")
	with("kid empty", set{"kid": ""}, "kidNotFound")
	with("kid is null", set{"kid": nil}, "kidNotFound")
	for _, v := range []any{
		7, true,
		[]string{kid},
		set{"kid": kid},
		kid[1:], kid + "x", kid[1:] + "\n", kid[1:] + " ", kid[1:] + "é", kid[2:] + "\u00e9",
		"../../../../../../../../../../../../dev/null1",
	} {
		with("kid "+show(v), set{"kid": v}, badKid)
	}
	with("alg missing", set{"alg": absent}, "algorithmNotFound")
	with("alg empty", set{"alg": ""}, "algorithmNotFound")
	with("alg is null", set{"alg": nil}, "algorithmNotFound")
	for _, v := range []any{
		"none", "None", "nOnE", "HS256", "HS512", "RS384", "RS512", "PS256", "ES384", "ES256K", "EdDSA",
		"es256", "ES256 ", "RSA-OAEP", 256,
		[]string{"ES256"},
	} {
		with("alg "+show(v), set{"alg": v}, badAlg)
	}
	for _, v := range []any{"", nil, 7, "at+jwt", "dpop+jwt", "JWT ", []string{"JWT"}} {
		with("typ "+show(v), set{"typ": v}, strict)
	}
	for name, v := range (set{
		"crit": []string{"exp"}, "b64": false, "jku": "https://evil.example/jwks", "x5u": "https://evil.example/cert",
		"x5c": []string{"AAAA"}, "x5t": "secret", "jwk": jwk(keys().ec.Public(), nil), "cty": "JWT", "zip": "DEF", "nonce": "n", "ALG": "ES256",
		"": 1, "a name with spaces": 1,
	}) {
		with("header with "+name, set{name: v}, strict)
	}
	with("all of the header", set{"kid": absent, "alg": absent, "typ": 1, "jku": 1}, "kidNotFound", "algorithmNotFound", strict, strict)
	return cases
}

func claimCases() []refusal {
	var cases []refusal
	with := func(name string, changes set, want ...string) {
		cases = append(cases, refuse(name, es256(head(nil), claims(changes)), want...))
	}
	for claim, missing := range map[string]string{"jti": "jtiNotFound", "iss": "issuerNotFound", "sub": "subjectNotFound", "aud": noAud} {
		for _, v := range []any{absent, "", nil} {
			with(claim+" missing "+show(v), set{claim: v}, missing)
		}
	}
	for _, v := range []any{7, true, []string{"x"}, set{"x": 1}} {
		with("jti "+show(v), set{"jti": v}, strict)
		with("iss "+show(v), set{"iss": v}, strict)
		with("sub "+show(v), set{"sub": v}, badSub)
		with("aud "+show(v), set{"aud": v}, badAud)
		with("purposeId "+show(v), set{"purposeId": v}, badID)
	}
	for _, v := range []string{
		"x", client[1:], client + "0", strings.ReplaceAll(client, "-", ""),
		"{" + client + "}", "g" + client[1:], client + "\n",
	} {
		with("sub "+strconv.Quote(v), set{"sub": v}, badSub)
		with("purposeId "+strconv.Quote(v), set{"purposeId": v}, badID)
	}
	with("sub is another client", set{"sub": purpose}, otherSub)
	with("purposeId empty", set{"purposeId": ""}, badID)
	with("purposeId null", set{"purposeId": nil}, badID)
	for _, v := range []any{
		"https://other.example", audience + "/", strings.ToUpper(audience), "x " + audience,
		[]string{},
		[]string{"x"},
		[]string{""},
		[]any{audience, 7},
		[]any{audience, nil},
		[][]string{{audience}},
		set{audience: true},
	} {
		with("aud "+show(v), set{"aud": v}, badAud)
	}
	for _, name := range []string{"scope", "client_id", "cnf", "SUB", "purposeid", "", "a.b", strings.Repeat("n", 33), "à"} {
		with("payload with "+name, set{name: 1}, strict)
	}
	with("payload with two more", set{"scope": 1, "other": 1}, strict)
	for _, v := range []any{"1", -1, true, nil, ""} {
		with("nbf "+show(v), set{"nbf": v}, strict)
	}
	with(
		"all that can be missing",
		set{
			"jti": absent, "iat": absent, "exp": absent, "iss": absent,
			"sub": absent, "aud": absent, "purposeId": absent,
		},
		"jtiNotFound", "issuedAtNotFound", "expNotFound", "issuerNotFound", "subjectNotFound", noAud,
	)
	cases = append(cases, refuse("everything, in order", es256(
		object(set{}, set{"kid": 1, "alg": "none", "typ": "x", "crit": 1}),
		object(set{}, set{
			"jti": 1, "iat": "1", "exp": -1.5, "iss": 1, "sub": 1, "purposeId": 1, "aud": 1,
			"digest": set{"alg": "MD5", "value": "x"}, "scope": 1,
		}),
	), strict, strict, strict, strict, badSub, badID, badKid, badAud, badAlg,
		"invalidHashLength", "invalidHashAlgorithm", strict, strict, strict))
	return cases
}

func dateCases() []refusal {
	var cases []refusal
	for claim, missing := range map[string]string{"iat": "issuedAtNotFound", "exp": "expNotFound"} {
		with := func(text string, want string) {
			payload := strings.Replace(claims(set{claim: "HERE"}), `"HERE"`, text, 1)
			cases = append(cases, refuse(claim+" "+text, es256(head(nil), payload), want))
		}
		for _, text := range []string{`null`, `""`, `0`, `-0`, `0.0`, `0e9`, `0.9`} {
			with(text, missing)
		}
		for _, text := range []string{
			`"1777889700"`, `"1777889700.5"`, `-1`, `-0.5`, `-1777889700`, `253402300800`, `1777889700000`,
			`9223372036854775807`, `9223372036854775808`, `18446744073709551617`, `1e300`, `1e999`, `true`, `false`, `[1777889700]`, `{}`,
		} {
			with(text, strict)
		}
		cases = append(cases, refuse(claim+" missing", es256(head(nil), claims(set{claim: absent})), missing))
	}
	return cases
}

func digestCases() []refusal {
	var cases []refusal
	with := func(name string, digest any, want ...string) {
		cases = append(cases, refuse("digest "+name, es256(head(nil), claims(set{"digest": digest})), want...))
	}
	with("is a text", hash, badHash)
	with("is empty", "", badHash)
	with("is a number", 0, badHash)
	with("is false", false, badHash)
	with("is an array", []string{"SHA256", hash}, badHash)
	with("is an empty object", set{}, badHash)
	with("without alg", set{"value": hash}, badHash)
	with("without value", set{"alg": "SHA256"}, badHash)
	with("with more", set{"alg": "SHA256", "value": hash, "kid": 1}, badHash)
	with("value is a number", set{"alg": "SHA256", "value": 1}, badHash)
	with("value is null", set{"alg": "SHA256", "value": nil}, badHash)
	with("alg is a number", set{"alg": 256, "value": hash}, badHash)
	with("of 63", set{"alg": "SHA256", "value": hash[1:]}, "invalidHashLength")
	with("of 65", set{"alg": "SHA256", "value": hash + "0"}, "invalidHashLength")
	with("of 64 bytes, 32 letters", set{"alg": "SHA256", "value": strings.Repeat("è", 32)}, "invalidHashLength")
	with("of nothing", set{"alg": "SHA256", "value": ""}, "invalidHashLength")
	with("of SHA-256", set{"alg": "SHA-256", "value": hash}, "invalidHashAlgorithm")
	with("of sha256", set{"alg": "sha256", "value": hash}, "invalidHashAlgorithm")
	with("of nothing by nothing", set{"alg": "", "value": ""}, "invalidHashLength", "invalidHashAlgorithm")
	twice := strings.Replace(claims(set{"digest": "HERE"}), `"HERE"`, `{"alg":"SHA256","value":"`+hash+`","alg":"SHA256"}`, 1)
	return append(cases, refuse("digest with alg twice", es256(head(nil), twice), badHash))
}
