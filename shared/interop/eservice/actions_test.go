package eservice_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestAllowedActions compares the allowed actions that are read with those of a refusal for
// the state. Others than the producer may do nothing.
func TestAllowedActions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, descriptor := w.public(nil)
		read := w.OK(producer, "GET", descriptor+"/allowedActions", "")
		w.RefusedIn(w.As(producer, "DELETE", descriptor, ""), interop.DescriptorNotValid, read.Text("state"), interoptest.AllowedActions(read)...)
		if got := interoptest.AllowedActions(w.OK(other, "GET", descriptor+"/allowedActions", "")); len(got) != 0 {
			w.Errorf("a consumer may %v", got)
		}
	})
}

// allowedOf are the actions that an e-service allows its producer, by what descriptors it
// has. A draft next to others takes away one more draft.
var allowedOf = map[string]string{
	"ONLY":       "update delete",
	"DRAFT":      "updateName updateDescription updateDelegation updateSignalHub",
	"PUBLISHED":  "updateName updateDescription updateDelegation updateSignalHub createDescriptor",
	"SUSPENDED":  "updateName updateDescription updateDelegation updateSignalHub createDescriptor",
	"OLD":        "updateName updateDescription updateDelegation updateSignalHub createDescriptor",
	"DEPRECATED": "updateName updateDescription updateDelegation updateSignalHub createDescriptor",
}

// checkPromised checks that an e-service accepts those operations that are promised.
func checkPromised(w *world, situation, path, promised string, operations map[string][3]string) {
	w.Helper()
	for action, o := range operations {
		body := o[2]
		if action == "updateName" {
			body = freshName()
		}
		accepted := w.call(o[0], path+o[1], body).Status < http.StatusMultipleChoices
		if allowed := slices.Contains(strings.Fields(promised), action); accepted != allowed {
			w.Errorf("%s: %s is accepted: %v, allowed: %v", situation, action, accepted, allowed)
		}
	}
}

// toOthers is what others than the producer read, with or without a draft, which they do not
// see and which forbids createDescriptor.
const toOthers = "It is up to the producer (updateName, updateDescription, updateDelegation, updateSignalHub) now."

// TestEServiceAllowedActions compares the actions that are read with what the operations
// accept. Others than the producer may do nothing and do not see drafts.
func TestEServiceAllowedActions(t *testing.T) {
	t.Parallel()
	operations := map[string][3]string{
		"update": {"PATCH", "", `{"technology":"SOAP"}`}, "delete": {"DELETE", "", ""},
		"updateName": {"PATCH", "/name", ""}, "updateDescription": {"PATCH", "/description", patches["description"]},
		"updateDelegation": {"PATCH", "/delegation", patches["delegation"]}, "updateSignalHub": {"PATCH", "/signalHub", patches["signalHub"]},
		"setPersonalData": {"POST", "/personalDataFlag", patches["personalDataFlag"]}, "createDescriptor": {"POST", "/descriptors", terms(nil)},
	}
	each(t, func(w *world) {
		for situation, want := range allowedOf {
			path, _ := w.situated(situation, false)
			read := w.OK(producer, "GET", path+"/allowedActions", "")
			if got := strings.Join(interoptest.AllowedActions(read), " "); got != want {
				w.Errorf("%s allows %s, want %s", situation, got, want)
			}
			tried := maps.Clone(operations)
			if situation == "ONLY" {
				delete(tried, "delete") // the last one, below
			}
			checkPromised(w, situation, path, want, tried)
			stranger := w.As(other, "GET", path+"/allowedActions", "")
			if situation == "ONLY" {
				w.Refused(stranger, interop.EServiceNotFound)
				w.Want(w.call("DELETE", path, ""), http.StatusOK)
				continue
			}
			if got := interoptest.AllowedActions(w.Want(stranger, http.StatusOK)); len(got) != 0 {
				w.Errorf("%s: a consumer may %v", situation, got)
			}
			if got := stranger.Text("detail"); got != toOthers {
				w.Errorf("%s: a consumer is told %q, want %q", situation, got, toOthers)
			}
		}
		unset, _ := w.public(nil)
		w.clearPersonalData(unset)
		if got := interoptest.AllowedActions(w.OK(producer, "GET", unset+"/allowedActions", "")); !slices.Contains(got, "setPersonalData") {
			w.Errorf("without the flag, it allows %v", got)
		}
	})
}
