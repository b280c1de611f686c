package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/jose"
)

// TestSignatures checks digests and signatures, right and wrong ones.
func TestSignatures(t *testing.T) {
	t.Parallel()
	key, stranger := newKey(t), newKey(t)
	published, _ := jose.NewJWK(key.Public())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []jose.JWK{published}})
	}))
	defer server.Close()
	c := open(t)
	w := newWorld(server.URL, c, newReport(c))
	o := c.find(http.MethodPatch, thing)
	const body = `{}`
	sum := sha256.Sum256([]byte(body))
	digest := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
	sign := func(by *rsa.PrivateKey, headers ...map[string]string) string {
		t.Helper()
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"signed_headers": headers})
		token.Header["kid"] = jose.Thumbprint(by.Public())
		signed, err := token.SignedString(by)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	wrong := map[string]string{"x-correlation-id": "b"}
	all := []map[string]string{{"digest": digest}, {"x-correlation-id": "a"}}
	const where = "header Agid-JWT-Signature: "
	for name, one := range map[string]struct {
		digest, signature string
		want              []string
	}{
		"right":            {digest, sign(key, all...), nil},
		"of another body":  {"SHA-256=" + strings.Repeat("A", 43) + "=", "", []string{"header Digest: is not that of the body"}},
		"another header":   {digest, sign(key, all[0], wrong), []string{where + "it signs another x-correlation-id"}},
		"too few":          {digest, sign(key, all[0]), []string{where + "it signs too few headers"}},
		"another's key":    {digest, sign(stranger, all...), []string{where}},
		"broken signature": {digest, sign(key, all...) + "A", []string{where}},
	} {
		a := answered(200, "application/json", body, "Digest", one.digest, "X-Correlation-Id", "a", "Agid-JWT-Signature", one.signature)
		var got []string
		for _, f := range w.keys.check(t.Context(), w, o, a) {
			got = append(got, f.where+": "+f.why)
		}
		if !slices.EqualFunc(got, one.want, strings.HasPrefix) {
			t.Errorf("%s: found %q, want %q", name, got, one.want)
		}
	}
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestGateways tells the codes of the editions apart.
func TestGateways(t *testing.T) {
	t.Parallel()
	for code, want := range map[string][2]bool{"017-9999": {true, false}, "012-9999": {false, true}, "004-0017": {true, true}} {
		for i, isV3 := range []bool{true, false} {
			a := answered(400, "application/problem+json", `{"errors":[{"code":"`+code+`"}]}`, "X-Correlation-Id", "a")
			if got := len(checkGateway(isV3, a)) == 0; got != want[i] {
				t.Errorf("%s, v3 %t: %t, want %t", code, isV3, got, want[i])
			}
		}
	}
	for body, want := range map[string]int{`{}`: 0, `{"correlationId":"a"}`: 0, `{"correlationId":"b"}`: 1} {
		if got := checkGateway(true, answered(400, "application/problem+json", body, "X-Correlation-Id", "a")); len(got) != want {
			t.Errorf("%s: %v", body, got)
		}
	}
	if got := checkGateway(true, answered(200, "application/json", `{}`)); len(got) != 1 {
		t.Errorf("no correlation id: %v", got)
	}
}
