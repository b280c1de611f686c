package consumer_test

import (
	"errors"
	"slices"
	"strings"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// A hook sees the calls of the storage; it can hold them and make them fail.
type (
	hook = hooked.Hook
	call = hooked.Call
)

// indexed tells whether the call reads an index.
func indexed(c *call) bool { return c.Query != nil && c.Query.Index != "" }

// removes tells whether the call removes items of that kind: ACCOUNT, CARD or DIG.
func removes(c *call, kind string) bool {
	return slices.ContainsFunc(c.Steps, func(s table.Step) bool {
		return s.Verb == table.DeleteItem && strings.HasPrefix(s.Key.SK, kind)
	})
}

// pass carries every call out.
func pass(c *call) error { return c.Run() }

// blind is an index that shows nothing.
func blind(c *call) error {
	if indexed(c) {
		return nil
	}
	return c.Run()
}

// down is an engine that does not answer.
func down(*call) error { return hooked.ErrDown }

// unremovable is an engine that can never remove items of that kind.
func unremovable(kind string) hook {
	return func(c *call) error {
		if removes(c, kind) {
			return &table.Error{Kind: table.Invalid, Op: "write", Err: errors.New("the item cannot be removed")}
		}
		return c.Run()
	}
}
