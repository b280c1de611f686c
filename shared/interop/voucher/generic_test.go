package voucher_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// TestGeneric configures errors without reasons, as PDND answers: the log, the events and
// the tool still have the reasons.
func TestGeneric(t *testing.T) {
	t.Parallel()
	withConfig(t, func(w *apitest.World) { w.Settings["VOUCHER_ERRORS"] = "generic" }, func(w *world) {
		p := w.newRequester()
		w.checkOutcome(p, "Bearer")
		for _, c := range []struct {
			changes object
			want    string
		}{
			{object{"aud": "x"}, badAud},
			{object{"sub": uuid.NewString()}, noKey},
			{object{"exp": 1}, over},
			{object{"purposeId": uuid.NewString()}, notLinked},
		} {
			w.Clock.Advance(time.Millisecond)
			body := form(w.assertion(p, c.changes), nil)
			res := w.issue(body)
			w.Refused(res, interop.TokenRefused)
			if all, _ := res.Body["errors"].([]any); len(all) != 1 || res.Text("detail") != "Unable to generate a token for the given request" {
				t.Errorf("%s: %s", c.want, res.Raw)
			}
			lines := w.World.World.Log.Lines(t)
			if diff := cmp.Diff(any([]any{c.want}), lines[len(lines)-1]["reasons"]); diff != "" {
				t.Errorf("logged (-want +got):\n%s", diff)
			}
			if got := toolOutcome(w.validate(consumer, body)); got != c.want {
				t.Errorf("the tool answers %q, want %q", got, c.want)
			}
		}
		if diff := cmp.Diff([]string{"ISSUED", "REFUSED [" + badAud + "]", "REFUSED [" + over + "]", "REFUSED [" + notLinked + "]"},
			w.decisions(p)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		proof := w.newProof(nil, nil)
		w.issue(form(w.assertion(p, nil), nil), "DPoP", proof)
		res := w.issue(form(w.assertion(p, nil), nil), "DPoP", proof)
		if all, _ := res.Body["errors"].([]any); len(all) != 1 {
			t.Errorf("a replay: %s", res.Raw)
		}
	})
}

// TestExplained checks that the error of PDND is followed by every reason with its text.
func TestExplained(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"", "explained"} {
		withConfig(t, func(w *apitest.World) { w.Settings["VOUCHER_ERRORS"] = setting }, func(w *world) {
			p := w.newRequester()
			w.act(producer, p.purpose, "suspend")
			w.act(consumer, p.agreement, "suspend")
			res := w.issue(form(w.assertion(p, nil), nil))
			agreementID, general := p.agreement[len("/agreements/"):], "Unable to generate a token for the given request"
			want := []any{
				object{"code": "015-0008", "detail": general},
				object{"code": noAgreement, "detail": "Agreement state is: INACTIVE (agreement " + agreementID + " is SUSPENDED)."},
				object{"code": noPurpose, "detail": "Purpose state is: INACTIVE (purpose " + p.purposeID() +
					" is SUSPENDED by the producer, who can take that back)."},
			}
			if diff := cmp.Diff(any(want), res.Body["errors"]); diff != "" || res.Text("detail") != general {
				t.Errorf("explained with %q (-want +got):\n%s", setting, diff)
			}
		})
	}
}

// TestSteps checks the answers of the tool to requests that fail at each step.
func TestSteps(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.newRequester()
		forged := p
		forged.key = keys()[1]
		for _, c := range []struct {
			p       requester
			changes object
			proof   string
			want    string // a letter for each step, - when the step is missing
			kind    any
		}{
			{p, nil, "", "PPPPP-", "CONSUMER"},
			{p, nil, w.newProof(nil, nil), "PPPPPP", "CONSUMER"},
			{p, nil, w.newProof(nil, object{"htm": "x"}), "PPPPPF", "CONSUMER"},
			{p, object{"aud": "x"}, "", "FSSSS-", nil},
			{p, object{"aud": "x"}, w.newProof(nil, nil), "FSSSSS", nil},
			{p, object{"aud": "x"}, "x", "FSSSSF", nil},
			{p, object{"purposeId": nil}, "", "PFSSS-", "CONSUMER"},
			{forged, object{"purposeId": nil}, "", "PFFSS-", "CONSUMER"},
			{p, object{"sub": uuid.NewString()}, "", "PFSSS-", nil},
			{forged, nil, "", "PPFSS-", "CONSUMER"},
			{p, object{"purposeId": uuid.NewString()}, "", "PPPFS-", "CONSUMER"},
		} {
			fields := map[string]string{"dpop_proof": c.proof}
			res := w.Want(w.validate(consumer, form(w.assertion(c.p, c.changes), fields)), 200)
			all, _ := res.Body["steps"].(object)
			got := ""
			for _, name := range toolSteps {
				step, there := all[name].(object)
				failures, _ := step["failures"].([]any)
				letter := "-"
				if result, _ := step["result"].(string); there {
					letter = result[:1]
				}
				if (letter == "F") != (len(failures) > 0) {
					t.Errorf("%s has failures %v", name, failures)
				}
				got += letter
			}
			if got != c.want || res.Body["clientKind"] != c.kind || (res.Body["eservice"] != nil) != (c.want[:4] == "PPPP") {
				t.Errorf("%v: the steps are %s, want %s\n%s", c.changes, got, c.want, res.Raw)
			}
		}
		unknown := w.signJWT(p.key, object{"kid": strings.Repeat("A", 43)}, w.claims(p, nil))
		if res := w.validate(consumer, form(unknown, nil)); toolOutcome(res) != noKey || res.Body["clientKind"] != nil {
			t.Errorf("with an unknown key: %s", res.Raw)
		}
		w.act(consumer, p.agreement, "archive")
		res := w.validate(consumer, form(w.assertion(p, nil), nil))
		if interoptest.JSON(res.Body["eservice"]) != "null" || toolOutcome(res) != noAgreement {
			t.Errorf("without an agreement: %s", res.Raw)
		}
	})
}
