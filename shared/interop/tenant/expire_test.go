package tenant_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// expirer opens the job.
func expirer(w *world) api.JobHandler {
	w.Helper()
	run, err := tenant.Expire.Start(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	return run
}

// expires runs the job and checks how many verifications it announces.
func expires(w *world, want int) {
	w.Helper()
	report, err := expirer(w)(w.TB.Context(), []byte("{}"))
	if diff := cmp.Diff(any(tenant.Report{Expired: want, Done: true}), report); err != nil || diff != "" {
		w.Errorf("%v, %v\n%s", report, err, diff)
	}
}

// verifies makes n verifications of one attribute that expire one after the other, a
// minute apart.
func verifies(w *world, n int) {
	w.Helper()
	id := interoptest.UnknownID()
	for i := range n {
		verify(w, id, fmt.Sprintf("00000000-0000-4000-8000-%012d", i), time.Duration(i+1)*time.Minute)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		expires(w, 0)
		verifies(w, 3)
		w.Clock.Advance(time.Minute - time.Millisecond)
		counted(w, "too early", 0, func() { expires(w, 0) })
		w.Clock.Advance(time.Millisecond)
		counted(w, "the first", 1, func() { expires(w, 1) })
		counted(w, "again", 0, func() { expires(w, 0) })
		w.Clock.Advance(time.Hour)
		holdings := w.Items("TENANT#" + owner.Subject)
		counted(w, "the rest", 2, func() { expires(w, 2) })
		after := w.Items("TENANT#" + owner.Subject)
		delete(holdings, "ATTRIBUTES")
		delete(after, "ATTRIBUTES")
		if diff := cmp.Diff(holdings, after); diff != "" {
			t.Errorf("the job changed what was said:\n%s", diff)
		}
		if left := w.Items("EXPIRING"); len(left) > 0 {
			t.Errorf("there is left %v", left)
		}
	})
}

// TestExpirePages announces more than a page of verifications of several tenants, by
// several runs at the same time: each once.
func TestExpirePages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const n = 230
		pages := 0
		for i := range n {
			key := interop.Key("EXPIRING", fmt.Sprintf("%s#tenant-%d#a#%d",
				table.Stamp(w.Clock.Now().Add(time.Duration(i)*time.Millisecond)), i%7, i))
			write(w, []table.Step{table.Put("will expire", key, object{"tenantId": fmt.Sprint("tenant-", i%7)})})
		}
		w.Clock.Advance(time.Second)
		var mu sync.Mutex
		w.Tap.Set(func(c *hooked.Call) error {
			err := c.Run()
			mu.Lock()
			defer mu.Unlock()
			if c.Query != nil {
				pages++
				if len(c.Page.Items) > 100 {
					t.Errorf("%d entries are read at once", len(c.Page.Items))
				}
			}
			return err
		})
		run := expirer(w)
		total := 0
		var running sync.WaitGroup
		for range 3 {
			running.Go(func() {
				got, err := run(w.TB.Context(), nil)
				mu.Lock()
				defer mu.Unlock()
				report, _ := got.(tenant.Report)
				if total += report.Expired; err != nil || !report.Done {
					t.Errorf("%+v, %v", report, err)
				}
			})
		}
		running.Wait()
		w.Tap.Set(nil)
		versions := 0
		for i := range 7 {
			v, _ := w.Items(fmt.Sprint("TENANT#tenant-", i))["ATTRIBUTES"]["version"].(float64)
			versions += int(v)
		}
		if left := len(w.Items("EXPIRING")); total != n || versions != n || left != 0 || pages < 5 {
			t.Errorf("of %d are announced %d, counted %d, left %d, in %d pages", n, total, versions, left, pages)
		}
	})
}

// TestExpireIsCutOff fails every call of the job, before and after it is carried out; the
// next run continues.
func TestExpireIsCutOff(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for k := range 4 {
			for done, after := range []bool{false, true} {
				verifies(w, 3)
				w.Clock.Advance(time.Hour)
				counted(w, fmt.Sprint("call ", k, " lost"), 3, func() {
					w.Tap.Set(hooked.Broken(k, after))
					got, err := expirer(w)(w.TB.Context(), nil)
					w.Tap.Set(nil)
					report, _ := got.(tenant.Report)
					told := max(0, k-1)
					if err == nil || report.Done || report.Expired != told {
						t.Errorf("call %d lost: %+v, %v", k, report, err)
					}
					if k == 0 {
						done = 0
					}
					expires(w, 3-told-done)
				})
			}
		}
	})
}

// TestExpireEndsInTime: a run starts nothing when the deadline is near.
func TestExpireEndsInTime(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		verifies(w, 3)
		w.Clock.Advance(time.Hour)
		run := expirer(w)
		near, cancel := context.WithTimeout(w.TB.Context(), 9*time.Second)
		defer cancel()
		counted(w, "near the deadline", 0, func() {
			if report, err := run(near, nil); err != nil || report != any(tenant.Report{}) {
				t.Errorf("%+v, %v", report, err)
			}
		})
		far, cancel := context.WithTimeout(w.TB.Context(), time.Minute)
		defer cancel()
		if report, err := run(far, nil); err != nil || report != any(tenant.Report{Expired: 3, Done: true}) {
			t.Errorf("%+v, %v", report, err)
		}
		over, cancel := context.WithCancel(w.TB.Context())
		verifies(w, 1)
		w.Clock.Advance(time.Hour)
		w.Tap.Set(func(c *hooked.Call) error {
			err := c.Run()
			cancel()
			return err
		})
		if report, err := run(over, nil); err == nil || report != any(tenant.Report{}) {
			t.Errorf("when it is over: %+v, %v", report, err)
		}
		w.Tap.Set(nil)
		expires(w, 1)
	})
}

// TestExpireLostRace revokes and renews verifications between the read and the write of
// the job: a verification that no longer ends is not announced.
func TestExpireLostRace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, change := range []func(id string) tenant.VerifiedView{
			func(id string) tenant.VerifiedView { return unverify(w, id, one) },
			func(id string) tenant.VerifiedView { return verify(w, id, one, time.Hour) },
			func(id string) tenant.VerifiedView { return verify(w, id, one, 0) },
		} {
			id := interoptest.UnknownID()
			verify(w, id, one, time.Minute)
			w.Clock.Advance(time.Minute)
			counted(w, "being overtaken", 1, func() { // by what overtakes
				w.Tap.During(0, (*hooked.Call).Writes, func() { w.Tap.Set(nil); change(id) })
				expires(w, 0)
			})
			w.Tap.Set(nil)
		}
		w.Clock.Advance(time.Hour)
		expires(w, 1) // the one that was renewed
	})
}
