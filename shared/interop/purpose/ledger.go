package purpose

import (
	"context"
	"maps"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
)

// Difference is an account of the ledger that is not the sum of the versions that
// are active.
type Difference struct {
	EServiceID string `json:"eserviceId"`
	ConsumerID string `json:"consumerId,omitempty"` // "" for the account of all consumers
	Ledger     int64  `json:"ledger"`               // calls a day
	Active     int64  `json:"active"`               // calls a day
}

// Report is what [CheckLedger] found.
type Report struct {
	EServices   int          `json:"eservices"` // that were compared
	Differences []Difference `json:"differences"`
	Busy        []string     `json:"busy"` // e-services that changed each time they were read
}

// maxReadings is how often an e-service is read that changes meanwhile.
const maxReadings = 5

// CheckLedger compares the ledger with the versions that are active, of every
// e-service that was published. It changes nothing, and may run while others do:
// an e-service counts as read when its ledger did not move meanwhile.
func CheckLedger(ctx context.Context, db table.DB) (Report, error) {
	report := Report{Differences: []Difference{}, Busy: []string{}}
	err := eservice.EachPublished(ctx, db, func(e *eservice.EService) error {
		for range maxReadings {
			found, still, err := compare(ctx, db, e)
			if err != nil {
				return err
			}
			if still {
				report.EServices++
				report.Differences = append(report.Differences, found...)
				return nil
			}
		}
		report.Busy = append(report.Busy, e.ID)
		return nil
	})
	return report, err
}

// compare compares the ledger of an e-service; false when it moved meanwhile.
func compare(ctx context.Context, db table.DB, e *eservice.EService) (found []Difference, still bool, err error) {
	before, err := accounts(ctx, db, e.ID, nil)
	if err != nil {
		return nil, false, err
	}
	consumers := map[string]int64{}
	if err := agreement.Consumers(ctx, db, e.ID, func(id string) { consumers[id] = 0 }); err != nil {
		return nil, false, err
	}
	if err := active(ctx, db, e, consumers); err != nil {
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
			found = append(found, Difference{e.ID, id, account.Load, consumers[id]})
		}
	}
	if ledger[0].Load != sum {
		found = append(found, Difference{e.ID, "", ledger[0].Load, sum})
	}
	return found, true, nil
}

// accounts reads the account of all consumers of an e-service, last, and those of the
// consumers, which follow it in the answer.
func accounts(ctx context.Context, db table.DB, eserviceID string, consumers []string) ([]counter, error) {
	all := make([]counter, 1, 1+len(consumers))
	read := func(keys []table.Key) ([]counter, error) {
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
	for some := range slices.Chunk(consumers, table.MaxBatch) {
		keys := make([]table.Key, len(some))
		for i, id := range some {
			keys[i] = loadKey(eserviceID, id)
		}
		counters, err := read(keys)
		if err != nil {
			return nil, err
		}
		all = append(all, counters...)
	}
	total, err := read([]table.Key{totalKey(eserviceID)})
	if err != nil {
		return nil, err
	}
	all[0] = total[0]
	return all, nil
}

// active adds up the versions that are active on an e-service, by consumer, as the
// purposes themselves say.
func active(ctx context.Context, db table.DB, e *eservice.EService, consumers map[string]int64) error {
	prefix := listedPrefix(Active, e.ID)
	q := table.Query{Table: interop.Table.Name, PK: ofProducer(e.ProducerID), From: prefix, To: prefix + last, Consistent: true}
	var keys []table.Key
	err := table.All(ctx, db, q, func(item table.Item) error {
		at, err := table.As[entry](item)
		if err == nil {
			keys = append(keys, Key(at.ID))
		}
		return err
	})
	if err != nil {
		return err
	}
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
				consumers[p.ConsumerID] += p.load()
			}
		}
	}
	return nil
}
