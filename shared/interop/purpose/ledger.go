package purpose

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
)

// Difference is an account of the ledger that differs from the sum of the active versions.
type Difference struct {
	EServiceID string `json:"eserviceId"`
	ConsumerID string `json:"consumerId,omitempty"` // "" for the account of all consumers
	Ledger     int64  `json:"ledger"`               // calls a day
	Active     int64  `json:"active"`               // calls a day
}

// Report is the result of [CheckLedger].
type Report struct {
	EServices   int          `json:"eservices"` // compared
	Differences []Difference `json:"differences"`
	Busy        []string     `json:"busy"` // ids of e-services that changed during every reading
}

// maxReadings is how often an e-service is read when its ledger changes during the reading.
const maxReadings = 5

// CheckLedger compares the ledger with the active versions of every e-service that was
// published. It changes nothing and may run beside other calls: a reading counts when the
// ledger of the e-service did not change during it.
func CheckLedger(ctx context.Context, db table.DB) (Report, error) {
	report := newReport()
	l := entries.New(db)
	err := eservice.EachPublished(ctx, db, "", func(e *eservice.EService) error { return report.add(ctx, db, l, e) })
	return report, err
}

// Times of a comparison whose answer somebody waits for. API Gateway waits for 29 s.
const (
	checkLimit = 15 * time.Second // after it no further e-service is begun
	checkEnd   = 23 * time.Second // at it the e-service that is being read is given up
)

// errEnough ends a comparison that continues with another call.
var errEnough = errors.New("no further e-service is begun")

// CheckLedgerAfter is CheckLedger in the order of ids from after that e-service on, "" for all,
// as long as somebody waits for an answer: after 15 s it begins no further e-service and returns
// the one to continue after, "" when none is left. At 23 s it gives up the e-service that is being
// read. The next call begins with that one; if this call began with it, it is in Busy instead.
func CheckLedgerAfter(ctx context.Context, db table.DB, after string) (report Report, next string, err error) {
	limit, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	end, cancelEnd := context.WithTimeout(ctx, checkEnd)
	defer cancelEnd()
	report = newReport()
	next = after
	l := entries.New(db)
	first := true
	err = eservice.EachPublished(ctx, db, after, func(e *eservice.EService) error {
		if limit.Err() != nil {
			return errEnough
		}
		err := report.add(end, db, l, e)
		if err != nil && end.Err() != nil && ctx.Err() == nil {
			if !first {
				return errEnough // it began late; with the time of a whole call it may be read
			}
			report.Busy = append(report.Busy, e.ID)
			err = nil
		}
		if err == nil {
			next = e.ID
			first = false
		}
		return err
	})
	if errors.Is(err, errEnough) {
		return report, next, nil
	}
	return report, "", err
}

func newReport() Report { return Report{Differences: []Difference{}, Busy: []string{}} }

// add compares the ledger of one e-service.
func (r *Report) add(ctx context.Context, db table.DB, l *lists, e *eservice.EService) error {
	for range maxReadings {
		found, quiet, err := compare(ctx, db, l, e)
		if err != nil {
			return err
		}
		if quiet {
			r.EServices++
			r.Differences = append(r.Differences, found...)
			return nil
		}
	}
	r.Busy = append(r.Busy, e.ID)
	return nil
}

// compare compares the ledger of an e-service with its active versions. It returns false
// when the ledger changed during the reading: then the comparison proves nothing.
func compare(ctx context.Context, db table.DB, l *lists, e *eservice.EService) (found []Difference, quiet bool, err error) {
	before, err := accounts(ctx, db, e.ID, nil)
	if err != nil {
		return nil, false, err
	}
	consumers := map[string]int64{}
	if err := agreement.Consumers(ctx, db, e.ID, func(id string) { consumers[id] = 0 }); err != nil {
		return nil, false, err
	}
	if err := addActive(ctx, db, l, e, consumers); err != nil {
		return nil, false, err
	}
	ids := slices.Sorted(maps.Keys(consumers))
	ledger, err := accounts(ctx, db, e.ID, ids)
	if err != nil || ledger[0] != before[0] {
		return nil, false, err
	}
	var sum int64
	for i, id := range ids {
		sum += consumers[id]
		if account := ledger[i+1]; account.Load != consumers[id] {
			found = append(found, Difference{EServiceID: e.ID, ConsumerID: id, Ledger: account.Load, Active: consumers[id]})
		}
	}
	if ledger[0].Load != sum {
		found = append(found, Difference{EServiceID: e.ID, Ledger: ledger[0].Load, Active: sum})
	}
	return found, true, nil
}

// accounts reads the accounts of an e-service: first that of all consumers, then those of
// the given ones. The first is read last, so that it shows changes during the reading.
func accounts(ctx context.Context, db table.DB, eserviceID string, consumers []string) ([]counter, error) {
	all := make([]counter, 1, 1+len(consumers))
	for some := range slices.Chunk(consumers, table.MaxBatch) {
		keys := make([]table.Key, len(some))
		for i, id := range some {
			keys[i] = loadKey(eserviceID, id)
		}
		counters, err := readCounters(ctx, db, keys)
		if err != nil {
			return nil, err
		}
		all = append(all, counters...)
	}
	total, err := readCounters(ctx, db, []table.Key{totalKey(eserviceID)})
	if err != nil {
		return nil, err
	}
	all[0] = total[0]
	return all, nil
}

// readCounters reads accounts; those that are absent are zero.
func readCounters(ctx context.Context, db table.DB, keys []table.Key) ([]counter, error) {
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	counters := make([]counter, len(items))
	for i, item := range items {
		if item == nil {
			continue
		}
		if err := table.Decode(item, &counters[i]); err != nil {
			return nil, err
		}
	}
	return counters, nil
}

// addActive adds the calls of the active versions on an e-service to the sums of their
// consumers. It takes them from the purposes, not from the list entries.
func addActive(ctx context.Context, db table.DB, l *lists, e *eservice.EService, consumers map[string]int64) error {
	rows, err := active(ctx, l, e)
	if err != nil {
		return err
	}
	return eachPurpose(ctx, db, interop.RowKeys(rows, Key), func(p *purpose) { consumers[p.ConsumerID] += p.load() })
}

// eachPurpose reads purposes and hands those that exist to yield, in the order of keys.
func eachPurpose(ctx context.Context, db table.DB, keys []table.Key, yield func(*purpose)) error {
	for some := range slices.Chunk(keys, table.MaxBatch) {
		items, err := db.BatchGet(ctx, some)
		if err != nil {
			return err
		}
		for _, item := range items {
			p, err := table.As[purpose](item)
			if err != nil {
				return err
			}
			if p != nil {
				yield(p)
			}
		}
	}
	return nil
}
