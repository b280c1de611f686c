package change_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
)

// TestConditions: one step per item, and no condition is lost.
func TestConditions(t *testing.T) {
	t.Parallel()
	at := func(sk string) table.Key { return table.Key{Table: "t", PK: "p", SK: sk} }
	var c change.Conditions
	c.Require(table.Check("a", at("a"), table.Exists()), table.Check("b", at("b"), table.Equals("version", 1)))
	c.Require(table.Check("a", at("a"), table.Exists()))
	write := table.Put("write of b", at("b"), table.Item{}, table.Exists())
	writes := make([]table.Step, 0, 4) // room, in which an append would be seen
	writes = append(writes, write)
	got := c.With(writes...)
	want := []table.Step{
		table.Put("write of b", at("b"), table.Item{}, table.Exists(), table.Equals("version", 1)),
		table.Check("a", at("a"), table.Exists()),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(write, writes[0]); diff != "" {
		t.Errorf("the caller's step was changed:\n%s", diff)
	}
	if err := table.Validate(got); err != nil {
		t.Error(err)
	}
	if got := (&change.Conditions{}).With(); len(got) != 0 {
		t.Errorf("nothing makes %v", got)
	}
}
