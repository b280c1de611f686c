package issuer_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
)

// TestStory follows a key from its registration to its end.
func TestStory(t *testing.T) {
	each(t, func(w *world) {
		first, second := jwk(keys()[0]), jwk(keys()[1])
		w.refused("an assertion before", w.grant(w.assertion(nil, nil)), consumers.InvalidGrant, "not signed by a key")
		w.register(card, kid, keys()[0])
		w.register(card, kid, keys()[0])
		if got, want := w.listed(card, ""), fmt.Sprintf("key-1 [%s] %s; 0 more", both, first["x"]); got != want {
			w.Errorf("listed %s, want %s", got, want)
		}
		for name, res := range map[string]func() string{
			"form": func() string { return w.want(w.form(w.assertion(nil, nil)), 200).Raw },
			"JSON": func() string { return w.want(w.grant(w.assertion(nil, nil)), 200).Raw },
		} {
			if raw := res(); !strings.Contains(raw, `"access_token"`) {
				w.Errorf("%s: %s", name, raw)
			}
		}
		// Another key in its place, for less.
		w.want(w.as(operator, "PUT", keyPath(card, kid), keyBody(keys()[1], consumers.ScopeRead)), 204)
		w.refused("the first key's", w.grant(w.assertion(nil, nil)), consumers.InvalidGrant, "not signed by a key")
		res := w.want(w.grant(signed(head(nil), body(w.Clock.Now(), nil), keys()[1])), 200)
		if res.Text("scope") != consumers.ScopeRead {
			w.Errorf("the second key's token is for %q", res.Text("scope"))
		}
		if got, want := w.listed(card, ""), fmt.Sprintf("key-1 [%s] %s; 0 more", consumers.ScopeRead, second["x"]); got != want {
			w.Errorf("listed %s, want %s", got, want)
		}
		w.want(w.as(operator, "DELETE", keyPath(card, kid), ""), 204)
		w.refused("its end again", w.as(operator, "DELETE", keyPath(card, kid), ""), consumers.IssuerKeyNotFound, "no key with this kid")
		w.refused("an assertion after", w.grant(signed(head(nil), body(w.Clock.Now(), nil), keys()[1])), consumers.InvalidGrant, "not signed by a key")
		if got := w.listed(card, ""); got != "0 more" {
			w.Errorf("listed %s", got)
		}
	})
}

// TestTokens looks at everything in an answer.
func TestTokens(t *testing.T) {
	embedded(t, func(w *world) {
		w.register(card, kid, keys()[0])
		ids := map[any]bool{}
		for range 2 { // the same assertion
			assertion := w.assertion(nil, nil)
			res := w.want(w.grant(assertion), 200)
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				w.Errorf("Cache-Control is %q", got)
			}
			token := res.Text("access_token")
			want := set{"access_token": token, "token_type": "Bearer", "expires_in": 900.0, "scope": both}
			if diff := cmp.Diff(want, res.Body); diff != "" {
				w.Error(diff)
			}
			claims := claimsOf(w.TB, token)
			now := float64(w.Clock.Now().Unix())
			ids[claims["jti"]] = true
			delete(claims, "jti")
			want = set{"iss": url0 + "/oauth2", "aud": audience, "sub": card, "scope": both, "iat": now, "exp": now + 900}
			if diff := cmp.Diff(want, claims); diff != "" {
				w.Error(diff)
			}
		}
		if len(ids) != 2 || ids[nil] {
			w.Errorf("the jti are %v", ids)
		}
	})
}

// provider is whoever gives out the operator's tokens: keys at a URL, and a signer.
func provider(t testing.TB) (string, *sign.Signer) {
	t.Helper()
	s := must(local.Open(""))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.Keys().JWKS()) }))
	t.Cleanup(server.Close)
	return server.URL, s
}

// TestEndToEnd goes from a key that the operator registers to a consumer, with the
// authorizer in between.
func TestEndToEnd(t *testing.T) {
	embedded(t, func(w *world) {
		w.Clock.Set(time.Now()) //nolint:forbidigo // FromEnv has no other
		jwksURL, idp := provider(w.TB)
		env := map[string]string{
			"ISSUER_URL": "https://idp.example", "JWKS_URL": jwksURL, "AUDIENCE": audience, "OPERATOR_CLAIM": "role=operator", "PREWARM": "off",
			"SIGN_ISSUER": url0, "SIGN_JWKS": string(signer().Keys().JWKS()), "SIGN_AUDIENCE": "https://m2m.example",
		}
		bearer := must(auth.FromEnv(func(name string) string { return env[name] }, consumers.Callers(), nil))
		caller := func(token string) *api.Identity {
			w.Helper()
			id, err := bearer.Authenticate(w.Context(), "Bearer "+token)
			if err != nil {
				w.Fatal(err)
			}
			return &id
		}
		later := w.Clock.Now().Add(time.Minute).Unix()
		ops := caller(must(idp.Sign(w.Context(), "at+jwt", set{"iss": "https://idp.example", "aud": audience, "sub": "ops", "role": "operator", "exp": later})))
		w.want(w.as(ops, "PUT", keyPath(card, kid), keyBody(keys()[0], consumers.ScopeFull)), 204)
		w.want(w.as(ops, "PUT", keyPath(other, kid), keyBody(keys()[1], consumers.ScopeRead)), 204)

		full := caller(w.want(w.form(w.assertion(nil, nil)), 200).Text("access_token"))
		read := caller(w.want(w.grant(signed(head(nil), body(w.Clock.Now(), set{"iss": other, "sub": other}), keys()[1])), 200).Text("access_token"))
		for _, tc := range []struct {
			who          string
			as           *api.Identity
			method, path string
			status       int
		}{
			{"issuer", full, "PUT", "/issuers/" + card + "/consumers/ann", 204},
			{"issuer", full, "GET", "/issuers/" + card + "/consumers/ann", 200},
			{"issuer on another's path", full, "PUT", "/issuers/" + other + "/consumers/ann", 403},
			{"issuer on another's path", full, "GET", "/issuers/" + other + "/consumers/ann", 403},
			{"issuer on its keys", full, "GET", keysPath(card), 403},
			{"issuer on its keys", full, "DELETE", keyPath(card, kid), 403},
			{"reader", read, "PUT", "/issuers/" + other + "/consumers/ann", 403},
			{"reader", read, "GET", "/issuers/" + other + "/consumers/ann", 404},
			{"reader on another's path", read, "GET", "/issuers/" + card + "/consumers/ann", 403},
			{"operator on a consumer", ops, "GET", "/issuers/" + card + "/consumers/ann", 403},
			{"operator on a consumer", ops, "PUT", "/issuers/" + card + "/consumers/ann", 403},
			{"operator on keys", ops, "GET", keysPath(card), 200},
		} {
			if res := w.as(tc.as, tc.method, tc.path, ""); res.Status != tc.status {
				w.Errorf("%s: %s %s = %d, want %d\n%s", tc.who, tc.method, tc.path, res.Status, tc.status, res.Raw)
			}
		}
	})
}

// TestKeysApart registers keys for two issuers under one kid, and consumers beside
// them: nobody sees the other's.
func TestKeysApart(t *testing.T) {
	each(t, func(w *world) {
		w.register(card, kid, keys()[0])
		w.register(other, kid, keys()[1])
		w.register(other, "CONSUMER", keys()[2])
		for _, id := range []string{"KEYS", "KEY", kid} {
			w.want(w.as(caller(card), "PUT", "/issuers/"+card+"/consumers/"+id+"/cards", `{"cards":[{"cardId":"`+id+`"}]}`), 204)
		}
		if got := w.listed(card, ""); strings.Count(got, ";") != 1 {
			w.Errorf("listed %s", got)
		}
		if got := w.listed(other, ""); !strings.HasPrefix(got, "CONSUMER ") || strings.Count(got, ";") != 2 {
			w.Errorf("listed %s", got)
		}
		ofOther := set{"iss": other, "sub": other}
		w.refused("one's key for the other", w.grant(w.assertion(nil, ofOther)), consumers.InvalidGrant, "not signed by a key")
		w.refused("a key under another kid", w.grant(w.assertion(set{"kid": "CONSUMER"}, ofOther)), consumers.InvalidGrant, "not signed by a key")
		if got := claimsOf(w.TB, w.want(w.grant(signed(head(nil), body(w.Clock.Now(), ofOther), keys()[1])), 200).Text("access_token"))["sub"]; got != other {
			w.Errorf("a token of %v", got)
		}
		// The worker of consumers sees keys come and go, too.
		handle := must(consumer.Cascade.Start(w.Deps()))
		key := table.Key{Table: consumer.Consumers.Name, PK: "ISS#" + other + "#KEYS", SK: "KEY#CONSUMER"}
		item := must(w.tap.DB.Get(w.Context(), key))
		if item == nil {
			w.Fatal("the key is elsewhere")
		}
		for _, change := range []table.Change{{Key: key, New: item}, {Key: key, Old: item, New: item}, {Key: key, Old: item}} {
			if err := handle(w.Context(), change); err != nil {
				w.Error(err)
			}
		}
	})
}

// TestPages reads keys by pages.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		for i := range 12 {
			w.register(card, fmt.Sprintf("k%02d", i), keys()[0])
		}
		for query, want := range map[string]struct {
			first string
			n     int
			more  float64
		}{
			"": {"k00", 10, 2}, "?limit=1": {"k00", 1, 11}, "?offset=10": {"k10", 2, 0}, "?offset=11&limit=1": {"k11", 1, 0},
			"?offset=3&limit=4": {"k03", 4, 5}, "?limit=50": {"k00", 12, 0}, "?offset=12": {"", 0, 0}, "?offset=100": {"", 0, 0},
		} {
			res := w.want(w.as(operator, "GET", keysPath(card)+query, ""), 200)
			all := res.Body["keys"].([]any)
			first := ""
			if len(all) > 0 {
				first = all[0].(set)["kid"].(string)
			}
			if first != want.first || len(all) != want.n || res.Body["remainingKeys"] != want.more {
				w.Errorf("%s lists %d from %q and %v more, want %+v", query, len(all), first, res.Body["remainingKeys"], want)
			}
		}
		res := w.want(w.as(operator, "GET", keysPath(card)+"?limit=1", ""), 200)
		want := []any{set{"kid": "k00", "key": jwk(keys()[0]), "scopes": []any{consumers.ScopeFull, consumers.ScopeRead}}}
		if diff := cmp.Diff(want, res.Body["keys"]); diff != "" {
			w.Error(diff)
		}
	})
}

// TestRaces registers and removes at once.
func TestRaces(t *testing.T) {
	each(t, func(w *world) {
		at := func(n int, call func(i int) int) map[int]int {
			count, mu := map[int]int{}, sync.Mutex{}
			var racing sync.WaitGroup
			for i := range n {
				racing.Go(func() {
					status := call(i)
					mu.Lock()
					defer mu.Unlock()
					count[status]++
				})
			}
			racing.Wait()
			return count
		}
		got := at(64, func(i int) int {
			return w.as(operator, "PUT", keyPath(card, kid), keyBody(keys()[i%3], consumers.Readers[i%2])).Status
		})
		if got[204] != 64 || strings.Count(w.listed(card, ""), ";") != 1 {
			w.Errorf("registered at once: %v, %s", got, w.listed(card, ""))
		}
		got = at(64, func(int) int { return w.as(operator, "DELETE", keyPath(card, kid), "").Status })
		if got[204] != 1 || got[404] != 63 {
			w.Errorf("removed at once: %v", got)
		}
		// Who asks while keys change has a token of the one or the other, or none.
		w.register(card, kid, keys()[0])
		got = at(32, func(i int) int {
			if i%2 == 0 {
				return w.as(operator, "PUT", keyPath(card, kid), keyBody(keys()[0], consumers.Readers[i/2%2])).Status
			}
			res := w.grant(w.assertion(nil, nil))
			if scope := res.Text("scope"); scope != both && scope != consumers.ScopeFull && scope != consumers.ScopeRead {
				w.Errorf("scope %q", scope)
			}
			return res.Status
		})
		if got[204] != 16 || got[200] != 16 {
			w.Errorf("tokens while keys change: %v", got)
		}
	})
}
