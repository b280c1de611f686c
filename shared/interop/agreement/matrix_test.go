package agreement_test

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

func TestMachineIsSound(t *testing.T) {
	t.Parallel()
	if err := agreement.Machine.Check(); err != nil {
		t.Error(err)
	}
}

// transitions is the published outcome of every action in every state: the next state, with the
// sides that suspend the agreement (C for the consumer, P for the producer, A for the
// platform, because an attribute is missing), or the code of the refusal. C to CPA are an
// agreement that is SUSPENDED by these sides. An outcome that ends with = is answered and
// changes nothing. The descriptor requires a certified attribute and the producer approves;
// an upgrade finds a newer descriptor that requires the same.
//
//go:embed testdata/matrix.txt
var transitions string

// ownTransitions are the outcomes for the agreement of a producer with itself. It requires no
// attribute and no approval, and is suspended for both sides at once.
//
//go:embed testdata/matrix_self.txt
var ownTransitions string

// allowed has the allowed actions that a refusal for the state lists, by state and side.
var allowed = map[string]map[string]string{
	"DRAFT":   {"consumer": "[submit delete]", "self": "[submit delete]"},
	"PENDING": {"consumer": "[delete]", "producer": "[approve reject]"},
	"ACTIVE":  {"consumer": "[suspend archive upgrade]", "producer": "[suspend]", "self": "[suspend archive upgrade]"},
	"SUSPENDED": {
		"consumer": "[suspend unsuspend archive upgrade]", "producer": "[suspend unsuspend]",
		"self": "[suspend unsuspend archive upgrade]",
	},
	"MISSING_CERTIFIED_ATTRIBUTES": {"consumer": "[delete]"},
	"REJECTED":                     {"consumer": "[clone]"},
}

// cell is one agreement in a situation of the matrix.
type cell struct {
	offer
	id, situation string
	of            *api.Identity
	attribute     string
}

// stateIn returns the state of a situation.
func stateIn(situation string) string {
	switch {
	case situation == "MISSING":
		return "MISSING_CERTIFIED_ATTRIBUTES"
	case strings.Trim(situation, "CPA") == "":
		return "SUSPENDED"
	}
	return situation
}

// agreementIn creates an agreement with the producer in that situation.
func (w *world) agreementIn(of *api.Identity, situation string) cell {
	w.Helper()
	c := cell{situation: situation, of: of, attribute: w.attribute(attribute.Certified)}
	c.offer = w.newOffer("MANUAL", requirement{attribute.Certified, []string{c.attribute}})
	if of != producer {
		w.assign(attribute.Certified, c.attribute, "")
	}
	c.id = w.createDraftAs(of, c.offer)
	state := stateIn(situation)
	if state != "DRAFT" && state != "MISSING_CERTIFIED_ATTRIBUTES" {
		w.mustAct(of, c.id, "submit")
	}
	switch state {
	case "REJECTED":
		w.mustAct(producer, c.id, "reject")
	case "ACTIVE", "SUSPENDED", "ARCHIVED":
		if of != producer {
			w.mustAct(producer, c.id, "approve")
		}
	}
	switch state {
	case "ARCHIVED":
		w.mustAct(of, c.id, "archive")
	case "SUSPENDED":
		if strings.Contains(situation, "C") {
			w.mustAct(of, c.id, "suspend")
		}
		if strings.Contains(situation, "P") {
			w.mustAct(producer, c.id, "suspend")
		}
	}
	if state == "MISSING_CERTIFIED_ATTRIBUTES" || state == "SUSPENDED" && strings.Contains(situation, "A") {
		w.revoke(attribute.Certified, c.attribute, "")
		w.follow()
	}
	return c
}

// brief returns an agreement in the notation of the matrix.
func brief(res apitest.Response) string {
	state, holders, _ := strings.Cut(shown(res), " ")
	holders = strings.NewReplacer("Consumer", "C", "Producer", "P", "Platform", "A", " ", "").Replace(holders)
	switch {
	case state == "SUSPENDED":
		return holders
	case holders != "":
		return state + ":" + holders
	}
	return state
}

// storedAbout returns the stored items of agreements with one of these ids in their keys.
func (w *world) storedAbout(ids ...string) map[table.Key]object {
	w.Helper()
	found := map[table.Key]object{}
	for key, item := range w.StoredItems(func(key table.Key) bool {
		for _, id := range ids {
			if ofAgreements(key) && strings.Contains(key.PK+key.SK, id) {
				return true
			}
		}
		return false
	}) {
		found[key] = *decoded[object](w, item)
	}
	return found
}

// wantUntouched checks that the stored items with these ids are the same as before.
func (w *world) wantUntouched(what string, before map[table.Key]object, ids ...string) {
	w.Helper()
	if diff := gocmp.Diff(before, w.storedAbout(ids...)); diff != "" {
		w.Errorf("%s changed what is stored (-before +after):\n%s", what, diff)
	}
}

// try takes an action that may be refused.
func (w *world) try(caller *api.Identity, id, action string) apitest.Response {
	w.Helper()
	if action == "delete" {
		return w.As(caller, "DELETE", "/agreements/"+id, "")
	}
	return w.As(caller, "POST", "/agreements/"+id+"/"+action, bodyOf(action))
}

var callers = map[string]*api.Identity{"consumer": consumer, "producer": producer, "stranger": stranger}

// TestTransitionMatrix takes every action in every state as every caller.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, transitions, consumer)
}

// TestOwnTransitionMatrix does so for a producer that uses its own e-service.
func TestOwnTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, ownTransitions, producer)
}

// matrix takes the actions of a table, each situation in a new world.
func matrix(t *testing.T, table string, of *api.Identity) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for column, situation := range strings.Fields(lines[0])[2:] {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			// DynamoDB Local runs the situation with most writes.
			run := embedded
			if of == consumer && situation == "PENDING" {
				run = each
			}
			run(t, func(w *world) {
				var c cell
				for _, line := range lines[1:] {
					words := strings.Fields(line)
					if c.id == "" {
						c = w.agreementIn(of, situation)
						interoptest.Equal(w.TB, "the situation", brief(w.OK(of, "GET", "/agreements/"+c.id, "")), strings.Replace(situation, "MISSING",
							"MISSING_CERTIFIED_ATTRIBUTES:A", 1))
					}
					if w.checkTransition(c, words[0], words[1], words[2+column]) {
						c.id = "" // the agreement has left the situation
					}
				}
				w.checkConsistent()
			})
		})
	}
}

// checkTransition takes one action and compares the answer and the stored items with the
// table. It reports whether the agreement has left the situation.
func (w *world) checkTransition(c cell, action, by, expected string) bool {
	w.Helper()
	what := fmt.Sprintf("%s by the %s in situation %s", action, by, c.situation)
	caller, state := callers[by], stateIn(c.situation)
	if action == "upgrade" && state != "DRAFT" && by == "consumer" || action == "upgrade" && caller == c.of {
		c.offer = w.newDescriptor(c.offer, "MANUAL", requirement{attribute.Certified, []string{c.attribute}})
	}
	before, history, refuses := w.storedAbout(c.id, c.offer.id), "", strings.Contains(expected, "-")
	if !refuses {
		history = w.historyAs(c.of, c.id)
	}
	res := w.try(caller, c.id, action)
	if refuses {
		w.checkRefusal(what, c, by, expected, res)
		w.wantUntouched(what, before, c.id, c.offer.id)
		// The next actions need an agreement without a newer descriptor.
		return action == "upgrade" && caller == c.of && expected == interop.CertifiedAttributesMissing.Name
	}
	if res.Status/100 != 2 {
		w.Errorf("%s is refused: %s", what, res.Raw)
		return true
	}
	if expected, same := strings.CutSuffix(expected, "="); same {
		interoptest.Equal(w.TB, what, brief(res), expected)
		w.wantUntouched(what, before, c.id, c.offer.id)
		return false
	}
	entry := action + " " + state + "-"
	switch {
	case expected == "gone":
		interoptest.Equal(w.TB, what, res.Raw, "{}\n")
		w.Refused(w.As(c.of, "GET", "/agreements/"+c.id, ""), interop.AgreementNotFound)
		interoptest.Equal(w.TB, what, w.historyAs(c.of, c.id), history+", "+entry+"NONE")
	case action == "upgrade" || action == "clone":
		w.checkCreated(what, c, res, expected)
	default:
		interoptest.Equal(w.TB, what, brief(res), expected)
		interoptest.Equal(w.TB, what, w.OK(c.of, "GET", "/agreements/"+c.id, "").Raw, res.Raw)
		interoptest.Equal(w.TB, what, w.historyAs(c.of, c.id), history+", "+entry+res.Text("state"))
	}
	return true
}

// checkRefusal checks the code of a refusal. A refusal for the state also has the actions
// that the state allows to that side.
func (w *world) checkRefusal(what string, c cell, by, code string, res apitest.Response) {
	w.Helper()
	interoptest.Equal(w.TB, what, interoptest.CodeOf(res), code)
	switch code {
	case interop.AgreementNotInState.Name, interop.AgreementNotPending.Name, interop.AgreementNotSuspended.Name:
		if c.of == producer && by == "producer" {
			by = "self"
		}
		list := allowed[stateIn(c.situation)][by]
		if list == "" {
			list = "[]"
		}
		interoptest.Equal(w.TB, what+": its state", res.Text("state"), stateIn(c.situation))
		interoptest.Equal(w.TB, what+": it allows", fmt.Sprint(res.Body["allowedActions"]), list)
	default:
		interoptest.Equal(w.TB, what+": it allows", res.Body["allowedActions"], nil)
	}
}

// checkCreated checks the agreement that an upgrade or a clone created, and the agreement
// that it comes from.
func (w *world) checkCreated(what string, c cell, res apitest.Response, expected string) {
	w.Helper()
	id, state := res.Text("id"), stateIn(c.situation)
	action, old := "upgrade", "ARCHIVED"
	if state == "REJECTED" {
		action, old = "clone", "REJECTED"
	}
	interoptest.Equal(w.TB, what, brief(res), expected)
	interoptest.Equal(w.TB, what+": the new one", w.OK(c.of, "GET", "/agreements/"+id, "").Raw, res.Raw)
	interoptest.Equal(w.TB, what+": its history", w.historyAs(c.of, id), action+" NONE-"+res.Text("state"))
	interoptest.Equal(w.TB, what+": the old one", w.OK(c.of, "GET", "/agreements/"+c.id, "").Text("state"), old)
	if end := strings.HasSuffix(w.historyAs(c.of, c.id), ", "+action+" "+state+"-"+old); end != (action == "upgrade") {
		w.Errorf("%s: the history of the old one is %s", what, w.historyAs(c.of, c.id))
	}
}

// TestNoAgreement takes every action on an unknown and on a deleted agreement.
func TestNoAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		deleted := w.createDraft(w.newOffer("MANUAL"))
		w.OK(consumer, "DELETE", "/agreements/"+deleted, "")
		before := w.everything()
		for action := range strings.FieldsSeq("submit delete approve reject suspend unsuspend archive upgrade clone") {
			for _, caller := range callers {
				w.Refused(w.try(caller, uuid.NewString(), action), interop.AgreementNotFound)
				w.Refused(w.try(caller, deleted, action), interop.AgreementNotFound)
			}
		}
		w.wantUnchanged(before)
	})
}
