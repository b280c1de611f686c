package agreement_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// TestAllowedActions compares the allowed actions that are read with those of a refusal for
// the state.
func TestAllowedActions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.SubmitAgreement(consumer, w.PublishEService(producer, interoptest.Descriptor{}))
		for _, caller := range []*api.Identity{consumer, producer} {
			action, body := "submit", "{}"
			if caller == producer {
				action, body = "reject", `{"reason":"The purpose of the request is not clear."}`
			}
			read := w.OK(caller, "GET", path+"/allowedActions", "")
			w.RefusedIn(w.As(caller, "POST", path+"/"+action, body), interop.AgreementNotInState, "ACTIVE", interoptest.AllowedActions(read)...)
			interoptest.Equal(w.TB, "state", read.Text("state"), "ACTIVE")
		}
	})
}
