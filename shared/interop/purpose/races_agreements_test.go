package purpose_test

import (
	"ciclo/shared/interop/interoptest"
)

// ofOwn activates 15 on a threshold of 10, or one of its own, while the consumer
// gains or loses the attribute that it has it by.
func (w *world) ofOwn(quota int, owns bool, method string) func() pair {
	return func() pair {
		o, base, own := w.publishWithTwo(10, 50, quota)
		w.assign(consumer, base)
		if owns {
			w.assign(consumer, own)
		}
		w.SubmitAgreement(consumer, o)
		path := w.DraftPurpose(consumer, o, 15)
		change := w.later(certifier, method, "/tenants/"+consumer.Subject+"/certifiedAttributes", interoptest.JSON(object{"id": own}))
		if method == "DELETE" {
			change = w.later(certifier, method, "/tenants/"+consumer.Subject+"/certifiedAttributes/"+own, "")
		}
		return w.on(path, w.actLater(consumer, path, "activate"), change)
	}
}

// publishWithTwo publishes an e-service that requires one of two certified attributes, the
// second of which has a threshold of its own.
func (w *world) publishWithTwo(perConsumer, total, calls int) (o offer, base, own string) {
	w.Helper()
	base = w.defineAttribute()
	own = w.defineAttribute()
	return w.publishRequiring(perConsumer, total, []quota{{base, 0}, {own, calls}}), base, own
}

// suspensions are pairs with a call that suspends, unsuspends or creates a version.
func (w *world) suspensions() map[string]met {
	return map[string]met{
		"suspend both sides": {func() pair {
			path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 10)
			return w.on(path, w.suspends(path), w.actLater(producer, path, "suspend"))
		}, []string{
			"SUSPENDED 10 by Consumer + SUSPENDED 10 by Consumer by Producer = SUSPENDED 10 by Consumer by Producer",
			"SUSPENDED 10 by Consumer by Producer + SUSPENDED 10 by Producer = SUSPENDED 10 by Consumer by Producer",
		}},
		"unsuspend both sides": {func() pair {
			path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 10)
			w.act(consumer, path, "suspend")
			w.act(producer, path, "suspend")
			return w.on(path, w.actLater(consumer, path, "unsuspend"), w.actLater(producer, path, "unsuspend"))
		}, []string{
			"SUSPENDED 10 by Producer + ACTIVE 10 = ACTIVE 10",
			"ACTIVE 10 + SUSPENDED 10 by Consumer = ACTIVE 10",
		}},
		"another estimate and suspend": {func() pair {
			path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 5)
			return pair{
				w.later(consumer, "POST", path+"/versions", `{"dailyCalls":10}`), w.suspends(path),
				func() string { return w.describe(consumer, path) },
			}
		}, []string{
			"ok + SUSPENDED 10 by Consumer = SUSPENDED 10 by Consumer",
			"ok + SUSPENDED 5 by Consumer = SUSPENDED 10 by Consumer",
		}},
		"another estimate and an approval elsewhere": {func() pair {
			o := w.publishJoined(10, 20)
			path := w.ActivatePurpose(consumer, o, 5)
			above := w.ActivatePurpose(other, o, 16)
			return pair{
				w.later(consumer, "POST", path+"/versions", `{"dailyCalls":10}`), w.approves(above),
				func() string { return w.describe(consumer, path) },
			}
		}, []string{"ok + ACTIVE 16 = ACTIVE 10", "ok + ACTIVE 16 = ACTIVE 5, WAITING_FOR_APPROVAL 10"}},
		"unsuspend and the last place": {func() pair {
			o := w.publishJoined(10, 19)
			path := w.ActivatePurpose(consumer, o, 10)
			rival := w.DraftPurpose(other, o, 10)
			w.act(consumer, path, "suspend")
			return pair{
				w.actLater(consumer, path, "unsuspend"), w.actLater(other, rival, "activate"),
				func() string { return w.describe(consumer, path) },
			}
		}, []string{
			"ACTIVE 10 + WAITING_FOR_APPROVAL 10 = ACTIVE 10",
			"SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10 + ACTIVE 10 = SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10",
		}},
	}
}
