package jose_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"ciclo/shared/platform/jose"
)

func sha256Of(text []byte) string {
	sum := sha256.Sum256(text)
	return b64(sum[:])
}

// example is the token of RFC 7515 appendix A.3, in its parts, with its key.
const (
	exampleHeader    = "eyJhbGciOiJFUzI1NiJ9"
	examplePayload   = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	exampleSignature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	exampleToken     = exampleHeader + "." + examplePayload + "." + exampleSignature
	exampleX         = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
	exampleY         = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
)

func TestParseJWS(t *testing.T) {
	t.Parallel()
	token, faults := jose.ParseJWS(exampleToken)
	if faults != nil {
		t.Fatal(faults)
	}
	alg, _ := token.Header.Text("alg")
	iss, _ := token.Payload.Text("iss")
	if alg != "ES256" || iss != "joe" || string(token.Payload["exp"]) != "1300819380" || len(token.Payload) != 3 {
		t.Errorf("%v %v", token.Header, token.Payload)
	}
	if !jose.Verify(jose.NewP256(exampleX, exampleY), token.Signed, token.Signature) {
		t.Error("not verified")
	}
	other := keys().ec.Public()
	if jose.Verify(other, token.Signed, token.Signature) || jose.Verify(jose.NewP256(exampleX, exampleY), token.Signed+"x", token.Signature) {
		t.Error("verified by another key, or for another text")
	}
	for part, says := range map[string][]string{
		"":                                       {"three parts"},
		exampleToken + ".AA":                     {"three parts"},
		"..":                                     {"header", "payload", "signature"},
		exampleToken + "=":                       {"signature"},
		exampleHeader + ".W10.AA":                {"payload"},
		"bnVsbA.bnVsbA.AA":                       {"header", "payload"},
		exampleHeader + "._w.AA":                 {"payload"},
		b64([]byte("{\"\xff\":1}")) + ".e30.AA":  {"header"},
		b64([]byte(`{"a":1,"a":1}`)) + ".e30.AA": {"header"},
		exampleToken + strings.Repeat("A", 16<<10): {"16 KB"},
	} {
		_, faults := jose.ParseJWS(part)
		if len(faults) != len(says) {
			t.Errorf("%.40q: %q", part, faults)
			continue
		}
		for i, fault := range faults {
			if !strings.Contains(fault, says[i]) {
				t.Errorf("%.40q: %q, want it to say %s", part, fault, says[i])
			}
		}
	}
}

func TestSigning(t *testing.T) {
	t.Parallel()
	header, _ := jose.Decode(exampleHeader)
	payload, _ := jose.Decode(examplePayload)
	signature, _ := jose.Decode(exampleSignature)
	input := jose.SigningInput(header, payload, len(signature))
	if string(input) != exampleHeader+"."+examplePayload {
		t.Errorf("signed is %s", input)
	}
	if token := jose.AppendSignature(input, signature); token != exampleToken || cap(input) < len(token) {
		t.Errorf("the token is %s, with room for %d bytes", token, cap(input))
	}
}

// TestVerify: the tests of assertion and sign have more forged signatures.
func TestVerify(t *testing.T) {
	t.Parallel()
	digest := sha256.Sum256([]byte("text"))
	signature := must(rsa.SignPKCS1v15(nil, keys().rsa, crypto.SHA256, digest[:]))
	pss := must(rsa.SignPSS(rand.Reader, keys().rsa, crypto.SHA256, digest[:], nil))
	public := keys().rsa.Public()
	if !jose.Verify(public, "text", signature) || !jose.VerifyDigest(public, digest[:], signature) {
		t.Error("not verified")
	}
	point, _ := jose.Decode(exampleSignature)
	signed := exampleHeader + "." + examplePayload
	for _, changed := range [][]byte{nil, point[:63], append(slices.Clone(point), 0), append([]byte{0}, point...)} {
		if jose.Verify(jose.NewP256(exampleX, exampleY), signed, changed) {
			t.Errorf("%d bytes are a signature", len(changed))
		}
	}
	if jose.Verify(public, "texts", signature) || jose.Verify(public, "text", pss) {
		t.Error("another text, or another padding, is verified")
	}
	if jose.Verify(keys().ec.Public(), "text", signature) || jose.Verify(nil, "text", signature) {
		t.Error("verified by another key, or none")
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "A", "AQ==", "AQ\n", "A\rQ", "AR", "A+", "A/", "AQ ", "é", "AQIDB"} {
		if raw, ok := jose.Decode(text); ok || raw != nil {
			t.Errorf("%q is %v", text, raw)
		}
	}
	for _, text := range []string{"AQ", "AQ=", "AQ==", "AR"} {
		if raw, ok := jose.DecodeLenient(text); !ok || !bytes.Equal(raw, []byte{1}) {
			t.Errorf("%q is %v", text, raw)
		}
	}
	for _, text := range []string{"A", "A+", "=AQ", "AQ =", "AQIDB"} {
		if raw, ok := jose.DecodeLenient(text); ok || raw != nil {
			t.Errorf("%q is %v", text, raw)
		}
	}
}

func TestObjects(t *testing.T) {
	t.Parallel()
	o, ok := jose.ReadObject([]byte(`{"t":"a","e":"\u0061\"","n":null,"z":"","l":["a","b"],"m":["a",null],"i":1,"o":{"t":1,"t":2}}`))
	if !ok {
		t.Fatal("no object")
	}
	missing := slices.DeleteFunc(slices.Sorted(maps.Keys(o)), func(name string) bool { return !o.Missing(name) })
	if strings.Join(missing, "") != "nz" || !o.Missing("x") {
		t.Errorf("missing are %v", missing)
	}
	for name, want := range map[string]string{"t": "a", "e": `a"`, "z": ""} {
		if text, ok := o.Text(name); !ok || text != want {
			t.Errorf("%s is %q, %v", name, text, ok)
		}
	}
	for _, name := range []string{"n", "l", "i", "o", "x"} {
		if text, ok := o.Text(name); ok {
			t.Errorf("%s is %q", name, text)
		}
	}
	if texts, ok := o.Texts("l"); !ok || !slices.Equal(texts, []string{"a", "b"}) {
		t.Errorf("l is %q", texts)
	}
	for _, name := range []string{"m", "t", "n", "i", "x"} {
		if texts, ok := o.Texts(name); ok {
			t.Errorf("%s is %q", name, texts)
		}
	}
}

// FuzzReadObject compares with a reader that goes from name to name.
func FuzzReadObject(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":{"a":":"},"b":[{"a":1}]}`, `{"a":1,"a":1}`,
		`{"a":1,"\u0061":1}`, `{"\"":":","\\":"\\"}`, ` { "a" : 1 } `, `{"a":1}{}`, `null`, "{\"\xff\":1,\"\xfe\":2}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, ok := jose.ReadObject(raw)
		if want := json.Valid(raw) && distinctNames(raw); ok != want {
			t.Fatalf("%q is read: %v, want %v", raw, ok, want)
		}
		token := "e30." + b64(raw) + ".AA"
		if _, faults := jose.ParseJWS(token); len(token) <= 16<<10 && (faults == nil) != (ok && utf8.Valid(raw)) {
			t.Fatalf("%q in a token: %v", raw, faults)
		}
	})
}

// distinctNames reports whether raw begins with an object that has no name twice.
func distinctNames(raw []byte) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		text, ok := name.(string)
		if err != nil || !ok || seen[text] {
			return false
		}
		seen[text] = true
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
	}
	return true
}
