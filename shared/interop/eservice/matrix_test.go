package eservice_test

import (
	"fmt"
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

// moves has the state of a descriptor after a request, "-" for a refusal and "gone" for a
// deletion. ONLY is a draft that is the only descriptor, OLD one that is suspended and not
// the latest.
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

// allowed are the allowedActions of a refusal, by situation.
var allowed = map[string]string{
	"ONLY":       "update publish requireGroup requireAttribute removeRequirement updateAttributeQuota",
	"DRAFT":      "update delete publish requireGroup requireAttribute removeRequirement updateAttributeQuota",
	"PUBLISHED":  "suspend updateQuotas requireAttribute updateAttributeQuota",
	"SUSPENDED":  "unsuspend updateQuotas requireAttribute updateAttributeQuota",
	"OLD":        "unsuspend updateQuotas requireAttribute updateAttributeQuota",
	"DEPRECATED": "suspend updateQuotas requireAttribute updateAttributeQuota",
	"ARCHIVED":   "",
}

// stateOf is the state in a situation.
func stateOf(situation string) string {
	return strings.NewReplacer("OLD", "SUSPENDED", "ONLY", "DRAFT").Replace(situation)
}

// situated makes a descriptor in a situation that requires an attribute, with or without
// a draft next to it.
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
	each(t, func(w *world) {
		for column, situation := range strings.Fields(lines[0])[2:] {
			w.column(lines[1:], column, situation, false)
			if stateOf(situation) != "DRAFT" {
				w.column(lines[1:], column, situation, true)
			}
		}
	})
}

// column takes every action in one situation.
func (w *world) column(lines []string, column int, situation string, drafted bool) {
	w.Helper()
	path, descriptor := "", ""
	for _, line := range lines {
		words := strings.Fields(line)
		if path == "" {
			path, descriptor = w.situated(situation, drafted)
		}
		if w.moved(words[0], lifecycle.Action(words[1]), situation, words[2+column], path, descriptor) {
			path = "" // the action led out of the situation
		}
	}
}

// TestUnknownInMatrix takes every action on descriptors and e-services that do not exist.
func TestUnknownInMatrix(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, _ := w.public(nil)
		before := w.records(path)
		for _, line := range strings.Split(strings.TrimSpace(moves), "\n")[1:] {
			name := strings.Fields(line)[0]
			code := interop.DescriptorNotFound
			if slices.Contains([]string{"get", "quotas", "list-needed", "need-group", "need", "need-not"}, name) {
				code = interop.DescriptorUnknown // the gateway looks it up
			}
			w.Refused(w.try(name, path+"/descriptors/"+interoptest.UnknownID()), code)
			w.Refused(w.try(name, unknownPath()+"/descriptors/"+interoptest.UnknownID()), interop.EServiceNotFound)
		}
		w.unchanged(path, before)
	})
}

// moved takes one action and compares the answer and what is stored with the table and
// the rules; it returns whether the action led out of the situation.
func (w *world) moved(name string, action lifecycle.Action, situation, want, path, descriptor string) bool {
	w.Helper()
	what := fmt.Sprint(name, " in ", situation)
	before := w.records(path)
	version := w.version(path)
	res := w.try(name, descriptor)
	w.ruled(what, action, situation, want)
	if want == "-" {
		code := interop.DescriptorNotValid
		if situation == "ONLY" && name == "delete" {
			code = interop.LastDescriptor
		}
		w.RefusedIn(res, code, stateOf(situation), strings.Fields(allowed[situation])...)
		w.unchanged(path, before)
		return false
	}
	if res.Status >= 400 {
		w.Errorf("%s is refused: %s", what, res.Raw)
	}
	after := w.call("GET", descriptor, "")
	if want == "gone" {
		w.Refused(after, interop.DescriptorUnknown)
	} else if after.Text("state") != want || !strings.Contains(name, "need") && after.Raw != res.Raw {
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
	return want != stateOf(situation)
}

// ruled compares a cell of the table with the rules.
func (w *world) ruled(what string, action lifecycle.Action, situation, want string) {
	w.Helper()
	if action == "-" {
		return
	}
	facts := lifecycle.Facts{eservice.Latest: situation != "OLD", eservice.Only: situation == "ONLY"}
	rule, err := eservice.Machine.Plan(lifecycle.State(stateOf(situation)), action, eservice.Producer, facts)
	isAllowed := want != "-"
	if (err == nil) != isAllowed || isAllowed && string(rule.To) != strings.Replace(want, "gone", string(lifecycle.None), 1) {
		w.Errorf("the rules lead %s to %s: %v", what, rule.To, err)
	}
}

// stamped checks the dates of a descriptor after an action.
func (w *world) stamped(what, name string, res apitest.Response) {
	w.Helper()
	stamp := map[string]string{
		"PUBLISHED": "publishedAt", "SUSPENDED": "suspendedAt", "DEPRECATED": "deprecatedAt",
	}[res.Text("state")]
	if isMove := name == "publish" || name == "suspend" || name == "unsuspend"; isMove && res.Text(stamp) != w.now(0) {
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
