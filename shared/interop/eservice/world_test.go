package eservice_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// world is a deployment whose storage a test can watch.
type world struct {
	*apitest.World
	testing.TB
	tap *tap

	registry map[string][]string // ids by kind
}

var (
	producer = organization("00000000-0000-4000-8000-000000000001", interop.RoleAdmin)
	other    = organization("00000000-0000-4000-8000-000000000002", interop.RoleAdmin)
	reader   = organization("00000000-0000-4000-8000-000000000003", interop.RoleReader)

	certifier = organization("00000000-0000-4000-8000-000000000004", interop.RoleCertifier)
)

// organization is the caller behind a token of an organization with those roles.
func organization(id string, roles ...string) *api.Identity {
	return &api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: roles}
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Each(t, []table.Schema{interop.Table}, served(), watched(test))
}

// embedded is each without DynamoDB Local: see [apitest.Embedded].
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Embedded(t, []table.Schema{interop.Table}, served(), watched(test))
}

// The audiences of the deployment itself.
const (
	ownAudience = "https://ciclo.example.it/Access"
	ownIssuer   = "https://vouchers.example.it"
)

func watched(test func(w *world)) func(*testing.T, *apitest.World) {
	return func(t *testing.T, base *apitest.World) {
		tap := &tap{DB: base.DB}
		base.DB = tap
		maps.Copy(base.Settings, map[string]string{"AUDIENCE": ownAudience, "SIGN_ISSUER": ownIssuer + "/"})
		w := &world{World: base, TB: t, tap: tap, registry: map[string][]string{}}
		w.Handler(t)
		test(w)
	}
}

// served are the operations on e-services and, for the attributes they require,
// those on the registry.
func served() []api.Op { return slices.Concat(eservice.Operations(), attribute.Operations()) }

var published = apitest.Published(served())

// call sends a request of the producer.
func (w *world) call(method, path, body string, header ...string) apitest.Response {
	w.Helper()
	return w.as(producer, method, path, body, header...)
}

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

// want fails unless the answer has the status.
func (w *world) want(res apitest.Response, status int) apitest.Response {
	w.Helper()
	if res.Status != status {
		w.Fatalf("status = %d, want %d\n%s", res.Status, status, res.Raw)
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

// unique numbers what must not have the same name.
var unique atomic.Int64

type object = map[string]any

// terms is a new descriptor, with changes.
func terms(changes object) string { return payload(termsObject(), changes) }

func termsObject() object {
	return object{"audience": []string{"api.example.it"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 10, "dailyCallsTotal": 100, "agreementApprovalPolicy": "AUTOMATIC"}
}

// seed is a new e-service with a name of its own; changes replace or, when nil,
// remove members of it or, with a dot, of its descriptor.
func seed(changes object) string {
	return payload(object{
		"name": fmt.Sprintf("E-service %d", unique.Add(1)), "description": "Certificati online",
		"technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": termsObject(),
	}, changes)
}

func payload(p, changes object) string {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		at, value := p, changes[name]
		if outer, inner, nested := strings.Cut(name, "."); nested {
			at, _ = p[outer].(object)
			name = inner
		}
		if at[name] = value; value == nil {
			delete(at, name)
		}
	}
	b, err := json.Marshal(p)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// create makes an e-service and returns its path and that of its descriptor.
func (w *world) create(changes object) (path, descriptor string) {
	w.Helper()
	return w.createAs(producer, changes)
}

func (w *world) createAs(as *api.Identity, changes object) (path, descriptor string) {
	w.Helper()
	if as != producer { // whose audience is its own
		all := object{"descriptor.audience": []string{as.Subject + ".example.it"}}
		maps.Copy(all, changes)
		changes = all
	}
	path = "/eservices/" + w.want(w.as(as, "POST", "/eservices", seed(changes)), http.StatusCreated).Text("id")
	return path, w.descriptors(as, path)[0]
}

// public makes an e-service that is published.
func (w *world) public(changes object) (path, descriptor string) {
	w.Helper()
	path, descriptor = w.create(changes)
	w.move(descriptor, "publish")
	return path, descriptor
}

// draft makes a new version and returns its path.
func (w *world) draft(path string) string {
	w.Helper()
	return path + "/descriptors/" + w.want(w.call("POST", path+"/descriptors", terms(nil)), http.StatusCreated).Text("id")
}

// move takes an action on a descriptor.
func (w *world) move(descriptor, action string) apitest.Response {
	w.Helper()
	return w.want(w.call("POST", descriptor+"/"+action, ""), http.StatusOK)
}

// descriptors are the paths of an e-service's descriptors.
func (w *world) descriptors(as *api.Identity, path string) (paths []string) {
	w.Helper()
	for _, d := range results(w.want(w.as(as, "GET", path+"/descriptors", ""), http.StatusOK)) {
		paths = append(paths, fmt.Sprint(path, "/descriptors/", d["id"]))
	}
	return paths
}

// states are the descriptors as "<version> <state>".
func (w *world) states(as *api.Identity, path string) (all []string) {
	w.Helper()
	for _, d := range results(w.want(w.as(as, "GET", path+"/descriptors", ""), http.StatusOK)) {
		all = append(all, fmt.Sprint(d["version"], " ", d["state"]))
	}
	return all
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

// nobody is the path of an e-service that there is not.
func nobody() string { return "/eservices/" + uuid.NewString() }

// idOf is the id of the e-service in a path.
func idOf(path string) string { return strings.Split(path, "/")[2] }
