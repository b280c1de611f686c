package consumer_test

import (
	"fmt"
	"testing"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// TestCascadeKeepsTheCorrelationID follows a use case from the call into the
// work that goes on after its answer.
func TestCascadeKeepsTheCorrelationID(t *testing.T) {
	embedded(t, func(w *world) {
		w.large("ann")
		res := w.As(writer, "POST", consumerPath("ann")+"/operations:delete", "", api.CorrelationHeader, "use case 7")
		if res.Text("status") != string(operation.Pending) {
			w.Fatalf("delete = %s", res.Raw)
		}
		handle, err := consumer.Cascade.Start(w.Deps())
		if err != nil {
			w.Fatal(err)
		}
		key := consumerKey("ann")
		ctx, notes := api.Notes(w.Context())
		if err := handle(ctx, table.Change{Key: key, New: w.Item(key)}); err != nil {
			w.Fatal(err)
		}
		if got, want := fmt.Sprint(notes()), "[correlationId=use case 7 operationId="+res.Text("operationId")+"]"; got != want {
			w.Errorf("the worker noted %s, want %s", got, want)
		}
	})
}
