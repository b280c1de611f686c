package client_test

import (
	"testing"

	"ciclo/shared/interop/interoptest"
)

// TestPublishedAnswers sends the requests of the published table of answers.
func TestPublishedAnswers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		user := interoptest.UnknownID()
		members := func(all ...any) string { return interoptest.JSON(seed(object{"members": all})) }
		w.Answers(owner, "POST", "/clients", members(user, user), 400, "006-0039")
		w.Answers(owner, "POST", "/clients", members(user, interoptest.UnknownID(), user), 400, "006-0039")
		w.Answers(owner, "POST", "/clients", members(user, interoptest.UnknownID()), 200, "")
	})
}
