// Package interoptest drives the operations of the interop product in tests, as its
// clients do, and checks every answer against the API document.
//
// Its words mean the same in the tests of all packages of the product:
//
//   - [World.As] sends a request as a caller; [World.Send] sends a [Request];
//     [World.OK] sends a request that has to succeed.
//   - [World.Want] checks the status of an answer, [World.Refused] the code of a
//     refusal, [World.RefusedIn] also its state and allowed actions.
//   - [Equal] compares two values, [World.Unchanged] what is stored with what was.
//   - [World.Tap] sees, holds, fails and falsifies calls to the engine;
//     [World.Break] fails one of them, [World.Race] lets callers meet at their writes.
package interoptest

import (
	"maps"
	"slices"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// Suite is a set of operations that are tested together.
type Suite struct {
	// Tables are those that the operations use in addition to the table of the product.
	Tables []table.Schema
	// Prepare sets up a World before its handler is made; nil for nothing.
	Prepare func(*apitest.World)
	// Stream records the changes of stored items for [World.NextChange].
	Stream bool

	ops       []api.Op
	published func() *apitest.Document
}

// New makes a Suite of all operations of the packages.
func New(packages ...[]api.Op) *Suite {
	ops := slices.Concat(packages...)
	return &Suite{ops: ops, published: apitest.Published(ops)}
}

// World is one deployment and the test that uses it.
type World struct {
	*apitest.World
	testing.TB
	// Tap sees every call to the engine; its DB goes past the hook.
	Tap *hooked.DB

	suite *Suite
	store *recorder
}

// Each runs test in a new World on each engine.
func (s *Suite) Each(t *testing.T, test func(w *World)) {
	t.Helper()
	apitest.Each(t, s.Schemas(), s.ops, s.run(test))
}

// Embedded runs test in a new World on the embedded engine alone, see [apitest.Embedded].
func (s *Suite) Embedded(t *testing.T, test func(w *World)) {
	t.Helper()
	apitest.Embedded(t, s.Schemas(), s.ops, s.run(test))
}

// On runs test in a new World on a database that has the tables of the suite.
func (s *Suite) On(t *testing.T, db table.DB, test func(w *World)) {
	t.Helper()
	s.run(test)(t, apitest.New(db, s.ops))
}

// Schemas returns the tables of the suite.
func (s *Suite) Schemas() []table.Schema { return append([]table.Schema{interop.Table}, s.Tables...) }

func (s *Suite) run(test func(w *World)) func(*testing.T, *apitest.World) {
	return func(t *testing.T, base *apitest.World) {
		store := &recorder{DB: base.DB, stream: s.Stream, keys: map[table.Key]bool{}}
		tap := &hooked.DB{DB: store}
		base.DB = tap
		if s.Prepare != nil {
			s.Prepare(base)
		}
		w := &World{World: base, TB: t, Tap: tap, suite: s, store: store}
		w.Handler(t)
		test(w)
	}
}

// With returns another deployment on the same storage and clock that has a setting of
// its own.
func (w *World) With(setting, value string) *World {
	base := apitest.New(w.Tap, w.suite.ops)
	base.Clock = w.Clock
	maps.Copy(base.Settings, w.Settings)
	base.Settings[setting] = value
	next := *w
	next.World = base
	return &next
}
