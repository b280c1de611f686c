package sample

import (
	"encoding/json"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/services"
)

// TestExamplesHaveOperations finds examples that no event is made of.
func TestExamplesHaveOperations(t *testing.T) {
	t.Parallel()
	left := examples()
	for _, op := range catalog.Operations() {
		delete(left, op.Describe().ID)
	}
	for id := range left {
		t.Errorf("%s has an example and is no operation", id)
	}
	if n := len(consumersExamples) + len(servicesExamples) + len(interopExamples); n != len(examples()) {
		t.Errorf("of %d examples %d are left: one id is there twice", n, len(examples()))
	}
}

// TestEventRefuses an operation without an example, and an example that does not fit.
func TestEventRefuses(t *testing.T) {
	t.Parallel()
	for want, spec := range map[string]api.Spec{
		"thing/get has no example": {
			ID: "thing/get", Product: interop.Product,
		},
		"purpose/get: its example has 1 path parameters, its path 0": {
			ID: "purpose/get", Path: "/purposes", Product: interop.Product,
		},
		"purpose/get: its example has 1 path parameters, its path 2": {
			ID: "purpose/get", Path: "/purposes/{purposeId}/{b}", Product: interop.Product,
		},
		"service/info: its example has 0 path parameters, its path 1": {
			ID: "service/info", Path: "/{a}", Product: services.Product,
		},
	} {
		if text, err := Event(spec); err == nil || err.Error() != want {
			t.Errorf("%s: %s, %v, want %s", spec.ID, text, err, want)
		}
	}
}

// TestCallers: who calls has a role that the operation takes, and the credential that its
// product asks for; nobody calls what is public.
func TestCallers(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"purpose/list": "organization m2m " + producer, "purpose/activate": "organization m2m-admin " + consumerID(0x21),
		"attribute/create-certified": "organization certifier " + certifier, "issuer/list-keys": "operator operator operator",
		"ledger/check": "operator operator operator", "subscriptions/list": "MANAGE ApiSubscriptionRead operator",
		"consumer/get": "issuer " + consumers.ScopeFull + " " + issuerID, "service/approve": "MANAGE ApiServiceReview platform",
		"service/topics": "MANAGE " + strings.Join(ownersGroups, " ") + " " + owner, "service/info": "", "voucher/issue": "",
	} {
		var e struct {
			Headers        map[string]string
			RequestContext struct {
				Authorizer struct{ Kind, Scopes, Subject string }
			}
		}
		text, err := Event(specOf(t, id))
		if err == nil {
			err = json.Unmarshal(text, &e)
		}
		if err != nil {
			t.Fatal(err)
		}
		who := e.RequestContext.Authorizer
		if got := strings.TrimSpace(who.Kind + " " + who.Scopes + " " + who.Subject); got != want {
			t.Errorf("%s is called by %q, want %q", id, got, want)
		}
		bearer, key := e.Headers["Authorization"], e.Headers[api.KeyHeader]
		if (bearer+key == "") != (want == "") || (key != "") != strings.HasPrefix(want, "MANAGE") {
			t.Errorf("%s: Authorization %q, %s %q", id, bearer, api.KeyHeader, key)
		}
	}
}

func specOf(t *testing.T, id string) api.Spec {
	t.Helper()
	for _, op := range catalog.Operations() {
		if spec := op.Describe(); spec.ID == id {
			return spec
		}
	}
	t.Fatalf("no operation is %s", id)
	return api.Spec{}
}
