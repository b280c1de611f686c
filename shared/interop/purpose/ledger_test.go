package purpose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// checked compares the ledger.
func (w *world) checked() purpose.Report {
	w.Helper()
	report, err := purpose.CheckLedger(w.Context(), w.Tap)
	if err != nil {
		w.Fatal(err)
	}
	return report
}

// soundReport is the report of a ledger in which nothing differs.
func soundReport(eservices int) purpose.Report {
	return purpose.Report{EServices: eservices, Differences: []purpose.Difference{}, Busy: []string{}}
}

func (w *world) reports(want purpose.Report) {
	w.Helper()
	if diff := cmp.Diff(want, w.checked()); diff != "" {
		w.Errorf("the report (-want +got):\n%s", diff)
	}
}

// counts puts more on an account of the ledger than there is.
func (w *world) counts(account string, more int64) {
	w.Helper()
	step := table.Update("account", interop.Key("LOAD#"+account, "LOAD"), table.Changes{Add: map[string]int64{"load": more, "changes": 1}})
	if err := w.Tap.DB.Write(w.Context(), step); err != nil {
		w.Fatal(err)
	}
}

// TestLedgerCheck compares ledgers that are right, and each account that is wrong.
func TestLedgerCheck(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.reports(soundReport(0))
		first, second := w.offers(10, 100), w.offersAs(other, 10, 100)
		w.reports(soundReport(2))
		w.joins(consumer, first)
		w.joins(stranger, first)
		w.joins(producer, second)
		for _, calls := range []int{3, 4, 50} { // the last one waits
			w.submits(consumer, first, calls)
		}
		w.submits(producer, second, 7)
		held := w.submits(stranger, first, 5)
		w.reports(soundReport(2))
		w.does(stranger, held, "suspend")
		w.reports(soundReport(2))

		off := soundReport(2)
		w.counts(first.id+"#"+consumer.Subject, 2)
		off.Differences = []purpose.Difference{{EServiceID: first.id, ConsumerID: consumer.Subject, Ledger: 9, Active: 7}}
		w.reports(off)
		w.counts(first.id+"#"+consumer.Subject, -2)
		w.counts(first.id+"#"+stranger.Subject, 1) // who has nothing that is active
		off.Differences[0] = purpose.Difference{EServiceID: first.id, ConsumerID: stranger.Subject, Ledger: 1}
		w.reports(off)
		w.counts(first.id+"#"+stranger.Subject, -1)
		w.counts(first.id, -7)
		off.Differences[0] = purpose.Difference{EServiceID: first.id, Active: 7}
		w.reports(off)
		w.counts(first.id, 7)
		w.consistent()
	})
}

// TestLedgerCheckOfManyConsumers compares more accounts than one call reads.
func TestLedgerCheckOfManyConsumers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(10, 1000)
		for n := range 120 {
			who := numbered(n)
			w.registers(who)
			w.joins(who, o)
			w.submits(who, o, 1)
		}
		w.reports(soundReport(1))
		w.counts(o.id+"#"+numbered(119).Subject, 1)
		want(w.TB, "differences", len(w.checked().Differences), 1)
	})
}

// TestLedgerCheckMeanwhile compares a ledger that moves: what was read in between is
// read again, and what never rests is said to be busy.
func TestLedgerCheckMeanwhile(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(10, 100)
		w.joins(consumer, o)
		w.submits(consumer, o, 5)
		for moves, busy := range map[int][]string{1: {}, 4: {}, 5: {o.id}} {
			left := moves
			w.Tap.Set(func(c *hooked.Call) error {
				if c.Query != nil && c.Query.PK == "PURPOSES#PRODUCER#"+producer.Subject && left > 0 {
					left--
					w.counts(o.id, 0)
				}
				return c.Run()
			})
			w.reports(purpose.Report{EServices: 1 - len(busy), Differences: []purpose.Difference{}, Busy: busy})
			w.Tap.Set(nil)
		}
	})
}

// TestLedgerCheckFails fails every call of a comparison.
func TestLedgerCheckFails(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(10, 100)
		w.joins(consumer, o)
		w.submits(consumer, o, 5)
		w.Tap.Set(nil)
		w.checked()
		for k := range w.Tap.Seen() {
			w.Tap.Set(hooked.Broken(k, false))
			if _, err := purpose.CheckLedger(w.Context(), w.Tap); err == nil {
				w.Errorf("call %d fails, and the ledger is said to be compared", k)
			}
		}
		w.Tap.Set(nil)
	})
}
