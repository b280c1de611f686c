package voucher_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/testing/apitest"
)

// withConfig runs test in a deployment with another configuration.
func withConfig(t *testing.T, change func(*apitest.World), test func(w *world)) {
	t.Helper()
	other := *suite
	other.Prepare = func(w *apitest.World) {
		suite.Prepare(w)
		change(w)
	}
	other.Embedded(t, func(w *interoptest.World) { test(&world{w}) })
}

// tokenPart returns the header (0) or the payload (1) of a token.
func tokenPart(t *testing.T, token string, n int) (o object) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[n])
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// signingKID returns the kid of the key that signs.
func signingKID(t *testing.T, s *sign.Signer) string {
	t.Helper()
	var set struct{ Keys []struct{ KID string } }
	if err := json.Unmarshal(s.Keys().JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	return set.Keys[0].KID
}

// TestClaims checks every part of vouchers and of the answers that issue them.
func TestClaims(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		plain := w.checkOutcome(p, "Bearer")
		if diff := cmp.Diff(object{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": signingKID(t, signer())}, tokenPart(t,
			plain.Text("access_token"), 0)); diff != "" {
			t.Errorf("the header (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(object{"access_token": plain.Text("access_token"), "token_type": "Bearer", "expires_in": 600.0},
			plain.Body); diff != "" {
			t.Errorf("the answer (-want +got):\n%s", diff)
		}
		if got := plain.Header.Get("Cache-Control"); got != "no-cache, no-store" {
			t.Errorf("a voucher has Cache-Control %q", got)
		}
		digest := object{"alg": "SHA256", "value": strings.Repeat("0f", 32)}
		first := w.voucherClaims(w.issue(form(w.assertion(p, object{"digest": digest}), nil)))
		second := w.voucherClaims(w.checkOutcome(p, "Bearer"))
		if diff := cmp.Diff(any(digest), first["digest"]); diff != "" {
			t.Errorf("the digest (-want +got):\n%s", diff)
		}
		if first["jti"] == second["jti"] || first["jti"] == tokenPart(t, plain.Text("access_token"), 1)["jti"] {
			t.Errorf("two vouchers have the jti %v", first["jti"])
		}
		for _, name := range []string{"digest", "cnf"} {
			if _, there := second[name]; there {
				t.Errorf("the voucher has a %s that was not requested: %v", name, second)
			}
		}
		if _, there := w.voucherClaims(w.issue(form(w.assertion(p, object{"digest": json.RawMessage("null")}), nil)))["digest"]; there {
			t.Error("the digest null is in the voucher")
		}
		upper := w.voucherClaims(w.issue(form(w.assertion(p, object{
			"sub":       strings.ToUpper(p.clientID()),
			"purposeId": strings.ToUpper(p.purposeID()),
		}), nil)))
		if upper["sub"] != p.clientID() || upper["client_id"] != p.clientID() || upper["purposeId"] != p.purposeID() {
			t.Errorf("ids in capitals: %v", upper)
		}
	})
}

// TestAssertionReuse uses an assertion for several vouchers, until it expires (PDND).
func TestAssertionReuse(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		body := form(w.assertion(p, object{"exp": w.Clock.Now().Unix() + 60}), nil)
		one := w.voucherClaims(w.issue(body))
		w.Clock.Advance(59 * time.Second)
		if two := w.voucherClaims(w.issue(body)); one["jti"] == two["jti"] || two["iat"] != one["iat"].(float64)+
			59 { //nolint:forcetypeassert // checked against the document
			t.Errorf("the second voucher is %v after %v", two, one)
		}
		w.Clock.Advance(999 * time.Millisecond)
		w.voucherClaims(w.issue(body))
		w.Clock.Advance(time.Millisecond)
		if got := outcome(w.issue(body)); got != over {
			t.Errorf("the expired assertion is answered %q", got)
		}
	})
}

// TestVoucherOfTheDescriptor checks that a voucher has the audience and the lifespan of the
// descriptor of the agreement, before and after an upgrade.
func TestVoucherOfTheDescriptor(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		d := interoptest.Descriptor{PerConsumer: 100, Total: 1000, Audience: "second.example.it", Lifespan: 86400}
		next := w.PublishDescriptor(producer, p.offer, d)
		check := func(descriptor, version, audience string, lifespan float64) {
			w.Helper()
			tool := w.validate(consumer, form(w.assertion(p, nil), nil)).Body
			name := w.OK(consumer, "GET", "/eservices/"+p.offer.ID, "").Text("name")
			want := object{"id": p.offer.ID, "descriptorId": descriptor, "version": version, "name": name}
			if diff := cmp.Diff([]any{want, "CONSUMER"}, []any{tool["eservice"], tool["clientKind"]}); diff != "" {
				t.Errorf("the tool (-want +got):\n%s", diff)
			}
			res := w.checkOutcome(p, "Bearer")
			claims := w.voucherClaims(res)
			now := float64(w.Clock.Now().Unix())
			got := []any{res.Body["expires_in"], claims["exp"], claims["iat"], claims["nbf"], claims["aud"], claims["descriptorId"]}
			if diff := cmp.Diff([]any{lifespan, now + lifespan, now, now, []any{audience}, descriptor}, got); diff != "" {
				t.Errorf("the voucher (-want +got):\n%s", diff)
			}
		}
		check(p.offer.Descriptor, "1", interoptest.Audience(producer), 600)
		w.act(consumer, p.agreement, "upgrade")
		check(next.Descriptor, "2", "second.example.it", 86400)
	})
}

// TestMetadata reads the metadata that clients discover (RFC 8414).
func TestMetadata(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		res := w.OK(nil, "GET", "/.well-known/oauth-authorization-server", "")
		both := []any{"RS256", "ES256"}
		want := object{
			"issuer": issuer, "token_endpoint": issuer + "/token.oauth2", "jwks_uri": issuer + "/.well-known/jwks.json",
			"response_types_supported": []any{"none"},
			"grant_types_supported":    []any{"client_credentials"}, "token_endpoint_auth_methods_supported": []any{"private_key_jwt"},
			"token_endpoint_auth_signing_alg_values_supported": both, "dpop_signing_alg_values_supported": both,
		}
		if diff := cmp.Diff(want, res.Body); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, w.OK(nil, "GET", discoveryPath, "").Body); diff != "" {
			t.Errorf("metadata for OpenID clients (-want +got):\n%s", diff)
		}
		if got := res.Header.Get("Cache-Control"); got != "public, max-age=300" {
			t.Errorf("metadata have Cache-Control %q", got)
		}
		w.Costs("metadata", 0, 0, nil, "GET", "/.well-known/oauth-authorization-server", "")
		w.Costs("keys", 1, 0, nil, "GET", "/.well-known/jwks.json", "")
	})
	// A slash at the end of the setting is not part of the issuer.
	withConfig(t, func(w *apitest.World) { w.Settings["SIGN_ISSUER"] = issuer + "/" }, func(w *world) {
		if got := w.OK(nil, "GET", "/.well-known/oauth-authorization-server", "").Text("issuer"); got != issuer {
			t.Errorf("the issuer is %q", got)
		}
		w.checkOutcome(w.newRequester(), "Bearer")
	})
}

// TestRotation publishes two keys after a rotation: the first signs, and verifies the
// voucher.
func TestRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	open := func() *sign.Signer {
		s, err := local.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := signingKID(t, open())
	if err := os.Rename(path, path+".other"); err != nil {
		t.Fatal(err)
	}
	rotated := open()
	withConfig(t, func(w *apitest.World) { w.Signer = rotated }, func(w *world) {
		res := w.OK(nil, "GET", "/.well-known/jwks.json", "")
		var set struct {
			Keys []struct{ KTY, Use, Alg, KID, N, E string }
		}
		if err := json.Unmarshal([]byte(res.Raw), &set); err != nil || len(set.Keys) != 2 {
			t.Fatalf("%v %s", err, res.Raw)
		}
		if set.Keys[0].KID != signingKID(t, rotated) || set.Keys[1].KID != before || res.Header.Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("published is %s with Cache-Control %q", res.Raw, res.Header.Get("Cache-Control"))
		}
		for _, key := range set.Keys {
			if key.KTY != "RSA" || key.Use != "sig" || key.Alg != "RS256" {
				t.Errorf("a key is %+v", key)
			}
		}
		token := w.checkOutcome(w.newRequester(), "Bearer").Text("access_token")
		_, err := jwt.Parse(token, func(*jwt.Token) (any, error) { return publicKey(set.Keys[0].N, set.Keys[0].E) },
			jwt.WithTimeFunc(w.Clock.Now), jwt.WithValidMethods([]string{"RS256"}))
		if err != nil || tokenPart(t, token, 0)["kid"] != set.Keys[0].KID {
			t.Errorf("the voucher is not signed by the first key: %v", err)
		}
	})
}

// TestNotConfigured runs deployments without an issuer or without a key: no voucher is
// issued and nothing is stored.
func TestNotConfigured(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change               func(*apitest.World)
		tool, metadata, jwks int
	}{
		"no issuer": {func(w *apitest.World) { delete(w.Settings, "SIGN_ISSUER") }, 503, 503, 503},
		"no keys":   {func(w *apitest.World) { w.Signer = nil }, 503, 503, 503},
	} {
		withConfig(t, c.change, func(w *world) {
			p := w.newRequester()
			res := w.issue(form(w.assertion(p, nil), nil))
			w.Refused(res, interop.VouchersNotAvailable)
			if got := w.OK(consumer, "GET", p.path+"/tokenEvents", ""); interoptest.Total(got) != 0 {
				t.Errorf("%s: the events are %s", name, got.Raw)
			}
			for path, want := range map[string]int{"/.well-known/oauth-authorization-server": c.metadata, "/.well-known/jwks.json": c.jwks} {
				if res := w.As(nil, "GET", path, ""); res.Status != want {
					t.Errorf("%s: %s = %d, want %d\n%s", name, path, res.Status, want, res.Raw)
				}
			}
			if res := w.validate(consumer, form(w.assertion(p, nil), nil)); res.Status != c.tool {
				t.Errorf("%s: the tool answers %d, want %d\n%s", name, res.Status, c.tool, res.Raw)
			}
			for _, inside := range []string{"SIGN_", "JWKS", "not set"} {
				if strings.Contains(res.Raw, inside) {
					t.Errorf("%s: the answer contains %q\n%s", name, inside, res.Raw)
				}
			}
		})
	}
}
