package issuer_test

import (
	"strings"
	"testing"

	"ciclo/shared/consumers"
)

// TestRegistrations sends registrations of keys that are allowed and such that are not.
func TestRegistrations(t *testing.T) {
	embedded(t, func(w *world) {
		at := keyPath(card, kid)
		scopes := []string{consumers.ScopeFull}
		good := jwk(keys()[0])
		with := func(changes set) string { return changed(set{"key": good, "scopes": scopes}, changes) }
		key := func(changes set) string {
			return `{"scopes":["d1-api:consumer:full"],"key":` + changed(good, changes) + `}`
		}
		for _, body := range []string{
			with(nil),
			with(set{"scopes": []string{consumers.ScopeRead}}),
			with(set{"scopes": consumers.Readers}),
			with(set{"scopes": []string{consumers.ScopeFull, consumers.ScopeRead}}),
			key(set{"use": "sig", "alg": "ES256", "kid": kid}),
			key(set{"kid": ""}),
		} {
			w.Want(w.As(operator, "PUT", at, body), 204)
		}
		x := good["x"].(string)
		for body, field := range badRegistrations(with, key, good) {
			res := w.As(operator, "PUT", at, body)
			if code := res.Text("errorCode"); res.Status != 400 || !strings.HasPrefix(code, "FIELD_INVALID_") ||
				!strings.Contains(res.Raw, `"`+field) && field != "" || strings.Contains(res.Raw, x) {
				w.Errorf("%s = %d, want a refusal of %s\n%s", body, res.Status, field, res.Raw)
			}
		}
		if got := w.listed(card, ""); strings.Count(got, ";") != 1 {
			w.Errorf("listed %s", got)
		}
	})
}

// badRegistrations returns bodies that are refused, each with the field that the refusal names.
// with and key return a good body with changes of its members or of its key.
func badRegistrations(with, key func(set) string, good set) map[string]string {
	x := good["x"].(string)
	y := good["y"].(string)
	scopes := []string{consumers.ScopeFull}
	scoped := func(value any) string { return with(set{"scopes": value}) }
	return map[string]string{
		with(set{"key": absent}):                       "body.key",
		with(set{"key": nil}):                          "body.key",
		with(set{"key": "-----BEGIN PUBLIC KEY-----"}): "body.key",
		with(set{"key": []any{good}}):                  "body.key",
		with(set{"key": set{}}):                        "body.key.",
		scoped(absent):                                 "body.scopes",
		scoped(nil):                                    "body.scopes",
		scoped([]string{}):                             "body.scopes",
		scoped(consumers.ScopeFull):                    "body.scopes",
		scoped([]string{consumers.ScopeFull, consumers.ScopeFull}):      "body.scopes",
		scoped([]string{"d1-api:account:full"}):                         "body.scopes",
		scoped([]string{consumers.ScopeFull, ""}):                       "body.scopes",
		scoped([]string{"operator"}):                                    "body.scopes",
		scoped([]string{both}):                                          "body.scopes",
		scoped([]any{7}):                                                "body.scopes",
		scoped([]string{consumers.ScopeFull, consumers.ScopeRead, "x"}): "body.scopes",
		with(set{"other": 1}):                                           "body",
		with(set{"Scopes": scopes}):                                     "body",
		with(set{"KEY": good}):                                          "body",
		key(set{"kty": "RSA"}):                                          "body.key.kty",
		key(set{"kty": absent}):                                         "body.key.kty",
		key(set{"crv": "P-384"}):                                        "body.key.crv",
		key(set{"crv": absent}):                                         "body.key.crv",
		key(set{"x": absent}):                                           "body.key.x",
		key(set{"y": absent}):                                           "body.key.y",
		key(set{"x": ""}):                                               "body.key.x",
		key(set{"x": x + "="}):                                          "body.key.x",
		key(set{"x": x[1:]}):                                            "body.key.x",
		key(set{"x": x + "A"}):                                          "body.key.x",
		key(set{"x": x + "\n"}):                                         "body.key.x",
		key(set{"x": 7}):                                                "body.key.x",
		key(set{"y": strings.Repeat("+", 43)}):                          "body.key.y",
		key(set{"y": y + "A"}):                                          "body.key.y",
		key(set{"x": y}):                                                "body.key",
		key(set{"x": strings.Repeat("A", 43), "y": strings.Repeat("A", 43)}): "body.key",
		key(set{"y": strings.Repeat("_", 42) + "8"}):                         "body.key",
		key(set{"x": x[:42] + "B"}):                                          "body.key",
		key(set{"use": "enc"}):                                               "body.key.use",
		key(set{"alg": "RS256"}):                                             "body.key.alg",
		key(set{"alg": "ES384"}):                                             "body.key.alg",
		key(set{"kid": "key-2"}):                                             "body.key.kid",
		key(set{"d": x}):                                                     "body.key.d",
		key(set{"k": x}):                                                     "body.key.k",
		key(set{"n": x, "e": "AQAB"}):                                        "body.key.",
		key(set{"X": x}):                                                     "body.key.X",
		key(set{"key_ops": []string{"sign"}}):                                "body.key.key_ops",
		"":                                                                   "", "null": "", "[]": "", "{}": "body.", "{": "", "1": "",
	}
}

// TestPaths sends ids of issuers and keys that are not valid, and pages that do not exist.
func TestPaths(t *testing.T) {
	embedded(t, func(w *world) {
		body := keyBody(keys()[0], consumers.ScopeFull)
		for _, good := range []string{"k", strings.Repeat("k", 64), "A_b-9", "k%2D1"} {
			w.Want(w.As(operator, "PUT", keyPath(card, good), body), 204)
			w.Want(w.As(operator, "DELETE", keyPath(card, good), ""), 204)
		}
		for _, bad := range []string{strings.Repeat("k", 65), "a.b", "a%20b", "a%2Fb", "a%23b", "%C3%A0", "a%0A", "a:b"} {
			w.Refused(bad, w.As(operator, "PUT", keyPath(card, bad), body), consumers.FieldInvalidFormat, "path.kid")
			w.Refused(bad, w.As(operator, "DELETE", keyPath(card, bad), ""), consumers.FieldInvalidFormat, "path.kid")
		}
		for _, bad := range []string{"ISSUER-01", "ISSUER-0001", "ISSUER%23001", "ISSUER.001"} {
			w.Refused(bad, w.As(operator, "PUT", keyPath(bad, kid), body), consumers.FieldInvalidFormat, "path.issuerId")
			w.Refused(bad, w.As(operator, "DELETE", keyPath(bad, kid), ""), consumers.FieldInvalidFormat, "path.issuerId")
			w.Refused(bad, w.As(operator, "GET", keysPath(bad), ""), consumers.FieldInvalidFormat, "path.issuerId")
		}
		for _, query := range []string{"offset=-1", "offset=x", "limit=0", "limit=51", "limit=", "limit=1&limit=2", "a=%zz"} {
			if res := w.As(operator, "GET", keysPath(card)+"?"+query, ""); res.Status != 400 {
				w.Errorf("%s = %d", query, res.Status)
			}
		}
	})
}
