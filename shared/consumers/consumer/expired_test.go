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

// TestDeletionOutlivesItsOperation: a deletion is finished although its operation was purged,
// as after months without a worker.
func TestDeletionOutlivesItsOperation(t *testing.T) {
	each(t, func(w *world) {
		w.large("ann")
		w.deleted("ann", operation.Pending)
		w.Clock.Set(w.Clock.Now().AddDate(0, 4, 0))
		purge, err := retention.NewPurge(w.Deps(), retention.Operations.Name)
		if err != nil {
			w.Fatal(err)
		}
		if report, err := purge.Run(w.Context(), retention.Request{}); err != nil || report.Deleted != 2 {
			w.Fatalf("purge = %+v, %v", report, err)
		}
		if err := w.cascade("ann"); err != nil {
			w.Fatal(err)
		}
		w.gone("ann")
		if logged := w.operations("ann"); len(logged) > 0 {
			w.Errorf("the purged operation came back: %+v", logged)
		}
	})
}

// TestGivingUpTooLate: a worker gives up a deletion after another worker has finished it and
// the consumer is being deleted once more. The second deletion goes on.
func TestGivingUpTooLate(t *testing.T) {
	each(t, func(w *world) {
		w = w.withReuse()
		first := w.deleting("ann")
		row := table.Key{Table: retention.Operations.Name, PK: consumerKey("ann").PK, SK: "OP#" + first}
		if err := w.Tap.DB.Write(w.Context(), table.Delete("row", row, table.Exists())); err != nil {
			w.Fatal(err)
		}
		w.Clock.Advance(2 * time.Hour)
		others := w.withReuse()
		var second string
		w.Tap.Set(func(c *call) error {
			switch {
			case removes(c, "DIG"):
				return hooked.ErrDown
			case len(c.Steps) > 0 && second == "":
				if err := others.cascade("ann"); err != nil {
					w.Error(err)
				}
				second = others.deleting("ann")
			}
			return c.Run()
		})
		if err := w.cascade("ann"); err != nil {
			w.Error(err)
		}
		w.Tap.Set(nil)
		if s := w.stored("ann"); s.State != string(consumer.Deleting) || s.LastOperation != second {
			w.Errorf("the second deletion was given up with the first: %+v", s)
		}
		if err := w.cascade("ann"); err != nil {
			w.Error(err)
		}
		w.gone("ann")
		if op := w.operations("ann")[0]; op.OperationID != second || op.Status != string(operation.Successful) {
			w.Errorf("the second deletion is %+v", op)
		}
	})
}
