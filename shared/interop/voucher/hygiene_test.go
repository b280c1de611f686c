package voucher_test

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// canary is part of all confidential values in TestLogHygiene.
const canary = "Canary-in-the-log"

// canaryTest sends requests with the canary in every value, and collects the parts of the
// tokens that it sends and receives.
type canaryTest struct {
	*world
	p       requester
	secrets []string
}

// send sends a request to the endpoint and to the tool, and checks that no answer contains
// the canary.
func (c *canaryTest) send(status int, token, proof string, changes map[string]string) {
	c.Helper()
	header := []string{"Authorization", canary, "Cookie", canary, "User-Agent", canary}
	if proof != "" {
		header = append(header, "DPoP", proof)
	}
	res := c.Want(c.world.issue(form(token, changes), header...), status)
	fields := map[string]string{"dpop_proof": proof}
	maps.Copy(fields, changes)
	tool := c.validate(consumer, form(token, fields))
	if strings.Contains(strings.ToLower(res.Raw+tool.Raw), strings.ToLower(canary)) {
		c.Errorf("an answer contains the canary:\n%s\n%s", res.Raw, tool.Raw)
	}
	for _, whole := range []string{token, proof, res.Text("access_token")} {
		for secret := range strings.SplitSeq(whole, ".") {
			if len(secret) > 20 {
				c.secrets = append(c.secrets, secret)
			}
		}
	}
}

// assertionWithCanary returns an assertion with changes.
func (c *canaryTest) assertionWithCanary(changes object) string {
	all := object{"jti": canary + uuid.NewString(), "iss": canary}
	maps.Copy(all, changes)
	return c.assertion(c.p, all)
}

// sendAll sends requests with the canary in each of their values.
func (c *canaryTest) sendAll() {
	c.Helper()
	jti := object{"jti": canary}
	c.send(200, c.assertionWithCanary(nil), "", nil)
	c.send(200, c.assertionWithCanary(nil), c.newProof(nil, jti), nil)
	c.send(400, c.assertionWithCanary(nil), c.newProof(nil, jti), nil)
	for _, changes := range []object{
		{"aud": canary},
		{"sub": canary},
		{"purposeId": canary},
		{canary: canary},
		{"exp": canary},
		{"digest": canary},
		{"exp": 1},
		{"digest": object{"alg": canary, "value": canary}},
		{"sub": uuid.NewString()},
		{"purposeId": uuid.NewString()},
	} {
		c.send(400, c.assertionWithCanary(changes), "", nil)
	}
	p := c.p
	c.send(400, c.signJWT(p.key, object{"kid": canary}, c.claims(p, nil)), "", nil)
	c.send(400, c.signJWT(p.key, object{"kid": p.kid, "typ": canary, "crit": []string{canary}}, c.claims(p, nil)), "", nil)
	c.send(400, c.signJWT(keys()[1], object{"kid": p.kid}, c.claims(p, jti)), "", nil)
	c.send(400, canary, canary, nil)
	for _, changes := range []object{{"htm": canary}, {"htu": "https://" + canary + ".example"}, {"jti": 1, "nonce": canary}, {"iat": 1}} {
		c.send(400, c.assertionWithCanary(nil), c.newProof(nil, changes), nil)
	}
	c.send(400, c.assertionWithCanary(nil), c.newProof(object{"typ": canary, "jwk": object{"kty": canary}}, nil), nil)
	for _, name := range []string{"client_id", "grant_type", "client_assertion_type"} {
		c.send(400, c.assertionWithCanary(nil), "", map[string]string{name: canary})
	}
	c.world.issue(canary)
	c.world.issue(canary + "=" + canary + "&" + canary + "=x")
}

// sendOnBrokenStorage sends requests while the storage fails.
func (c *canaryTest) sendOnBrokenStorage() {
	c.Helper()
	for _, hook := range []hooked.Hook{
		hooked.Broken(0, false), hooked.Broken(1, true), hooked.Broken(2, true),
		func(*hooked.Call) error { return errors.New("broken") },
		func(call *hooked.Call) error {
			if call.Writes() {
				return &table.Refused{Steps: []table.RefusedStep{{Label: "operation"}}}
			}
			return call.Run()
		},
	} {
		c.Tap.Set(hook)
		proof := c.newProof(nil, object{"jti": canary + uuid.NewString()})
		if res := c.world.issue(form(c.assertionWithCanary(nil), nil), "DPoP", proof); res.Status < 500 {
			c.Errorf("on a broken storage: %d %s", res.Status, res.Raw)
		}
		c.Tap.Set(nil)
	}
}

// TestLogHygiene sends requests with a canary in every value, some of them on a broken
// storage, and checks that neither the canary nor tokens are logged or stored.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := &canaryTest{world: w, p: w.newRequester()}
		c.sendAll()
		c.sendOnBrokenStorage()
		w.OK(consumer, "GET", c.p.path+"/tokenEvents", "")
		w.NotLogged(canary, 60)
		w.NotLogged(c.p.kid, 60)
		places := map[string]string{"the log": w.World.World.Log.String()}
		for key, item := range w.Stored(func(key table.Key) bool {
			return strings.Contains(key.PK, "CLIENT#") || strings.HasPrefix(key.PK, "PROOF#")
		}) {
			places[key.PK+" "+key.SK] = interoptest.JSON(item)
		}
		for place, text := range places {
			for _, secret := range c.secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s is in %s", secret, place)
				}
			}
		}
	})
}

// TestLogLines checks that the log has a line with operation, status and costs for every
// request, and the reasons of a refusal.
func TestLogLines(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		w.act(producer, p.purpose, "suspend")
		w.checkOutcome(p, noPurpose)
		refusals := 0
		for _, line := range w.World.World.Log.Lines(t) {
			if line["operation"] != "voucher-issue" {
				continue
			}
			for _, name := range []string{"method", "correlationId", "status", "latencyMs", "roundTrips", "itemsRead"} {
				if line[name] == nil || line[name] == "" {
					t.Errorf("%s is %v in %v", name, line[name], line)
				}
			}
			if line["status"] == 400.0 {
				refusals++
				if got := interoptest.JSON(line["reasons"]); got != `["`+noPurpose+`"]` || line["problem"] != "015-0008" {
					t.Errorf("a refusal is logged as %v", line)
				}
			} else if line["reasons"] != nil {
				t.Errorf("a voucher is logged with reasons: %v", line)
			}
		}
		if refusals != 1 {
			t.Errorf("%d refusals are logged", refusals)
		}
	})
}
