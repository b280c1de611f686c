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

// offerRequiring publishes an e-service that requires one new attribute. With owned, the
// consumer owns the attribute. A test verifies a verified one itself.
func (w *world) offerRequiring(policy string, kind attribute.Kind, owned bool) (o offer, required string) {
	w.Helper()
	required = w.attribute(kind)
	o = w.newOffer(policy, requirement{kind, []string{required}})
	if owned {
		w.assign(kind, required, "")
	}
	return o, required
}

// revokeCall returns a call that takes an attribute from the consumer.
func (w *world) revokeCall(kind attribute.Kind, id, through string) func() apitest.Response {
	return func() apitest.Response {
		w.revoke(kind, id, through)
		return apitest.Response{}
	}
}

// followCall makes the platform follow every change. It is one call of a pair.
func (w *world) followCall() apitest.Response {
	w.follow()
	return apitest.Response{}
}

// wantState returns a check that the agreement is in one of the states.
func (w *world) wantState(id string, states ...string) func() {
	return func() {
		w.Helper()
		if got := w.state(id); !slices.Contains(states, got) {
			w.Errorf("the agreement is %s, want one of %q", got, states)
		}
	}
}

// TestPairsWithRevocations revokes an attribute while an agreement becomes active. The
// agreement never stays active without the attribute.
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
		w.interleaved("submitting, and revoking and following", func() pair {
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
			return pair{
				w.actionCall(consumer, id, "unsuspend"), w.revokeCall(attribute.Declared, required, ""),
				w.wantState(id, "SUSPENDED Platform"),
			}
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

// TestPairsOfUpgrades takes actions on an agreement and on the one that replaces it.
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
			w.interleaved("approving the replacement and "+action, func() pair {
				old, draft, _, required := declared("MANUAL")
				w.assign(attribute.Declared, required, "")
				w.mustAct(consumer, draft, "submit")
				return pair{
					w.actionCall(producer, draft, "approve"), w.actionCall(consumer, old, action),
					w.wantState(old, "ARCHIVED", "ARCHIVED Consumer"),
				}
			}, outcomes...)
			w.interleaved("submitting the replacement and "+action, func() pair {
				old, draft, _, required := declared("AUTOMATIC")
				w.assign(attribute.Declared, required, "")
				return pair{
					w.actionCall(consumer, draft, "submit"), w.actionCall(consumer, old, action),
					w.wantState(old, "ARCHIVED", "ARCHIVED Consumer"),
				}
			}, outcomes...)
		}
		w.interleaved("deleting the replacement and archiving", func() pair {
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
		w.interleaved("submitting and following a new name", func() pair {
			o := w.newOffer("AUTOMATIC")
			id := w.createDraft(o)
			w.follow()
			w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", interoptest.JSON(object{"name": interoptest.Unique("Renamed")}))
			return pair{first: w.actionCall(consumer, id, "submit"), second: w.followCall}
		}, "ACTIVE + ")
	})
}

// TestGivenUp acts on an agreement that another write always changes first. After eight
// attempts the answer is 503 with Retry-After.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, attempts := w.createDraft(w.newOffer("AUTOMATIC")), 0
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				attempts++
				key := interop.Key("AGREEMENT#"+id, "AGREEMENT")
				if err := w.Engine().Write(w.Context(), table.Update("conflict", key, table.Changes{Add: map[string]int64{"version": 1}})); err != nil {
					return err
				}
			}
			return c.Run()
		})
		res := w.try(consumer, id, "submit")
		w.Tap.Set(nil)
		w.Refused(res, interop.Unavailable)
		if res.Header.Get("Retry-After") != "1" || attempts != 8 {
			w.Errorf("answered after %d attempts with Retry-After %q, want 8 and 1", attempts, res.Header.Get("Retry-After"))
		}
		interoptest.Equal(w.TB, "the agreement after the refusal", w.state(id), "DRAFT")
		interoptest.Equal(w.TB, "again", shown(w.mustAct(consumer, id, "submit")), "ACTIVE")
		w.checkSettled()
	})
}
