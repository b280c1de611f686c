package tenant_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		certified, declared, verified := made(w, certifier, "certified"), made(w, owner, "declared"), made(w, owner, "verified")
		missing := "/tenants/" + interoptest.UnknownID()
		for _, list := range []string{"certified", "declared", "verified"} {
			w.Costs("an empty list", 2, 1, reader, "GET", home+"/"+list+"Attributes", "")
			w.Costs("a list of an unknown one", 2, 0, reader, "GET", missing+"/"+list+"Attributes", "")
		}
		w.Costs("assign", 2, 2, certifier, "POST", home+"/certifiedAttributes", named(certified))
		w.Costs("assign again", 1, 3, certifier, "POST", home+"/certifiedAttributes", named(certified))
		w.Costs("assign nothing", 1, 1, certifier, "POST", home+"/certifiedAttributes", named(interoptest.UnknownID()))
		w.Costs("assign without the role", 0, 0, owner, "POST", home+"/certifiedAttributes", named(certified))
		w.Costs("declare", 2, 2, owner, "POST", home+"/declaredAttributes", named(declared))
		w.Costs("declare again", 1, 3, owner, "POST", home+"/declaredAttributes", named(declared))
		w.Costs("declare for another", 0, 0, owner, "POST", missing+"/declaredAttributes", named(declared))
		verify(w, verified, one, 0)
		verify(w, verified, two, 0)
		verify(w, interoptest.UnknownID(), two, 0)
		w.Costs("get", 1, 1, reader, "GET", home, "")
		w.Costs("get an unknown one", 1, 0, reader, "GET", missing, "")
		w.Costs("list by a tax code", 2, 1, reader, "GET", "/tenants?taxCode="+owner.Subject, "")
		w.Costs("list by an IPA code", 1, 0, reader, "GET", "/tenants?IPACode="+owner.Subject, "")
		w.Costs("list by a code that none has", 1, 0, reader, "GET", "/tenants?IPACode="+owner.Subject, "")
		w.Costs("certified", 1, 1, reader, "GET", home+"/certifiedAttributes", "")
		w.Costs("declared", 1, 1, reader, "GET", home+"/declaredAttributes", "")
		w.Costs("verified", 1, 3, reader, "GET", home+"/verifiedAttributes", "")
		w.Costs("verifiers", 1, 2, reader, "GET", home+"/verifiedAttributes/"+verified+"/verifiers", "")
		w.Costs("revokers", 1, 2, reader, "GET", home+"/verifiedAttributes/"+verified+"/revokers", "")
		w.Costs("revoke", 2, 3, certifier, "DELETE", home+"/certifiedAttributes/"+certified, "")
		w.Costs("undeclare", 2, 3, owner, "DELETE", home+"/declaredAttributes/"+declared, "")
		w.Costs("undeclare for another", 0, 0, owner, "DELETE", missing+"/declaredAttributes/"+declared, "")
	})
}

// TestOrderOfHoldings: lists are by date, then by id, and by pages.
func TestOrderOfHoldings(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for kind, say := range map[string]func(*world, string) apitest.Response{"certified": assign, "declared": declare} {
			as := map[string]*api.Identity{"certified": certifier, "declared": owner}[kind]
			var want []string
			for day := range 3 {
				var ids []string
				for range 4 {
					id := made(w, as, kind)
					w.Want(say(w, id), 200)
					ids = append(ids, id)
				}
				if slices.Sort(ids); day < 2 {
					w.Clock.Advance(time.Hour)
				}
				want = append(want, ids...)
			}
			w.Pages(reader, home+"/"+kind+"Attributes", "id", want)
		}
	})
}

// breakable are the changes that are broken at every call they make: what comes
// before, the change, and the answer to a repetition when it is done already.
var breakable = map[string]struct {
	kind   string
	before []func(*world, string) apitest.Response
	change func(*world, string) apitest.Response
	done   string
}{
	"assign":        {"certified", nil, assign, interop.CertifiedAlreadyAssigned.Name},
	"assign again":  {"certified", []func(*world, string) apitest.Response{assign, revoke}, assign, interop.CertifiedAlreadyAssigned.Name},
	"revoke":        {"certified", []func(*world, string) apitest.Response{assign}, revoke, interop.AttributeAlreadyRevoked.Name},
	"declare":       {"declared", nil, declare, "200"},
	"declare again": {"declared", []func(*world, string) apitest.Response{declare, undeclare}, declare, "200"},
	"undeclare":     {"declared", []func(*world, string) apitest.Response{declare}, undeclare, "200"},
}

// begin makes an attribute and what comes before a change.
func begin(w *world, name string) (id string) {
	w.Helper()
	b := breakable[name]
	id = made(w, map[string]*api.Identity{"certified": certifier, "declared": owner}[b.kind], b.kind)
	for _, step := range b.before {
		w.Want(step(w, id), 200)
	}
	return id
}

// TestBrokenCalls fails every call of every change, before and after it is carried out:
// nothing is half done, and a repetition gets what the call wanted, once.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name := range breakable {
			for k := range 2 {
				breaks(w, name, k, false)
				breaks(w, name, k, true)
			}
		}
		for _, r := range requests(w) {
			if r.Method == "GET" {
				w.Unavailable(w.Break(0, true, func() apitest.Response { return w.Send(r) }).Response)
			}
		}
	})
}

// breaks makes a change of which call k fails, and repeats it.
func breaks(w *world, name string, k int, after bool) {
	w.Helper()
	b := breakable[name]
	id := begin(w, name)
	counted(w, name, 1, func() {
		broken := w.Break(k, after, func() apitest.Response { return b.change(w, id) })
		w.Unavailable(broken.Response)
		want := "200"
		if broken.Wrote {
			want = b.done
		}
		what := fmt.Sprintf("the repetition of %s, call %d lost (carried out: %t)", name, k, after)
		interoptest.Equal(w.TB, what, interoptest.Answered(b.change(w, id)), want)
		interoptest.Equal(w.TB, "the call that is lost is made", broken.Reached, true)
	})
}

// TestRaces makes every change 64 times at once: it is made once.
func TestRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, b := range breakable {
			id := begin(w, name)
			want := map[string]int{"200": 1, b.done: 63}
			if b.done == "200" {
				want = map[string]int{"200": 64}
			}
			counted(w, name, 1, func() {
				if got := w.Race(64, 64, func(int) string { return interoptest.Answered(b.change(w, id)) }); !maps.Equal(got, want) {
					t.Errorf("%s came to %v, want %v", name, got, want)
				}
			})
		}
	})
}

// TestRaceOfTwo assigns and revokes, declares and revokes at once, several times: what is
// owned in the end follows from the answers.
func TestRaceOfTwo(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for kind, changes := range map[string][2]func(*world, string) apitest.Response{
			"certified": {assign, revoke},
			"declared":  {declare, undeclare},
		} {
			id := made(w, map[string]*api.Identity{"certified": certifier, "declared": owner}[kind], kind)
			for range 4 {
				before := version(w)
				got := w.Race(8, 2, func(i int) string { return fmt.Sprint(i%2, " ", interoptest.Answered(changes[i%2](w, id))) })
				for answer := range got {
					service, _, _ := strings.Cut(answer[2:], "-")
					if !slices.Contains([]string{"200", "005", "017"}, service) || strings.Contains(answer, interop.Unavailable.Name) {
						t.Errorf("%s came to %v", kind, got)
					}
				}
				owns := w.Items("TENANT#" + owner.Subject)[strings.ToUpper(kind)+"#"+id]["revokedAt"] == nil
				made := version(w) - before
				gains, losses := got["0 200"], got["1 200"]
				if kind == "certified" && (made != gains+losses || owns != (gains > losses) && gains != losses) {
					t.Errorf("%s: %v made %d changes, owned: %t", kind, got, made, owns)
				}
			}
		}
	})
}

// TestLostRace lets another call change the attribute first. The refused transaction
// shows what it has become, so the second round reads nothing.
func TestLostRace(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		during := func(call func(*world, string) apitest.Response, id string, others ...func(*world, string) apitest.Response) int {
			w.Helper()
			w.Tap.During(0, (*hooked.Call).Writes, func() {
				w.Tap.Set(nil)
				w.Clock.Advance(time.Second)
				for _, other := range others {
					w.Want(other(w, id), 200)
				}
				w.Tap.Set(nil) // counts from here
			})
			w.Want(call(w, id), 200)
			return w.Tap.Seen()
		}
		id := made(w, owner, "declared")
		counted(w, "declaring twice", 1, func() {
			interoptest.Equal(t, "calls after the write that was refused", during(declare, id, declare), 0)
		})
		counted(w, "revoking what is declared anew", 3, func() {
			interoptest.Equal(t, "calls after the write that was refused", during(undeclare, id, undeclare, declare), 1)
		})
	})
}

// TestRaceIsGivenUp makes a change that loses every round.
func TestRaceIsGivenUp(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, rounds := begin(w, "assign"), 0
		w.Tap.Set(func(c *hooked.Call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: tenant.LabelHolding}}}
		})
		res := assign(w, id)
		w.Tap.Set(nil)
		w.Refused(res, interop.Unavailable)
		if rounds != 8 || res.Header.Get("Retry-After") != "1" {
			t.Errorf("given up after %d rounds with Retry-After %q", rounds, res.Header.Get("Retry-After"))
		}
		w.Want(assign(w, id), 200)
	})
}

// TestLogHygiene looks in the log for names and external ids.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const canary = "Canary"
		register(w, interop.Organization{ID: owner.Subject, Name: canary, Origin: "IPA", Value: canary})
		w.Want(w.As(reader, "GET", "/tenants?IPACode="+canary, ""), 200)
		w.Want(w.As(reader, "GET", "/tenants?IPACode="+canary+"&taxCode="+canary, ""), 400)
		w.Want(w.As(reader, "GET", "/tenants/"+canary, ""), 400)
		w.Want(w.As(reader, "GET", home, "", "Authorization", canary), 200)
		id := begin(w, "assign")
		for _, body := range []string{canary, `{"id":"` + canary + `"}`, `{"` + canary + `":1}`} {
			w.Want(w.As(certifier, "POST", home+"/certifiedAttributes", body), 400)
		}
		for _, hook := range []hooked.Hook{
			hooked.Broken(1, true), func(*hooked.Call) error { return errors.New("broken") },
			func(c *hooked.Call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: "holding"}}}
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			for _, change := range []func(*world, string) apitest.Response{assign, revoke} {
				change(w, id)
			}
			_, err := expirer(w)(w.TB.Context(), nil)
			again := tenant.NewRegistrar(w.Deps()).Register(w.TB.Context(),
				interop.Organization{ID: owner.Subject, Name: canary + "!", Value: canary, Origin: "ADE"})
			if text := fmt.Sprint(err, again); strings.Contains(text, canary) {
				t.Errorf("an error that is logged says %s", text)
			}
			w.Tap.Set(nil)
		}
		w.NotLogged(canary, 12)
	})
}

// TestPagesCostTheSame: a page of tenants reads its own alone, among three thousand.
func TestPagesCostTheSame(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		register(w, interop.Organization{ID: owner.Subject, Name: "Comune", Origin: "IPA", Value: "c_1"})
		w.Copies(func(key table.Key) bool { return strings.Contains(key.PK+key.SK, owner.Subject) }, 3000, func(i int) []string {
			return []string{owner.Subject, fmt.Sprintf("10000000-0000-4000-8000-%012d", i), "Comune", fmt.Sprintf("Comune %04d", i)}
		})
		w.Reset(nil)
		w.CheapPage(reader, "/tenants", 3000, 50)
		w.CheapPage(reader, "/tenants?offset=2990", 3000, 10)
		w.CheapPage(reader, "/tenants?offset=3000", 3000, 0)
		register(w, interop.Organization{ID: owner.Subject, Name: "Comune 0000 bis"})
		res := w.As(reader, "GET", "/tenants?offset=1&limit=1", "")
		interoptest.Equal(t, "the second", interoptest.Members(res, "name"), []string{"Comune 0000 bis"})
		register(w, interop.Organization{ID: owner.Subject, Name: "Aa"})
		res = w.As(reader, "GET", "/tenants?limit=1", "")
		interoptest.Equal(t, "renamed", interoptest.Members(res, "name"), []string{"Aa"})
		interoptest.Equal(t, "in all", interoptest.Total(res), 3001)
	})
}
