package purpose_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// ledger watches every transaction that is committed: what is active by then, the
// accounts and the limits in force.
type ledger struct {
	*world
	offer offer

	mu     sync.Mutex
	active map[table.Key]loaded // by purpose
	limits map[string]bool      // that ever were in force
	raised int                  // activations that nobody had to approve
}

type loaded struct {
	consumerID string
	load       int64
}

func (w *world) watches(o offer) *ledger {
	w.Helper()
	l := &ledger{world: w, offer: o, active: map[table.Key]loaded{}, limits: map[string]bool{}}
	l.look(nil)
	w.Tap.Set(func(c *hooked.Call) error {
		if !c.Writes() {
			return c.Run()
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		err := c.Run()
		if err == nil {
			l.look(c.Steps)
		}
		return err
	})
	return l
}

// look reads back what a transaction wrote, when nothing else is being written.
func (l *ledger) look(steps []table.Step) {
	keys := []table.Key{eservice.Key(l.offer.id), interop.Key("LOAD#"+l.offer.id, "LOAD")}
	for _, step := range steps {
		of := strings.HasPrefix(step.Key.PK, "PURPOSE#") && (step.Key.SK == "PURPOSE" || strings.HasPrefix(step.Key.SK, "HISTORY#"))
		if step.Verb != table.CheckItem && (of || strings.HasPrefix(step.Key.PK, "LOAD#"+l.offer.id+"#")) {
			keys = append(keys, step.Key)
		}
	}
	items, err := l.Tap.DB.BatchGet(l.Context(), keys)
	if err != nil {
		l.Error(err)
		return
	}
	e := decodedItem[eservice.EService](l.world, items[0])
	live := e.Find(l.offer.descriptor)
	l.limits[fmt.Sprint(live.DailyCallsPerConsumer, live.DailyCallsTotal)] = true
	automatic, changed := true, loaded{}
	for i, key := range keys[2:] {
		item := decodedItem[object](l.world, items[i+2])
		switch {
		case key.SK == "PURPOSE":
			r := decoded[record](l.world, item)
			before := l.active[key].load
			l.active[key] = loaded{consumerID: r.ConsumerID}
			if v := r.find("ACTIVE"); v != nil {
				l.active[key] = loaded{r.ConsumerID, int64(v.DailyCalls)}
			}
			changed = loaded{r.ConsumerID, l.active[key].load - before}
		case strings.HasPrefix(key.SK, "HISTORY#"):
			automatic = automatic && item["side"] != "producer"
		}
	}
	var total, mine int64
	for _, p := range l.active {
		total += p.load
		if p.consumerID == changed.consumerID {
			mine += p.load
		}
	}
	if counted := counted(decodedItem[object](l.world, items[1])); counted != total {
		l.Errorf("the ledger has %d in total, but %d is active", counted, total)
	}
	for i, key := range keys[2:] {
		if counted := counted(decodedItem[object](l.world, items[i+2])); strings.HasPrefix(key.PK, "LOAD#") && counted != mine {
			l.Errorf("the ledger has %d of a consumer, but %d is active", counted, mine)
		}
	}
	if automatic && changed.load > 0 {
		l.raised++
		if mine > live.DailyCallsPerConsumer || total > live.DailyCallsTotal {
			l.Errorf("an activation of %d made it %d of %d for a consumer, %d of %d in total", changed.load, mine, live.DailyCallsPerConsumer, total, live.DailyCallsTotal)
		}
	}
}

func decodedItem[T any](w *world, item table.Item) T {
	w.Helper()
	v, err := table.As[T](item)
	if err != nil {
		w.Fatal(err)
	}
	if v == nil {
		v = new(T)
	}
	return *v
}

func counted(account object) int64 {
	load, _ := account["load"].(float64)
	return int64(load)
}

// explained fails unless a version that waits says why, in numbers that make it wait
// and under limits that were in force.
func (l *ledger) explained(res apitest.Response) {
	l.Helper()
	v, _ := res.Body["waitingForApprovalVersion"].(object)
	c, _ := v["thresholdCheck"].(object)
	number := func(name string) float64 { n, _ := c[name].(float64); return n }
	var exceeded []any
	if number("consumerLoad")+number("requested") > number("dailyCallsPerConsumer") {
		exceeded = append(exceeded, "CONSUMER")
	}
	if number("totalLoad")+number("requested") > number("dailyCallsTotal") {
		exceeded = append(exceeded, "TOTAL")
	}
	l.mu.Lock()
	known := l.limits[fmt.Sprint(number("dailyCallsPerConsumer"), number("dailyCallsTotal"))]
	l.mu.Unlock()
	if len(exceeded) == 0 || fmt.Sprint(exceeded) != fmt.Sprint(c["exceeded"]) || !known || c["requested"] != v["dailyCalls"] {
		l.Errorf("a version waits without a reason: %s", res.Raw)
	}
}

// small tells whether the engine takes a hundred times as long as the embedded one.
func (w *world) small() bool { return strings.Contains(w.Name(), "/dynamodb") }

// TestStampede has 20 consumers activate 200 purposes of one call each where 100 in
// all and 10 each are the limits, while purposes are suspended, unsuspended and
// archived and the limits change; in the second run the producer approves, rejects,
// suspends and unsuspends besides.
func TestStampede(t *testing.T) {
	t.Parallel()
	for name, approving := range map[string]bool{"automatic": false, "approved": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(w *world) {
				if w.small() {
					w.stampede(3, 4, 6, approving)
				} else {
					w.stampede(20, 10, 100, approving)
				}
			})
		})
	}
}

// stampede has so many consumers activate so many purposes each.
func (w *world) stampede(consumers, purposes, total int, approving bool) {
	w.Helper()
	o := w.offers(purposes, total)
	type owned struct {
		who  *api.Identity
		path string
	}
	var all []owned
	for i := range consumers {
		who := numbered(i + 1)
		w.registers(who)
		w.joins(who, o)
		for range purposes {
			all = append(all, owned{who, w.drafts(who, o, 1)})
		}
	}
	l := w.watches(o)
	var running sync.WaitGroup
	var active, waiting atomic.Int64
	start := make(chan struct{})
	turn := func(seed int, who func(owned) *api.Identity, actions ...string) {
		running.Go(func() {
			<-start
			random := rand.New(rand.NewPCG(uint64(seed), 7))
			for range len(all) / 4 {
				p := all[random.IntN(len(all))]
				action := actions[random.IntN(len(actions))]
				if res := l.try(who(p), p.path, action); res.Status >= 500 {
					l.Errorf("%s = %s", action, res.Raw)
				}
			}
		})
	}
	for _, p := range all {
		running.Go(func() {
			<-start
			res := l.try(p.who, p.path, "activate")
			switch state := shown(res.Body); {
			case res.Status == 200 && state == "ACTIVE 1":
				active.Add(1)
			case res.Status == 200 && state == "WAITING_FOR_APPROVAL 1":
				waiting.Add(1)
				l.explained(res)
			default:
				l.Errorf("an activation is answered %s", res.Raw)
			}
		})
	}
	consumerSide := func(p owned) *api.Identity { return p.who }
	turn(1, consumerSide, "suspend", "unsuspend", "unsuspend", "archive")
	turn(2, consumerSide, "suspend", "suspend", "unsuspend")
	if approving {
		turn(3, func(owned) *api.Identity { return producer }, "approve", "suspend", "unsuspend")
		turn(4, func(owned) *api.Identity { return producer }, "approve", "approve", "reject")
	}
	running.Go(func() {
		<-start
		for i := range 5 {
			w.quotas(o, max(1, purposes-i), total-total*i/10)
		}
	})
	close(start)
	running.Wait()
	w.Tap.Set(nil)
	want(w.TB, "answers", int(active.Load()+waiting.Load()), len(all))
	if active.Load() == 0 || waiting.Load() == 0 || l.raised < int(active.Load()) {
		w.Errorf("%d were active, %d waited, %d activations were seen", active.Load(), waiting.Load(), l.raised)
	}
	w.consistent()
}

// crowd is how many do the same at the same time.
const crowd = 64

// crowds are what a crowd does at once: one succeeds, all others are told the same.
func (w *world) crowds() map[string]struct {
	begin func() (who *api.Identity, method, path, body string)
	code  problem.Code
} {
	type begins = func() (who *api.Identity, method, path, body string)
	within, above := func() string { return w.submits(consumer, w.joined(25, 50), 5) }, func() string { return w.submits(consumer, w.joined(25, 50), 26) }
	posts := func(who *api.Identity, begin func() string, action string) begins {
		return func() (*api.Identity, string, string, string) {
			return who, "POST", begin() + "/" + action, bodyOf(action)
		}
	}
	estimating := func(calls int) begins {
		return func() (*api.Identity, string, string, string) {
			return consumer, "POST", within() + "/versions", fmt.Sprintf(`{"dailyCalls":%d}`, calls)
		}
	}
	return map[string]struct {
		begin begins
		code  problem.Code
	}{
		"activate within":  {posts(consumer, func() string { return w.drafts(consumer, w.joined(25, 50), 25) }, "activate"), interop.NoPurposeVersionInState},
		"activate above":   {posts(consumer, func() string { return w.drafts(consumer, w.joined(25, 50), 26) }, "activate"), interop.NoPurposeVersionInState},
		"approve":          {posts(producer, above, "approve"), interop.NoPurposeVersionInState},
		"reject":           {posts(producer, above, "reject"), interop.PurposeVersionNotInState},
		"archive":          {posts(consumer, within, "archive"), interop.PurposeVersionNotInState},
		"estimate within":  {estimating(25), interop.UnchangedDailyCalls},
		"estimate above":   {estimating(26), interop.PurposeVersionStateConflict},
		"estimate a lower": {estimating(1), interop.UnchangedDailyCalls},
		"delete a version": {func() (*api.Identity, string, string, string) {
			path := within()
			return consumer, "DELETE", path + "/versions/" + w.estimates(consumer, path, 26).Text("id"), ""
		}, interop.PurposeVersionUnknown},
		"unsuspend": {posts(consumer, func() string {
			path := within()
			w.does(consumer, path, "suspend")
			return path
		}, "unsuspend"), interop.NoPurposeVersionInState},
		"delete a draft": {func() (*api.Identity, string, string, string) {
			return consumer, "DELETE", w.drafts(consumer, w.joined(25, 50), 5), ""
		}, interop.PurposeNotFound},
		"delete a request": {func() (*api.Identity, string, string, string) { return consumer, "DELETE", above(), "" }, interop.PurposeNotFound},
		"clone": {func() (*api.Identity, string, string, string) {
			o := w.joined(25, 50)
			return consumer, "POST", w.submits(consumer, o, 5) + "/clone", interoptest.JSON(object{"eserviceId": o.id})
		}, interop.PurposeTitleDuplicate},
	}
}

// joined is an e-service that the consumer and another have agreements for.
func (w *world) joined(perConsumer, total int) offer {
	w.Helper()
	o := w.offers(perConsumer, total)
	w.joins(consumer, o)
	w.joins(other, o)
	return o
}

// TestCrowds has everybody take the same action at once: it is taken once.
func TestCrowds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, c := range w.crowds() {
			who, method, path, body := c.begin()
			count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.As(who, method, path, body)) })
			succeeded := count["200"] + count["201"]
			if want := crowd - 1; succeeded != 1 || count[c.code.Name] != want {
				w.Errorf("%s came to %v, want 1 and %d %s", name, count, want, c.code.Name)
			}
			w.consistent()
		}
	})
}

// TestCrowdsAgain is what may be asked for again: everybody is content, and it is told
// once.
func TestCrowdsAgain(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.joined(25, 50)
		path := w.submits(consumer, o, 20)
		for _, who := range []*api.Identity{consumer, producer} {
			count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.try(who, path, "suspend")) })
			want(t, "suspended", count["200"], crowd)
		}
		want(t, "state", w.state(consumer, path), "SUSPENDED 20 by Consumer by Producer")
		count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.try(producer, path, "unsuspend")) })
		want(t, "unsuspended", count["200"], crowd)
		w.submits(consumer, o, 10)
		count = w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.try(consumer, path, "unsuspend")) })
		if count["200"] != crowd {
			t.Errorf("unsuspending above the threshold came to %v", count)
		}
		want(t, "state", w.state(consumer, path), "SUSPENDED 20 by Consumer, WAITING_FOR_APPROVAL 20")
		w.consistent()
	})
}

// TestLastPlace has a crowd of purposes ask for the last places, of several consumers.
func TestLastPlace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		n, places := 32, 5
		if w.small() {
			n, places = 6, 2
		}
		o := w.joined(places, places)
		var paths []string
		for i := range n {
			paths = append(paths, w.drafts([]*api.Identity{consumer, other}[i%2], o, 1))
		}
		count := w.Race(n, n, func(i int) string {
			return shown(w.try([]*api.Identity{consumer, other}[i%2], paths[i], "activate").Body)
		})
		want(t, "active", count["ACTIVE 1"], places)
		want(t, "waiting", count["WAITING_FOR_APPROVAL 1"], n-places)
		w.consistent()
	})
}
