package dynamo_test

import (
	"testing"

	"ciclo/shared/platform/table"
)

// TestUpdateOnceIsSentOnce: what may have been applied is not sent again, or a counter would
// count twice; what was not applied is left to the caller.
func TestUpdateOnceIsSentOnce(t *testing.T) {
	t.Parallel()
	step := table.Update("count", thing("a"), table.Changes{Add: map[string]int64{"n": 1}})
	for name, c := range map[string]struct {
		answer answer
		want   table.Kind
	}{
		"lost":      {lost, table.Unavailable},
		"failed":    {answer{status: 500, body: "{}"}, table.Unavailable},
		"throttled": {exception("ThrottlingException", ""), table.Throttled},
		"conflict":  {exception("TransactionConflictException", ""), table.Conflict},
		"denied":    {exception("AccessDeniedException", ""), table.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, service := newService(c.answer)
			item, err := db.UpdateOnce(t.Context(), step)
			if !table.IsKind(err, c.want) || item != nil {
				t.Errorf("%v, %v, want %v", item, err, c.want)
			}
			if len(service.sent) != 1 || service.sent[0].operation != "UpdateItem" {
				t.Errorf("sent %+v, want one UpdateItem", service.sent)
			}
		})
	}
}
