package eservice_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// breakable are the changes that are broken at every call they make: where they
// begin, and what the client who repeats one is told when it is done already.
var breakable = []struct {
	method, at, body string
	begin            func(w *world) (path, descriptor string)
	done             string
	more             int // calls besides the reading and the writing
}{
	{"PATCH", "", `{"name":"Renamed"}`, created, "200", 0},
	{"PATCH", "", `{"technology":"SOAP"}`, created, "200", 0},
	{"DELETE", "", "", created, interop.EServiceNotFound.Name, 0},
	{"PATCH", "/name", `{"name":"Renamed"}`, live, interop.UnchangedName.Name, 0},
	{"PATCH", "/description", patches["description"], live, interop.UnchangedDescription.Name, 0},
	{"PATCH", "/signalHub", patches["signalHub"], live, "200", 0},
	{"PATCH", "/delegation", patches["delegation"], live, "200", 0},
	{"POST", "/personalDataFlag", patches["personalDataFlag"], unset, interop.PersonalDataSet.Name, 0},
	{"POST", "/descriptors", terms(nil), live, interop.DraftDescriptorExists.Name, 0},
	{"PATCH", "descriptor", `{"description":"Another version"}`, created, "200", 0},
	{"DELETE", "descriptor", "", redrafted, interop.DescriptorNotFound.Name, 0},
	{"PATCH", "descriptor/quotas", patches["quotas"], live, "200", 0},
	{"POST", "descriptor/publish", "", redrafted, interop.DescriptorNotValid.Name, 0},
	{"POST", "descriptor/suspend", "", live, interop.DescriptorNotValid.Name, 0},
	{"POST", "descriptor/unsuspend", "", suspended, interop.DescriptorNotValid.Name, 0},
	{"PATCH", "descriptor/certifiedAttributes/groups/0/attributes/ATTRIBUTE", `{"dailyCallsPerConsumer":11}`, needy, interop.UnchangedAttributes.Name, 0},
	{"DELETE", "descriptor/certifiedAttributes/groups/0/attributes/ATTRIBUTE", "", needy, interop.RequiredGroupNotFound.Name, 0},
	{"POST", "descriptor/certifiedAttributes/groups/0/attributes", `{"attributeIds":["ANOTHER"]}`, needy, interop.RequiredTwiceInGroup.Name, 1},
	{"POST", "descriptor/certifiedAttributes/groups", `{"attributeIds":["ANOTHER"]}`, needy, "201", 1},
}

// needy requires the first of the attributes; in breakable that is ATTRIBUTE.
func needy(w *world) (path, descriptor string) {
	path, descriptor = w.create(nil)
	w.need(descriptor, "certified", w.attributes("certified")[0])
	return path, descriptor
}

func created(w *world) (path, descriptor string) { return w.create(nil) }

func live(w *world) (path, descriptor string) { return w.public(nil) }

// unset was published by a release that did not ask for the personal data flag.
func unset(w *world) (path, descriptor string) {
	path, descriptor = w.public(nil)
	w.clearPersonalData(path)
	return path, descriptor
}

func redrafted(w *world) (path, descriptor string) {
	path, _ = w.public(nil)
	return path, w.draft(path)
}

func suspended(w *world) (path, descriptor string) {
	path, descriptor = w.public(nil)
	w.move(descriptor, "suspend")
	return path, descriptor
}

// TestBrokenCalls fails every call to the engine of every change, before and
// after it is carried out: nothing is half done, and who repeats its call has
// what it wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, b := range breakable {
			names := strings.NewReplacer("ATTRIBUTE", w.attributes("certified")[0], "ANOTHER", w.attributes("certified")[1])
			for k := range 2 + b.more {
				for _, after := range []bool{false, true} {
					path, descriptor := b.begin(w)
					at := path + b.at
					if below, ok := strings.CutPrefix(b.at, "descriptor"); ok {
						at = descriptor + names.Replace(below)
					}
					body := names.Replace(b.body)
					before, version := w.records(path), w.version(path)
					w.Tap.Set(hooked.Broken(k, after))
					res := w.call(b.method, at, body)
					w.Tap.Set(nil)
					w.Refused(res, interop.Unavailable)
					stored := k == 1+b.more && after
					if !stored {
						w.unchanged(path, before)
					}
					again := interoptest.Answered(w.call(b.method, at, body))
					if want := []string{"200", "201", b.done}; !stored && !slices.Contains(want[:2], again) || stored && again != b.done {
						w.Errorf("%s %s, call %d lost (after: %t): the repetition is answered %s", b.method, at, k, after, again)
					}
					changes := 1
					if stored && again == "201" { // another group
						changes = 2
					}
					if got := w.version(path); got != version+changes && got > 0 {
						w.Errorf("%s %s, call %d lost (after: %t): %d changes", b.method, at, k, after, got-version)
					}
					w.auditOwn(path)
				}
			}
		}
	})
}

// TestBrokenCreate loses the answer of creating: who repeats it is told that the
// name is taken.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for stored, after := range []bool{false, true} {
			body := seed(nil)
			w.Tap.Set(hooked.Broken(0, after))
			w.Want(w.call("POST", "/eservices", body), http.StatusServiceUnavailable)
			w.Tap.Set(nil)
			all := interoptest.Results(w.call("GET", "/eservices", ""))
			if len(all) != stored {
				w.Fatalf("after a lost create (carried out: %t) there are %v", after, all)
			}
			for _, e := range all {
				w.audit(fmt.Sprint("/eservices/", e["id"]))
			}
			if res := w.call("POST", "/eservices", body); interoptest.Answered(res) != []string{"201", interop.EServiceNameDuplicate.Name}[stored] {
				w.Errorf("the repetition is answered %s", res.Raw)
			} else if stored == 0 {
				w.Want(w.call("DELETE", "/eservices/"+res.Text("id"), ""), http.StatusOK)
			}
		}
	})
}

// TestBrokenLists fails every call of the lists: nothing is told in part.
func TestBrokenLists(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.public(nil)
		for k := range 5 {
			w.Tap.Set(hooked.Broken(k, true))
			w.Refused(w.call("GET", "/eservices", ""), interop.Unavailable)
			w.Tap.Set(nil)
		}
		_, draft := needy(w)
		for k := range 2 {
			w.Tap.Set(hooked.Broken(k, true))
			w.Refused(w.call("GET", draft+"/certifiedAttributes", ""), interop.Unavailable)
			w.Tap.Set(nil)
		}
	})
}

// TestOvertaken lets another producer's process change an e-service between the
// reading and the writing of each change, which is planned again on top of it.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, live := w.public(nil)
		meanwhile := func(method, at, body string, do func() apitest.Response) apitest.Response {
			w.Helper()
			defer w.Tap.Set(nil)
			w.Tap.During(0, (*hooked.Call).Writes, func() { w.Tap.Set(nil); w.Want(do(), http.StatusOK) })
			return w.call(method, at, body)
		}
		res := meanwhile("PATCH", path+"/name", freshName(), func() apitest.Response { return w.call("PATCH", path+"/description", patches["description"]) })
		if w.Want(res, http.StatusOK); res.Text("description") != "Another description" {
			w.Errorf("what was done meanwhile is lost: %s", res.Raw)
		}
		res = meanwhile("PATCH", live+"/quotas", patches["quotas"], func() apitest.Response { return w.call("POST", live+"/suspend", "") })
		if w.Want(res, http.StatusOK); res.Text("state") != "SUSPENDED" || res.Body["dailyCallsTotal"] != 500.0 {
			w.Errorf("what was done meanwhile is lost: %s", res.Raw)
		}
		w.Refused(meanwhile("POST", live+"/unsuspend", "", func() apitest.Response { return w.call("POST", live+"/unsuspend", "") }), interop.DescriptorNotValid)
		needing, needs := needy(w)
		at := in(needs, "certified", 0)
		all := w.attributes("certified")
		res = meanwhile("POST", at, group(all[1]), func() apitest.Response { return w.call("POST", at, group(all[2])) })
		w.Want(res, http.StatusOK)
		w.needs(needs, "certified", "0 "+all[0], "0 "+all[2], "0 "+all[1])
		w.Refused(meanwhile("DELETE", at+"/"+all[0], "", func() apitest.Response { return w.call("POST", needs+"/publish", "") }), interop.DescriptorNotValid)
		gone, draft := w.create(nil)
		w.Refused(meanwhile("POST", draft+"/publish", "", func() apitest.Response { return w.call("DELETE", gone, "") }), interop.EServiceNotFound)
		w.audit(path, needing, gone)
	})
}
