package voucher_test

import (
	"crypto/rsa"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/user"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

const (
	noPurposeID  = "purposeIdNotProvided"
	hasPurposeID = "purposeIdNotAllowed"
)

// newAPIRequester makes a client of the kind API of consumer with a key.
func (w *world) newAPIRequester(key *rsa.PrivateKey) requester {
	w.Helper()
	p := requester{key: key}
	p.path = "/clients/" + w.OK(consumer, "POST", "/clientsApi", `{"name":"Gateway","members":[]}`).Text("id")
	p.kid = w.addKey(consumer, p.path, key)
	return p
}

// newAdmin stores a user of consumer with the role admin and returns its id.
func (w *world) newAdmin() string {
	w.Helper()
	u := user.User{ID: interoptest.UnknownID(), Name: "Ada", FamilyName: "Neri", Roles: []string{user.RoleAdmin}, Admin: true}
	if err := w.Tap.DB.Write(w.Context(), table.Put("user", user.Key(consumer.Subject, u.ID), u)); err != nil {
		w.Fatal(err)
	}
	return u.ID
}

// setAdmin makes a user the admin of an API client.
func (w *world) setAdmin(p requester, userID string) {
	w.Helper()
	w.OK(consumer, "POST", p.path+"/admin", interoptest.JSON(object{"adminId": userID}))
}

// checkAPIToken checks every claim of the voucher of an API client; admin is "" for none, jkt
// for one without a proof.
func (w *world) checkAPIToken(p requester, res apitest.Response, admin, jkt string) {
	w.Helper()
	claims := w.voucherClaims(w.Want(res, 200))
	now := float64(w.Clock.Now().Unix())
	want := object{
		"jti": claims["jti"], "iss": issuer, "aud": issuer + "/m2m", "client_id": p.clientID(), "sub": p.clientID(),
		"iat": now, "nbf": now, "exp": now + 600, "organizationId": consumer.Subject, "role": "m2m",
	}
	kind := "Bearer"
	if admin != "" {
		want["role"] = "m2m-admin"
		want["adminId"] = admin
	}
	if jkt != "" {
		kind = "DPoP"
		want["cnf"] = object{"jkt": jkt}
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		w.Errorf("the claims (-want +got):\n%s", diff)
	}
	if id, _ := claims["jti"].(string); len(id) != 36 {
		w.Errorf("the jti is %v", claims["jti"])
	}
	answer := object{"access_token": res.Text("access_token"), "token_type": kind, "expires_in": 600.0}
	if diff := cmp.Diff(answer, res.Body); diff != "" {
		w.Errorf("the answer (-want +got):\n%s", diff)
	}
}

// TestAPIToken checks every part of the vouchers of an API client: without an admin, with
// one, and after that one was replaced and removed.
func TestAPIToken(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, one, two := w.newAPIRequester(keys()[0]), w.newAdmin(), w.newAdmin()
		res := w.checkOutcome(p, "Bearer")
		w.checkAPIToken(p, res, "", "")
		if diff := cmp.Diff(object{"alg": "RS256", "typ": "at+jwt", "use": "sig", "kid": signingKID(t, signer())}, tokenPart(t,
			res.Text("access_token"), 0)); diff != "" {
			t.Errorf("the header (-want +got):\n%s", diff)
		}
		if got := res.Header.Get("Cache-Control"); got != "no-cache, no-store" {
			t.Errorf("Cache-Control is %q", got)
		}
		w.setAdmin(p, one)
		w.checkAPIToken(p, w.checkOutcome(p, "Bearer"), one, "")
		w.setAdmin(p, two)
		bound := w.issue(form(w.assertion(p, nil), nil), "DPoP", w.newProof(nil, nil))
		w.checkAPIToken(p, bound, two, jose.Thumbprint(&curves()[0].PublicKey))
		w.OK(consumer, "DELETE", p.path+"/admin/"+two, "")
		digest := object{"digest": object{"alg": "SHA256", "value": strings.Repeat("0f", 32)}}
		w.checkAPIToken(p, w.issue(form(w.assertion(p, digest), nil)), "", "")
		first, second := w.voucherClaims(w.checkOutcome(p, "Bearer")), w.voucherClaims(w.checkOutcome(p, "Bearer"))
		if first["jti"] == second["jti"] {
			t.Errorf("two vouchers have the jti %v", first["jti"])
		}
	})
}

// TestAPITokenSettings configures audience and lifespan of the vouchers of API clients.
func TestAPITokenSettings(t *testing.T) {
	t.Parallel()
	withConfig(t, func(w *apitest.World) {
		w.Settings["SIGN_AUDIENCE"] = "interop.example.it/m2m"
		w.Settings["API_TOKEN_SECONDS"] = "60"
	}, func(w *world) {
		res := w.checkOutcome(w.newAPIRequester(keys()[0]), "Bearer")
		claims := w.voucherClaims(res)
		if claims["aud"] != "interop.example.it/m2m" || res.Body["expires_in"] != 60.0 ||
			claims["exp"] != float64(w.Clock.Now().Unix()+60) {
			t.Errorf("the claims are %v", claims)
		}
		// Vouchers for e-services are not concerned.
		if res := w.checkOutcome(w.newRequesterOnNext(), "Bearer"); res.Body["expires_in"] != 600.0 {
			t.Errorf("a voucher is valid for %v seconds", res.Body["expires_in"])
		}
	})
	for text, isValid := range map[string]bool{"": true, "1": true, "x": false, "-1": false, "10m": false} {
		_, err := voucher.NewStore(api.Deps{Setting: func(name string) string {
			return map[string]string{"API_TOKEN_SECONDS": text}[name]
		}})
		if (err == nil) != isValid {
			t.Errorf("API_TOKEN_SECONDS=%q: %v", text, err)
		}
	}
}

// newRequesterOnNext is newRequester with another key.
func (w *world) newRequesterOnNext() requester {
	w.Helper()
	o := w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 100, Total: 1000})
	return w.newRequesterOn(o, w.SubmitAgreement(consumer, o), keys()[1])
}

// TestKindsOfAssertions mixes the kinds of clients up with the kinds of assertions. PDND has
// no key for such an assertion; the tool says what is wrong, and so does the endpoint when a
// key of the client has signed.
func TestKindsOfAssertions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, a := w.newRequesterOnNext(), w.newAPIRequester(keys()[0])
		forgedAPI, forged := a, p
		forgedAPI.key = keys()[2]
		forged.key = keys()[2]
		withPurpose := object{"purposeId": p.purposeID()}
		for _, c := range []struct {
			name         string
			p            requester
			changes      object
			public, tool string
			kind         any
		}{
			{"API", a, nil, "Bearer", "Bearer", "API"},
			{"API with a purpose", a, withPurpose, hasPurposeID, hasPurposeID, "API"},
			{"API with an unknown purpose", a, object{"purposeId": unknownID}, hasPurposeID, hasPurposeID, "API"},
			{"API with a purpose, forged", forgedAPI, withPurpose, notVerified, hasPurposeID, "API"},
			{"API, forged", forgedAPI, nil, notVerified, badSign, "API"},
			{"API, expired", a, object{"exp": 1}, over, over, "API"},
			{"CONSUMER", p, nil, "Bearer", "Bearer", "CONSUMER"},
			{"CONSUMER without a purpose", p, object{"purposeId": nil}, noPurposeID, noPurposeID, "CONSUMER"},
			{"CONSUMER without a purpose, forged", forged, object{"purposeId": nil}, notVerified, noPurposeID, "CONSUMER"},
			{"unknown without a purpose", a, object{"sub": unknownID}, notVerified, noKey, nil},
		} {
			w.Clock.Advance(time.Millisecond)
			body := form(w.assertion(c.p, c.changes), nil)
			tool, res := w.validate(consumer, body), w.issue(body)
			if toolOutcome(tool) != c.tool || outcome(res) != c.public || tool.Body["clientKind"] != c.kind {
				t.Errorf("%s: the endpoint answers %q, the tool %q %v", c.name, outcome(res), toolOutcome(tool), tool.Body["clientKind"])
			}
			if res.Status != 200 {
				w.Refused(res, interop.TokenRefused)
			}
		}
		if diff := cmp.Diff([]string{
			"ISSUED", "REFUSED [" + hasPurposeID + "]", "REFUSED [" + hasPurposeID + "]", "REFUSED [" + over + "]",
		}, w.decisions(a)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"ISSUED", "REFUSED [" + noPurposeID + "]"}, w.decisions(p)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestToolOnAPIClients checks the steps of the debug tool for an API client, and that another
// organization may not see them.
func TestToolOnAPIClients(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newAPIRequester(keys()[0])
		passed := object{"result": "PASSED", "failures": []any{}}
		want := object{}
		for _, step := range toolSteps {
			want[step] = passed
		}
		body := form(w.assertion(p, nil), map[string]string{"dpop_proof": w.newProof(nil, nil)})
		res := w.Want(w.validate(consumer, body), 200)
		if diff := cmp.Diff(object{"clientKind": "API", "steps": want}, res.Body); diff != "" {
			t.Errorf("with a proof (-want +got):\n%s", diff)
		}
		w.Refused(w.validate(stranger, body), interop.NotTheClientOwner)
	})
}

// TestAPICosts: the voucher of an API client takes one read and one write.
func TestAPICosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newAPIRequester(keys()[0])
		w.setAdmin(p, w.newAdmin())
		w.Clock.Advance(time.Millisecond)
		proof := w.newProof(nil, nil)
		for _, c := range []struct {
			what, want string
			send       func() apitest.Response
		}{
			// The lease is got while the voucher is signed, which is a call of KMS in AWS.
			{"a voucher and a lease", "200: 3 round trips, 2 items, 1 writes", func() apitest.Response {
				return w.issue(form(w.assertion(p, nil), nil))
			}},
			{"a voucher", "200: 2 round trips, 2 items, 1 writes", func() apitest.Response { return w.issue(form(w.assertion(p, nil), nil)) }},
			{"a bound one", "200: 2 round trips, 2 items, 2 writes", func() apitest.Response {
				return w.issue(form(w.assertion(p, nil), nil), "DPoP", proof)
			}},
			{"a used proof", "400: 2 round trips, 3 items, 1 writes", func() apitest.Response {
				return w.issue(form(w.assertion(p, nil), nil), "DPoP", proof)
			}},
			{"the tool", "200: 1 round trips, 2 items, 0 writes", func() apitest.Response {
				return w.validate(consumer, form(w.assertion(p, nil), nil))
			}},
		} {
			if got := w.costOf(c.send); got != c.want {
				t.Errorf("%s costs %s, want %s", c.what, got, c.want)
			}
		}
	})
}

// TestAPIProofOnce uses one proof 64 times at once for an API client.
func TestAPIProofOnce(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, proof := w.newAPIRequester(keys()[0]), w.newProof(nil, nil)
		body := form(w.assertion(p, nil), nil)
		got := w.Race(64, 64, func(int) string { return outcome(w.issue(body, "DPoP", proof)) })
		if want := map[string]int{"DPoP": 1, "dpopJtiAlreadyCached": 63}; !maps.Equal(got, want) {
			t.Errorf("the answers are %v, want %v", got, want)
		}
		if got, want := w.countDecisions(p), map[string]int{"ISSUED": 1, "REFUSED": 63}; !maps.Equal(got, want) {
			t.Errorf("the events are %v, want %v", got, want)
		}
	})
}

// TestAPIOnce configures that an assertion can be used once, and uses assertions and proofs
// of an API client again.
func TestAPIOnce(t *testing.T) {
	t.Parallel()
	withConfig(t, setting("VOUCHER_ASSERTION_ONCE", "true"), func(w *world) {
		p := w.newAPIRequester(keys()[0])
		body, proof := form(w.assertion(p, nil), nil), w.newProof(nil, nil)
		for _, c := range []struct{ body, proof, want string }{
			{body, proof, "DPoP"},
			{body, w.newProof(nil, nil), "clientAssertionJtiAlreadyUsed"},
			{form(w.assertion(p, nil), nil), proof, "dpopJtiAlreadyCached"},
			{form(w.assertion(p, nil), nil), w.newProof(nil, nil), "DPoP"},
		} {
			w.Clock.Advance(time.Millisecond)
			if got := outcome(w.issue(c.body, "DPoP", c.proof)); got != c.want {
				t.Errorf("the endpoint answers %q, want %q", got, c.want)
			}
		}
	})
}

// TestAPIClientStops requests vouchers while the admin is removed, the key is deleted and the
// client is deleted: requests that begin after the answer see it.
func TestAPIClientStops(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p, admin := w.newAPIRequester(keys()[0]), w.newAdmin()
		w.setAdmin(p, admin)
		body := form(w.assertion(p, nil), nil)
		for _, c := range []struct{ path, before, after string }{
			{p.path + "/admin/" + admin, "m2m-admin", "m2m"},
			{p.path + "/keys/" + p.kid, "m2m", notVerified},
			{p.path, notVerified, notVerified},
		} {
			if got := w.roleOf(w.issue(body)); got != c.before {
				t.Errorf("before %s: %s", c.path, got)
			}
			var running sync.WaitGroup
			seen := make([][]string, 8)
			stopped := make(chan struct{})
			for i := range seen {
				running.Go(func() { seen[i] = w.rolesUntil(body, stopped) })
			}
			w.OK(consumer, "DELETE", c.path, "")
			close(stopped)
			running.Wait()
			for _, roles := range seen {
				others := slices.ContainsFunc(roles, func(r string) bool { return r != c.before && r != c.after })
				if last := roles[len(roles)-1]; last != c.after || others {
					t.Errorf("%s: the vouchers are %v", c.path, roles)
				}
			}
		}
	})
}

// roleOf returns the role in a voucher, or the reason of a refusal.
func (w *world) roleOf(res apitest.Response) string {
	if res.Status != 200 {
		return outcome(res)
	}
	role, _ := w.voucherClaims(res)["role"].(string)
	return role
}

// rolesUntil requests vouchers until one was requested after stopped was closed, and returns
// their roles.
func (w *world) rolesUntil(body string, stopped <-chan struct{}) (roles []string) {
	for {
		isLast := false
		select {
		case <-stopped:
			isLast = true
		default:
		}
		roles = append(roles, w.roleOf(w.issue(body)))
		if isLast {
			return roles
		}
	}
}
