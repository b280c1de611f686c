package purpose_test

import (
	"maps"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// TestUnknownDelegation: creation refuses an unknown delegation before it looks at
// anything else; actions on a purpose say that the caller is not the delegate.
func TestUnknownDelegation(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 25)
		w.SubmitAgreement(consumer, o)
		with := func(o offer, changes object) string {
			s := interoptest.PurposeSeed(o, 5)
			s["delegationId"] = interoptest.UnknownID()
			maps.Copy(s, changes)
			return interoptest.JSON(s)
		}
		draft := w.DraftPurpose(consumer, o, 5)
		w.Refused(w.As(consumer, "POST", "/purposes", with(o, nil)), interop.DelegationNotFound)
		w.Refused(w.As(stranger, "POST", "/purposes", with(offer{ID: interoptest.UnknownID()}, nil)), interop.DelegationNotFound)
		w.Refused(w.As(consumer, "POST", "/purposes", with(o, object{"isFreeOfCharge": true})), interop.DelegationNotFound)
		w.Refused(w.As(consumer, "POST", "/purposes", with(o, object{"freeOfChargeReason": "So"})), interop.DelegationNotFound)
		w.Refused(w.As(consumer, "POST", "/purposes", with(o, object{"delegationId": "x"})), interop.BadRequest)
		body := interoptest.JSON(object{"delegationId": interoptest.UnknownID()})
		w.Refused(w.As(consumer, "POST", draft+"/activate", body), interop.NotThePurposeDelegate)
	})
}
