package agreement_test

import (
	"slices"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// needing is an e-service that asks for one attribute, which the consumer owns or
// lacks; a verified one is verified by the caller.
func (w *world) offerRequiring(policy string, kind attribute.Kind, owned bool) (o offer, required string) {
	w.Helper()
	required = w.attribute(kind)
	o = w.newOffer(policy, requirement{kind, []string{required}})
	if owned {
		w.assign(kind, required, "")
	}
	return o, required
}

// revokes is a call that takes an attribute from the consumer.
func (w *world) revokeCall(kind attribute.Kind, id, through string) func() apitest.Response {
	return func() apitest.Response {
		w.revoke(kind, id, through)
		return apitest.Response{}
	}
}

// follows is a call by which the platform follows what has changed.
func (w *world) followCall() apitest.Response {
	w.follow()
	return apitest.Response{}
}

// is is a look at an agreement at the end: it is as one of the states.
func (w *world) wantState(id string, states ...string) func() {
	return func() {
		w.Helper()
		if got := w.state(id); !slices.Contains(states, got) {
			w.Errorf("in the end the agreement is %s, want one of %q", got, states)
		}
	}
}

// TestPairsWithRevocations takes an attribute away while an agreement comes into
// use: it never stays in use without.
func TestPairsWithRevocations(t *testing.T) {
	t.Parallel()
	const missing = "MISSING_CERTIFIED_ATTRIBUTES Platform"
	submission, activation := interop.AgreementSubmissionFailed.Name, interop.AgreementActivationFailed.Name
	embedded(t, func(w *world) {
		for kind, left := range map[attribute.Kind]string{attribute.Certified: missing, attribute.Declared: "DRAFT"} {
			w.interleaved("submitting and revoking", func() pair {
				o, required := w.offerRequiring("AUTOMATIC", kind, true)
				id := w.createDraft(o)
				return pair{w.actionCall(consumer, id, "submit"), w.revokeCall(kind, required, id), w.wantState(id, "SUSPENDED Platform", left)}
			}, "ACTIVE + ", submission+" + ")
		}
		for kind, left := range map[attribute.Kind]string{
			attribute.Certified: missing, attribute.Declared: "PENDING",
			attribute.Verified: "PENDING",
		} {
			w.interleaved("approving and revoking", func() pair {
				o, required := w.offerRequiring("MANUAL", kind, kind != attribute.Verified)
				id := w.createDraft(o)
				w.mustAct(consumer, id, "submit")
				if kind == attribute.Verified {
					w.assign(kind, required, id)
				}
				w.follow()
				return pair{w.actionCall(producer, id, "approve"), w.revokeCall(kind, required, id), w.wantState(id, "SUSPENDED Platform", left)}
			}, "ACTIVE + ", activation+" + ")
		}
		w.interleaved("submitting, and revoking, which is followed at once", func() pair {
			o, required := w.offerRequiring("AUTOMATIC", attribute.Declared, true)
			id := w.createDraft(o)
			w.follow()
			return pair{w.actionCall(consumer, id, "submit"), func() apitest.Response {
				w.revoke(attribute.Declared, required, "")
				return w.followCall()
			}, w.wantState(id, "SUSPENDED Platform", "DRAFT")}
		}, "ACTIVE + ", submission+" + ")
		w.interleaved("unsuspending and revoking", func() pair {
			o, required := w.offerRequiring("AUTOMATIC", attribute.Declared, true)
			id := w.createDraft(o)
			w.mustAct(consumer, id, "submit")
			w.mustAct(consumer, id, "suspend")
			return pair{w.actionCall(consumer, id, "unsuspend"), w.revokeCall(attribute.Declared, required, ""), w.wantState(id, "SUSPENDED Platform")}
		}, "ACTIVE + ", "SUSPENDED Platform + ")
		w.interleaved("creating and revoking", func() pair {
			o, required := w.offerRequiring("AUTOMATIC", attribute.Certified, true)
			return pair{first: func() apitest.Response {
				return w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": o.id, "descriptorId": o.descriptor}))
			}, second: w.revokeCall(attribute.Certified, required, ""), after: func() {
				for _, r := range w.records() {
					w.wantState(r.ID, missing)()
				}
			}}
		}, "DRAFT + ", interop.CertifiedAttributesMissing.Name+" + ")
	})
}

// TestPairsOfUpgrades takes actions on an agreement and on what is to replace it.
func TestPairsOfUpgrades(t *testing.T) {
	t.Parallel()
	notIn := interop.AgreementNotInState.Name
	embedded(t, func(w *world) {
		declared := func(policy string) (old, draft string, next offer, required string) {
			required = w.attribute(attribute.Declared)
			next, old = w.upgradable(policy, requirement{attribute.Declared, []string{required}})
			w.follow()
			return old, w.mustAct(consumer, old, "upgrade").Text("id"), next, required
		}
		w.interleaved("upgrading twice", func() pair {
			required := w.attribute(attribute.Declared)
			_, id := w.upgradable("AUTOMATIC", requirement{attribute.Declared, []string{required}})
			return pair{first: w.actionCall(consumer, id, "upgrade"), second: w.actionCall(consumer, id, "upgrade")}
		}, "DRAFT + "+interop.AgreementExists.Name, interop.AgreementExists.Name+" + DRAFT")
		w.interleaved("upgrading and revoking", func() pair {
			required := w.attribute(attribute.Declared)
			w.assign(attribute.Declared, required, "")
			_, id := w.upgradable("AUTOMATIC", requirement{attribute.Declared, []string{required}})
			return pair{first: w.actionCall(consumer, id, "upgrade"), second: w.revokeCall(attribute.Declared, required, "")}
		}, "ACTIVE + ", "DRAFT + ")
		for _, action := range []string{"archive", "suspend"} {
			outcomes := map[string][]string{"archive": {"ACTIVE + ARCHIVED", "ACTIVE + " + notIn}, "suspend": {
				"ACTIVE + SUSPENDED Consumer",
				"ACTIVE + " + notIn,
			}}[action]
			w.interleaved("approving what replaces and "+action, func() pair {
				old, draft, _, required := declared("MANUAL")
				w.assign(attribute.Declared, required, "")
				w.mustAct(consumer, draft, "submit")
				return pair{w.actionCall(producer, draft, "approve"), w.actionCall(consumer, old, action), w.wantState(old, "ARCHIVED", "ARCHIVED Consumer")}
			}, outcomes...)
			w.interleaved("submitting what replaces and "+action, func() pair {
				old, draft, _, required := declared("AUTOMATIC")
				w.assign(attribute.Declared, required, "")
				return pair{w.actionCall(consumer, draft, "submit"), w.actionCall(consumer, old, action), w.wantState(old, "ARCHIVED", "ARCHIVED Consumer")}
			}, outcomes...)
		}
		w.interleaved("deleting what replaces and archiving", func() pair {
			old, draft, _, _ := declared("AUTOMATIC")
			return pair{first: func() apitest.Response { return w.As(consumer, "DELETE", "/agreements/"+draft, "") }, second: w.actionCall(consumer,
				old, "archive")}
		}, " + ARCHIVED")
		w.interleaved("creating and archiving", func() pair {
			next, old := w.upgradable("AUTOMATIC")
			return pair{first: func() apitest.Response {
				return w.As(consumer, "POST", "/agreements", interoptest.JSON(object{"eserviceId": next.id, "descriptorId": next.descriptor}))
			}, second: w.actionCall(consumer, old, "archive")}
		}, "DRAFT + ARCHIVED", interop.AgreementExists.Name+" + ARCHIVED")
	})
}

// TestPairsWithThePlatform takes actions while the platform follows a change.
func TestPairsWithThePlatform(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		lost := func(action string) string {
			o, required := w.offerRequiring("AUTOMATIC", attribute.Declared, true)
			id := w.createDraft(o)
			w.mustAct(consumer, id, "submit")
			if action == "unsuspend" {
				w.mustAct(consumer, id, "suspend")
			}
			w.follow()
			w.revoke(attribute.Declared, required, "")
			return id
		}
		w.interleaved("unsuspending and following", func() pair {
			id := lost("unsuspend")
			return pair{w.actionCall(consumer, id, "unsuspend"), w.followCall, w.wantState(id, "SUSPENDED Platform")}
		}, "SUSPENDED Platform + ")
		w.interleaved("suspending and following", func() pair {
			id := lost("suspend")
			return pair{w.actionCall(consumer, id, "suspend"), w.followCall, w.wantState(id, "SUSPENDED Consumer Platform")}
		}, "SUSPENDED Consumer + ", "SUSPENDED Consumer Platform + ")
		w.interleaved("archiving and following", func() pair {
			id := lost("archive")
			return pair{w.actionCall(consumer, id, "archive"), w.followCall, w.wantState(id, "ARCHIVED", "ARCHIVED Platform")}
		}, "ARCHIVED + ", "ARCHIVED Platform + ")
		w.interleaved("deleting and following", func() pair {
			o, required := w.offerRequiring("AUTOMATIC", attribute.Certified, true)
			id := w.createDraft(o)
			w.follow()
			w.revoke(attribute.Certified, required, "")
			return pair{first: func() apitest.Response { return w.As(consumer, "DELETE", "/agreements/"+id, "") }, second: w.followCall}
		}, " + ")
		w.interleaved("asking and following a new name", func() pair {
			o := w.newOffer("AUTOMATIC")
			id := w.createDraft(o)
			w.follow()
			w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", interoptest.JSON(object{"name": interoptest.Unique("Renamed")}))
			return pair{first: w.actionCall(consumer, id, "submit"), second: w.followCall}
		}, "ACTIVE + ")
	})
}

// TestGivenUp acts on an agreement that others always change first: it is given up
// and said to be worth another try.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, attempts := w.createDraft(w.newOffer("AUTOMATIC")), 0
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				attempts++
				key := interop.Key("AGREEMENT#"+id, "AGREEMENT")
				if err := w.Engine().Write(w.Context(), table.Update("overtake", key, table.Changes{Add: map[string]int64{"version": 1}})); err != nil {
					return err
				}
			}
			return c.Run()
		})
		res := w.try(consumer, id, "submit")
		w.Tap.Set(nil)
		w.Refused(res, interop.Unavailable)
		if res.Header.Get("Retry-After") != "1" || attempts != 8 {
			w.Errorf("given up after %d attempts with Retry-After %q", attempts, res.Header.Get("Retry-After"))
		}
		interoptest.Equal(w.TB, "what was given up", w.state(id), "DRAFT")
		interoptest.Equal(w.TB, "again", shown(w.mustAct(consumer, id, "submit")), "ACTIVE")
		w.checkSettled()
	})
}
