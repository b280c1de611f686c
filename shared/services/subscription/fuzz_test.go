package subscription_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/services/servicestest"
	"ciclo/shared/services/subscription"
)

// FuzzAuthenticate sends any value of the header: only issued keys identify a caller, the
// storage accepts the ids of the others, and errors do not contain the key.
func FuzzAuthenticate(f *testing.F) {
	w := open(suite.On(f, engine.Bolt(f, servicestest.Schemas)))
	deps := w.Deps()
	deps.Entropy = rand.NewChaCha8([32]byte{}) // the same keys in every process
	w.issuer = w.newIssuer(deps)
	owners := map[string]string{}
	for _, owner := range []string{"comune", "ente"} {
		issued := w.issue(subscription.Request{Owner: owner})
		owners[issued.PrimaryKey] = owner
		owners[issued.SecondaryKey] = owner
		for name, key := range invalidKeys(issued.PrimaryKey, issued.SecondaryKey) {
			if !strings.HasPrefix(name, "character") && len(key) < 1000 {
				f.Add(key)
			}
		}
		f.Add(issued.PrimaryKey)
		f.Add(issued.SecondaryKey)
	}
	f.Fuzz(func(t *testing.T, key string) {
		id, err := w.checker.Authenticate(t.Context(), key)
		if owner, known := owners[key]; known != (err == nil) || id.Subject != owner {
			t.Fatalf("%q is %+v, %v", key, id, err)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, subscription.ErrUnauthorized) {
			t.Fatalf("%q: %v", key, err)
		}
		if secret := secretOf(key); len(secret) > 20 && strings.Contains(err.Error(), secret) {
			t.Fatalf("error %q has the key", err)
		}
	})
}
