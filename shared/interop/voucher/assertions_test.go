package voucher_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// setting returns a function that changes a setting of the deployment.
func setting(name, value string) func(*apitest.World) {
	return func(w *apitest.World) { w.Settings[name] = value }
}

// TestOneAudience configures an audience: no other one is accepted.
func TestOneAudience(t *testing.T) {
	t.Parallel()
	const own = "auth.example.it/client-assertion"
	withConfig(t, setting("VOUCHER_ASSERTION_AUDIENCE", own), func(w *world) {
		p := w.newRequester()
		for aud, want := range map[string]string{own: "Bearer", issuer: badAud, endpoint: badAud} {
			body := form(w.assertion(p, object{"aud": aud}), nil)
			if tool, res := w.validate(consumer, body), w.issue(body); toolOutcome(tool) != want || outcome(res) != want {
				t.Errorf("aud %s: the endpoint answers %s, the tool %s", aud, outcome(res), toolOutcome(tool))
			}
		}
	})
}

// TestLifetimes configures the maximum lifetime of assertions. By default there is none, and
// the tool warns above ten minutes.
func TestLifetimes(t *testing.T) {
	t.Parallel()
	const long = "clientAssertionLifetimeTooLong"
	for _, c := range []struct {
		setting, want string
		lifetime      time.Duration
		warned        bool
	}{
		{"", "Bearer", 10 * time.Minute, false},
		{"", "Bearer", 10*time.Minute + time.Second, true},
		{"", "Bearer", 365 * 24 * time.Hour, true},
		{"3600", "Bearer", time.Hour, true},
		{"3600", long, time.Hour + time.Second, false},
		{"60", "Bearer", time.Minute, false},
		{"60", long, time.Minute + time.Second, false},
	} {
		withConfig(t, setting("VOUCHER_ASSERTION_SECONDS", c.setting), func(w *world) {
			p := w.newRequester()
			now := w.Clock.Now()
			body := form(w.assertion(p, object{"iat": now.Unix(), "exp": now.Add(c.lifetime).Unix()}), nil)
			tool, res := w.validate(consumer, body), w.issue(body)
			if toolOutcome(tool) != c.want || outcome(res) != c.want {
				t.Errorf("%v with %q: the endpoint answers %s, the tool %s", c.lifetime, c.setting, outcome(res), toolOutcome(tool))
			}
			warnings, _ := tool.Body["warnings"].([]any)
			if (len(warnings) == 1) != c.warned || c.warned && !strings.Contains(interoptest.JSON(warnings), long) {
				t.Errorf("for %v with %q the warnings of the tool are %v", c.lifetime, c.setting, warnings)
			}
		})
	}
	for _, text := range []string{"x", "-1", "1.5", "10m"} {
		if _, err := voucher.NewStore(api.Deps{Setting: func(name string) string {
			return map[string]string{"VOUCHER_ASSERTION_SECONDS": text}[name]
		}}); err == nil {
			t.Errorf("VOUCHER_ASSERTION_SECONDS=%q is accepted", text)
		}
	}
}

// TestAssertionOnce configures that an assertion can be used once: the endpoint and the tool
// refuse its second use, and of simultaneous uses one succeeds. By default an assertion can
// be used until it expires.
func TestAssertionOnce(t *testing.T) {
	t.Parallel()
	const usedAssertion = "clientAssertionJtiAlreadyUsed"
	withConfig(t, setting("VOUCHER_ASSERTION_ONCE", "true"), func(w *world) {
		p := w.newRequester()
		body := form(w.assertion(p, object{"jti": "canary"}), nil)
		for _, want := range []string{"Bearer", usedAssertion, usedAssertion} {
			w.Clock.Advance(time.Millisecond)
			tool := toolOutcome(w.validate(consumer, body))
			if res := w.issue(body); outcome(res) != want || tool != want {
				t.Errorf("the endpoint answers %s, the tool %s, want %s", outcome(res), tool, want)
			}
		}
		w.Clock.Advance(time.Millisecond)
		body = form(w.assertion(p, nil), nil)
		got := w.Race(32, 32, func(int) string { return outcome(w.issue(body)) })
		if want := map[string]int{"Bearer": 1, usedAssertion: 31}; !maps.Equal(got, want) {
			t.Errorf("32 simultaneous requests are answered %v", got)
		}
		// A refused assertion is not used, and two clients may use the same jti.
		q := w.newRequesterOn(p.offer, p.agreement, keys()[1])
		w.act(producer, p.purpose, "suspend")
		w.checkOutcome(p, noPurpose)
		if got := outcome(w.issue(form(w.assertion(q, object{"jti": "canary"}), nil))); got == usedAssertion {
			t.Error("the jti of another client is refused as used")
		}
		for key, item := range w.Stored(func(key table.Key) bool { return strings.HasPrefix(key.PK, "ASSERTION#") }) {
			if ttl, _ := item["ttl"].(float64); int64(ttl) <= w.Clock.Now().Unix() || strings.Contains(fmt.Sprint(key, item), "canary") {
				t.Errorf("stored is %v %v", key, item)
			}
		}
	})
	embedded(t, func(w *world) {
		p := w.newRequester()
		body := form(w.assertion(p, nil), nil)
		for range 2 {
			w.Clock.Advance(time.Millisecond)
			if got := outcome(w.issue(body)); got != "Bearer" {
				t.Errorf("by default the endpoint answers %s", got)
			}
		}
	})
}

// TestKeysAreNotRevealed sends assertions of an unknown client, with an unknown key, with a
// key for another use or algorithm, or with a signature by another key: all have the same
// answer, whether or not their times are valid.
func TestKeysAreNotRevealed(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		encrypts := w.addKeyWithUse(consumer, p.path, keys()[2], "ENC")
		sign := func(header, changes object) string {
			all := object{"alg": "RS256", "kid": p.kid}
			maps.Copy(all, header)
			return compact(interoptest.JSON(all), interoptest.JSON(w.claims(p, changes)), rs256(keys()[1]))
		}
		first := ""
		for name, token := range map[string]string{
			"unknown client":          sign(nil, object{"sub": uuid.NewString()}),
			"no such key":             sign(object{"kid": strings.Repeat("k", 43)}, nil),
			"for encryption":          sign(object{"kid": encrypts}, nil),
			"another algorithm":       sign(object{"alg": "ES256"}, nil),
			"another signature":       sign(nil, nil),
			"expired":                 sign(nil, object{"exp": 1}),
			"unknown client, expired": sign(nil, object{"sub": uuid.NewString(), "exp": 1}),
			"issued in the future":    sign(nil, object{"iat": w.Clock.Now().Unix() + 99}),
		} {
			res := w.issue(form(token, nil), "x-correlation-id", "one")
			if first == "" {
				first = res.Raw
			}
			if res.Raw != first || outcome(res) != notVerified {
				t.Errorf("%s is answered\n%s\nother requests\n%s", name, res.Raw, first)
			}
		}
	})
}

// TestProofsComeLast checks that the signature of a proof, by a key that the sender chooses,
// is verified only after the assertion has authenticated a client.
func TestProofsComeLast(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		forged := p
		forged.key = keys()[1]
		bad := w.newProofBy(curves()[0], object{"jwk": curveJWK(&curves()[1].PublicKey)}, nil)
		for _, c := range []struct {
			p    requester
			step string
		}{{p, "FAILED"}, {forged, "SKIPPED"}} {
			tool := w.validate(consumer, form(w.assertion(c.p, nil), map[string]string{"dpop_proof": bad}))
			steps, _ := tool.Body["steps"].(object)
			if proof, _ := steps["dpopValidation"].(object); proof["result"] != c.step {
				t.Errorf("the step of the proof is %v, want %s", proof["result"], c.step)
			}
		}
	})
}
