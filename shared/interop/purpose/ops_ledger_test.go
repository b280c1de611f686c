package purpose_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	checks "ciclo/shared/interop/ledger"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

const ledgerPath = "/platform/ledger"

var operator = &api.Identity{Subject: "ops", Kind: interop.KindOperator, Scopes: interop.Operators}

// checking has the operation, too.
var checking = interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
	purpose.Operations(), checks.Operations())

// eachChecking runs test on each engine, with the operation.
func eachChecking(t *testing.T, test func(w *world)) {
	t.Helper()
	checking.Each(t, func(w *interoptest.World) { test(begin(w)) })
}

// embeddedChecking runs test on the embedded engine alone, with the operation.
func embeddedChecking(t *testing.T, test func(w *world)) {
	t.Helper()
	checking.Embedded(t, func(w *interoptest.World) { test(begin(w)) })
}

// checked calls the operator's check of the ledger.
func (w *world) checked(query string) map[string]any {
	w.Helper()
	res := w.As(operator, "GET", ledgerPath+query, "")
	if res.Status != 200 {
		w.Fatalf("the check%s = %d\n%s", query, res.Status, res.Raw)
	}
	delete(res.Body, "$schema")
	return res.Body
}

type members = map[string]any

// TestLedgerOperation checks a ledger that is right and one that is wrong, and from after a
// place on.
func TestLedgerOperation(t *testing.T) {
	t.Parallel()
	eachChecking(t, func(w *world) {
		first := w.publish(10, 100)
		w.publishAs(other, 10, 100)
		w.SubmitAgreement(consumer, first)
		w.ActivatePurpose(consumer, first, 3)
		whole := members{"eservices": 2.0, "differences": []any{}, "busy": []any{}, "complete": true}
		if diff := cmp.Diff(whole, w.checked("")); diff != "" {
			w.Errorf("of a ledger that is right (-want +got):\n%s", diff)
		}
		w.addLoad(first.ID+"#"+consumer.Subject, 2)
		whole["differences"] = []any{members{"eserviceId": first.ID, "consumerId": consumer.Subject, "ledger": 5.0, "active": 3.0}}
		if diff := cmp.Diff(whole, w.checked("")); diff != "" {
			w.Errorf("of a ledger that is wrong (-want +got):\n%s", diff)
		}
		w.addLoad(first.ID+"#"+consumer.Subject, -2)
		if got := w.checked("?after=ffffffff-ffff-4fff-bfff-ffffffffffff"); got["eservices"] != 0.0 || got["complete"] != true {
			w.Errorf("after the last one: %v", got)
		}
		if got := w.checked("?after=00000000-0000-4000-8000-000000000000"); got["eservices"] != 2.0 {
			w.Errorf("after one before the first: %v", got)
		}
		for _, wrong := range []string{"x", "!", first.ID + "=", "ESERVICES"} {
			if res := w.As(operator, "GET", ledgerPath+"?"+url.Values{"after": {wrong}}.Encode(), ""); res.Status != 400 {
				w.Errorf("after=%s is answered %d", wrong, res.Status)
			}
		}
	})
}

// TestLedgerOperationRoles: the operator alone may check, also before the request is read, and
// published editions lack the operation.
func TestLedgerOperationRoles(t *testing.T) {
	t.Parallel()
	embeddedChecking(t, func(w *world) {
		for name, as := range map[string]*api.Identity{
			"admin": consumer, "operator without its role": {Subject: "ops", Kind: interop.KindOperator},
			"organization with the role": {Subject: consumer.Subject, Kind: interop.KindOrganization, Scopes: interop.Operators},
		} {
			if res := w.As(as, "GET", ledgerPath+"?after=!", ""); res.Status != 403 {
				w.Errorf("%s = %d", name, res.Status)
			}
		}
		if res := w.As(nil, "GET", ledgerPath, ""); res.Status != 401 {
			w.Errorf("nobody = %d", res.Status)
		}
		if res := w.As(operator, "GET", "/purposes", ""); res.Status != 403 {
			w.Errorf("the operator at the operation of organizations = %d", res.Status)
		}
	})
}

// TestLedgerOperationFails fails every call of a check.
func TestLedgerOperationFails(t *testing.T) {
	t.Parallel()
	embeddedChecking(t, func(w *world) {
		o := w.publish(10, 100)
		w.SubmitAgreement(consumer, o)
		w.ActivatePurpose(consumer, o, 5)
		w.Tap.Set(nil)
		w.checked("")
		for k := range w.Tap.Seen() {
			w.Tap.Set(hooked.Broken(k, false))
			if res := w.As(operator, "GET", ledgerPath, ""); res.Status != 503 {
				w.Errorf("call %d fails: %d", k, res.Status)
			}
		}
		w.Tap.Set(nil)
	})
}
