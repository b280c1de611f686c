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

// canary is in everything of TestLogHygiene that is nobody else's business.
const canary = "Canary-in-the-log"

// confidant sends requests in which everything holds a canary, and remembers the parts
// of the tokens in them and of those that come back.
type confidant struct {
	*world
	p       party
	secrets []string
}

// asks asks the endpoint and the tool; neither repeats what was said.
func (c *confidant) asks(status int, token, proof string, changes map[string]string) {
	c.Helper()
	header := []string{"Authorization", canary, "Cookie", canary, "User-Agent", canary}
	if proof != "" {
		header = append(header, "DPoP", proof)
	}
	res := c.Want(c.world.asks(form(token, changes), header...), status)
	fields := map[string]string{"dpop_proof": proof}
	maps.Copy(fields, changes)
	tool := c.examines(consumer, form(token, fields))
	if strings.Contains(strings.ToLower(res.Raw+tool.Raw), strings.ToLower(canary)) {
		c.Errorf("an answer repeats what was said:\n%s\n%s", res.Raw, tool.Raw)
	}
	for _, whole := range []string{token, proof, res.Text("access_token")} {
		for secret := range strings.SplitSeq(whole, ".") {
			if len(secret) > 20 {
				c.secrets = append(c.secrets, secret)
			}
		}
	}
}

// said is an assertion with changes.
func (c *confidant) said(changes object) string {
	all := object{"jti": canary + uuid.NewString(), "iss": canary}
	maps.Copy(all, changes)
	return c.assertion(c.p, all)
}

// tells tells everything.
func (c *confidant) tells() {
	c.Helper()
	jti := object{"jti": canary}
	c.asks(200, c.said(nil), "", nil)
	c.asks(200, c.said(nil), c.prove(nil, jti), nil)
	c.asks(400, c.said(nil), c.prove(nil, jti), nil)
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
		c.asks(400, c.said(changes), "", nil)
	}
	p := c.p
	c.asks(400, c.signed(p.key, object{"kid": canary}, c.claims(p, nil)), "", nil)
	c.asks(400, c.signed(p.key, object{"kid": p.kid, "typ": canary, "crit": []string{canary}}, c.claims(p, nil)), "", nil)
	c.asks(400, c.signed(keys()[1], object{"kid": p.kid}, c.claims(p, jti)), "", nil)
	c.asks(400, canary, canary, nil)
	for _, changes := range []object{{"htm": canary}, {"htu": "https://" + canary + ".example"}, {"jti": 1, "nonce": canary}, {"iat": 1}} {
		c.asks(400, c.said(nil), c.prove(nil, changes), nil)
	}
	c.asks(400, c.said(nil), c.prove(object{"typ": canary, "jwk": object{"kty": canary}}, nil), nil)
	for _, name := range []string{"client_id", "grant_type", "client_assertion_type"} {
		c.asks(400, c.said(nil), "", map[string]string{name: canary})
	}
	c.world.asks(canary)
	c.world.asks(canary + "=" + canary + "&" + canary + "=x")
}

// fails makes requests that end in failures of storage.
func (c *confidant) fails() {
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
		if res := c.world.asks(form(c.said(nil), nil), "DPoP", c.prove(nil, object{"jti": canary + uuid.NewString()})); res.Status < 500 {
			c.Errorf("%d %s", res.Status, res.Raw)
		}
		c.Tap.Set(nil)
	}
}

// TestLogHygiene tells a story, failures included, in which everything that clients say
// holds a canary, and looks for it and for tokens in the log and in what is stored.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		c := &confidant{world: w, p: w.ready()}
		c.tells()
		c.fails()
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

// TestLogLines: every line of a request says what was asked for and how it ended, and a
// refusal why.
func TestLogLines(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.ready()
		w.gets(p, "Bearer")
		w.does(producer, p.purpose, "suspend")
		w.gets(p, noPurpose)
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
