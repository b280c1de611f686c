package consumer_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

var (
	stranger = apitest.Issuer("ISSUER-002", consumers.ScopeFull)
	nobody   *api.Identity
)

func aggregator(scope string, issuers ...string) *api.Identity {
	return &api.Identity{Subject: "aggregator", Tenants: issuers, Scopes: []string{scope}, Kind: "aggregator"}
}

func TestRoleMatrix(t *testing.T) {
	embedded(t, func(w *world) {
		w = w.withReuse() // so that what is deleted can be deleted again
		requests := w.fixture()
		const ok = 0
		named := &api.Identity{Subject: issuer, Tenants: []string{"ISSUER-002"}, Scopes: consumers.Writers}
		for _, role := range []struct {
			name        string
			as          *api.Identity
			read, write int
		}{
			{"no token", nobody, 401, 401},
			{"writer", writer, ok, ok},
			{"reader", reader, ok, 403},
			{"both scopes", apitest.Issuer(issuer, consumers.ScopeRead, consumers.ScopeFull), ok, ok},
			{"no scope", apitest.Issuer(issuer), 403, 403},
			{"scope of another resource", apitest.Issuer(issuer, "d1-api:account:full"), 403, 403},
			{"scope in other letters", apitest.Issuer(issuer, strings.ToUpper(consumers.ScopeFull)), 403, 403},
			{"stranger", stranger, 403, 403},
			{"aggregator of the issuer", aggregator(consumers.ScopeFull, "ISSUER-002", issuer), ok, ok},
			{"reading aggregator of the issuer", aggregator(consumers.ScopeRead, "ISSUER-002", issuer), ok, 403},
			{"aggregator of others", aggregator(consumers.ScopeFull, "ISSUER-002", "ISSUER-003"), 403, 403},
			{"aggregator named like the issuer", named, 403, 403},
		} {
			for id, r := range requests {
				want := role.read
				if r.writes() {
					want = role.write
				}
				if want == ok {
					want = r.Status
				}
				if id == "consumer/delete" {
					w.register("dan")
				}
				res := w.send(role.as, r)
				if res.Status != want {
					w.Errorf("%s as %s = %d, want %d\n%s", id, role.name, res.Status, want, res.Raw)
				}
				if challenge := res.Header.Get("WWW-Authenticate"); (res.Status == http.StatusUnauthorized) != (challenge == "Bearer") {
					w.Errorf("%s as %s = %d with WWW-Authenticate %q", id, role.name, res.Status, challenge)
				}
			}
		}
	})
}

// TestStrangersLearnNothing: with the token of another issuer the answers for ids that exist and
// for ids that do not are the same, byte for byte.
func TestStrangersLearnNothing(t *testing.T) {
	embedded(t, func(w *world) {
		absent := strings.NewReplacer("/ann", "/eve", `"ann"`, `"eve"`, "/dan", "/eve", "c1", "c9")
		for id, r := range w.fixture() {
			there := w.send(stranger, r, api.CorrelationHeader, "same")
			r.path = absent.Replace(r.path)
			r.body = absent.Replace(r.body)
			nothing := w.send(stranger, r, api.CorrelationHeader, "same")
			if there.Status != http.StatusForbidden || there.Raw != nothing.Raw || fmt.Sprint(there.Header) != fmt.Sprint(nothing.Header) {
				w.Errorf("%s tells what exists (%d %s) from what does not (%d %s)", id, there.Status, there.Raw, nothing.Status, nothing.Raw)
			}
		}
	})
}

// attempt is a request that breaks rules.
type attempt struct {
	route
	as          *api.Identity
	correlation string
}

// way breaks one rule; false when the route has no such rule.
type way func(*attempt) bool

// waysToBreak lists, in the order in which refusals come, how to provoke each.
func waysToBreak(late map[int]route) [][]way {
	other := func(status int) way {
		return func(a *attempt) bool {
			r, ok := late[status]
			a.path = r.path
			a.body = r.body
			return ok
		}
	}
	return [][]way{
		{func(a *attempt) bool { a.as = nobody; return true }},
		{
			func(a *attempt) bool { a.correlation = "a/b"; return true },
			func(a *attempt) bool { a.path = strings.Replace(a.path, issuer, "SHORT", 1); return true },
			func(a *attempt) bool { a.body = "["; return a.writes() },
		},
		{
			func(a *attempt) bool { a.as = stranger; return true },
			func(a *attempt) bool { a.as = reader; return a.writes() },
		},
		{other(http.StatusNotFound)},
		{other(http.StatusConflict)},
	}
}

// TestOrderOfRefusals breaks two rules in each request: the answer is the first one of 401, 400,
// 403, 404, 409.
func TestOrderOfRefusals(t *testing.T) {
	embedded(t, func(w *world) {
		requests := w.fixture()
		late := map[string]map[int]route{
			"consumer/register":       {409: {path: consumerPath("bob")}},
			"consumer/register-cards": {409: {path: consumerPath("eve") + "/cards", body: cardsBody("c1")}},
			"consumer/get":            {404: {path: consumerPath("eve")}},
			"consumer/list-accounts":  {404: {path: consumerPath("eve") + "/accounts"}},
			"consumer/list-cards":     {404: {path: consumerPath("eve") + "/cards"}},
			"consumer/delete":         {404: {path: consumerPath("eve") + "/operations:delete"}},
			"account/register": {
				404: {path: accountPath("acc-c1"), body: accountBody("eve")}, // the account is another consumer's, too
				409: {path: accountPath("acc-c1"), body: accountBody("dan")},
			},
			"card/get":             {404: {path: cardPath("c9")}},
			"digitalcard/register": {404: {path: digitalCardPath("c9", "d1")}, 409: {path: digitalCardPath("cid", "new")}},
			"operation/get":        {404: {path: consumerPath("ann") + "/operations/unknown"}},
		}
		for id, r := range requests {
			ways := waysToBreak(late[id])
			for i, status := range []int{401, 400, 403, 404, 409} {
				for _, first := range ways[i] {
					w.refusesFirst(r, status, first, first)
					for _, second := range slices.Concat(ways[i+1:]...) {
						w.refusesFirst(r, status, first, second)
					}
				}
			}
		}
	})
}

// refusesFirst breaks two rules; status is that of the first.
func (w *world) refusesFirst(r route, status int, first, second way) {
	w.Helper()
	a := attempt{route: r, as: writer, correlation: "fine"}
	// The second goes first: of two ways to set the same thing, the first counts.
	if !second(&a) || !first(&a) {
		return
	}
	res := w.send(a.as, a.route, api.CorrelationHeader, a.correlation)
	if res.Status != status {
		w.Errorf("%s %s %s = %d, want %d\n%s", r.ID, a.path, a.body, res.Status, status, res.Raw)
	}
}
