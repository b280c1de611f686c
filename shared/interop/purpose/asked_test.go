package purpose

import (
	"errors"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

// TestChangesAskTwice gives a change that never has enough what it asks for, twice.
func TestChangesAskTwice(t *testing.T) {
	t.Parallel()
	s := &Store{db: engine.Bolt(t, []table.Schema{interop.Table}), now: func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }}
	for _, missing := range []error{errFacts, errOwned} {
		decided := 0
		_, err := s.decide(t.Context(), situation{facts: &facts{}}, target{eserviceID: "e"}, func(situation) (decision, error) {
			if decided++; decided > 10 {
				return decision{}, errors.New("it would go on for ever")
			}
			return decision{}, missing
		})
		if !errors.Is(err, missing) || decided != 3 {
			t.Errorf("a change decides %d times, want 3: %v", decided, err)
		}
	}
}
