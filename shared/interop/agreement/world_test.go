package agreement_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// world is a deployment whose storage a test can watch, with the changes that the
// platform has not followed yet.
type world struct {
	*apitest.World
	testing.TB
	tap    *hooked.DB
	feed   *feed
	broken map[table.Key]table.Item // as it was before
}

var (
	producer  = organization("00000000-0000-4000-8000-000000000001", interop.RoleAdmin)
	consumer  = organization("00000000-0000-4000-8000-000000000002", interop.RoleAdmin)
	stranger  = organization("00000000-0000-4000-8000-000000000003", interop.RoleAdmin)
	certifier = organization("00000000-0000-4000-8000-000000000004", interop.RoleCertifier)
)

// organization is the caller behind a token of an organization with those roles.
func organization(id string, roles ...string) *api.Identity {
	return &api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: roles}
}

// numbered is one of many organizations.
func numbered(n int) *api.Identity {
	return organization(fmt.Sprintf("00000000-0000-4000-9000-%012d", n), interop.RoleAdmin)
}

// operations are those of the whole interop product: an agreement stands on the others.
var operations = slices.Concat(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations())

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Each(t, []table.Schema{interop.Table}, operations, func(t *testing.T, base *apitest.World) {
		test(newWorld(t, base))
	})
}

// fewer is how many of n a test tries: on DynamoDB Local, which takes a hundred times
// as long, a twentieth.
func (w *world) fewer(n int) int {
	if strings.Contains(w.Name(), "/dynamodb") {
		return n / 20
	}
	return n
}

// embedded is each without DynamoDB Local: see [apitest.Embedded].
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Embedded(t, []table.Schema{interop.Table}, operations, func(t *testing.T, base *apitest.World) {
		test(newWorld(t, base))
	})
}

func newWorld(t testing.TB, base *apitest.World) *world {
	feed := &feed{DB: base.DB, keys: map[table.Key]bool{}}
	tap := &hooked.DB{DB: feed}
	base.DB = tap
	w := &world{World: base, TB: t, tap: tap, feed: feed}
	w.Handler(t)
	registrar := tenant.NewRegistrar(w.Deps())
	for _, caller := range []*api.Identity{producer, consumer, stranger} {
		if err := registrar.Register(t.Context(), interop.Organization{ID: caller.Subject}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// feed notes the changes that the stream of the table would deliver, and every
// key that something was written at.
type feed struct {
	table.DB
	writing sync.Mutex // what was there before a write is what the last one left
	mu      sync.Mutex
	changes []table.Change
	keys    map[table.Key]bool
}

// Write implements [table.DB].
func (f *feed) Write(ctx context.Context, steps ...table.Step) error {
	f.writing.Lock()
	defer f.writing.Unlock()
	keys := make([]table.Key, len(steps))
	for i, step := range steps {
		keys[i] = step.Key
	}
	uncounted, _ := table.WithMeter(context.WithoutCancel(ctx)) // the stream costs no request anything
	before, err := f.DB.BatchGet(uncounted, keys)
	if err != nil {
		return err
	}
	failed := f.DB.Write(ctx, steps...)
	after, err := f.DB.BatchGet(uncounted, keys)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, step := range steps {
		// A write may be carried out although its answer is lost.
		if step.Verb != table.CheckItem && (failed == nil || !reflect.DeepEqual(before[i], after[i])) {
			f.changes = append(f.changes, table.Change{Key: step.Key, Old: before[i], New: after[i]})
			f.keys[step.Key] = true
		}
	}
	return failed
}

// next takes the oldest change; false when there is none.
func (f *feed) next() (table.Change, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.changes) == 0 {
		return table.Change{}, false
	}
	change := f.changes[0]
	f.changes = f.changes[1:]
	return change, true
}

// follow lets the platform follow the changes until there are none.
func (w *world) follow() {
	w.Helper()
	for {
		change, more := w.feed.next()
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

var published = apitest.Published(operations)

// as sends a request and holds the answer against the API document, so that every
// test is one of the document, too.
func (w *world) as(caller *api.Identity, method, path, body string, header ...string) apitest.Response {
	w.Helper()
	res := w.Call(w.TB, caller, method, path, body, header...)
	for _, finding := range published().Check(method, path, res) {
		w.Errorf("%s %s is answered with %d, other than the API document says: %s\n%s", method, path, res.Status, finding, res.Raw)
	}
	return res
}

// ok sends a request and fails unless it succeeds.
func (w *world) ok(caller *api.Identity, method, path, body string) apitest.Response {
	w.Helper()
	res := w.as(caller, method, path, body)
	if res.Status/100 != 2 {
		w.Fatalf("%s %s: status = %d\n%s", method, path, res.Status, res.Raw)
	}
	return res
}

// refused fails unless the answer is a refusal with the code.
func (w *world) refused(res apitest.Response, code problem.Code) {
	w.Helper()
	if got := codeOf(res); res.Status != code.Status || got != code.Name || res.Text("title") != code.Title {
		w.Errorf("refused with %d %s, want %d %s\n%s", res.Status, got, code.Status, code.Name, res.Raw)
	}
}

// codeOf is the code of a refusal, "" when there is none.
func codeOf(res apitest.Response) string {
	all, _ := res.Body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(map[string]any)
		return fmt.Sprint(entry["code"])
	}
	return ""
}

// results are the entries of a page.
func results(res apitest.Response) (all []object) {
	list, _ := res.Body["results"].([]any)
	for _, one := range list {
		entry, _ := one.(object)
		all = append(all, entry)
	}
	return all
}

type object = map[string]any

func body(o object) string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// unique numbers what must not have the same name.
var unique atomic.Int64

// offer is an e-service with a published descriptor.
type offer struct{ id, descriptor string }

func (o offer) path() string { return "/eservices/" + o.id + "/descriptors/" + o.descriptor }

// requirement is a group of attributes that a descriptor asks for.
type requirement struct {
	kind attribute.Kind
	ids  []string
}

func word(kind attribute.Kind) string { return strings.ToLower(string(kind)) }

// attribute defines an attribute.
func (w *world) attribute(kind attribute.Kind) string {
	w.Helper()
	n := unique.Add(1)
	seed, who := object{"name": fmt.Sprintf("Attribute %d", n), "description": "Richiesto ai fruitori"}, producer
	if kind == attribute.Certified {
		seed["code"], who = fmt.Sprintf("code-%d", n), certifier
	}
	return w.ok(who, "POST", "/"+word(kind)+"Attributes", body(seed)).Text("id")
}

// offers publishes an e-service of the producer with that approval policy.
func (w *world) offers(policy string, requirements ...requirement) offer {
	w.Helper()
	return w.offersAs(producer, fmt.Sprintf("E-service %d", unique.Add(1)), policy, requirements...)
}

func (w *world) offersAs(who *api.Identity, name, policy string, requirements ...requirement) offer {
	w.Helper()
	seed := object{"name": name, "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": termsOf(who, policy)}
	o := offer{id: w.ok(who, "POST", "/eservices", body(seed)).Text("id")}
	o.descriptor = fmt.Sprint(results(w.ok(who, "GET", "/eservices/"+o.id+"/descriptors", ""))[0]["id"])
	w.publishes(who, o, requirements...)
	return o
}

// termsOf are terms with the audience of the producer, as no two publish the same.
func termsOf(who *api.Identity, policy string) object {
	of := terms(policy)
	if who != producer {
		of["audience"] = []string{who.Subject + ".example.it"}
	}
	return of
}

func terms(policy string) object {
	return object{"audience": []string{"api.example.it"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 10, "dailyCallsTotal": 100, "agreementApprovalPolicy": policy}
}

func (w *world) publishes(who *api.Identity, o offer, requirements ...requirement) {
	w.Helper()
	for _, r := range requirements {
		w.ok(who, "POST", o.path()+"/"+word(r.kind)+"Attributes/groups", body(object{"attributeIds": r.ids}))
	}
	w.ok(who, "POST", o.path()+"/publish", "")
}

// revises publishes a newer descriptor.
func (w *world) revises(o offer, policy string, requirements ...requirement) offer {
	w.Helper()
	next := offer{o.id, w.ok(producer, "POST", "/eservices/"+o.id+"/descriptors", body(terms(policy))).Text("id")}
	w.publishes(producer, next, requirements...)
	return next
}

// owns gives the consumer an attribute, a verified one through the agreement.
func (w *world) owns(kind attribute.Kind, id, through string) {
	w.Helper()
	who, seed := consumer, object{"id": id}
	switch kind {
	case attribute.Certified:
		who = certifier
	case attribute.Verified:
		who, seed["agreementId"] = producer, through
	}
	w.ok(who, "POST", "/tenants/"+consumer.Subject+"/"+word(kind)+"Attributes", body(seed))
}

// loses takes an attribute from the consumer.
func (w *world) loses(kind attribute.Kind, id, through string) {
	w.Helper()
	who, query := consumer, ""
	switch kind {
	case attribute.Certified:
		who = certifier
	case attribute.Verified:
		who, query = producer, "?agreementId="+through
	}
	w.ok(who, "DELETE", "/tenants/"+consumer.Subject+"/"+word(kind)+"Attributes/"+id+query, "")
}

// asks makes a draft of the consumer.
func (w *world) asks(o offer) string {
	w.Helper()
	return w.asksAs(consumer, o)
}

func (w *world) asksAs(who *api.Identity, o offer) string {
	w.Helper()
	return w.ok(who, "POST", "/agreements", body(object{"eserviceId": o.id, "descriptorId": o.descriptor})).Text("id")
}

// does takes an action on an agreement.
func (w *world) does(who *api.Identity, id, action string) apitest.Response {
	w.Helper()
	return w.ok(who, "POST", "/agreements/"+id+"/"+action, bodyOf(action))
}

const reason = "Mancano i dati di chi ne risponde."

// bodyOf is the body of an action.
func bodyOf(action string) string {
	switch action {
	case "submit":
		return `{"consumerNotes":"Per il portale."}`
	case "reject":
		return body(object{"reason": reason})
	}
	return ""
}

// state is an agreement as its consumer sees it: "ACTIVE" and the flags that hold.
func (w *world) state(id string) string {
	w.Helper()
	return shown(w.ok(consumer, "GET", "/agreements/"+id, ""))
}

func shown(res apitest.Response) string { return shownIn(res.Body) }

func shownIn(agreement object) string {
	state, _ := agreement["state"].(string)
	for _, side := range []string{"Consumer", "Producer", "Platform"} {
		if held, _ := agreement["suspendedBy"+side].(bool); held {
			state += " " + side
		}
	}
	return state
}

// want fails unless two things are the same.
func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// statusOf fails unless the answer has the status.
func (w *world) statusOf(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
	}
	return res
}

var _ = http.StatusOK
