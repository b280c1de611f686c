package purpose_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// pair are two calls, either of which may come first.
type pair struct {
	first, second func() apitest.Response
	after         func() string // how it ended
}

// interleaved makes one call of a pair right before each call of the engine that the
// other makes, and after it, either way round. Both answers together, and how it ended,
// are one of those wanted, and each of those there is.
func (w *world) interleaved(begin func() pair, want ...string) {
	w.Helper()
	seen := map[string]bool{}
	for _, swapped := range []bool{false, true} {
		for k, met := 0, true; met; k++ {
			p := begin()
			outer := p.first
			inner := p.second
			if swapped {
				outer, inner = inner, outer
			}
			var within apitest.Response
			met = false
			w.Tap.During(k, func(*hooked.Call) bool { return true }, func() {
				met = true
				within = inner()
			})
			around := outer()
			w.Tap.Set(nil)
			if !met {
				within = inner()
			}
			if swapped {
				around, within = within, around
			}
			seen[outcome(around)+" + "+outcome(within)+" = "+p.after()] = true
			w.checkConsistent()
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, want) {
		w.Errorf("it came to\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// outcome is an answer in short: the code of a refusal, what became of a purpose, "ok".
func outcome(res apitest.Response) string {
	if code := interoptest.CodeOf(res); code != "" {
		return code
	}
	if parts := describe(res.Body); parts != "" {
		return parts
	}
	return "ok"
}

// later returns a request to make later.
func (w *world) later(caller *api.Identity, method, path, body string) func() apitest.Response {
	return func() apitest.Response { return w.As(caller, method, path, body) }
}

func (w *world) actLater(caller *api.Identity, path, action string) func() apitest.Response {
	return w.later(caller, "POST", path+"/"+action, bodyOf(action))
}

// on are two calls about one purpose.
func (w *world) on(path string, first, second func() apitest.Response) pair {
	return pair{first, second, func() string { return w.describe(consumer, path) }}
}

// met is two calls that meet, with every way in which that may end.
type met struct {
	begin func() pair
	ends  []string
}

// pairs are calls that meet.
func (w *world) pairs() map[string]met {
	all := w.activations()
	maps.Copy(all, w.decisions())
	maps.Copy(all, w.suspensions())
	return all
}

// onDraft is a draft that is activated, and another call.
func (w *world) onDraft(second func(o offer, agreement, path string) func() apitest.Response) func() pair {
	return func() pair {
		o := w.publish(10, 20)
		joined := w.SubmitAgreement(consumer, o)
		path := w.DraftPurpose(consumer, o, 10)
		return w.on(path, w.actLater(consumer, path, "activate"), second(o, joined, path))
	}
}

// onBoth are two calls about a purpose that is active, with a version that waits.
func (w *world) onBoth(first, second func(path string) func() apitest.Response) func() pair {
	return func() pair {
		path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 10)
		w.createVersion(consumer, path, 11)
		return w.on(path, first(path), second(path))
	}
}

func (w *world) approves(path string) func() apitest.Response {
	return w.actLater(producer, path, "approve")
}

func (w *world) archives(path string) func() apitest.Response {
	return w.actLater(consumer, path, "archive")
}

func (w *world) suspends(path string) func() apitest.Response {
	return w.actLater(consumer, path, "suspend")
}

func (w *world) rejects(path string) func() apitest.Response {
	return w.actLater(producer, path, "reject")
}

// How a call may be refused that came too late.
var (
	noneInState = interop.NoPurposeVersionInState.Name
	gone        = interop.PurposeNotFound.Name
	noAgreement = interop.PurposeWithoutAgreement.Name
)

// activations are pairs with a call that activates a draft.
func (w *world) activations() map[string]met {
	return map[string]met{
		"two for the last place": {func() pair {
			o := w.publishJoined(10, 19)
			a := w.DraftPurpose(consumer, o, 10)
			b := w.DraftPurpose(other, o, 10)
			return pair{
				w.actLater(consumer, a, "activate"), w.actLater(other, b, "activate"),
				func() string { return w.describe(consumer, a) + ", " + w.describe(other, b) },
			}
		}, []string{
			"ACTIVE 10 + WAITING_FOR_APPROVAL 10 = ACTIVE 10, WAITING_FOR_APPROVAL 10",
			"WAITING_FOR_APPROVAL 10 + ACTIVE 10 = WAITING_FOR_APPROVAL 10, ACTIVE 10",
		}},
		"activate and a lower quota": {w.onDraft(func(o offer, _, _ string) func() apitest.Response {
			return w.later(producer, "PATCH", o.Path()+"/quotas", `{"dailyCallsPerConsumer":9}`)
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and a raised quota": {func() pair {
			o := w.publishJoined(9, 20)
			path := w.DraftPurpose(consumer, o, 10)
			return w.on(path, w.actLater(consumer, path, "activate"), w.later(producer, "PATCH", o.Path()+"/quotas", `{"dailyCallsPerConsumer":10}`))
		}, []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and the end of the agreement": {w.onDraft(func(_ offer, joined, _ string) func() apitest.Response {
			return w.later(consumer, "POST", joined+"/archive", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", noAgreement + " + ok = DRAFT 10"}},
		"activate and a suspended agreement": {w.onDraft(func(_ offer, joined, _ string) func() apitest.Response {
			return w.later(producer, "POST", joined+"/suspend", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", noAgreement + " + ok = DRAFT 10"}},
		"activate and an upgrade to lower quotas": {w.onDraft(func(o offer, joined, _ string) func() apitest.Response {
			w.revise(o, 9, 9)
			return w.later(consumer, "POST", joined+"/upgrade", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and another estimate": {w.onDraft(func(_ offer, _, path string) func() apitest.Response {
			return w.later(consumer, "PATCH", path, `{"dailyCalls":11}`)
		}), []string{
			"ACTIVE 10 + " + interop.PurposeNotInDraftState.Name + " = ACTIVE 10", "WAITING_FOR_APPROVAL 11 + DRAFT 11 = WAITING_FOR_APPROVAL 11",
		}},
		"activate and delete": {func() pair {
			path := w.DraftPurpose(consumer, w.publishJoined(10, 20), 10)
			return pair{
				w.actLater(consumer, path, "activate"), w.later(consumer, "DELETE", path, ""),
				func() string { return outcome(w.As(consumer, "GET", path, "")) },
			}
		}, []string{"ACTIVE 10 + " + interop.PurposeNotDeletable.Name + " = ACTIVE 10", gone + " + ok = " + gone}},
		"activate and a place that is left": {func() pair {
			o := w.publishJoined(10, 19)
			path := w.DraftPurpose(consumer, o, 10)
			rival := w.ActivatePurpose(other, o, 10)
			return pair{
				w.actLater(consumer, path, "activate"), w.actLater(other, rival, "archive"),
				func() string { return w.describe(consumer, path) },
			}
		}, []string{"ACTIVE 10 + ARCHIVED 10 = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ARCHIVED 10 = WAITING_FOR_APPROVAL 10"}},
		"activate and a quota of its own that is lost": {
			w.ofOwn(20, true, "DELETE"),
			[]string{"ACTIVE 15 + ok = ACTIVE 15", "WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"},
		},
		"activate and a quota of its own that is gained": {
			w.ofOwn(20, false, "POST"),
			[]string{"ACTIVE 15 + ok = ACTIVE 15", "WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"},
		},
		"activate and a lower quota that is gained": {
			w.ofOwn(5, false, "POST"),
			[]string{"WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"},
		},
	}
}

// decisions are pairs with a call of the producer about a version that waits.
func (w *world) decisions() map[string]met {
	return map[string]met{
		"approve and delete": {func() pair {
			path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 11)
			return pair{
				w.actLater(producer, path, "approve"), w.later(consumer, "DELETE", path, ""),
				func() string { return outcome(w.As(consumer, "GET", path, "")) },
			}
		}, []string{"ACTIVE 11 + " + interop.PurposeNotDeletable.Name + " = ACTIVE 11", gone + " + ok = " + gone}},
		"create and the end of the agreement": {func() pair {
			o := w.publish(10, 20)
			joined := w.SubmitAgreement(consumer, o)
			return pair{
				w.later(consumer, "POST", "/purposes", interoptest.JSON(interoptest.PurposeSeed(o, 5))),
				w.later(consumer, "POST", joined+"/archive", ""), func() string { return "" },
			}
		}, []string{"DRAFT 5 + ok = ", noAgreement + " + ok = "}},
		"approve and withdraw": {func() pair {
			path := w.ActivatePurpose(consumer, w.publishJoined(10, 20), 10)
			id := w.createVersion(consumer, path, 11).Text("id")
			return w.on(path, w.approves(path), w.later(consumer, "DELETE", path+"/versions/"+id, ""))
		}, []string{"ACTIVE 11 + " + interop.PurposeVersionNotDeletable.Name + " = ACTIVE 11", noneInState + " + ok = ACTIVE 10"}},
		"approve and archive": {
			w.onBoth(w.approves, w.archives),
			[]string{"ACTIVE 11 + ARCHIVED 11 = ARCHIVED 11", noneInState + " + ARCHIVED 10 = ARCHIVED 10"},
		},
		"approve and reject": {w.onBoth(w.approves, w.rejects), []string{
			"ACTIVE 11 + " + interop.PurposeVersionNotInState.Name + " = ACTIVE 11", noneInState +
				" + ACTIVE 10, REJECTED 11 = ACTIVE 10, REJECTED 11",
		}},
		"approve and suspend": {w.onBoth(w.approves, w.suspends), []string{
			"ACTIVE 11 + SUSPENDED 11 by Consumer = SUSPENDED 11 by Consumer",
			"SUSPENDED 11 by Consumer + SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 11 = SUSPENDED 11 by Consumer",
		}},
		"the approval of a resumption and a second thought": {func() pair {
			o := w.publishJoined(10, 19)
			path := w.ActivatePurpose(consumer, o, 10)
			w.act(consumer, path, "suspend")
			w.ActivatePurpose(other, o, 10)
			w.act(consumer, path, "unsuspend")
			return w.on(path, w.approves(path), w.suspends(path))
		}, []string{
			"ACTIVE 10 + SUSPENDED 10 by Consumer = SUSPENDED 10 by Consumer",
			"SUSPENDED 10 by Consumer + SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10 = SUSPENDED 10 by Consumer",
		}},
	}
}

// TestPairs takes two actions on one purpose, or on what it depends on.
func TestPairs(t *testing.T) {
	t.Parallel()
	for name := range (&world{}).pairs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			embedded(t, func(w *world) {
				p := w.pairs()[name]
				w.interleaved(p.begin, p.ends...)
			})
		})
	}
}

// TestBeforeTheWrite changes what an activation is decided on right before it is
// written: it is decided again.
func TestBeforeTheWrite(t *testing.T) {
	t.Parallel()
	ends := map[string]string{
		"activate and a lower quota": "WAITING_FOR_APPROVAL 10", "activate and a suspended agreement": interop.PurposeWithoutAgreement.Name,
		"activate and the end of the agreement":        interop.PurposeWithoutAgreement.Name,
		"activate and an upgrade to lower quotas":      "WAITING_FOR_APPROVAL 10",
		"activate and a quota of its own that is lost": "WAITING_FOR_APPROVAL 15", "two for the last place": "WAITING_FOR_APPROVAL 10",
		"activate and another estimate": "WAITING_FOR_APPROVAL 11",
	}
	embedded(t, func(w *world) {
		for name, end := range ends {
			p := w.pairs()[name].begin()
			w.Tap.During(0, (*hooked.Call).Writes, func() { p.second() })
			interoptest.Equal(t, name, outcome(p.first()), end)
			w.Tap.Set(nil)
			w.checkConsistent()
		}
	})
}
