package debug

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestDecodeToken decodes what may be pasted: tokens, and what is none.
func TestDecodeToken(t *testing.T) {
	t.Parallel()
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	good := decodeToken(part(`{"kid":"k","alg":"RS256"}`) + "." + part(`{"sub":"s","iat":1700000000,"exp":1.7e9,"n":1}`) + ".x")
	if good == nil || good.Kid() != "k" || good.claim("sub") != "s" || good.claim("n") != "" || good.claim("none") != "" ||
		good.Issued() != "2023-11-14T22:13:20Z" || good.Expires() != good.Issued() || !strings.Contains(good.Header, "\n  \"kid\": \"k\"") {
		t.Errorf("decoded is %+v", good)
	}
	for _, text := range []string{"", "a", "a.b", "a.b.c.d", "!.!.!", part("{}") + ".%.x", "é.é.é"} {
		if got := decodeToken(text); got != nil {
			t.Errorf("%q is decoded: %+v", text, got)
		}
	}
	for _, payload := range []string{"[]", "null", "7", `"x"`, "no JSON", "\xff\xfe", `{"iat":"soon","exp":1e300}`, `{"exp":-1}`} {
		got := decodeToken(part("{}") + "." + part(payload) + ".")
		if got == nil || got.claim("sub") != "" || got.Issued() != "" || got.Expires() != "" || got.Kid() != "" {
			t.Errorf("%q is decoded as %+v", payload, got)
		}
	}
	var none *token
	if none.claim("sub") != "" {
		t.Error("no token has a claim")
	}
}
