package auth_test

import (
	"errors"
	"strings"
	"testing"

	"ciclo/shared/platform/auth"
)

// FuzzAuthenticate shows that no header but the ones we signed identifies
// anybody, that none panics, and that errors keep the token to themselves.
func FuzzAuthenticate(f *testing.F) {
	valid := map[string]bool{es256(head(nil), payload(nil)): true, rs256(payload(nil)): true}
	for token := range valid {
		f.Add("Bearer " + token)
		f.Add("bearer " + token[:len(token)-2])
	}
	f.Add("Bearer " + es256(head(set{"alg": "none"}), payload(nil)))
	f.Add("Bearer " + es256(head(nil), payload(set{"exp": 1e300, "aud": []any{1}, "issuers": []any{nil}})))
	f.Add("Bearer " + b64([]byte(`{"alg":"ES256","kid":"ec"}`)) + "." + b64([]byte(`{}`)) + ".AA")
	f.Add("Bearer a.b.c.d.e")
	fx := newFixture(f)
	f.Fuzz(func(t *testing.T, header string) {
		id, err := fx.Authenticate(t.Context(), header)
		scheme, token, _ := strings.Cut(header, " ")
		if err == nil {
			if !strings.EqualFold(scheme, "bearer") || !valid[token] || !id.Owns(tenant) {
				t.Fatalf("%q is %+v", header, id)
			}
			return
		}
		if !errors.Is(err, auth.ErrUnauthorized) {
			t.Fatalf("error is %v", err)
		}
		const longestWord = len("unauthorized")
		if len(token) > longestWord && strings.Contains(err.Error(), token) {
			t.Fatalf("error %q has the token", err)
		}
	})
}
