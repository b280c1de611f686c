package voucher_test

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// changeClient makes a random change of an API client, and returns the role that its access
// tokens have from then on.
func (a *randomTest) changeClient(role string, admins []string) string {
	a.Helper()
	switch admin := admins[a.IntN(len(admins))]; a.IntN(12) {
	case 0:
		a.As(consumer, "DELETE", a.path+"/keys/"+a.kid, "")
	case 1, 2, 3:
		a.restoreKey()
	case 4, 5:
		if a.As(consumer, "POST", a.path+"/admin", `{"adminId":"`+admin+`"}`).Status == 200 {
			return "m2m-admin"
		}
	case 6:
		if a.As(consumer, "DELETE", a.path+"/admin/"+admin, "").Status == 200 {
			return "m2m"
		}
	}
	return role
}

// TestRandomAPIRequests sends random requests of API clients to the tool and to the endpoint
// while keys and admins change at random. Both agree, and the access tokens have the role that
// the client has by then.
func TestRandomAPIRequests(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		outcomes := map[string]int{}
		admins := []string{w.newAdmin(), w.newAdmin()}
		for seed := range w.byEngine(4, 1) {
			random := rand.New(rand.NewPCG(uint64(seed), 9))
			a := &randomTest{world: w, Rand: random, requester: w.newAPIRequester(keys()[0]), tally: map[string]int{}}
			role := "m2m"
			for n := range w.byEngine(130, 50) {
				w.Clock.Advance(time.Millisecond)
				role = a.changeClient(role, admins)
				outcomes[a.requestBoth()]++
				if len(a.keyFaults()) == 0 {
					if got := w.roleOf(w.issue(form(w.assertion(a.requester, nil), nil))); got != role {
						t.Errorf("the role is %s, want %s", got, role)
					}
					a.tally["ISSUED"]++
				}
				if t.Failed() {
					t.Fatalf("request %d of seed %d", n, seed)
				}
			}
			if got := w.countDecisions(a.requester); !maps.Equal(got, a.tally) {
				t.Errorf("the events are %v, want %v", got, a.tally)
			}
			a.As(consumer, "DELETE", a.path, "")
		}
		if len(outcomes) < w.byEngine(15, 5) || outcomes["Bearer"] < w.byEngine(50, 2) || outcomes["DPoP"] < w.byEngine(20, 1) ||
			outcomes[hasPurposeID] < w.byEngine(1, 0) {
			t.Errorf("the outcomes are %v", outcomes)
		}
	})
}

// byEngine returns the number for the engine of the test. DynamoDB Local is slow.
func (w *world) byEngine(embedded, local int) int {
	if strings.Contains(w.Name(), "/dynamodb") {
		return local
	}
	return embedded
}
