package walk_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// TestChallenges calls every operation that takes a credential without an identity: the
// 401 names the scheme, says that a token was refused only where one was sent, and is
// kept by no cache (RFC 6750 §3.1).
func TestChallenges(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, catalog.Operations())
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if spec.Public {
			continue
		}
		alone, refused := "Bearer", `Bearer error="invalid_token"`
		if spec.Product.Scheme.Name == api.SubscriptionKey.Name {
			alone, refused = "Subscription-Key", "Subscription-Key"
		}
		for sent, want := range map[string]string{
			"": alone, "Bearer": alone, "Bearer ": alone, "Basic eDp5": alone, "x.y.z": alone,
			"Bearer x.y.z": refused, "bearer x": refused, "BEARER  x": refused,
		} {
			res := w.Call(t, nil, spec.Method, spec.Path, "", "Authorization", sent)
			if got := res.Header.Get("WWW-Authenticate"); res.Status != http.StatusUnauthorized || got != want {
				t.Errorf("%s with %q = %d, WWW-Authenticate %q, want %q", spec.ID, sent, res.Status, got, want)
			}
			if got := res.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("%s with %q has Cache-Control %q", spec.ID, sent, got)
			}
		}
	}
}

// TestGatewaysStatusesAreDocumented: what API Gateway answers in the place of an
// operation has the shape of the product.
func TestGatewaysStatusesAreDocumented(t *testing.T) {
	t.Parallel()
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		responses, _ := in(document(), "paths", spec.Path, strings.ToLower(spec.Method), "responses").(object)
		failure := in(responses["500"], "content")
		for _, status := range []string{"429", "504"} {
			content := in(responses[status], "content")
			if content == nil || fmt.Sprint(content) != fmt.Sprint(failure) {
				t.Errorf("%s documents for %s %v among %v", spec.ID, status, content, slices.Sorted(maps.Keys(responses)))
			}
		}
	}
}
