package consumer_test

import (
	"testing"
	"time"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
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

// TestGivingUpTooLate holds a worker that gives up a deletion, whose operation is
// gone, until that is over and the consumer is being deleted once more.
func TestGivingUpTooLate(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w = w.withReuse()
		first := w.deleting(t, "ann")
		row := table.Key{Table: retention.Operations.Name, PK: consumerKey("ann").PK, SK: "OP#" + first}
		if err := w.tap.DB.Write(t.Context(), table.Delete("row", row, table.Exists())); err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(2 * time.Hour)
		others := w.withReuse()
		var second string
		w.tap.Set(func(c *call) error {
			switch {
			case removes(c, "DIG"):
				return hooked.ErrDown
			case len(c.Steps) > 0 && second == "":
				if err := others.cascade(t, "ann"); err != nil {
					t.Error(err)
				}
				second = others.deleting(t, "ann")
			}
			return c.Run()
		})
		if err := w.cascade(t, "ann"); err != nil {
			t.Error(err)
		}
		w.tap.Set(nil)
		if s := w.stored(t, "ann"); s.State != string(consumer.Deleting) || s.LastOperation != second {
			t.Errorf("the second deletion was given up with the first: %+v", s)
		}
		if err := w.cascade(t, "ann"); err != nil {
			t.Error(err)
		}
		w.gone(t, "ann")
		if op := w.operations(t, "ann")[0]; op.OperationID != second || op.Status != string(operation.Successful) {
			t.Errorf("the second deletion is %+v", op)
		}
	})
}
