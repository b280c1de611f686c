package eservice_test

import "ciclo/shared/platform/testing/hooked"

// tap is storage with a hook, where a test can see calls, hold them and fail them.
type (
	tap  = hooked.DB
	hook = hooked.Hook
	call = hooked.Call
)
