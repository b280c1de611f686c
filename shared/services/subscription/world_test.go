package subscription_test

import (
	"regexp"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
	"ciclo/shared/services/subscription"
)

// suite has no operations: this package has an authorizer and a job.
var suite = servicestest.New()

// world is a deployment with the issuer and the checker of keys.
type world struct {
	*servicestest.World
	issuer  *subscription.Issuer
	checker *subscription.Checker
}

// each runs test in a new world on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(base *servicestest.World) { test(open(base)) })
}

// open opens the issuer and the checker of a deployment.
func open(base *servicestest.World) *world {
	base.Helper()
	w := &world{World: base}
	w.issuer = w.newIssuer(w.Deps())
	w.checker = w.newChecker(w.Deps())
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

// issue makes or changes the subscription that r describes.
func (w *world) issue(r subscription.Request) *subscription.Issued {
	w.Helper()
	issued, err := w.issuer.Issue(w.Context(), r)
	if err != nil {
		w.Fatalf("issue %+v: %v", r, err)
	}
	for _, key := range []string{issued.PrimaryKey, issued.SecondaryKey} {
		if !regexp.MustCompile(subscription.KeyPattern).MatchString(key) {
			w.Errorf("API Gateway would refuse a key of %s", r.Owner)
		}
	}
	return issued
}

// caller returns the caller that the checker finds for a key.
func (w *world) caller(key string) api.Identity {
	w.Helper()
	id, err := w.checker.Authenticate(w.Context(), key)
	if err != nil {
		w.Fatalf("authenticate: %v", err)
	}
	return id
}

// stored returns the stored subscription with that id.
func (w *world) stored(id string) *subscription.Subscription {
	w.Helper()
	return servicestest.Decode[subscription.Subscription](w.TB, w.Items(subscription.Key(id).PK)[0])
}

// put stores a subscription.
func (w *world) put(sub *subscription.Subscription) {
	w.Helper()
	if err := w.DB.Write(w.Context(), table.Put("subscription", subscription.Key(sub.ID), sub)); err != nil {
		w.Fatal(err)
	}
}

// serviceKeys stores the subscription of a service and returns its keys.
func (w *world) serviceKeys(id, owner string) subscription.Keys {
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

// secretOf returns the part of a key after its id.
func secretOf(key string) string {
	_, secret, _ := strings.Cut(key, ".")
	return secret
}
