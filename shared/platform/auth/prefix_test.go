package auth_test

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
)

// What a user pool of Amazon Cognito puts into the ID token of a user who signs in with a
// password (Developer Guide, "Understanding the identity (ID) token"), with nothing in it
// that tells who is calling. The key id is one in base64, the algorithm is RS256.
const (
	pool       = "https://cognito-idp.eu-south-1.amazonaws.com/eu-south-1_AbCdEfGhI"
	poolClient = "1h57kf5cpq17m0eml12EXAMPLE"
	poolUser   = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
)

func cognito(changes set) string {
	return "Bearer " + sign("RS256", `{"kid":"abcdefghijklmnopqrstuvwxyz01234567890ABC+/0=","alg":"RS256"}`, object(set{
		"sub": poolUser, "iss": pool, "aud": poolClient, "cognito:username": "anna", "origin_jti": poolUser, "event_id": poolUser,
		"token_use": "id", "auth_time": start.Unix(), "iat": start.Unix(), "exp": start.Unix() + 3600, "jti": poolUser,
	}, changes), keys().rsa)
}

// newPool is a fixture whose issuer is the pool.
func newPool(t *testing.T, prefix string) fixture {
	t.Helper()
	f := fixture{clock: &clock{t: start}, jwks: &endpoint{respond: answer(http.StatusOK, jwks(
		jwk("abcdefghijklmnopqrstuvwxyz01234567890ABC+/0=", keys().rsa.Public(), `"alg":"RS256","use":"sig"`),
		jwk("other", ownKey().Public(), `"alg":"RS256","use":"sig"`),
	))}}
	issuer := configured
	issuer.URL, issuer.Audience, issuer.ClaimPrefix = pool, poolClient, prefix
	f.Bearer = must(auth.New(auth.Config{Issuers: []auth.Issuer{issuer}, Kinds: everybody(nil).Kinds, Now: f.clock.Now, Transport: f.jwks}))
	return f
}

// TestCognito reads callers from tokens of the example issuer.
func TestCognito(t *testing.T) {
	t.Parallel()
	f := newPool(t, "custom:")
	for name, tc := range map[string]struct {
		changes set
		want    api.Identity
		reason  string // of a refusal; empty for none
	}{
		"an organization": {
			set{"custom:organizationId": organizationID, "custom:role": "m2m-admin"},
			api.Identity{Subject: organizationID, Scopes: []string{"m2m-admin"}, Kind: "organization"},
			"",
		},
		"for card issuers": {
			set{"custom:issuers": "ISSUER0001 ISSUER0002", "custom:scope": "d1-api:consumer:full x"},
			api.Identity{
				Subject: poolUser, Tenants: []string{"ISSUER0001", "ISSUER0002"},
				Scopes: []string{"d1-api:consumer:full", "x"}, Kind: "aggregator",
			},
			"",
		},
		"once an organization": {
			set{"custom:organizationId": "", "custom:role": "", "custom:issuers": "ISSUER0001", "custom:scope": "x"},
			api.Identity{Subject: poolUser, Tenants: []string{"ISSUER0001"}, Scopes: []string{"x"}, Kind: "aggregator"},
			"",
		},
		"the operator": {set{"custom:role": "operator"}, api.Identity{Subject: poolUser, Scopes: []string{"operator"}, Kind: "operator"}, ""},
		"plain claims win": {
			set{"custom:organizationId": tenant, "organizationId": organizationID, "custom:role": "m2m-admin", "role": "m2m"},
			api.Identity{Subject: organizationID, Scopes: []string{"m2m"}, Kind: "organization"},
			"",
		},
		"nobody in particular":     {nil, api.Identity{}, "no usable issuer ids"},
		"no role":                  {set{"custom:organizationId": organizationID}, api.Identity{}, "no usable role"},
		"no organization's id":     {set{"custom:organizationId": "x", "custom:role": "m2m"}, api.Identity{}, "no usable organization id"},
		"an operator with issuers": {set{"custom:role": "operator", "custom:issuers": "ISSUER0001"}, api.Identity{}, "an operator with issuers"},
		"a bound token": {
			set{"custom:organizationId": organizationID, "custom:role": "m2m", "cnf": set{"jkt": "x"}},
			api.Identity{},
			"bound to a key by its claim cnf, which a bearer token cannot show",
		},
		"another prefix": {set{"Custom:organizationId": organizationID, "custom.role": "m2m"}, api.Identity{}, "no usable issuer ids"},
		"another client's token": {
			set{"aud": "2h57kf5cpq17m0eml12EXAMPLE"},
			api.Identity{},
			"not for this product, whose audience is " + poolClient,
		},
		"another pool's token":     {set{"iss": pool + "J"}, api.Identity{}, "wrong issuer"},
		"registered claims as own": {set{"aud": absent, "custom:aud": poolClient}, api.Identity{}, missing},
		"an access token of Cognito": {
			set{
				"aud": absent, "cognito:username": absent, "client_id": poolClient, "username": "anna",
				"token_use": "access", "scope": "aws.cognito.signin.user.admin", "custom:issuers": "ISSUER0001",
			},
			api.Identity{},
			missing,
		},
	} {
		got, err := f.Authenticate(t.Context(), cognito(tc.changes))
		if diff := cmp.Diff(tc.want, got); diff != "" || (err == nil) != (tc.reason == "") {
			t.Errorf("%s: %v (-want +got)\n%s", name, err, diff)
		}
		if tc.reason != "" && (!errors.Is(err, auth.ErrUnauthorized) || err.Error() != "unauthorized: "+tc.reason) {
			t.Errorf("%s: %v, want %s", name, err, tc.reason)
		}
	}
}

// TestNoPrefix: unless a prefix is named, prefixed claims are none; nor are they in tokens
// of the deployment's own.
func TestNoPrefix(t *testing.T) {
	t.Parallel()
	prefixed := set{"custom:organizationId": organizationID, "custom:role": "m2m-admin"}
	newPool(t, "").refuses(t, cognito(prefixed))
	newPool(t, "custom:").accepts(t, cognito(prefixed))
	own := set{"organizationId": absent, "role": absent}
	maps.Copy(own, prefixed)
	newOwning(t, jwk("own", ownKey().Public(), "")).refuses(t, by(ownKey(), "own", ownClaims(own)))

	b := fromEnv(t, owning(map[string]string{"CLAIM_PREFIX": "custom:", "SIGN_AUDIENCE": ownAudience}))
	later := set{"iat": absent, "exp": start.AddDate(100, 0, 0).Unix()}
	maps.Copy(later, own)
	if _, err := b.Authenticate(t.Context(), by(keys().rsa, "rsa", ownClaims(later))); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a token of the deployment: %v", err)
	}
	later["sub"] = tenant
	if id, err := b.Authenticate(t.Context(), by(keys().rsa, "rsa", payload(later))); err != nil || id.Subject != organizationID {
		t.Errorf("a token of the configured issuer: %+v, %v", id, err)
	}
}

// TestExampleIssuer holds the example issuer to the claims that are read: it has an
// attribute for each that a text can be, which its client may read and its users may not
// write.
func TestExampleIssuer(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../functions/example-issuer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	_, read, _ := strings.Cut(text, "ReadAttributes: [")
	read, _, _ = strings.Cut(read, "]")
	_, written, found := strings.Cut(text, "WriteAttributes: [")
	written, _, _ = strings.Cut(written, "]")
	for _, claim := range []string{"organizationId", "role", "issuers", "scope"} {
		attribute := "{ Name: " + claim + ", AttributeDataType: String, Mutable: true,"
		if !strings.Contains(text, attribute) || !strings.Contains(read, `"custom:`+claim+`"`) {
			t.Errorf("no attribute %s, or the client may not read it", claim)
		}
	}
	if !found || written == "" || strings.Contains(written, "custom:") {
		t.Errorf("users may write %q", written)
	}
	if !strings.Contains(text, "AllowAdminCreateUserOnly: true") {
		t.Error("anybody may sign up")
	}
}
