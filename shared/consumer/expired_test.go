package consumer_test

import (
	"testing"

	"ciclo/shared/operation"
	"ciclo/shared/retention"
)

// TestDeletionOutlivesItsOperation finishes a deletion whose operation has been
// purged, as after months without a worker.
func TestDeletionOutlivesItsOperation(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.large(t, "ann")
		w.deleted(t, "ann", operation.Pending)
		w.Clock.Set(w.Clock.Now().AddDate(0, 4, 0))
		purge, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
		if err != nil {
			t.Fatal(err)
		}
		if report, err := purge.Run(t.Context(), retention.Request{}); err != nil || report.Deleted != 2 {
			t.Fatalf("purge = %+v, %v", report, err)
		}
		if err := w.cascade(t, "ann"); err != nil {
			t.Fatal(err)
		}
		w.gone(t, "ann")
		if logged := w.operations(t, "ann"); len(logged) > 0 {
			t.Errorf("the purged operation came back: %+v", logged)
		}
	})
}
