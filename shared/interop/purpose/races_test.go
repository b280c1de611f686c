package purpose_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// small reports whether the engine is a hundred times slower than the embedded one.
func (w *world) small() bool { return strings.Contains(w.Name(), "/dynamodb") }

// TestStampede has 20 consumers activate 200 purposes of one call each where 100 in
// all and 10 each are the limits, while purposes are suspended, unsuspended and
// archived and the limits change; in the second run the producer approves, rejects,
// suspends and unsuspends.
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

// owned is a purpose and its consumer.
type owned struct {
	consumer *api.Identity
	path     string
}

// actRandomly takes actions on purposes, all by chance, which may be refused.
func (w *world) actRandomly(seed uint64, all []owned, caller func(owned) *api.Identity, actions []string) {
	w.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	for range len(all) / 4 {
		p := all[random.IntN(len(all))]
		action := actions[random.IntN(len(actions))]
		if res := w.tryAct(caller(p), p.path, action); res.Status >= 500 {
			w.Errorf("%s = %s", action, res.Raw)
		}
	}
}

// stampede lets consumers activate purposes, that many each, all at once.
func (w *world) stampede(consumers, purposes, total int, approving bool) {
	w.Helper()
	o := w.publish(purposes, total)
	var all []owned
	for i := range consumers {
		caller := organization(i + 1)
		w.Register(caller)
		w.SubmitAgreement(caller, o)
		for range purposes {
			all = append(all, owned{caller, w.DraftPurpose(caller, o, 1)})
		}
	}
	l := w.watch(o)
	var running sync.WaitGroup
	var active, waiting atomic.Int64
	start := make(chan struct{})
	turn := func(seed uint64, caller func(owned) *api.Identity, actions ...string) {
		running.Go(func() {
			<-start
			w.actRandomly(seed, all, caller, actions)
		})
	}
	for _, p := range all {
		running.Go(func() {
			<-start
			res := l.tryAct(p.consumer, p.path, "activate")
			switch state := describe(res.Body); {
			case res.Status == 200 && state == "ACTIVE 1":
				active.Add(1)
			case res.Status == 200 && state == "WAITING_FOR_APPROVAL 1":
				waiting.Add(1)
				l.checkWaiting(res)
			default:
				l.Errorf("an activation is answered %s", res.Raw)
			}
		})
	}
	consumerSide := func(p owned) *api.Identity { return p.consumer }
	turn(1, consumerSide, "suspend", "unsuspend", "unsuspend", "archive")
	turn(2, consumerSide, "suspend", "suspend", "unsuspend")
	if approving {
		turn(3, func(owned) *api.Identity { return producer }, "approve", "suspend", "unsuspend")
		turn(4, func(owned) *api.Identity { return producer }, "approve", "approve", "reject")
	}
	running.Go(func() {
		<-start
		for i := range 5 {
			w.setThresholds(o, max(1, purposes-i), total-total*i/10)
		}
	})
	close(start)
	running.Wait()
	w.Tap.Set(nil)
	interoptest.Equal(w.TB, "answers", int(active.Load()+waiting.Load()), len(all))
	if active.Load() == 0 || waiting.Load() == 0 || l.raised < int(active.Load()) {
		w.Errorf("%d were active, %d waited, %d activations were seen", active.Load(), waiting.Load(), l.raised)
	}
	w.checkConsistent()
}

// crowd is how many do the same at the same time.
const crowd = 64

// crowds are calls that many make at once: one succeeds, all others get the same refusal.
func (w *world) crowds() map[string]struct {
	begin func() (caller *api.Identity, method, path, body string)
	code  problem.Code
} {
	type begins = func() (caller *api.Identity, method, path, body string)
	within := func() string { return w.ActivatePurpose(consumer, w.publishJoined(25, 50), 5) }
	above := func() string { return w.ActivatePurpose(consumer, w.publishJoined(25, 50), 26) }
	posts := func(caller *api.Identity, begin func() string, action string) begins {
		return func() (*api.Identity, string, string, string) {
			return caller, "POST", begin() + "/" + action, bodyOf(action)
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
		"activate within": {
			posts(consumer, func() string { return w.DraftPurpose(consumer, w.publishJoined(25, 50), 25) }, "activate"),
			interop.NoPurposeVersionInState,
		},
		"activate above": {
			posts(consumer, func() string { return w.DraftPurpose(consumer, w.publishJoined(25, 50), 26) }, "activate"),
			interop.NoPurposeVersionInState,
		},
		"approve":          {posts(producer, above, "approve"), interop.NoPurposeVersionInState},
		"reject":           {posts(producer, above, "reject"), interop.PurposeVersionNotInState},
		"archive":          {posts(consumer, within, "archive"), interop.PurposeVersionNotInState},
		"estimate within":  {estimating(25), interop.UnchangedDailyCalls},
		"estimate above":   {estimating(26), interop.PurposeVersionStateConflict},
		"estimate a lower": {estimating(1), interop.UnchangedDailyCalls},
		"delete a version": {func() (*api.Identity, string, string, string) {
			path := within()
			return consumer, "DELETE", path + "/versions/" + w.createVersion(consumer, path, 26).Text("id"), ""
		}, interop.PurposeVersionUnknown},
		"unsuspend": {posts(consumer, func() string {
			path := within()
			w.act(consumer, path, "suspend")
			return path
		}, "unsuspend"), interop.NoPurposeVersionInState},
		"delete a draft": {func() (*api.Identity, string, string, string) {
			return consumer, "DELETE", w.DraftPurpose(consumer, w.publishJoined(25, 50), 5), ""
		}, interop.PurposeNotFound},
		"delete a request": {func() (*api.Identity, string, string, string) { return consumer, "DELETE", above(), "" }, interop.PurposeNotFound},
		"clone": {func() (*api.Identity, string, string, string) {
			o := w.publishJoined(25, 50)
			return consumer, "POST", w.ActivatePurpose(consumer, o, 5) + "/clone", interoptest.JSON(object{"eserviceId": o.ID})
		}, interop.PurposeTitleDuplicate},
	}
}

// publishJoined is an e-service that the consumer and another have agreements for.
func (w *world) publishJoined(perConsumer, total int) offer {
	w.Helper()
	o := w.publish(perConsumer, total)
	w.SubmitAgreement(consumer, o)
	w.SubmitAgreement(other, o)
	return o
}

// TestCrowds makes many take the same action at once: it is taken once.
func TestCrowds(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, c := range w.crowds() {
			caller, method, path, body := c.begin()
			count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.As(caller, method, path, body)) })
			succeeded := count["200"] + count["201"]
			if want := crowd - 1; succeeded != 1 || count[c.code.Name] != want {
				w.Errorf("%s came to %v, want 1 and %d %s", name, count, want, c.code.Name)
			}
			w.checkConsistent()
		}
	})
}

// TestCrowdsAgain is what may be asked for again: everybody is content, and it is told
// once.
func TestCrowdsAgain(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishJoined(25, 50)
		path := w.ActivatePurpose(consumer, o, 20)
		for _, caller := range []*api.Identity{consumer, producer} {
			count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.tryAct(caller, path, "suspend")) })
			interoptest.Equal(t, "suspended", count["200"], crowd)
		}
		interoptest.Equal(t, "state", w.describe(consumer, path), "SUSPENDED 20 by Consumer by Producer")
		count := w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.tryAct(producer, path, "unsuspend")) })
		interoptest.Equal(t, "unsuspended", count["200"], crowd)
		w.ActivatePurpose(consumer, o, 10)
		count = w.Race(crowd, crowd, func(int) string { return interoptest.Answered(w.tryAct(consumer, path, "unsuspend")) })
		if count["200"] != crowd {
			t.Errorf("unsuspending above the threshold came to %v", count)
		}
		interoptest.Equal(t, "state", w.describe(consumer, path), "SUSPENDED 20 by Consumer, WAITING_FOR_APPROVAL 20")
		w.checkConsistent()
	})
}

// TestLastPlace has a crowd of purposes ask for the last places, of several consumers.
func TestLastPlace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		n := 32
		places := 5
		if w.small() {
			n = 6
			places = 2
		}
		o := w.publishJoined(places, places)
		var paths []string
		for i := range n {
			paths = append(paths, w.DraftPurpose([]*api.Identity{consumer, other}[i%2], o, 1))
		}
		count := w.Race(n, n, func(i int) string {
			return describe(w.tryAct([]*api.Identity{consumer, other}[i%2], paths[i], "activate").Body)
		})
		interoptest.Equal(t, "active", count["ACTIVE 1"], places)
		interoptest.Equal(t, "waiting", count["WAITING_FOR_APPROVAL 1"], n-places)
		w.checkConsistent()
	})
}
