package service_test

import (
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// tap is storage with a hook, where a test can see calls, hold them and fail them.
type (
	tap  = hooked.DB
	hook = hooked.Hook
	call = hooked.Call
)

// eachTapped is each with a tap on the world's storage.
func eachTapped(t *testing.T, test func(w *world, tap *tap)) {
	t.Helper()
	apitest.Each(t, []table.Schema{services.Table}, service.Operations(), func(t *testing.T, base *apitest.World) {
		tap := &tap{DB: base.DB}
		base.DB = tap
		w := equipped(t, base)
		w.Handler(t)
		test(w, tap)
	})
}
