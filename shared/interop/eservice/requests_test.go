package eservice_test

import (
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
)

// patches are the bodies of changes by the last word of their paths.
var patches = map[string]string{
	"description":      `{"description":"Another description"}`,
	"signalHub":        `{"isSignalHubEnabled":true}`,
	"delegation":       `{"isConsumerDelegable":true}`,
	"quotas":           `{"dailyCallsTotal":500}`,
	"personalDataFlag": `{"personalData":true}`,
}

// freshName is the body that gives an e-service a name that no other has.
func freshName() string { return interoptest.JSON(object{"name": interoptest.Unique("Renamed")}) }

// requests makes e-services in every state, and a request for each operation.
func (w *world) requests() map[string]interoptest.Request {
	w.Helper()
	draft, version := w.create(nil)
	removed, _ := w.create(nil)
	public, live := w.public(nil)
	w.clearPersonalData(public)
	suspendedPath, suspended := w.public(nil)
	w.move(suspended, "suspend")
	_, waiting := w.create(nil)
	discarded := w.draft(suspendedPath)
	_, needs := w.needing()
	quota := in(needs, "certified", 0) + "/" + w.attributes("certified")[1]
	requests := map[string]interoptest.Request{
		"eservice/list":                     {At: "/eservices?limit=2&offset=1"},
		"eservice/create":                   {At: "/eservices", Body: seed(nil)},
		"eservice/get":                      {At: public},
		"eservice/eservice-allowed-actions": {At: public + "/allowedActions"},
		"eservice/update":                   {At: draft, Body: freshName()},
		"eservice/delete":                   {At: removed},
		"eservice/update-delegation":        {At: public + "/delegation", Body: patches["delegation"]},
		"eservice/update-description":       {At: public + "/description", Body: patches["description"]},
		"eservice/update-name":              {At: public + "/name", Body: freshName()},
		"eservice/update-signal-hub":        {At: public + "/signalHub", Body: patches["signalHub"]},
		"eservice/set-personal-data":        {At: public + "/personalDataFlag", Body: patches["personalDataFlag"]},
		"eservice/list-descriptors":         {At: public + "/descriptors?state=PUBLISHED"},
		"eservice/create-descriptor":        {At: public + "/descriptors", Body: terms(nil)},
		"eservice/allowed-actions":          {At: live + "/allowedActions"},
		"eservice/get-descriptor":           {At: live},
		"eservice/update-descriptor":        {At: version, Body: `{"voucherLifespan":60}`},
		"eservice/delete-descriptor":        {At: discarded},
		"eservice/update-quotas":            {At: live + "/quotas", Body: patches["quotas"]},
		"eservice/suspend":                  {At: live + "/suspend"},
		"eservice/unsuspend":                {At: suspended + "/unsuspend"},
		"eservice/publish":                  {At: waiting + "/publish"},

		"eservice/update-certified-attribute": {At: quota, Body: `{"dailyCallsPerConsumer":50}`},
	}
	for _, kind := range kinds {
		all := w.attributes(kind)
		requests["eservice/list-"+kind+"-attributes"] = interoptest.Request{At: needs + "/" + kind + "Attributes?limit=1"}
		requests["eservice/create-"+kind+"-group"] = interoptest.Request{At: needs + "/" + kind + "Attributes/groups", Body: group(all...)}
		requests["eservice/add-"+kind+"-attributes"] = interoptest.Request{At: in(needs, kind, 0), Body: group(all[2])}
		requests["eservice/remove-"+kind+"-attribute"] = interoptest.Request{At: in(needs, kind, 0) + "/" + all[0]}
	}
	for id, r := range requests {
		requests[id] = r.By(producer)
	}
	if len(requests) != len(eservice.Operations()) {
		w.Fatalf("%d requests for %d operations", len(requests), len(eservice.Operations()))
	}
	return w.Requests(requests)
}

// isNamed tells whether the request names an e-service.
func isNamed(r interoptest.Request) bool { return strings.Contains(r.Path, "{eserviceId}") }

// about is the request about another e-service, or another descriptor of it.
func about(r interoptest.Request, path string) interoptest.Request {
	parts := strings.Split(r.At, "/")
	parts[2] = idOf(path)
	if others := strings.Split(path, "/"); len(others) > 4 && strings.Contains(r.Path, "{descriptorId}") {
		parts[4] = others[4]
	}
	r.At = strings.Join(parts, "/")
	return r
}

// saying is the request with another body.
func saying(r interoptest.Request, body string) interoptest.Request {
	r.Body = body
	return r
}

// writes tells whether the request changes something.
func writes(r interoptest.Request) bool { return r.Method != "GET" }

// TestIDs sends ids that are not UUIDs. Actions take no body, or an empty one.
func TestIDs(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for id, r := range w.requests() {
			if !isNamed(r) {
				continue
			}
			known := strings.Split(r.At, "/")[2]
			if strings.Contains(r.Path, "{descriptorId}") {
				known = strings.Split(r.At, "/")[4]
			}
			for _, bad := range []string{
				"x", known[:35], known + "0", known[:35] + "g", "ESERVICE%23" + known, "%20", known + "%2F",
				strings.Repeat("0", 3000), "%F0",
			} {
				other := r
				other.At = strings.Replace(r.At, known, bad, 1)
				if res := w.Send(other); interoptest.CodeOf(res) != interop.BadRequest.Name {
					w.Errorf("%s of %.50s = %d %s", id, bad, res.Status, res.Raw)
				}
			}
			res := w.As(producer, r.Method, apitest.Unreadable(r.At), r.Body)
			w.Refused(res, interop.BadRequest)
		}
		_, live := w.public(nil)
		w.Want(w.call("POST", live+"/suspend", "{}"), http.StatusOK)
		w.Want(w.call("POST", live+"/unsuspend", "null"), http.StatusOK)
	})
}
