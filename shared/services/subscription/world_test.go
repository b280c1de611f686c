package subscription_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// world is a deployment with the two users of subscriptions.
type world struct {
	*apitest.World
	testing.TB
	issuer  *subscription.Issuer
	checker *subscription.Checker
}

var schemas = []table.Schema{services.Table}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Each(t, schemas, nil, func(t *testing.T, base *apitest.World) { test(equipped(t, base)) })
}

// equipped opens the users of subscriptions in a world.
func equipped(t testing.TB, base *apitest.World) *world {
	t.Helper()
	sealer, err := local.Open("")
	if err != nil {
		t.Fatal(err)
	}
	base.Sealer = sealer
	w := &world{World: base, TB: t}
	w.issuer, w.checker = w.newIssuer(w.Deps()), w.newChecker(w.Deps())
	return w
}

func (w *world) newIssuer(deps api.Deps) *subscription.Issuer {
	w.Helper()
	issuer, err := subscription.NewIssuer(deps)
	if err != nil {
		w.Fatal(err)
	}
	return issuer
}

func (w *world) newChecker(deps api.Deps) *subscription.Checker {
	w.Helper()
	checker, err := subscription.NewChecker(deps)
	if err != nil {
		w.Fatal(err)
	}
	return checker
}

func (w *world) issue(r subscription.Request) *subscription.Issued {
	w.Helper()
	issued, err := w.issuer.Issue(w.Context(), r)
	if err != nil {
		w.Fatalf("issue %+v: %v", r, err)
	}
	for _, key := range []string{issued.PrimaryKey, issued.SecondaryKey} {
		if !regexp.MustCompile(subscription.KeyPattern).MatchString(key) {
			w.Errorf("API Gateway refuses a key of %s unseen", r.Owner)
		}
	}
	return issued
}

// caller is who the checker says that a key belongs to.
func (w *world) caller(key string) api.Identity {
	w.Helper()
	id, err := w.checker.Authenticate(w.Context(), key)
	if err != nil {
		w.Fatalf("authenticate: %v", err)
	}
	return id
}

// stored is the subscription of that id as it is stored.
func (w *world) stored(id string) *subscription.Subscription {
	w.Helper()
	item, err := w.DB.Get(w.Context(), subscription.Key(id))
	if err != nil {
		w.Fatal(err)
	}
	sub, err := table.As[subscription.Subscription](item)
	if err != nil || sub == nil {
		w.Fatalf("subscription %s: %v, %v", id, sub, err)
	}
	return sub
}

func (w *world) put(sub *subscription.Subscription) {
	w.Helper()
	if err := w.DB.Write(w.Context(), table.Put("subscription", subscription.Key(sub.ID), sub)); err != nil {
		w.Fatal(err)
	}
}

// ofService makes the subscription of a service, and returns its keys.
func (w *world) ofService(id, owner string) subscription.Keys {
	w.Helper()
	sub, keys, err := subscription.NewVault(w.Deps()).New(w.Context(), subscription.Subscription{
		ID: id, Owner: owner, Kind: services.KindService, Scopes: []string{"ApiMessageWrite"},
	})
	if err != nil {
		w.Fatal(err)
	}
	w.put(sub)
	return keys
}

// meeting is a DB whose reads wait for one another, so that everybody writes
// what follows from the same state.
type meeting struct {
	table.DB
	read func()
}

// Get implements table.DB.
func (m meeting) Get(ctx context.Context, key table.Key) (table.Item, error) {
	item, err := m.DB.Get(ctx, key)
	m.read()
	return item, err
}

func secretOf(key string) string {
	_, secret, _ := strings.Cut(key, ".")
	return secret
}
