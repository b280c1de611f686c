package purpose

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

// slowReads is a storage in which reading the ledger of an e-service takes time.
type slowReads struct {
	table.DB
	takes map[string]time.Duration // by e-service
}

func (s slowReads) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	for id, d := range s.takes {
		if len(keys) == 1 && keys[0] == totalKey(id) {
			wait, cancel := context.WithTimeout(ctx, d)
			<-wait.Done()
			cancel()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
	}
	return s.DB.BatchGet(ctx, keys)
}

// TestLedgerStops: a check whose time is up says where to continue, and the calls together
// compare every e-service once. One that takes too long is passed over when a call has begun with
// it; otherwise the next call begins with it.
func TestLedgerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db := slowReads{engine.Bolt(t, []table.Schema{interop.Table}), map[string]time.Duration{}}
		for n := range 5 {
			id := numbered(n)
			key := interop.Key("ESERVICES", fmt.Sprintf("@%016x#%s", 10-n, id))
			if err := db.Write(t.Context(), table.Put("listed", key, map[string]string{"producerId": numbered(9), "name": id})); err != nil {
				t.Fatal(err)
			}
			db.takes[id] = 4 * time.Second // twice: before and after
		}
		db.takes[numbered(3)] = time.Minute
		var compared []int
		var busy []string
		after := ""
		for range 10 {
			report, next, err := CheckLedgerAfter(t.Context(), db, after)
			if err != nil {
				t.Fatal(err)
			}
			compared = append(compared, report.EServices)
			busy = append(busy, report.Busy...)
			if after = next; next == "" {
				break
			}
		}
		if got := fmt.Sprint(compared, busy); got != fmt.Sprintf("[2 1 0 1] [%s]", numbered(3)) {
			t.Errorf("compared %s", got)
		}
	})
}

func numbered(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
