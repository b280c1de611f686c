package purpose_test

import (
	"fmt"
	"strings"
	"sync"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
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
	raised int                  // activations that needed no approval
}

type loaded struct {
	consumerID string
	load       int64
}

func (w *world) watch(o offer) *ledger {
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

// record takes in the items that a write has left. It returns whether the change was made
// without the producer, and the consumer's load that it added.
func (l *ledger) record(keys []table.Key, items []table.Item) (automatic bool, changed loaded) {
	automatic = true
	for i, key := range keys {
		item := decodedItem[object](l.world, items[i])
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
	return automatic, changed
}

// look reads back what a transaction wrote, when nothing else is being written.
func (l *ledger) look(steps []table.Step) {
	keys := []table.Key{eservice.Key(l.offer.ID), interop.Key("LOAD#"+l.offer.ID, "LOAD")}
	for _, step := range steps {
		of := strings.HasPrefix(step.Key.PK, "PURPOSE#") && (step.Key.SK == "PURPOSE" || strings.HasPrefix(step.Key.SK, "HISTORY#"))
		if step.Verb != table.CheckItem && (of || strings.HasPrefix(step.Key.PK, "LOAD#"+l.offer.ID+"#")) {
			keys = append(keys, step.Key)
		}
	}
	items, err := l.Tap.DB.BatchGet(l.Context(), keys)
	if err != nil {
		l.Error(err)
		return
	}
	e := decodedItem[eservice.EService](l.world, items[0])
	live := e.Find(l.offer.Descriptor)
	l.limits[fmt.Sprint(live.DailyCallsPerConsumer, live.DailyCallsTotal)] = true
	automatic, changed := l.record(keys[2:], items[2:])
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
			l.Errorf("an activation of %d made it %d of %d for a consumer, %d of %d in total", changed.load, mine, live.DailyCallsPerConsumer,
				total, live.DailyCallsTotal)
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

// checkWaiting checks that a version that waits says why, in numbers that make it wait
// and under limits that were in force.
func (l *ledger) checkWaiting(res apitest.Response) {
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
