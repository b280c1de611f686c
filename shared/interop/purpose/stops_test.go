package purpose

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
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
			id := fmt.Sprintf("e%d", n)
			partition := []string{"ESERVICES#REST#DELIVER", "ESERVICES#SOAP#DELIVER"}[n/3]
			entry := map[string]string{"id": id, "producerId": "p", "name": id}
			if err := db.Write(t.Context(), table.Put("listed", interop.Key(partition, interop.NameSortKey(id, id)), entry)); err != nil {
				t.Fatal(err)
			}
			db.takes[id] = 4 * time.Second // twice: before and after
		}
		db.takes["e3"] = time.Minute
		var compared []int
		var busy []string
		place := ""
		for range 10 {
			report, next, err := CheckLedgerAfter(t.Context(), db, place)
			if err != nil {
				t.Fatal(err)
			}
			compared = append(compared, report.EServices)
			busy = append(busy, report.Busy...)
			if place = next; next == "" {
				break
			}
			if !eservice.IsPlace(next) {
				t.Fatalf("%q is no place", next)
			}
		}
		if got := fmt.Sprint(compared, busy); got != "[2 1 0 1] [e3]" {
			t.Errorf("compared %s", got)
		}
	})
}
