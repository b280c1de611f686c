package eservice_test

import (
	"fmt"
	"strings"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// request is one operation with a request that it answers with success.
type request struct {
	api.Spec
	path, body string
}

// patches are the bodies of changes by the last word of their paths.
var patches = map[string]string{
	"description": `{"description":"Another description"}`, "signalHub": `{"isSignalHubEnabled":true}`,
	"delegation": `{"isConsumerDelegable":true}`, "quotas": `{"dailyCallsTotal":500}`, "personalDataFlag": `{"personalData":true}`,
}

// freshName is the body that names an e-service as no other is named.
func freshName() string { return fmt.Sprintf(`{"name":"Renamed %d"}`, unique.Add(1)) }

// requests makes e-services in every state, and a request for each operation.
func (w *world) requests() map[string]request {
	w.Helper()
	draft, version := w.create(nil)
	removed, _ := w.create(nil)
	public, live := w.public(nil)
	w.unsay(public)
	suspendedPath, suspended := w.public(nil)
	w.move(suspended, "suspend")
	_, waiting := w.create(nil)
	discarded := w.draft(suspendedPath)
	_, needs := w.needing()
	requests := map[string]request{
		"eservice/list":               {path: "/eservices?limit=2&offset=1"},
		"eservice/create":             {path: "/eservices", body: seed(nil)},
		"eservice/get":                {path: public},
		"eservice/update":             {path: draft, body: freshName()},
		"eservice/delete":             {path: removed},
		"eservice/update-delegation":  {path: public + "/delegation", body: patches["delegation"]},
		"eservice/update-description": {path: public + "/description", body: patches["description"]},
		"eservice/update-name":        {path: public + "/name", body: freshName()},
		"eservice/update-signal-hub":  {path: public + "/signalHub", body: patches["signalHub"]},
		"eservice/set-personal-data":  {path: public + "/personalDataFlag", body: patches["personalDataFlag"]},
		"eservice/list-descriptors":   {path: public + "/descriptors?state=PUBLISHED"},
		"eservice/create-descriptor":  {path: public + "/descriptors", body: terms(nil)},
		"eservice/get-descriptor":     {path: live},
		"eservice/update-descriptor":  {path: version, body: `{"voucherLifespan":60}`},
		"eservice/delete-descriptor":  {path: discarded},
		"eservice/update-quotas":      {path: live + "/quotas", body: patches["quotas"]},
		"eservice/suspend":            {path: live + "/suspend"},
		"eservice/unsuspend":          {path: suspended + "/unsuspend"},
		"eservice/publish":            {path: waiting + "/publish"},

		"eservice/update-certified-attribute": {path: in(needs, "certified", 0) + "/" + w.attributes("certified")[1], body: `{"dailyCallsPerConsumer":50}`},
	}
	for _, kind := range kinds {
		all := w.attributes(kind)
		requests["eservice/list-"+kind+"-attributes"] = request{path: needs + "/" + kind + "Attributes?limit=1"}
		requests["eservice/create-"+kind+"-group"] = request{path: needs + "/" + kind + "Attributes/groups", body: group(all...)}
		requests["eservice/add-"+kind+"-attributes"] = request{path: in(needs, kind, 0), body: group(all[2])}
		requests["eservice/remove-"+kind+"-attribute"] = request{path: in(needs, kind, 0) + "/" + all[0]}
	}
	for _, op := range eservice.Operations() {
		spec := op.Describe()
		r, ok := requests[spec.ID]
		if !ok {
			w.Fatalf("there is no request for %s", spec.ID)
		}
		r.Spec = spec
		requests[spec.ID] = r
	}
	if len(requests) != len(eservice.Operations()) {
		w.Fatal("there are requests for operations that there are not")
	}
	return requests
}

func (w *world) send(as *api.Identity, r request, header ...string) apitest.Response {
	w.Helper()
	return w.as(as, r.Method, r.path, r.body, header...)
}

// named tells whether the request names an e-service.
func (r request) named() bool { return strings.Contains(r.Path, "{eserviceId}") }

// about is the request about another e-service, or another descriptor of it.
func (r request) about(path string) request {
	parts := strings.Split(r.path, "/")
	parts[2] = idOf(path)
	if theirs := strings.Split(path, "/"); len(theirs) > 4 && strings.Contains(r.Path, "{descriptorId}") {
		parts[4] = theirs[4]
	}
	r.path = strings.Join(parts, "/")
	return r
}

// writes tells whether the request changes something.
func (r request) writes() bool { return r.Method != "GET" }
