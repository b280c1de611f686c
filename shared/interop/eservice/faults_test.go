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

// breakableChange is a change that is broken at every call it makes: where it begins,
// and how a repetition is answered when it is done already.
type breakableChange struct {
	method, at, body string
	begin            func(w *world) (path, descriptor string)
	done             string
	more             int // calls in addition to one read and one write
}

const (
	firstGroup  = "descriptor/certifiedAttributes/groups/0/attributes"
	requiredOne = firstGroup + "/ATTRIBUTE"
)

var breakable = []breakableChange{
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
	{"PATCH", requiredOne, `{"dailyCallsPerConsumer":11}`, needy, interop.UnchangedAttributes.Name, 0},
	{"DELETE", requiredOne, "", needy, interop.RequiredGroupNotFound.Name, 0},
	{"POST", firstGroup, `{"attributeIds":["ANOTHER"]}`, needy, interop.RequiredTwiceInGroup.Name, 1},
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

// unset makes an e-service as a release published it that did not require the personal
// data flag.
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

// TestBrokenCalls fails every call to the engine of every change, before and after it is
// carried out: nothing is half done, and a client that repeats its call gets what it
// wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, b := range breakable {
			for k := range 2 + b.more {
				for _, after := range []bool{false, true} {
					w.breaks(b, k, after)
				}
			}
		}
	})
}

// breaks makes a change of which call k fails.
func (w *world) breaks(b breakableChange, k int, after bool) {
	w.Helper()
	names := strings.NewReplacer("ATTRIBUTE", w.attributes("certified")[0], "ANOTHER", w.attributes("certified")[1])
	path, descriptor := b.begin(w)
	at := path + b.at
	if below, ok := strings.CutPrefix(b.at, "descriptor"); ok {
		at = descriptor + names.Replace(below)
	}
	change := func() apitest.Response { return w.call(b.method, at, names.Replace(b.body)) }
	what := fmt.Sprintf("%s %s, call %d lost (carried out: %t)", b.method, at, k, after)
	before := w.records(path)
	version := w.version(path)
	broken := w.Break(k, after, change)
	w.Unavailable(broken.Response)
	if !broken.Wrote {
		w.unchanged(path, before)
	}
	again := interoptest.Answered(change())
	want := []string{"200", "201"}
	if broken.Wrote {
		want = []string{b.done}
	}
	if !broken.Reached || !slices.Contains(want, again) {
		w.Errorf("%s: the repetition is answered %s, want %v", what, again, want)
	}
	changes := 1
	if broken.Wrote && again == "201" { // another group
		changes = 2
	}
	if got := w.version(path); got != version+changes && got > 0 {
		w.Errorf("%s: %d changes", what, got-version)
	}
	w.auditOwn(path)
}

// TestBrokenCreate fails the call of creating: nothing is stored, or a repetition is
// refused because the name is taken.
func TestBrokenCreate(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, after := range []bool{false, true} {
			body := seed(nil)
			create := func() apitest.Response { return w.call("POST", "/eservices", body) }
			broken := w.Break(0, after, create)
			w.Unavailable(broken.Response)
			ids := interoptest.Members(w.call("GET", "/eservices", ""), "id")
			if broken.Wrote != after || (len(ids) == 1) != after {
				w.Fatalf("after a lost create (carried out: %t) there are %v", after, ids)
			}
			for _, id := range ids {
				w.audit("/eservices/" + id)
			}
			if again := create(); after {
				w.Refused(again, interop.EServiceNameDuplicate)
			} else {
				w.Want(again, http.StatusCreated)
				w.OK(producer, "DELETE", "/eservices/"+again.Text("id"), "")
			}
		}
	})
}

// TestBrokenLists fails every call of the lists: no list is answered in part.
func TestBrokenLists(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.public(nil)
		_, draft := needy(w)
		for path, calls := range map[string]int{"/eservices": 3, draft + "/certifiedAttributes": 2} {
			for k := range calls {
				w.Unavailable(w.Break(k, true, func() apitest.Response { return w.call("GET", path, "") }).Response)
			}
		}
	})
}

// TestLostRace lets another call change the e-service between the read and the write of a
// change, which is then decided again.
func TestLostRace(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, live := w.public(nil)
		during := func(method, at, body string, other func() apitest.Response) apitest.Response {
			w.Helper()
			defer w.Tap.Set(nil)
			w.Tap.During(0, (*hooked.Call).Writes, func() { w.Tap.Set(nil); w.Want(other(), http.StatusOK) })
			return w.call(method, at, body)
		}
		post := func(at, body string) func() apitest.Response {
			return func() apitest.Response { return w.call("POST", at, body) }
		}
		describe := func() apitest.Response { return w.call("PATCH", path+"/description", patches["description"]) }
		res := during("PATCH", path+"/name", freshName(), describe)
		if w.Want(res, http.StatusOK); res.Text("description") != "Another description" {
			w.Errorf("the other change is lost: %s", res.Raw)
		}
		res = during("PATCH", live+"/quotas", patches["quotas"], post(live+"/suspend", ""))
		if w.Want(res, http.StatusOK); res.Text("state") != "SUSPENDED" || res.Body["dailyCallsTotal"] != 500.0 {
			w.Errorf("the other change is lost: %s", res.Raw)
		}
		w.Refused(during("POST", live+"/unsuspend", "", post(live+"/unsuspend", "")), interop.DescriptorNotValid)
		needing, needs := needy(w)
		at := in(needs, "certified", 0)
		all := w.attributes("certified")
		res = during("POST", at, group(all[1]), post(at, group(all[2])))
		w.Want(res, http.StatusOK)
		w.needs(needs, "certified", "0 "+all[0], "0 "+all[2], "0 "+all[1])
		w.Refused(during("DELETE", at+"/"+all[0], "", post(needs+"/publish", "")), interop.DescriptorNotValid)
		gone, draft := w.create(nil)
		remove := func() apitest.Response { return w.call("DELETE", gone, "") }
		w.Refused(during("POST", draft+"/publish", "", remove), interop.EServiceNotFound)
		w.audit(path, needing, gone)
	})
}
