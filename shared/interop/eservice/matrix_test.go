package eservice_test

import (
	"fmt"
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

func TestMachineIsSound(t *testing.T) {
	t.Parallel()
	if err := eservice.Machine.Check(); err != nil {
		t.Error(err)
	}
}

// moves is what becomes of a descriptor: "-" for a refusal, "gone" for nothing.
// ONLY is a draft that is the only descriptor, OLD one that is suspended and no
// longer the latest.
const moves = `
request     action               ONLY      DRAFT     PUBLISHED SUSPENDED OLD        DEPRECATED ARCHIVED
get         -                    DRAFT     DRAFT     PUBLISHED SUSPENDED SUSPENDED  DEPRECATED ARCHIVED
update      update               DRAFT     DRAFT     -         -         -          -          -
delete      delete               -         gone      -         -         -          -          -
publish     publish              PUBLISHED PUBLISHED -         -         -          -          -
suspend     suspend              -         -         SUSPENDED -         -          SUSPENDED  -
unsuspend   unsuspend            -         -         -         PUBLISHED DEPRECATED -          -
quotas      updateQuotas         -         -         PUBLISHED SUSPENDED SUSPENDED  DEPRECATED -
list-needed -                    DRAFT     DRAFT     PUBLISHED SUSPENDED SUSPENDED  DEPRECATED ARCHIVED
need-group  requireGroup         DRAFT     DRAFT     -         -         -          -          -
need        requireAttribute     DRAFT     DRAFT     PUBLISHED SUSPENDED SUSPENDED  DEPRECATED -
need-quota  updateAttributeQuota DRAFT     DRAFT     PUBLISHED SUSPENDED SUSPENDED  DEPRECATED -
need-not    removeRequirement    DRAFT     DRAFT     -         -         -          -          -
`

// allowed is what a refusal lists, by state.
var allowed = map[string]string{
	"ONLY":       "[update publish requireGroup requireAttribute removeRequirement updateAttributeQuota]",
	"DRAFT":      "[update delete publish requireGroup requireAttribute removeRequirement updateAttributeQuota]",
	"PUBLISHED":  "[suspend updateQuotas requireAttribute updateAttributeQuota]",
	"SUSPENDED":  "[unsuspend updateQuotas requireAttribute updateAttributeQuota]",
	"OLD":        "[unsuspend updateQuotas requireAttribute updateAttributeQuota]",
	"DEPRECATED": "[suspend updateQuotas requireAttribute updateAttributeQuota]",
	"ARCHIVED":   "[]",
}

// stateOf is the state in a situation.
func stateOf(situation string) string {
	return strings.NewReplacer("OLD", "SUSPENDED", "ONLY", "DRAFT").Replace(situation)
}

// situated makes a descriptor of that situation that requires an attribute, with
// or without a draft beside it.
func (w *world) situated(situation string, drafted bool) (path, descriptor string) {
	w.Helper()
	path, descriptor = w.create(nil)
	if situation == "DRAFT" {
		w.move(descriptor, "publish")
		descriptor = w.draft(path)
	}
	w.need(descriptor, "certified", w.attributes("certified")[0])
	if situation == "ONLY" || situation == "DRAFT" {
		return path, descriptor
	}
	w.move(descriptor, "publish")
	if situation == "SUSPENDED" || situation == "OLD" {
		w.move(descriptor, "suspend")
	}
	if situation == "OLD" || situation == "DEPRECATED" {
		w.use(path, 1, 1)
	}
	if situation == "OLD" || situation == "DEPRECATED" || situation == "ARCHIVED" {
		w.move(w.draft(path), "publish")
	}
	if drafted {
		w.draft(path)
	}
	return path, descriptor
}

// try sends the request of that name about a descriptor.
func (w *world) try(name, descriptor string) apitest.Response {
	w.Helper()
	switch name {
	case "get":
		return w.call("GET", descriptor, "")
	case "update":
		return w.call("PATCH", descriptor, `{"voucherLifespan":61}`)
	case "delete":
		return w.call("DELETE", descriptor, "")
	case "quotas":
		return w.call("PATCH", descriptor+"/quotas", `{"voucherLifespan":61}`)
	case "list-needed":
		return w.call("GET", descriptor+"/certifiedAttributes", "")
	case "need-group":
		return w.call("POST", descriptor+"/certifiedAttributes/groups", group(w.attributes("certified")[1]))
	case "need":
		return w.call("POST", in(descriptor, "certified", 0), group(w.attributes("certified")[1]))
	case "need-not":
		return w.call("DELETE", in(descriptor, "certified", 0)+"/"+w.attributes("certified")[0], "")
	case "need-quota":
		return w.call("PATCH", in(descriptor, "certified", 0)+"/"+w.attributes("certified")[0], `{"dailyCallsPerConsumer":11}`)
	}
	return w.call("POST", descriptor+"/"+name, "")
}

// TestTransitionMatrix takes every action on a descriptor in every state.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSpace(moves), "\n")
	situations := strings.Fields(lines[0])[2:]
	each(t, func(w *world) {
		for column, situation := range situations {
			for _, drafted := range []bool{false, true} {
				if drafted && stateOf(situation) == "DRAFT" {
					continue
				}
				path, descriptor := "", ""
				for _, line := range lines[1:] {
					words := strings.Fields(line)
					if path == "" {
						path, descriptor = w.situated(situation, drafted)
					}
					if w.moved(words[0], lifecycle.Action(words[1]), situation, words[2+column], path, descriptor) {
						path = "" // it led out of the situation
					}
				}
			}
		}
		path, _ := w.public(nil)
		before := w.records(path)
		for _, line := range lines[1:] { // what there is not
			code := interop.DescriptorNotFound
			if slices.Contains([]string{"get", "quotas", "list-needed", "need-group", "need", "need-not"}, strings.Fields(line)[0]) {
				code = interop.DescriptorUnknown // as the gateway looks it up
			}
			w.Refused(w.try(strings.Fields(line)[0], path+"/descriptors/"+interoptest.UnknownID()), code)
			w.Refused(w.try(strings.Fields(line)[0], unknownPath()+"/descriptors/"+interoptest.UnknownID()), interop.EServiceNotFound)
		}
		w.unchanged(path, before)
	})
}

// moved takes one action and compares what is answered and stored with the table
// and with the rules; it tells whether that led out of the situation.
func (w *world) moved(name string, action lifecycle.Action, situation, want, path, descriptor string) bool {
	w.Helper()
	state, about := stateOf(situation), strings.Contains(name, "need")
	what := fmt.Sprint(name, " of what is ", situation)
	var before map[string]map[string]object
	if want == "-" || action == "-" {
		before = w.records(path)
	}
	version := w.version(path)
	res := w.try(name, descriptor)
	if action != "-" {
		rule, err := eservice.Machine.Plan(lifecycle.State(state), action, eservice.Producer, lifecycle.Facts{eservice.Latest: situation != "OLD", eservice.Only: situation == "ONLY"})
		if (err != nil) != (want == "-") || err == nil && string(rule.To) != strings.Replace(want, "gone", string(lifecycle.None), 1) {
			w.Errorf("the rules say %s of %s: %v", rule.To, what, err)
		}
	}
	if want == "-" {
		if situation == "ONLY" && name == "delete" {
			w.Refused(res, interop.LastDescriptor)
		} else {
			w.Refused(res, interop.DescriptorNotValid)
		}
		if res.Body["state"] != state || fmt.Sprint(res.Body["allowedActions"]) != allowed[situation] {
			w.Errorf("%s: %v allows %v, want %s", what, res.Body["state"], res.Body["allowedActions"], allowed[situation])
		}
		w.unchanged(path, before)
		return false
	}
	if res.Status >= 400 {
		w.Errorf("%s is refused: %s", what, res.Raw)
	}
	after := w.call("GET", descriptor, "")
	if want == "gone" {
		w.Refused(after, interop.DescriptorUnknown)
	} else if after.Text("state") != want || !about && after.Raw != res.Raw {
		w.Errorf("%s led to %s, answered %s, want %s", what, after.Raw, res.Raw, want)
	}
	if action == "-" {
		w.unchanged(path, before)
		return false
	}
	if got := w.version(path); got != version+1 {
		w.Errorf("%s made version %d of %d", what, got, version)
	}
	w.stamped(what, name, res)
	return want != state
}

// stamped looks at when a descriptor came to its state.
func (w *world) stamped(what, name string, res apitest.Response) {
	w.Helper()
	stamp := map[string]string{"PUBLISHED": "publishedAt", "SUSPENDED": "suspendedAt", "DEPRECATED": "deprecatedAt"}[res.Text("state")]
	if moves := name == "publish" || name == "suspend" || name == "unsuspend"; moves && res.Text(stamp) != w.now(0) {
		w.Errorf("%s: %s is %q, want %s", what, stamp, res.Text(stamp), w.now(0))
	}
	if _, since := res.Body["suspendedAt"]; name == "unsuspend" && since {
		w.Errorf("%s left when it was suspended: %s", what, res.Raw)
	}
}

// unchanged checks that what is stored about an e-service, and all lists, are as before.
func (w *world) unchanged(path string, before map[string]map[string]object) {
	w.Helper()
	interoptest.Equal(w.TB, "what is stored of "+path, w.records(path), before)
}

// operations is what is answered about an e-service by what it has.
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

// having makes an e-service that has such descriptors.
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

// TestOneDraftAtATime asks for a draft beside each kind of descriptor and a draft.
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

// TestPublishingSupersedes publishes a draft beside each kind of descriptor.
func TestPublishingSupersedes(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for kind, want := range map[string]string{"published": "ARCHIVED", "suspended": "ARCHIVED", "deprecated": "DEPRECATED", "archived": "ARCHIVED"} {
			path := w.having(kind, nil)
			older, err := eservice.Machine.Plan(lifecycle.State(strings.ToUpper(kind)), "supersede", eservice.Platform, nil)
			if (err == nil) != (kind == "published" || kind == "suspended") || err == nil && string(older.To) != want {
				w.Errorf("the rules say %v of %s: %v", older.To, kind, err)
			}
			w.move(w.draft(path), "publish")
			if got := w.states(producer, path); !slices.Equal(got, []string{"1 " + want, "2 PUBLISHED"}) {
				w.Errorf("publishing beside what is %s led to %v", kind, got)
			}
			w.now(1)
		}
	})
}

// TestNothingNewIsNoChange says again what is said already.
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
