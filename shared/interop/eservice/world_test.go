package eservice_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

type object = interoptest.Object

// world is a deployment with the attributes that tests require.
type world struct {
	*interoptest.World
	registry map[string][]string // ids by kind
}

var (
	producer  = interoptest.Admin(1)
	other     = interoptest.Admin(2)
	reader    = interoptest.Reader(3)
	certifier = interoptest.Certifier(4)
)

// The audiences of the deployment itself.
const (
	ownAudience = "https://ciclo.example.it/Access"
	ownIssuer   = "https://vouchers.example.it"
)

// suite is the operations on e-services and, for the attributes that they require,
// those on the registry.
var suite = func() *interoptest.Suite {
	s := interoptest.New(eservice.Operations(), attribute.Operations())
	s.Prepare = func(w *apitest.World) {
		w.Settings["AUDIENCE"] = ownAudience
		w.Settings["SIGN_ISSUER"] = ownIssuer + "/"
	}
	return s
}()

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *interoptest.World) { test(&world{World: w, registry: map[string][]string{}}) })
}

// embedded is each without DynamoDB Local: see [apitest.Embedded].
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *interoptest.World) { test(&world{World: w, registry: map[string][]string{}}) })
}

// call sends a request of the producer.
func (w *world) call(method, path, body string, header ...string) apitest.Response {
	w.Helper()
	return w.As(producer, method, path, body, header...)
}

// terms is the body of a new descriptor, with changes.
func terms(changes object) string { return payload(termsObject(), changes) }

func termsObject() object { return interoptest.Terms(10, 100) }

// seed is the body of a new e-service with a name of its own. Changes replace members of
// it or, with a dot, of its descriptor; nil removes a member.
func seed(changes object) string {
	return payload(object{
		"name": interoptest.Unique("E-service"), "description": "Certificati online",
		"technology": "REST", "mode": "DELIVER", "personalData": false, "descriptor": termsObject(),
	}, changes)
}

// payload is a body with changes.
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
	return interoptest.JSON(p)
}

// create makes an e-service and returns its path and that of its descriptor.
func (w *world) create(changes object) (path, descriptor string) {
	w.Helper()
	return w.createAs(producer, changes)
}

func (w *world) createAs(as *api.Identity, changes object) (path, descriptor string) {
	w.Helper()
	if as != producer {
		all := object{"descriptor.audience": []string{interoptest.Audience(as)}}
		maps.Copy(all, changes)
		changes = all
	}
	path = "/eservices/" + w.Want(w.As(as, "POST", "/eservices", seed(changes)), http.StatusCreated).Text("id")
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
	return path + "/descriptors/" + w.Want(w.call("POST", path+"/descriptors", terms(nil)), http.StatusCreated).Text("id")
}

// move takes an action on a descriptor.
func (w *world) move(descriptor, action string) apitest.Response {
	w.Helper()
	return w.Want(w.call("POST", descriptor+"/"+action, ""), http.StatusOK)
}

// descriptors are the paths of an e-service's descriptors.
func (w *world) descriptors(as *api.Identity, path string) []string {
	w.Helper()
	var paths []string
	for _, id := range interoptest.Members(w.OK(as, "GET", path+"/descriptors", ""), "id") {
		paths = append(paths, path+"/descriptors/"+id)
	}
	return paths
}

// states are the descriptors as "<version> <state>".
func (w *world) states(as *api.Identity, path string) []string {
	w.Helper()
	var all []string
	for _, d := range interoptest.Results(w.OK(as, "GET", path+"/descriptors", "")) {
		all = append(all, fmt.Sprint(d["version"], " ", d["state"]))
	}
	return all
}

// unknownPath is the path of an e-service that does not exist.
func unknownPath() string { return "/eservices/" + interoptest.UnknownID() }

// idOf is the id of the e-service in a path.
func idOf(path string) string { return strings.Split(path, "/")[2] }
