package agreement_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// operations are those of agreements and of what they depend on.
var operations = slices.Concat(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations())

// suite records the changes of stored items for [world.follow].
var suite = newSuite()

func newSuite() *interoptest.Suite {
	s := interoptest.New(operations)
	s.Stream = true
	return s
}

// world is a deployment with a producer, a consumer and a stranger.
type world struct {
	*interoptest.World
	broken map[table.Key]table.Item // items before a test broke them
}

var (
	producer  = interoptest.Admin(1)
	consumer  = interoptest.Admin(2)
	stranger  = interoptest.Admin(3)
	certifier = interoptest.Certifier(4)
)

// numbered returns one of many organizations.
func numbered(n int) *api.Identity {
	return interoptest.Organization(fmt.Sprintf("00000000-0000-4000-9000-%012d", n), interop.RoleAdmin)
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(base *interoptest.World) { test(newWorld(base)) })
}

// embedded is each without DynamoDB Local.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(base *interoptest.World) { test(newWorld(base)) })
}

func newWorld(base *interoptest.World) *world {
	w := &world{World: base}
	w.Register(producer, consumer, stranger)
	return w
}

// fewer returns how many of n cases a test runs: all, or a twentieth on DynamoDB Local,
// which is a hundred times slower.
func (w *world) fewer(n int) int {
	if strings.Contains(w.Name(), "/dynamodb") {
		return n / 20
	}
	return n
}

// follow delivers the changes of stored items to the worker until there are none.
func (w *world) follow() {
	w.Helper()
	for {
		change, more := w.NextChange()
		if !more {
			return
		}
		if err := w.deliver(change); err != nil {
			w.Fatal(err)
		}
	}
}

// deliver hands one change to the worker.
func (w *world) deliver(change table.Change) error {
	w.Helper()
	handle, err := agreement.Follow.Start(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	return handle(w.Context(), change)
}

type object = interoptest.Object

// offer is an e-service with a published descriptor.
type offer struct{ id, descriptor string }

func (o offer) exported() interoptest.Offer {
	return interoptest.Offer{ID: o.id, Descriptor: o.descriptor}
}

func (o offer) path() string { return o.exported().Path() }

// requirement is a group of attributes that a descriptor requires.
type requirement struct {
	kind attribute.Kind
	ids  []string
}

func groups(requirements []requirement) []interoptest.Group {
	var all []interoptest.Group
	for _, r := range requirements {
		all = append(all, interoptest.Require(word(r.kind), r.ids...))
	}
	return all
}

func word(kind attribute.Kind) string { return strings.ToLower(string(kind)) }

// attribute creates an attribute and returns its id.
func (w *world) attribute(kind attribute.Kind) string {
	w.Helper()
	if kind == attribute.Certified {
		return w.DefineAttribute(certifier, word(kind))
	}
	return w.DefineAttribute(producer, word(kind))
}

// newOffer publishes an e-service of the producer with that approval policy.
func (w *world) newOffer(policy string, requirements ...requirement) offer {
	w.Helper()
	o := w.PublishEService(producer, interoptest.Descriptor{Policy: policy, Requires: groups(requirements)})
	return offer{id: o.ID, descriptor: o.Descriptor}
}

// newOfferAs is newOffer for another producer and with a name.
func (w *world) newOfferAs(caller *api.Identity, name, policy string, requirements ...requirement) offer {
	w.Helper()
	seed := interoptest.EServiceSeed(caller, interoptest.Descriptor{Policy: policy})
	seed["name"] = name
	o := offer{id: w.OK(caller, "POST", "/eservices", interoptest.JSON(seed)).Text("id")}
	o.descriptor = interoptest.Members(w.OK(caller, "GET", "/eservices/"+o.id+"/descriptors", ""), "id")[0]
	for _, r := range requirements {
		w.OK(caller, "POST", o.path()+"/"+word(r.kind)+"Attributes/groups", interoptest.JSON(object{"attributeIds": r.ids}))
	}
	w.OK(caller, "POST", o.path()+"/publish", "")
	return o
}

// terms returns the body of a descriptor of the producer.
func terms(policy string) object {
	terms := interoptest.Terms(10, 100)
	terms["audience"] = []string{interoptest.Audience(producer)}
	terms["agreementApprovalPolicy"] = policy
	return terms
}

// newDescriptor publishes a newer descriptor.
func (w *world) newDescriptor(o offer, policy string, requirements ...requirement) offer {
	w.Helper()
	next := w.PublishDescriptor(producer, o.exported(), interoptest.Descriptor{Policy: policy, Requires: groups(requirements)})
	return offer{id: next.ID, descriptor: next.Descriptor}
}

// assign gives the consumer an attribute, a verified one through the agreement.
func (w *world) assign(kind attribute.Kind, id, through string) {
	w.Helper()
	caller, seed := consumer, object{"id": id}
	switch kind {
	case attribute.Declared:
	case attribute.Certified:
		caller = certifier
	case attribute.Verified:
		caller, seed["agreementId"] = producer, through
	}
	w.OK(caller, "POST", "/tenants/"+consumer.Subject+"/"+word(kind)+"Attributes", interoptest.JSON(seed))
}

// revoke takes an attribute from the consumer.
func (w *world) revoke(kind attribute.Kind, id, through string) {
	w.Helper()
	caller, query := consumer, ""
	switch kind {
	case attribute.Declared:
	case attribute.Certified:
		caller = certifier
	case attribute.Verified:
		caller, query = producer, "?agreementId="+through
	}
	w.OK(caller, "DELETE", "/tenants/"+consumer.Subject+"/"+word(kind)+"Attributes/"+id+query, "")
}

// createDraft creates a draft of the consumer and returns its id.
func (w *world) createDraft(o offer) string {
	w.Helper()
	return w.createDraftAs(consumer, o)
}

func (w *world) createDraftAs(caller *api.Identity, o offer) string {
	w.Helper()
	return w.OK(caller, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor})).Text("id")
}

// mustAct takes an action on an agreement, which has to succeed.
func (w *world) mustAct(caller *api.Identity, id, action string) apitest.Response {
	w.Helper()
	return w.OK(caller, "POST", "/agreements/"+id+"/"+action, bodyOf(action))
}

const reason = "Mancano i dati di chi ne risponde."

// bodyOf returns the body of an action.
func bodyOf(action string) string {
	switch action {
	case "submit":
		return `{"consumerNotes":"Per il portale."}`
	case "reject":
		return interoptest.JSON(object{"reason": reason})
	}
	return ""
}

// state returns the state of an agreement and the sides that suspend it, as its consumer
// sees them.
func (w *world) state(id string) string {
	w.Helper()
	return shown(w.OK(consumer, "GET", "/agreements/"+id, ""))
}

func shown(res apitest.Response) string { return shownIn(res.Body) }

func shownIn(agreement object) string {
	state, _ := agreement["state"].(string)
	for _, side := range []string{"Consumer", "Producer", "Platform"} {
		if isSet, _ := agreement["suspendedBy"+side].(bool); isSet {
			state += " " + side
		}
	}
	return state
}
