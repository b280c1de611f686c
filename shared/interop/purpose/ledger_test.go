package purpose_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// report compares the ledger.
func (w *world) report() purpose.Report {
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

func (w *world) checkReport(want purpose.Report) {
	w.Helper()
	if diff := cmp.Diff(want, w.report()); diff != "" {
		w.Errorf("the report (-want +got):\n%s", diff)
	}
}

// addLoad puts more on an account of the ledger than there is.
func (w *world) addLoad(account string, more int64) {
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
		w.checkReport(soundReport(0))
		first := w.publish(10, 100)
		second := w.publishAs(other, 10, 100)
		w.checkReport(soundReport(2))
		w.SubmitAgreement(consumer, first)
		w.SubmitAgreement(stranger, first)
		w.SubmitAgreement(producer, second)
		for _, calls := range []int{3, 4, 50} { // the last one waits
			w.ActivatePurpose(consumer, first, calls)
		}
		w.ActivatePurpose(producer, second, 7)
		held := w.ActivatePurpose(stranger, first, 5)
		w.checkReport(soundReport(2))
		w.act(stranger, held, "suspend")
		w.checkReport(soundReport(2))

		off := soundReport(2)
		w.addLoad(first.ID+"#"+consumer.Subject, 2)
		off.Differences = []purpose.Difference{{EServiceID: first.ID, ConsumerID: consumer.Subject, Ledger: 9, Active: 7}}
		w.checkReport(off)
		w.addLoad(first.ID+"#"+consumer.Subject, -2)
		w.addLoad(first.ID+"#"+stranger.Subject, 1) // has no active purpose
		off.Differences[0] = purpose.Difference{EServiceID: first.ID, ConsumerID: stranger.Subject, Ledger: 1}
		w.checkReport(off)
		w.addLoad(first.ID+"#"+stranger.Subject, -1)
		w.addLoad(first.ID, -7)
		off.Differences[0] = purpose.Difference{EServiceID: first.ID, Active: 7}
		w.checkReport(off)
		w.addLoad(first.ID, 7)
		w.checkConsistent()
	})
}

// TestLedgerCheckOfManyConsumers compares more accounts than one call reads.
func TestLedgerCheckOfManyConsumers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(10, 1000)
		for n := range 120 {
			caller := organization(n)
			w.Register(caller)
			w.SubmitAgreement(caller, o)
			w.ActivatePurpose(caller, o, 1)
		}
		w.checkReport(soundReport(1))
		w.addLoad(o.ID+"#"+organization(119).Subject, 1)
		interoptest.Equal(w.TB, "differences", len(w.report().Differences), 1)
	})
}

// TestLedgerCheckMeanwhile compares a ledger that moves: what was read in between is
// read again, and one that changes during every reading is reported as busy.
func TestLedgerCheckMeanwhile(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(10, 100)
		w.SubmitAgreement(consumer, o)
		w.ActivatePurpose(consumer, o, 5)
		for moves, busy := range map[int][]string{1: {}, 4: {}, 5: {o.ID}} {
			left := moves
			w.Tap.Set(func(c *hooked.Call) error {
				if c.Query != nil && c.Query.PK == "PURPOSES#PRODUCER#"+producer.Subject && left > 0 {
					left--
					w.addLoad(o.ID, 0)
				}
				return c.Run()
			})
			w.checkReport(purpose.Report{EServices: 1 - len(busy), Differences: []purpose.Difference{}, Busy: busy})
			w.Tap.Set(nil)
		}
	})
}

// TestLedgerCheckFails fails every call of a comparison.
func TestLedgerCheckFails(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(10, 100)
		w.SubmitAgreement(consumer, o)
		w.ActivatePurpose(consumer, o, 5)
		w.Tap.Set(nil)
		w.report()
		for k := range w.Tap.Seen() {
			w.Tap.Set(hooked.Broken(k, false))
			if _, err := purpose.CheckLedger(w.Context(), w.Tap); err == nil {
				w.Errorf("call %d fails, and nothing is reported", k)
			}
		}
		w.Tap.Set(nil)
	})
}
