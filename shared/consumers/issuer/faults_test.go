package issuer_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// broken is a key that cannot sign.
type broken struct{ err error }

func (b broken) SignDigest(context.Context, []byte) ([]byte, error) { return nil, b.err }

// TestTokensThatCannotBeIssued requests tokens where a setting is missing or a part fails. The
// answer is a failure of the server, and the log has the cause.
func TestTokensThatCannotBeIssued(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		without := func(name string) func(*api.Deps) {
			return func(d *api.Deps) {
				setting := d.Setting
				d.Setting = func(asked string) string {
					if asked == name {
						return ""
					}
					return setting(asked)
				}
			}
		}
		by := func(err error) func(*api.Deps) {
			return func(d *api.Deps) { d.Signer = sign.New(broken{err}, signer().Keys()) }
		}
		const configure = "no token can be issued: a signer (SIGN_KEY_ID, SIGN_JWKS), SIGN_ISSUER and AUDIENCE must be set"
		for what, tc := range map[string]struct {
			change func(*api.Deps)
			status int
			code   string
			retry  string
			cause  string
		}{
			"nothing":           {func(*api.Deps) {}, 200, "", "", ""},
			"no signer":         {func(d *api.Deps) { d.Signer = nil }, 503, "SERVICE_UNAVAILABLE", "", configure},
			"no SIGN_ISSUER":    {without("SIGN_ISSUER"), 503, "SERVICE_UNAVAILABLE", "", configure},
			"no AUDIENCE":       {without("AUDIENCE"), 503, "SERVICE_UNAVAILABLE", "", configure},
			"signer is down":    {by(fmt.Errorf("down: %w", sign.ErrUnavailable)), 503, "SERVICE_UNAVAILABLE", "1", "signer is unavailable"},
			"signer is refused": {by(errors.New("access denied")), 500, "INTERNAL_ERROR", "", "access denied"},
			"signed otherwise":  {by(nil), 500, "INTERNAL_ERROR", "", "another key"},
			"no randomness": {
				func(d *api.Deps) { d.Entropy = iotest.ErrReader(io.ErrUnexpectedEOF) }, 500, "INTERNAL_ERROR", "",
				"id of a token",
			},
		} {
			deps := w.Deps()
			tc.change(&deps)
			h := must(api.NewHandler(deps, ops...))
			req := httptest.NewRequestWithContext(w.Context(), "POST", endpoint,
				strings.NewReader(changed(set{"grant_type": jwtGrant, "assertion": w.assertion(nil, nil)}, nil)))
			req.Header.Set("Content-Type", jsonType)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			lines := w.LogLines()
			line := lines[len(lines)-1]
			cause, _ := line["cause"].(string)
			if rec.Code != tc.status || rec.Header().Get("Retry-After") != tc.retry || !strings.Contains(cause, tc.cause) ||
				(cause == "") != (tc.cause == "") {
				w.Errorf("%s = %d, Retry-After %q, cause %q\n%s", what, rec.Code, rec.Header().Get("Retry-After"), cause, rec.Body)
			}
			text := rec.Body.String()
			if !strings.Contains(text, tc.code) || tc.status != 200 &&
				(strings.Contains(text, "SIGN_") || strings.Contains(text, "access_token") || tc.cause != "" && strings.Contains(text, tc.cause)) {
				w.Errorf("%s is answered with %s", what, text)
			}
		}
	})
}

// TestDamagedKeys requests tokens for stored keys that are not valid.
func TestDamagedKeys(t *testing.T) {
	embedded(t, func(w *world) {
		for what, item := range map[string]any{
			"not on the curve": struct {
				X string `dynamodbav:"x"`
				Y string `dynamodbav:"y"`
			}{strings.Repeat("A", 43), strings.Repeat("A", 43)},
			"empty":      struct{}{},
			"other kind": struct{ X int }{7},
		} {
			key := table.Key{Table: consumer.Consumers.Name, PK: "ISS#" + card + "#KEYS", SK: "KEY#" + kid}
			if err := w.Tap.DB.Write(w.Context(), table.Put("key", key, item)); err != nil {
				w.Fatal(err)
			}
			w.Refused(what, w.grant(w.assertion(nil, nil)), consumers.InternalError, "")
			lines := w.LogLines()
			if cause := lines[len(lines)-1]["cause"]; cause != "issuer: a stored key is not a point of P-256" {
				w.Errorf("%s is logged as %v", what, cause)
			}
		}
	})
}

// TestCosts compares the round trips and items of each operation with its budget.
func TestCosts(t *testing.T) {
	each(t, func(w *world) {
		cost := func(what string, trips, items float64, status int, send func() int) {
			w.Helper()
			got := send()
			lines := w.LogLines()
			last := lines[len(lines)-1]
			if got != status || last["roundTrips"] != trips || last["itemsRead"] != items {
				w.Errorf("%s = %d takes %v round trips and %v items, want %d, %v and %v", what, got, last["roundTrips"], last["itemsRead"], status,
					trips, items)
			}
		}
		as := func(method, path, body string) func() int {
			return func() int { return w.As(operator, method, path, body).Status }
		}
		grant := func(assertion string) func() int { return func() int { return w.grant(assertion).Status } }
		cost("register", 1, 0, 204, as("PUT", keyPath(card, kid), keyBody(keys()[0], consumers.ScopeFull)))
		cost("register again", 1, 0, 204, as("PUT", keyPath(card, kid), keyBody(keys()[0], consumers.ScopeFull)))
		cost("register another", 1, 0, 204, as("PUT", keyPath(card, "key-2"), keyBody(keys()[1], consumers.ScopeFull)))
		cost("list", 1, 2, 200, as("GET", keysPath(card), ""))
		cost("list of none", 1, 0, 200, as("GET", keysPath(other), ""))
		cost("token", 1, 1, 200, grant(w.assertion(nil, nil)))
		cost("token, wrong signature", 1, 1, 400, grant(w.assertion(set{"kid": "key-2"}, nil)))
		cost("token, unknown key", 1, 0, 400, grant(w.assertion(set{"kid": "key-3"}, nil)))
		cost("token, no assertion", 0, 0, 400, grant("x"))
		cost("delete", 1, 0, 204, as("DELETE", keyPath(card, kid), ""))
		cost("delete of none", 1, 0, 404, as("DELETE", keyPath(card, kid), ""))
	})
}

// TestListsAreConsistent: a list is a consistent read, so it has the keys registered before.
func TestListsAreConsistent(t *testing.T) {
	embedded(t, func(w *world) {
		queries := 0
		w.Tap.Set(func(c *hooked.Call) error {
			if queries++; c.Query == nil || !c.Query.Consistent || c.Query.Index != "" {
				w.Errorf("asks %+v", c.Query)
			}
			return c.Run()
		})
		if w.listed(card, ""); queries != 1 {
			w.Errorf("%d queries", queries)
		}
	})
}

// TestLogHygiene: no part of a key, an assertion or a token is logged.
func TestLogHygiene(t *testing.T) {
	embedded(t, func(w *world) {
		const secret = "Canary-kid"
		w.register(card, secret, keys()[0])
		var secrets []string
		note := func(token string) string {
			secrets = append(secrets, strings.Split(token, ".")...)
			return token
		}
		for _, key := range []*ecdsa.PrivateKey{keys()[0], keys()[1]} {
			for _, claims := range []set{nil, {"exp": 1}, {"iss": "Canary_001", "sub": "Canary_001"}, {"aud": "https://Canary.example"}} {
				assertion := note(signed(head(set{"kid": secret}), body(w.Clock.Now(), claims), key))
				for _, res := range []string{
					w.grant(assertion, "Authorization", "Bearer Canary").Text("access_token"),
					w.form(assertion).Text("access_token"),
				} {
					note(res)
				}
				w.Tap.Set(func(*hooked.Call) error { return hooked.ErrDown })
				w.grant(assertion)
				w.Tap.Set(nil)
			}
			jwk := jwk(key)
			secrets = append(secrets, jwk["x"].(string), jwk["y"].(string))
		}
		w.grant(secret)
		w.As(nil, "POST", endpoint, `{"grant_type":"`+secret+`","assertion":"x"}`)
		w.As(operator, "PUT", keyPath(card, secret), keyBody(keys()[1], secret))
		w.As(operator, "PUT", keyPath(card, secret+"!"), keyBody(keys()[1], consumers.ScopeFull))
		w.As(operator, "GET", keysPath(card)+"?offset="+secret, "")
		w.As(caller(card), "DELETE", keyPath(card, secret), "")
		w.As(operator, "DELETE", keyPath(card, secret), "")
		w.As(operator, "DELETE", keyPath(card, secret), "")
		log := w.Logged()
		for _, word := range append(secrets, "canary", "ops@example") {
			if word != "" && strings.Contains(strings.ToLower(log), strings.ToLower(word)) {
				w.Errorf("logged: %s", word)
			}
		}
		if got := strings.Count(log, "\n"); got < 30 {
			w.Errorf("the log has %d lines", got)
		}
		tenants := 0
		for _, line := range w.LogLines() {
			if line["tenant"] == card {
				tenants++
			}
		}
		if tenants != 3 { // the valid calls of the operator that change a key
			w.Errorf("%d lines name the tenant", tenants)
		}
	})
}
