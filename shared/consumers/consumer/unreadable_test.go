package consumer_test

import (
	"testing"

	"ciclo/shared/platform/table"
)

// TestChangesThatCannotBeRead: the worker says that handling them again is in vain.
func TestChangesThatCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.deleting(t, "bob")
		change := becomesDeleting(t, issuer, "bob")
		bad, err := table.Encode(map[string]any{"state": map[string]any{}})
		if err != nil {
			t.Fatal(err)
		}
		for name, unreadable := range map[string]table.Change{
			"before": {Key: change.Key, Old: bad, New: change.New}, "after": {Key: change.Key, Old: change.Old, New: bad},
		} {
			if err := w.deliver(t, unreadable); !table.Permanent(err) {
				t.Errorf("%s: %v, want what can never succeed", name, err)
			}
		}
		w.tap.Set(down)
		if err := w.deliver(t, change); err == nil || table.Permanent(err) {
			t.Errorf("without storage: %v, want what may succeed", err)
		}
	})
}
