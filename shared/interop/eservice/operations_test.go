package eservice_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/testing/apitest"
)

// operations has the answers of requests by the descriptors that the e-service has: a
// status, or the number of a code.
const operations = `
request          absent   drafts   published suspended deprecated archived
get              001-0005 200      200       200       200        200
list-descriptors 001-0005 200      200       200       200        200
update           001-0005 200      001-0012  001-0012  001-0012   001-0012
delete           001-0005 200      001-0012  001-0012  001-0012   001-0012
description      001-0005 001-0022 200       200       200        001-0022
name             001-0005 001-0022 200       200       200        001-0022
delegation       001-0005 001-0022 200       200       200        001-0022
signalHub        001-0005 001-0022 200       200       200        001-0022
personalDataFlag 001-0005 001-0022 200       200       200        001-0022
new              001-0005 001-0006 201       201       201        201
`

// having makes an e-service with descriptors of a kind.
func (w *world) having(descriptors string, changes object) string {
	w.Helper()
	if descriptors == "absent" {
		return unknownPath()
	}
	path, first := w.create(changes)
	switch descriptors {
	case "published":
		w.move(first, "publish")
	case "suspended", "deprecated", "archived":
		w.move(first, "publish")
		w.put(first, strings.ToUpper(descriptors))
	}
	return path
}

// ask sends the request of that name about an e-service.
func (w *world) ask(name, path string) apitest.Response {
	w.Helper()
	switch name {
	case "get":
		return w.call("GET", path, "")
	case "list-descriptors":
		return w.call("GET", path+"/descriptors", "")
	case "update":
		return w.call("PATCH", path, freshName())
	case "delete":
		return w.call("DELETE", path, "")
	case "name":
		return w.call("PATCH", path+"/name", freshName())
	case "new":
		return w.call("POST", path+"/descriptors", terms(nil))
	case "personalDataFlag":
		return w.call("POST", path+"/"+name, patches[name])
	}
	return w.call("PATCH", path+"/"+name, patches[name])
}

// TestOperationMatrix calls every operation on e-services with all kinds of
// descriptors.
func TestOperationMatrix(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(operations), "\n")
	embedded(t, func(w *world) {
		for column, kind := range strings.Fields(lines[0])[1:] {
			for _, line := range lines[1:] {
				words := strings.Fields(line)
				path, want := w.having(kind, nil), words[1+column]
				if words[0] == "personalDataFlag" && kind != "absent" && kind != "drafts" {
					w.clearPersonalData(path)
				}
				before, version := w.records(path), w.version(path)
				res := w.ask(words[0], path)
				if got := interoptest.Answered(res); got != want {
					w.Errorf("%s where there are %s descriptors = %s, want %s\n%s", words[0], kind, got, want, res.Raw)
				}
				changes := 1
				if strings.Contains(want, "-") || slices.Contains([]string{"get", "list-descriptors"}, words[0]) {
					w.unchanged(path, before)
					changes = 0
				}
				if got := w.version(path); words[0] != "delete" && got != version+changes {
					w.Errorf("%s where there are %s descriptors made version %d of %d", words[0], kind, got, version)
				}
			}
		}
	})
}

// TestOneDraftAtATime creates a draft where there is one next to each kind of descriptor.
func TestOneDraftAtATime(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range []string{"published", "suspended", "deprecated", "archived"} {
			path := w.having(kind, nil)
			w.draft(path)
			before := w.records(path)
			w.Refused(w.ask("new", path), interop.DraftDescriptorExists)
			w.unchanged(path, before)
		}
	})
}

// TestPublishingSupersedes publishes a draft next to each kind of descriptor.
func TestPublishingSupersedes(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for kind, want := range map[string]string{
			"published": "ARCHIVED", "suspended": "ARCHIVED", "deprecated": "DEPRECATED", "archived": "ARCHIVED",
		} {
			path := w.having(kind, nil)
			older, err := eservice.Machine.Plan(lifecycle.State(strings.ToUpper(kind)), "supersede", eservice.Platform, nil)
			if (err == nil) != (kind == "published" || kind == "suspended") || err == nil && string(older.To) != want {
				w.Errorf("the rules say %v of %s: %v", older.To, kind, err)
			}
			w.move(w.draft(path), "publish")
			if got := w.states(producer, path); !slices.Equal(got, []string{"1 " + want, "2 PUBLISHED"}) {
				w.Errorf("publishing next to one that is %s led to %v", kind, got)
			}
			w.now(1)
		}
	})
}

// TestNothingNewIsNoChange sends values that are stored already.
func TestNothingNewIsNoChange(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, live := w.public(object{"name": "Anagrafe", "isSignalHubEnabled": true, "isConsumerDelegable": true})
		draft, version := w.create(nil)
		before, drafted := w.records(path), w.records(draft)
		for _, c := range [][2]string{
			{path + "/signalHub", patches["signalHub"]},
			{path + "/delegation", `{}`},
			{path + "/delegation", patches["delegation"]},
			{live + "/quotas", `{}`},
			{live + "/quotas", `{"dailyCallsTotal":100,"dailyCallsPerConsumer":10,"voucherLifespan":600}`},
			{draft, `{}`},
			{version, `{"audience":["api.example.it"],"agreementApprovalPolicy":"AUTOMATIC"}`},
		} {
			w.Want(w.call("PATCH", c[0], c[1]), http.StatusOK)
		}
		w.unchanged(path, before)
		w.unchanged(draft, drafted)
	})
}
