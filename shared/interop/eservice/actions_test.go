package eservice_test

import (
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
