package purge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/consumerstest"
	"ciclo/shared/consumers/purge"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

const path = "/platform/purge"

var (
	suite    = consumerstest.New(slices.Concat(purge.Operations(), consumer.Operations())...)
	operator = &api.Identity{Subject: "ops", Scopes: consumers.Operators, Kind: consumers.KindOperator}
	issuer   = apitest.Issuer(consumerstest.Issuer, consumers.Readers...)
)

type world struct{ *consumerstest.World }

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *consumerstest.World) { test(&world{w}) })
}

// register registers consumers, an operation each.
func (w *world) register(n int) {
	w.Helper()
	for i := range n {
		id := fmt.Sprintf("consumer-%d-%d", i, w.Clock.Now().Unix())
		w.Want(w.As(issuer, "PUT", consumerstest.ConsumerPath(id), ""), 204)
	}
}

func (w *world) report() map[string]any {
	w.Helper()
	return w.Want(w.As(operator, "GET", path, ""), 200).Body
}

func (w *world) run(dry bool) apitest.Response {
	w.Helper()
	return w.As(operator, "POST", path, fmt.Sprintf(`{"dryRun":%t}`, dry))
}

func (w *world) same(what string, want, got map[string]any) {
	w.Helper()
	delete(got, "$schema")
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

type object = map[string]any

// TestStory: what has expired is overdue, counted by a dry run, removed by a run, and the
// report says so; the scheduled run's report is shown too.
func TestStory(t *testing.T) {
	each(t, func(w *world) {
		day := func() string { return table.Day(w.Clock.Now()) }
		w.same("of nothing", object{"oldestOverdueSeconds": 0.0, "oldestUnfinishedDay": day()}, w.report())
		w.register(3)
		due := w.Clock.Now().AddDate(0, 3, 0)
		w.Clock.Set(due.Add(2 * time.Hour))
		overdue := object{"oldestOverdueSeconds": 7200.0, "oldestUnfinishedDay": table.Day(due)}
		w.same("overdue", overdue, w.report())
		result := func(deleted float64, dry bool) object {
			return object{
				"scanned": 3.0, "deleted": deleted, "skipped": 0.0, "done": true, "dryRun": dry,
				"oldestOverdueSeconds": 0.0, "oldestUnfinishedDay": day(),
			}
		}
		w.same("dry run", result(3, true), w.Want(w.run(true), 200).Body)
		w.same("after a dry run", overdue, w.report())
		ran := table.Stamp(w.Clock.Now())
		w.same("run", result(3, false), w.Want(w.run(false), 200).Body)
		last := object{"startedAt": ran, "endedAt": ran, "by": "operator", "failed": false, "report": result(3, false)}
		w.same("after the run", object{
			"lastRun": last, "lastStartedAt": ran, "oldestOverdueSeconds": 0.0, "oldestUnfinishedDay": day(),
		}, w.report())
		w.Clock.Advance(time.Hour)
		job, err := retention.PurgeOperations.Start(w.Deps())
		if err == nil {
			_, err = job(w.Context(), nil)
		}
		if err != nil {
			w.Fatal(err)
		}
		scheduled, _ := w.report()["lastRun"].(object)
		if scheduled["by"] != "schedule" || scheduled["endedAt"] != table.Stamp(w.Clock.Now()) {
			w.Errorf("after a scheduled run the last one is %v", scheduled)
		}
	})
}

// TestBusy: while another run has the lease, a run is refused, a dry run is not, and the
// report says that one is running.
func TestBusy(t *testing.T) {
	each(t, func(w *world) {
		w.register(1)
		w.Clock.Set(w.Clock.Now().AddDate(0, 3, 1))
		started := table.Stamp(w.Clock.Now())
		var during, dry apitest.Response
		var report object
		w.Tap.Set(func(c *hooked.Call) error {
			if len(c.Deletes) > 0 {
				w.Tap.Set(nil)
				during, dry, report = w.run(false), w.run(true), w.report()
			}
			return c.Run()
		})
		w.Want(w.run(false), 200)
		w.Refused("a second run", during, consumers.PurgeRunning, "Another purge is running")
		w.Want(dry, 200)
		if report["lastStartedAt"] != started || report["runningUntil"] == nil || report["lastRun"] != nil {
			w.Errorf("during a run the report is %v", report)
		}
	})
}

// TestTakenOver: a run whose lease another run has taken over says so.
func TestTakenOver(t *testing.T) {
	each(t, func(w *world) {
		w.register(1)
		w.Clock.Set(w.Clock.Now().AddDate(0, 3, 1))
		w.Tap.Set(func(c *hooked.Call) error {
			if len(c.Deletes) > 0 {
				w.Tap.Set(nil)
				state := table.Key{Table: retention.Operations.Name, PK: "PURGE", SK: "STATE"}
				if err := w.Tap.DB.Write(w.Context(), table.Update("state", state, table.Changes{Set: map[string]any{"token": "other"}})); err != nil {
					w.Fatal(err)
				}
			}
			return c.Run()
		})
		w.Refused("a run", w.run(false), consumers.PurgeRunning, "took over")
	})
}

// TestRoles calls every operation in all roles; who may not is refused before the request is
// read.
func TestRoles(t *testing.T) {
	each(t, func(w *world) {
		for name, tc := range map[string]struct {
			as     *api.Identity
			status int
		}{
			"nobody":              {nil, 401},
			"issuer":              {issuer, 403},
			"operator":            {operator, 0},
			"operator, no scope":  {&api.Identity{Subject: "ops", Kind: consumers.KindOperator}, 403},
			"another with a role": {&api.Identity{Subject: "ops", Kind: consumers.KindIssuer, Scopes: consumers.Operators}, 403},
			"organization":        {&api.Identity{Subject: "ops", Kind: "organization", Scopes: consumers.Operators}, 403},
		} {
			for _, op := range purge.Operations() {
				spec := op.Describe()
				body := ""
				if tc.status != 0 && spec.Method == "POST" {
					body = `{"nothing":`
				} else if spec.Method == "POST" {
					body = `{"dryRun":true}`
				}
				want := tc.status
				if want == 0 {
					want = 200
				}
				if res := w.As(tc.as, spec.Method, spec.Path, body); res.Status != want {
					w.Errorf("%s, %s = %d, want %d", name, spec.ID, res.Status, want)
				}
			}
		}
	})
}

// TestInputs sends bodies that are not valid.
func TestInputs(t *testing.T) {
	each(t, func(w *world) {
		for _, body := range []string{
			"", "{}", `{"dryRun":"true"}`, `{"dryRun":null}`, `{"dryRun":true,"x":1}`, `{"dryrun":true}`, "[]", "x",
		} {
			if res := w.As(operator, "POST", path, body); res.Status != 400 {
				w.Errorf("%q = %d %s, want 400", body, res.Status, consumerstest.CodeOf(res))
			}
		}
		for _, line := range w.LogLines() {
			if line["writeUnits"] != 0.0 {
				w.Error("a refused request writes")
			}
		}
	})
}

// TestStorageFails fails every call of the storage of a report and of a run: 503, and the
// next run does the work.
func TestStorageFails(t *testing.T) {
	each(t, func(w *world) {
		w.register(1)
		w.Clock.Set(w.Clock.Now().AddDate(0, 3, 1))
		for what, call := range map[string]func() apitest.Response{
			"report": func() apitest.Response { return w.As(operator, "GET", path, "") },
			"run":    func() apitest.Response { return w.run(false) },
		} {
			for k := range 4 { // the state, then heads of shards
				w.Tap.Set(hooked.Broken(k, false))
				if res := call(); res.Status != 503 {
					w.Errorf("%s, call %d fails: %d", what, k, res.Status)
				}
				w.Tap.Set(nil)
				w.Clock.Advance(17 * time.Minute) // a lease that could not be given back ends
			}
		}
		if failed, _ := w.report()["lastRun"].(object); failed["failed"] != true {
			w.Errorf("the last run is %v", failed)
		}
		if res := w.Want(w.run(false), 200); res.Body["deleted"] != 1.0 {
			w.Errorf("in the end: %s", res.Raw)
		}
	})
}

// queue is a queue that has some messages, or is out of reach.
type queue struct {
	n   int64
	err error
}

func (q queue) Waiting(context.Context) (int64, error) { return q.n, q.err }

// TestDeadLetters counts queues that have messages, are empty, are out of reach, or are not
// there.
func TestDeadLetters(t *testing.T) {
	each(t, func(w *world) {
		for name, op := range map[string]api.Op{"purge": purge.DeadLetters, "cascade": purge.CascadeDeadLetters} {
			at := op.Describe().Path
			w.same("no queue", object{"queue": name, "exists": false}, w.Want(w.As(operator, "GET", at, ""), 200).Body)
			for _, tc := range []struct {
				queue  queue
				status int
				want   object
			}{
				{queue{n: 0}, 200, object{"queue": name, "exists": true, "waiting": 0.0}},
				{queue{n: 7}, 200, object{"queue": name, "exists": true, "waiting": 7.0}},
				{queue{err: fmt.Errorf("x: %w", api.ErrQueueUnavailable)}, 503, nil},
				{queue{err: fmt.Errorf("denied")}, 500, nil},
			} {
				deps := w.Deps()
				deps.Queues = map[string]api.Queue{name: tc.queue, "other": queue{n: 99}}
				status, body := w.answer(deps, op, at)
				if status != tc.status {
					w.Errorf("%s: %+v is answered %d", name, tc.queue, status)
				}
				if tc.want != nil {
					w.same(name, tc.want, body)
				}
			}
		}
	})
}

// answer sends the operator's request to an operation with other dependencies.
func (w *world) answer(deps api.Deps, op api.Op, at string) (status int, body object) {
	w.Helper()
	h, err := api.NewHandler(deps, op)
	if err != nil {
		w.Fatal(err)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(api.WithIdentity(w.Context(), *operator), "GET", at, nil))
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		w.Fatal(err)
	}
	return rec.Code, body
}
