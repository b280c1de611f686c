package purpose_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// suite is the operations of the whole interop product: a purpose stands on the others.
var suite = interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(), purpose.Operations())

type object = interoptest.Object

// world is a deployment with a producer and consumers.
type world struct{ *interoptest.World }

var (
	producer  = interoptest.Organization("00000000-0000-4000-8000-000000000001", interop.RoleAdmin)
	consumer  = interoptest.Organization("00000000-0000-4000-8000-000000000002", interop.RoleAdmin)
	other     = interoptest.Organization("00000000-0000-4000-8000-000000000003", interop.RoleAdmin) // another consumer
	stranger  = interoptest.Organization("00000000-0000-4000-8000-000000000004", interop.RoleAdmin)
	certifier = interoptest.Organization("00000000-0000-4000-8000-000000000005", interop.RoleCertifier)
)

// numbered is one of many organizations.
func numbered(n int) *api.Identity {
	return interoptest.Organization(fmt.Sprintf("00000000-0000-4000-9000-%012d", n), interop.RoleAdmin)
}

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *interoptest.World) { test(begin(w)) })
}

// embedded is each without DynamoDB Local.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *interoptest.World) { test(begin(w)) })
}

func begin(base *interoptest.World) *world {
	w := &world{base}
	w.registers(producer, consumer, other, stranger)
	return w
}

// registers records organizations as their first calls would.
func (w *world) registers(all ...*api.Identity) {
	w.Helper()
	registrar := tenant.NewRegistrar(w.Deps())
	for _, caller := range all {
		if err := registrar.Register(w.Context(), interop.Organization{ID: caller.Subject}); err != nil {
			w.Fatal(err)
		}
	}
}

// unique numbers what must not have the same name, in forms of the tests' own.
var unique atomic.Int64

func terms(perConsumer, total int) object { return interoptest.Terms(perConsumer, total) }

// offer is an e-service with a published descriptor.
type offer struct{ id, descriptor string }

func (o offer) path() string { return o.exported().Path() }

func (o offer) exported() interoptest.Offer {
	return interoptest.Offer{ID: o.id, Descriptor: o.descriptor}
}

// ok sends a request and fails unless it succeeds.
func (w *world) ok(who *api.Identity, method, path, body string) apitest.Response {
	w.Helper()
	return w.OK(who, method, path, body)
}

// offers publishes an e-service of the producer with these thresholds; agreements for
// it are approved automatically.
func (w *world) offers(perConsumer, total int) offer {
	w.Helper()
	return w.offersAs(producer, perConsumer, total)
}

func (w *world) offersAs(who *api.Identity, perConsumer, total int) offer {
	w.Helper()
	o := w.PublishEService(who, interoptest.Descriptor{PerConsumer: perConsumer, Total: total})
	return offer{o.ID, o.Descriptor}
}

// revises publishes a newer descriptor with these thresholds.
func (w *world) revises(o offer, perConsumer, total int) offer {
	w.Helper()
	next := w.PublishDescriptor(producer, o.exported(), interoptest.Descriptor{PerConsumer: perConsumer, Total: total})
	return offer{next.ID, next.Descriptor}
}

// quotas changes the thresholds of a descriptor.
func (w *world) quotas(o offer, perConsumer, total int) {
	w.Helper()
	w.ok(producer, "PATCH", o.path()+"/quotas", fmt.Sprintf(`{"dailyCallsPerConsumer":%d,"dailyCallsTotal":%d}`, perConsumer, total))
}

// joins makes an agreement that is active, and returns its path.
func (w *world) joins(who *api.Identity, o offer) string {
	w.Helper()
	return w.SubmitAgreement(who, o.exported())
}

// seed is a new purpose with a title of its own.
func seed(o offer, calls int) object { return interoptest.PurposeSeed(o.exported(), calls) }

// drafts makes a draft of a purpose with a risk analysis, and returns its path.
func (w *world) drafts(who *api.Identity, o offer, calls int) string {
	w.Helper()
	return w.DraftPurpose(who, o.exported(), calls)
}

// submits makes a purpose and activates it, which may end in ACTIVE or waiting.
func (w *world) submits(who *api.Identity, o offer, calls int) string {
	w.Helper()
	return w.ActivatePurpose(who, o.exported(), calls)
}

// estimates asks for a new version of a purpose.
func (w *world) estimates(who *api.Identity, path string, calls int) apitest.Response {
	w.Helper()
	return w.ok(who, "POST", path+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls))
}

const reason = "Troppe chiamate al giorno."

// bodyOf is the body of an action.
func bodyOf(action string) string {
	if action == "reject" {
		return interoptest.JSON(object{"rejectionReason": reason})
	}
	return ""
}

// does takes an action on a purpose and fails unless it succeeds.
func (w *world) does(who *api.Identity, path, action string) apitest.Response {
	w.Helper()
	return w.ok(who, "POST", path+"/"+action, bodyOf(action))
}

// try takes an action and may be refused.
func (w *world) try(who *api.Identity, path, action string) apitest.Response {
	w.Helper()
	return w.As(who, "POST", path+"/"+action, bodyOf(action))
}

// state is a purpose as its consumer sees it, in short: "SUSPENDED 5 by Consumer,
// WAITING_FOR_APPROVAL 30".
func (w *world) state(who *api.Identity, path string) string {
	w.Helper()
	return shown(w.ok(who, "GET", path, "").Body)
}

func shown(p object) string {
	var said []string
	for _, member := range []string{"currentVersion", "waitingForApprovalVersion", "rejectedVersion"} {
		v, _ := p[member].(object)
		if v == nil {
			continue
		}
		one := fmt.Sprint(v["state"], " ", v["dailyCalls"])
		if member == "currentVersion" {
			for _, side := range []string{"Consumer", "Producer"} {
				if held, _ := p["suspendedBy"+side].(bool); held {
					one += " by " + side
				}
			}
		}
		said = append(said, one)
	}
	return strings.Join(said, ", ")
}

// want fails unless two things are the same.
func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
