package purpose_test

import (
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// suite has the operations that a purpose depends on.
var suite = interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
	purpose.Operations())

type (
	object = interoptest.Object
	offer  = interoptest.Offer
)

// world is a deployment with a producer and consumers.
type world struct{ *interoptest.World }

var (
	producer  = interoptest.Admin(1)
	consumer  = interoptest.Admin(2)
	other     = interoptest.Admin(3) // another consumer
	stranger  = interoptest.Admin(4)
	certifier = interoptest.Certifier(5)
)

// organization returns one of many organizations.
func organization(n int) *api.Identity { return interoptest.Admin(1000 + n) }

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *interoptest.World) { test(begin(w)) })
}

// embedded runs test on the embedded engine alone.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *interoptest.World) { test(begin(w)) })
}

func begin(base *interoptest.World) *world {
	w := &world{base}
	w.Register(producer, consumer, other, stranger)
	return w
}

// publish publishes an e-service of the producer with these thresholds. Agreements for it
// are approved automatically.
func (w *world) publish(perConsumer, total int) offer {
	w.Helper()
	return w.publishAs(producer, perConsumer, total)
}

func (w *world) publishAs(caller *api.Identity, perConsumer, total int) offer {
	w.Helper()
	return w.PublishEService(caller, interoptest.Descriptor{PerConsumer: perConsumer, Total: total})
}

// publishToBoth publishes an e-service with these thresholds, with active agreements of
// both consumers.
func (w *world) publishToBoth(perConsumer, total int) offer {
	w.Helper()
	o := w.publish(perConsumer, total)
	w.SubmitAgreement(consumer, o)
	w.SubmitAgreement(other, o)
	return o
}

// revise publishes a newer descriptor with these thresholds.
func (w *world) revise(o offer, perConsumer, total int) offer {
	w.Helper()
	return w.PublishDescriptor(producer, o, interoptest.Descriptor{PerConsumer: perConsumer, Total: total})
}

// setThresholds changes the thresholds of a descriptor.
func (w *world) setThresholds(o offer, perConsumer, total int) {
	w.Helper()
	body := object{"dailyCallsPerConsumer": perConsumer, "dailyCallsTotal": total}
	w.OK(producer, "PATCH", o.Path()+"/quotas", interoptest.JSON(body))
}

// quota is a certified attribute that a descriptor requires, with a threshold of its own
// in calls a day unless that is 0.
type quota struct {
	id    string
	calls int
}

// certified is the group of attributes of which a consumer has to own one.
func certified(quotas ...quota) interoptest.Group {
	group := interoptest.Group{Kind: "certified"}
	for _, q := range quotas {
		group.Attributes = append(group.Attributes, interoptest.Attribute{ID: q.id, DailyCalls: q.calls})
	}
	return group
}

// publishRequiring publishes an e-service that requires one attribute of each group.
func (w *world) publishRequiring(perConsumer, total int, groups ...[]quota) offer {
	w.Helper()
	d := interoptest.Descriptor{PerConsumer: perConsumer, Total: total}
	for _, group := range groups {
		d.Requires = append(d.Requires, certified(group...))
	}
	return w.PublishEService(producer, d)
}

// defineAttribute defines a certified attribute.
func (w *world) defineAttribute() string {
	w.Helper()
	return w.DefineAttribute(certifier, "certified")
}

// assign assigns a certified attribute to an organization.
func (w *world) assign(owner *api.Identity, id string) {
	w.Helper()
	w.OK(certifier, "POST", "/tenants/"+owner.Subject+"/certifiedAttributes", interoptest.JSON(object{"id": id}))
}

// revoke revokes a certified attribute of an organization.
func (w *world) revoke(owner *api.Identity, id string) {
	w.Helper()
	w.OK(certifier, "DELETE", "/tenants/"+owner.Subject+"/certifiedAttributes/"+id, "")
}

// createVersion plans another number of calls for a purpose.
func (w *world) createVersion(caller *api.Identity, path string, calls int) apitest.Response {
	w.Helper()
	return w.OK(caller, "POST", path+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls))
}

// activePurpose makes a purpose that is active, approved if need be.
func (w *world) activePurpose(caller *api.Identity, o offer, calls int) string {
	w.Helper()
	path := w.ActivatePurpose(caller, o, calls)
	if w.describe(caller, path) != fmt.Sprint("ACTIVE ", calls) {
		w.act(producer, path, "approve")
	}
	return path
}

const reason = "Troppe chiamate al giorno."

// bodyOf returns the body of an action.
func bodyOf(action string) string {
	if action == "reject" {
		return interoptest.JSON(object{"rejectionReason": reason})
	}
	return ""
}

// act takes an action on a purpose and ends the test unless it succeeds.
func (w *world) act(caller *api.Identity, path, action string) apitest.Response {
	w.Helper()
	return w.OK(caller, "POST", path+"/"+action, bodyOf(action))
}

// tryAct takes an action that may be refused.
func (w *world) tryAct(caller *api.Identity, path, action string) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", path+"/"+action, bodyOf(action))
}

// describe reads a purpose and describes it.
func (w *world) describe(caller *api.Identity, path string) string {
	w.Helper()
	return describe(w.OK(caller, "GET", path, "").Body)
}

// describe describes a purpose in short: "SUSPENDED 5 by Consumer, WAITING_FOR_APPROVAL 30".
func describe(p object) string {
	var parts []string
	for _, member := range []string{"currentVersion", "waitingForApprovalVersion", "rejectedVersion"} {
		v, _ := p[member].(object)
		if v == nil {
			continue
		}
		part := fmt.Sprint(v["state"], " ", v["dailyCalls"])
		for _, side := range []string{"Consumer", "Producer"} {
			if suspended, _ := p["suspendedBy"+side].(bool); suspended && member == "currentVersion" {
				part += " by " + side
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// checkState checks how a purpose is described.
func (w *world) checkState(caller *api.Identity, path, expected string) {
	w.Helper()
	interoptest.Equal(w.TB, path, w.describe(caller, path), expected)
}

// isOfPurpose reports whether a key is of a purpose, or of an item that follows from one.
func isOfPurpose(key table.Key) bool {
	return strings.HasPrefix(key.PK, "PURPOSE") || strings.HasPrefix(key.PK, "LOAD#")
}

// stored returns everything that is stored about purposes.
func (w *world) stored() map[table.Key]object {
	w.Helper()
	return w.Stored(isOfPurpose)
}

// duringWrite runs other right before the first write that request makes.
func (w *world) duringWrite(other, request func()) {
	w.Helper()
	w.Tap.During(0, (*hooked.Call).Writes, other)
	request()
	w.Tap.Set(nil)
}
