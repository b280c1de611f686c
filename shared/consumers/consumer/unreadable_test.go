package consumer_test

import (
	"testing"

	"ciclo/shared/platform/table"
)

// TestChangesThatCannotBeRead: the error of the worker is permanent, so the change is not retried.
func TestChangesThatCannotBeRead(t *testing.T) {
	each(t, func(w *world) {
		w.deleting("bob")
		change := becomesDeleting(w.TB, issuer, "bob")
		bad, err := table.Encode(map[string]any{"state": map[string]any{}})
		if err != nil {
			w.Fatal(err)
		}
		for name, unreadable := range map[string]table.Change{
			"before": {Key: change.Key, Old: bad, New: change.New}, "after": {Key: change.Key, Old: change.Old, New: bad},
		} {
			if err := w.deliver(unreadable); !table.Permanent(err) {
				w.Errorf("%s: %v, want what can never succeed", name, err)
			}
		}
		w.Tap.Set(down)
		if err := w.deliver(change); err == nil || table.Permanent(err) {
			w.Errorf("without storage: %v, want what may succeed", err)
		}
	})
}
