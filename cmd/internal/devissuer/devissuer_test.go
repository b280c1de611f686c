package devissuer_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
)

const scope = "d1-api:consumer:full"

// newIssuer returns an issuer and the offset by which its clock can be moved.
func newIssuer(t *testing.T) (*devissuer.Issuer, *atomic.Int64) {
	t.Helper()
	start, offset := time.Date(2026, time.May, 4, 10, 0, 0, 0, time.UTC), &atomic.Int64{}
	i, err := devissuer.New(func() time.Time { return start.Add(time.Duration(offset.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	return i, offset
}

// everybody are the callers of two products.
func everybody(register interop.Register) claims.Callers {
	return interop.Callers(register).And(consumers.Callers())
}

// bearer verifies the tokens of i.
func bearer(t *testing.T, i *devissuer.Issuer, register interop.Register) *auth.Bearer {
	t.Helper()
	b, err := i.Bearer(everybody(register))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mint(t *testing.T, i *devissuer.Issuer, c devissuer.Claims) string {
	t.Helper()
	token, err := i.Token(c)
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + token
}

func TestTokenIdentifiesItsSubject(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	for name, tc := range map[string]struct {
		claims devissuer.Claims
		want   api.Identity
	}{
		"issuer": {
			devissuer.Claims{Subject: "AAAAAAAAAA", Scope: scope + " other"},
			api.Identity{Subject: "AAAAAAAAAA", Tenants: []string{"AAAAAAAAAA"}, Scopes: []string{scope, "other"}, Kind: "issuer"},
		},
		"aggregator": {
			devissuer.Claims{Subject: "aggregator", Issuers: []string{"AAAAAAAAAA", "BBBBBBBBBB"}, Scope: scope},
			api.Identity{Subject: "aggregator", Tenants: []string{"AAAAAAAAAA", "BBBBBBBBBB"}, Scopes: []string{scope}, Kind: "aggregator"},
		},
		"without scope": {
			devissuer.Claims{Subject: "AAAAAAAAAA"},
			api.Identity{Subject: "AAAAAAAAAA", Tenants: []string{"AAAAAAAAAA"}, Scopes: []string{}, Kind: "issuer"},
		},
	} {
		got, err := bearer(t, i, nil).Authenticate(t.Context(), mint(t, i, tc.claims))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestTokenRefusesWhatNoBearerAccepts(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	for name, c := range map[string]devissuer.Claims{
		"no subject":               {},
		"subject too short":        {Subject: "AAAAAAAAA"},
		"issuer with a space":      {Subject: "aggregator", Issuers: []string{"AAAAAAAAAA", "BBBBB BBBB"}},
		"aggregator without a sub": {Issuers: []string{"AAAAAAAAAA"}},
	} {
		if token, err := i.Token(c); err == nil || token != "" {
			t.Errorf("%s: token %q, error %v", name, token, err)
		}
	}
}

func TestTokenEnds(t *testing.T) {
	t.Parallel()
	i, offset := newIssuer(t)
	token := mint(t, i, devissuer.Claims{Subject: "AAAAAAAAAA"})
	short := mint(t, i, devissuer.Claims{Subject: "AAAAAAAAAA", TTL: time.Minute})
	const leeway = time.Minute
	for _, step := range []struct {
		at    time.Duration
		token string
		want  error
	}{
		{2*time.Minute - time.Second, short, nil},
		{2 * time.Minute, short, auth.ErrUnauthorized},
		{devissuer.TTL + leeway - time.Second, token, nil},
		{devissuer.TTL + leeway, token, auth.ErrUnauthorized},
		{-leeway, token, nil},
		{-leeway - time.Second, token, auth.ErrUnauthorized},
	} {
		offset.Store(int64(step.at))
		if _, err := bearer(t, i, nil).Authenticate(t.Context(), step.token); !errors.Is(err, step.want) {
			t.Errorf("after %v: error %v, want %v", step.at, err, step.want)
		}
	}
}

func TestOthersTokensAreRefused(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	other, _ := newIssuer(t)
	for name, token := range map[string]string{
		"of another process":   mint(t, other, devissuer.Claims{Subject: "AAAAAAAAAA"}),
		"for another audience": mint(t, i, devissuer.Claims{Subject: "AAAAAAAAAA", Audience: "other"}),
	} {
		if _, err := bearer(t, i, nil).Authenticate(t.Context(), token); !errors.Is(err, auth.ErrUnauthorized) {
			t.Errorf("%s: error %v, want ErrUnauthorized", name, err)
		}
	}
}

func TestJWKSIsPublic(t *testing.T) {
	t.Parallel()
	i, _ := newIssuer(t)
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal(i.JWKS(), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("JWKS %s, error %v", i.JWKS(), err)
	}
	var names []string
	for name := range set.Keys[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "alg crv kid kty use x y" {
		t.Errorf("the key has members %s", got)
	}
}
