package purpose_test

import (
	"maps"
	"testing"

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
		draft := "/purposes/" + w.OK(consumer, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(o, 5))).Text("id")
		w.Answers(consumer, "POST", "/purposes", with(o, nil), 404, "010-0001")
		w.Answers(stranger, "POST", "/purposes", with(offer{ID: interoptest.UnknownID()}, nil), 404, "010-0001")
		w.Answers(consumer, "POST", "/purposes", with(o, object{"isFreeOfCharge": true}), 404, "010-0001")
		w.Answers(consumer, "POST", "/purposes", with(o, object{"freeOfChargeReason": "So"}), 404, "010-0001")
		w.Answers(consumer, "POST", "/purposes", with(o, object{"delegationId": "x"}), 400, "017-9999")
		w.Answers(consumer, "POST", draft+"/activate", `{"delegationId":"`+interoptest.UnknownID()+`"}`, 403, "004-0031")
	})
}
