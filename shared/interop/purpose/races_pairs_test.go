package purpose_test

import (
	"fmt"
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

// pair are two calls of which either may come first.
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
			outer, inner := p.first, p.second
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
			w.consistent()
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
	if said := shown(res.Body); said != "" {
		return said
	}
	return "ok"
}

// calls is a request that is made later.
func (w *world) calls(who *api.Identity, method, path, body string) func() apitest.Response {
	return func() apitest.Response { return w.As(who, method, path, body) }
}

func (w *world) tries(who *api.Identity, path, action string) func() apitest.Response {
	return w.calls(who, "POST", path+"/"+action, bodyOf(action))
}

// on are two calls about one purpose.
func (w *world) on(path string, first, second func() apitest.Response) pair {
	return pair{first, second, func() string { return w.state(consumer, path) }}
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
		o := w.offers(10, 20)
		joined := w.joins(consumer, o)
		path := w.drafts(consumer, o, 10)
		return w.on(path, w.tries(consumer, path, "activate"), second(o, joined, path))
	}
}

// onBoth are two calls about a purpose that is active, with a version that waits.
func (w *world) onBoth(first, second func(path string) func() apitest.Response) func() pair {
	return func() pair {
		path := w.submits(consumer, w.joined(10, 20), 10)
		w.estimates(consumer, path, 11)
		return w.on(path, first(path), second(path))
	}
}

func (w *world) approves(path string) func() apitest.Response {
	return w.tries(producer, path, "approve")
}

func (w *world) archives(path string) func() apitest.Response {
	return w.tries(consumer, path, "archive")
}

func (w *world) suspends(path string) func() apitest.Response {
	return w.tries(consumer, path, "suspend")
}

func (w *world) rejects(path string) func() apitest.Response {
	return w.tries(producer, path, "reject")
}

// How a call may be refused that came too late.
var (
	noneInState = interop.NoPurposeVersionInState.Name
	gone        = interop.PurposeNotFound.Name
	noAgreement = interop.PurposeWithoutAgreement.Name
)

// activations are pairs of which one activates a draft.
func (w *world) activations() map[string]met {
	return map[string]met{
		"two for the last place": {func() pair {
			o := w.joined(10, 19)
			a, b := w.drafts(consumer, o, 10), w.drafts(other, o, 10)
			return pair{w.tries(consumer, a, "activate"), w.tries(other, b, "activate"), func() string { return w.state(consumer, a) + ", " + w.state(other, b) }}
		}, []string{
			"ACTIVE 10 + WAITING_FOR_APPROVAL 10 = ACTIVE 10, WAITING_FOR_APPROVAL 10",
			"WAITING_FOR_APPROVAL 10 + ACTIVE 10 = WAITING_FOR_APPROVAL 10, ACTIVE 10",
		}},
		"activate and a lower quota": {w.onDraft(func(o offer, _, _ string) func() apitest.Response {
			return w.calls(producer, "PATCH", o.path()+"/quotas", `{"dailyCallsPerConsumer":9}`)
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and a raised quota": {func() pair {
			o := w.joined(9, 20)
			path := w.drafts(consumer, o, 10)
			return w.on(path, w.tries(consumer, path, "activate"), w.calls(producer, "PATCH", o.path()+"/quotas", `{"dailyCallsPerConsumer":10}`))
		}, []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and the end of the agreement": {w.onDraft(func(_ offer, joined, _ string) func() apitest.Response {
			return w.calls(consumer, "POST", joined+"/archive", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", noAgreement + " + ok = DRAFT 10"}},
		"activate and a suspended agreement": {w.onDraft(func(_ offer, joined, _ string) func() apitest.Response {
			return w.calls(producer, "POST", joined+"/suspend", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", noAgreement + " + ok = DRAFT 10"}},
		"activate and an upgrade to lower quotas": {w.onDraft(func(o offer, joined, _ string) func() apitest.Response {
			w.revises(o, 9, 9)
			return w.calls(consumer, "POST", joined+"/upgrade", "")
		}), []string{"ACTIVE 10 + ok = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ok = WAITING_FOR_APPROVAL 10"}},
		"activate and another estimate": {w.onDraft(func(_ offer, _, path string) func() apitest.Response {
			return w.calls(consumer, "PATCH", path, `{"dailyCalls":11}`)
		}), []string{
			"ACTIVE 10 + " + interop.PurposeNotInDraftState.Name + " = ACTIVE 10", "WAITING_FOR_APPROVAL 11 + DRAFT 11 = WAITING_FOR_APPROVAL 11",
		}},
		"activate and delete": {func() pair {
			path := w.drafts(consumer, w.joined(10, 20), 10)
			return pair{w.tries(consumer, path, "activate"), w.calls(consumer, "DELETE", path, ""), func() string { return outcome(w.As(consumer, "GET", path, "")) }}
		}, []string{"ACTIVE 10 + " + interop.PurposeNotDeletable.Name + " = ACTIVE 10", gone + " + ok = " + gone}},
		"activate and a place that is left": {func() pair {
			o := w.joined(10, 19)
			path, rival := w.drafts(consumer, o, 10), w.submits(other, o, 10)
			return pair{w.tries(consumer, path, "activate"), w.tries(other, rival, "archive"), func() string { return w.state(consumer, path) }}
		}, []string{"ACTIVE 10 + ARCHIVED 10 = ACTIVE 10", "WAITING_FOR_APPROVAL 10 + ARCHIVED 10 = WAITING_FOR_APPROVAL 10"}},
		"activate and a quota of its own that is lost":   {w.ofOwn(20, true, "DELETE"), []string{"ACTIVE 15 + ok = ACTIVE 15", "WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"}},
		"activate and a quota of its own that is gained": {w.ofOwn(20, false, "POST"), []string{"ACTIVE 15 + ok = ACTIVE 15", "WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"}},
		"activate and a lower quota that is gained":      {w.ofOwn(5, false, "POST"), []string{"WAITING_FOR_APPROVAL 15 + ok = WAITING_FOR_APPROVAL 15"}},
	}
}

// decisions are pairs of which one decides about what waits.
func (w *world) decisions() map[string]met {
	return map[string]met{
		"approve and delete": {func() pair {
			path := w.submits(consumer, w.joined(10, 20), 11)
			return pair{w.tries(producer, path, "approve"), w.calls(consumer, "DELETE", path, ""), func() string { return outcome(w.As(consumer, "GET", path, "")) }}
		}, []string{"ACTIVE 11 + " + interop.PurposeNotDeletable.Name + " = ACTIVE 11", gone + " + ok = " + gone}},
		"create and the end of the agreement": {func() pair {
			o := w.offers(10, 20)
			joined := w.joins(consumer, o)
			return pair{w.calls(consumer, "POST", "/purposes", interoptest.JSON(seed(o, 5))), w.calls(consumer, "POST", joined+"/archive", ""), func() string { return "" }}
		}, []string{"DRAFT 5 + ok = ", noAgreement + " + ok = "}},
		"approve and withdraw": {func() pair {
			path := w.submits(consumer, w.joined(10, 20), 10)
			id := w.estimates(consumer, path, 11).Text("id")
			return w.on(path, w.approves(path), w.calls(consumer, "DELETE", path+"/versions/"+id, ""))
		}, []string{"ACTIVE 11 + " + interop.PurposeVersionNotDeletable.Name + " = ACTIVE 11", noneInState + " + ok = ACTIVE 10"}},
		"approve and archive": {w.onBoth(w.approves, w.archives), []string{"ACTIVE 11 + ARCHIVED 11 = ARCHIVED 11", noneInState + " + ARCHIVED 10 = ARCHIVED 10"}},
		"approve and reject": {w.onBoth(w.approves, w.rejects), []string{
			"ACTIVE 11 + " + interop.PurposeVersionNotInState.Name + " = ACTIVE 11", noneInState + " + ACTIVE 10, REJECTED 11 = ACTIVE 10, REJECTED 11",
		}},
		"approve and suspend": {w.onBoth(w.approves, w.suspends), []string{
			"ACTIVE 11 + SUSPENDED 11 by Consumer = SUSPENDED 11 by Consumer",
			"SUSPENDED 11 by Consumer + SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 11 = SUSPENDED 11 by Consumer",
		}},
		"the approval of a resumption and a second thought": {func() pair {
			o := w.joined(10, 19)
			path := w.submits(consumer, o, 10)
			w.does(consumer, path, "suspend")
			w.submits(other, o, 10)
			w.does(consumer, path, "unsuspend")
			return w.on(path, w.approves(path), w.suspends(path))
		}, []string{
			"ACTIVE 10 + SUSPENDED 10 by Consumer = SUSPENDED 10 by Consumer",
			"SUSPENDED 10 by Consumer + SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10 = SUSPENDED 10 by Consumer",
		}},
	}
}

// suspensions are pairs of which one suspends, takes that back or asks for another estimate.
func (w *world) suspensions() map[string]met {
	return map[string]met{
		"suspend both sides": {func() pair {
			path := w.submits(consumer, w.joined(10, 20), 10)
			return w.on(path, w.suspends(path), w.tries(producer, path, "suspend"))
		}, []string{
			"SUSPENDED 10 by Consumer + SUSPENDED 10 by Consumer by Producer = SUSPENDED 10 by Consumer by Producer",
			"SUSPENDED 10 by Consumer by Producer + SUSPENDED 10 by Producer = SUSPENDED 10 by Consumer by Producer",
		}},
		"unsuspend both sides": {func() pair {
			path := w.submits(consumer, w.joined(10, 20), 10)
			w.does(consumer, path, "suspend")
			w.does(producer, path, "suspend")
			return w.on(path, w.tries(consumer, path, "unsuspend"), w.tries(producer, path, "unsuspend"))
		}, []string{
			"SUSPENDED 10 by Producer + ACTIVE 10 = ACTIVE 10",
			"ACTIVE 10 + SUSPENDED 10 by Consumer = ACTIVE 10",
		}},
		"another estimate and suspend": {func() pair {
			path := w.submits(consumer, w.joined(10, 20), 5)
			return pair{w.calls(consumer, "POST", path+"/versions", `{"dailyCalls":10}`), w.suspends(path), func() string { return w.state(consumer, path) }}
		}, []string{
			"ok + SUSPENDED 10 by Consumer = SUSPENDED 10 by Consumer",
			"ok + SUSPENDED 5 by Consumer = SUSPENDED 10 by Consumer",
		}},
		"another estimate and an approval elsewhere": {func() pair {
			o := w.joined(10, 20)
			path, above := w.submits(consumer, o, 5), w.submits(other, o, 16)
			return pair{w.calls(consumer, "POST", path+"/versions", `{"dailyCalls":10}`), w.approves(above), func() string { return w.state(consumer, path) }}
		}, []string{"ok + ACTIVE 16 = ACTIVE 10", "ok + ACTIVE 16 = ACTIVE 5, WAITING_FOR_APPROVAL 10"}},
		"unsuspend and the last place": {func() pair {
			o := w.joined(10, 19)
			path, rival := w.submits(consumer, o, 10), w.drafts(other, o, 10)
			w.does(consumer, path, "suspend")
			return pair{w.tries(consumer, path, "unsuspend"), w.tries(other, rival, "activate"), func() string { return w.state(consumer, path) }}
		}, []string{
			"ACTIVE 10 + WAITING_FOR_APPROVAL 10 = ACTIVE 10",
			"SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10 + ACTIVE 10 = SUSPENDED 10 by Consumer, WAITING_FOR_APPROVAL 10",
		}},
	}
}

// ofOwn activates 15 on a threshold of 10, or one of its own, while the consumer
// gains or loses the attribute that it has it by.
func (w *world) ofOwn(quota int, owns bool, method string) func() pair {
	return func() pair {
		o, base, own := w.offersQuota(10, 50, quota)
		w.certifies(consumer, base)
		if owns {
			w.certifies(consumer, own)
		}
		w.joins(consumer, o)
		path := w.drafts(consumer, o, 15)
		change := w.calls(certifier, method, "/tenants/"+consumer.Subject+"/certifiedAttributes", interoptest.JSON(object{"id": own}))
		if method == "DELETE" {
			change = w.calls(certifier, method, "/tenants/"+consumer.Subject+"/certifiedAttributes/"+own, "")
		}
		return w.on(path, w.tries(consumer, path, "activate"), change)
	}
}

// offersQuota publishes an e-service for whoever owns one of two certified attributes,
// the second of which has a quota of its own.
func (w *world) offersQuota(perConsumer, total, quota int) (o offer, base, own string) {
	w.Helper()
	seed := object{
		"name": fmt.Sprintf("E-service %d", unique.Add(1)), "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": terms(perConsumer, total),
	}
	o.id = w.ok(producer, "POST", "/eservices", interoptest.JSON(seed)).Text("id")
	o.descriptor = interoptest.Members(w.ok(producer, "GET", "/eservices/"+o.id+"/descriptors", ""), "id")[0]
	base, own = w.attests(), w.attests()
	w.requires(o, base, own, quota)
	w.ok(producer, "POST", o.path()+"/publish", "")
	return o, base, own
}

// requires makes a draft of a descriptor ask for one of two attributes, and gives the
// second a quota of its own.
func (w *world) requires(o offer, base, own string, quota int) {
	w.Helper()
	groups := o.path() + "/certifiedAttributes/groups"
	w.ok(producer, "POST", groups, interoptest.JSON(object{"attributeIds": []string{base, own}}))
	w.ok(producer, "PATCH", groups+"/0/attributes/"+own, fmt.Sprintf(`{"dailyCallsPerConsumer":%d}`, quota))
}

// attests makes a certified attribute.
func (w *world) attests() string {
	w.Helper()
	n := unique.Add(1)
	return w.ok(certifier, "POST", "/certifiedAttributes", interoptest.JSON(object{
		"name": fmt.Sprintf("Attribute %d", n), "code": fmt.Sprintf("code-%d", n), "description": "Richiesto ai fruitori",
	})).Text("id")
}

// certifies assigns a certified attribute.
func (w *world) certifies(who *api.Identity, id string) {
	w.Helper()
	w.ok(certifier, "POST", "/tenants/"+who.Subject+"/certifiedAttributes", interoptest.JSON(object{"id": id}))
}

// TestPairs takes two actions on the same purpose, or on what it stands on.
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
		"activate and the end of the agreement": interop.PurposeWithoutAgreement.Name, "activate and an upgrade to lower quotas": "WAITING_FOR_APPROVAL 10",
		"activate and a quota of its own that is lost": "WAITING_FOR_APPROVAL 15", "two for the last place": "WAITING_FOR_APPROVAL 10",
		"activate and another estimate": "WAITING_FOR_APPROVAL 11",
	}
	embedded(t, func(w *world) {
		for name, end := range ends {
			p := w.pairs()[name].begin()
			w.Tap.During(0, (*hooked.Call).Writes, func() { p.second() })
			want(t, name, outcome(p.first()), end)
			w.Tap.Set(nil)
			w.consistent()
		}
	})
}
