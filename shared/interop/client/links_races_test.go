package client_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// TestLinkRaces makes a link 64 times at once, takes it away and makes others.
func TestLinkRaces(t *testing.T) {
	t.Parallel()
	linking.Each(t, func(w *world) {
		o, _ := joined(w, owner)
		path := inState(w, owner, o, "ACTIVE")
		purposeID, id := idOf(path), made(w, owner, nil)
		few := 64
		if strings.Contains(w.Name(), "/dynamodb") {
			few = 16
		}
		race := func(what string, want map[string]int, call func(i int) apitest.Response) {
			t.Helper()
			n := 0
			for _, answers := range want {
				n += answers
			}
			if got := w.Race(n, n, func(i int) string { return interoptest.Answered(call(i)) }); !maps.Equal(got, want) {
				t.Errorf("%s came to %v, want %v", what, got, want)
			}
		}
		race("one link", map[string]int{"200": 1, interop.PurposeAlreadyLinked.Name: 63}, func(int) apitest.Response {
			return linkTo(w, owner,
				id, purposeID)
		})
		if got := linked(w, id); !slices.Equal(got, []string{purposeID}) {
			t.Errorf("linked are %v", got)
		}
		race("unlinking", map[string]int{"200": few}, func(int) apitest.Response { return unlinkFrom(w, owner, id, purposeID) })
		if got := linked(w, id); len(got) > 0 {
			t.Errorf("linked are %v", got)
		}
		clients := make([]string, few)
		for i := range clients {
			clients[i] = made(w, owner, nil)
		}
		race("clients of one purpose", map[string]int{"200": few}, func(i int) apitest.Response {
			return linkTo(w, owner, clients[i],
				purposeID)
		})
		for _, id := range clients {
			if got := linked(w, id); !slices.Equal(got, []string{purposeID}) {
				t.Fatalf("linked are %v", got)
			}
		}
	})
}

// TestLinksOfWhatGoes links a purpose 64 times at once to one client, while that is
// deleted or the purpose archived: nothing is left of a client that is gone, and who
// is told that there is a link had one.
func TestLinksOfWhatGoes(t *testing.T) {
	t.Parallel()
	linking.Each(t, func(w *world) {
		o, _ := joined(w, owner)
		for what, allowed := range map[string]string{
			"client":  "go 200, link 200, link 006-0013, link 006-0001, unlink 200, unlink 006-0001",
			"purpose": "go 200, link 200, link 006-0013, link 006-0010, unlink 200",
		} {
			path, id := inState(w, owner, o, "ACTIVE"), made(w, owner, nil)
			got := w.Race(64, 64, func(i int) string {
				switch {
				case i == 32 && what == "client":
					return fmt.Sprint("go ", interoptest.Answered(remove(w, owner, id)))
				case i == 32:
					return fmt.Sprint("go ", interoptest.Answered(w.As(owner, "POST", path+"/archive", "")))
				case i%4 == 0:
					return fmt.Sprint("unlink ", interoptest.Answered(unlinkFrom(w, owner, id, idOf(path))))
				}
				return fmt.Sprint("link ", interoptest.Answered(linkTo(w, owner, id, idOf(path))))
			})
			for answer := range got {
				if !slices.Contains(strings.Split(allowed, ", "), answer) {
					t.Errorf("of a %s that goes it came to %v", what, got)
				}
			}
			if audit(w, id); got["go 200"] != 1 || what == "purpose" && len(linked(w, id)) > 0 {
				t.Errorf("of a %s that goes it came to %v, and linked are %v", what, got, w.Items("CLIENT#"+id))
			}
		}
	})
}

// ending is a change that a link meets: how the link is answered when it comes second,
// and the change when that does.
type ending struct {
	what string
	make func(w *world, id, purpose, agreement string) apitest.Response
	link string
}

var endings = []ending{
	{"the purpose is archived", func(w *world, _, purpose, _ string) apitest.Response {
		return w.As(owner, "POST", purpose+"/archive", "")
	}, interop.NoLivePurposeVersion.Name},
	{"the agreement is archived", func(w *world, _, _, agreement string) apitest.Response {
		return w.As(owner, "POST", agreement+"/archive", "")
	}, interop.NoLiveAgreement.Name},
	{"the client is deleted", func(w *world, id, _, _ string) apitest.Response { return remove(w, owner, id) }, interop.ClientNotFound.Name},
	{
		"the same link", func(w *world, id, purpose, _ string) apitest.Response { return linkTo(w, owner, id, idOf(purpose)) },
		interop.PurposeAlreadyLinked.Name,
	},
	{"the purpose is suspended", func(w *world, _, purpose, _ string) apitest.Response {
		return w.As(producer, "POST", purpose+"/suspend", "")
	}, "200"},
	{"the agreement is suspended", func(w *world, _, _, agreement string) apitest.Response {
		return w.As(producer, "POST", agreement+"/suspend", "")
	}, "200"},
	{"unlinking", func(w *world, id, purpose, _ string) apitest.Response { return unlinkFrom(w, owner, id, idOf(purpose)) }, "200"},
	{"a key", func(w *world, id, _, _ string) apitest.Response { return addKey(w, owner, id, nil) }, "200"},
}

// meetLink makes a change right before call k of a link, or when swapped the link before
// call k of the change, and after it when there are not so many calls. met reports that
// there were.
func meetLink(w *world, e ending, k int, swapped bool) (met bool) {
	w.Helper()
	o, agreement := joined(w, owner)
	path, id := inState(w, owner, o, "ACTIVE"), made(w, owner, nil)
	var link, other apitest.Response
	links := func() { link = linkTo(w, owner, id, idOf(path)) }
	changes := func() { other = e.make(w, id, path, agreement) }
	inner, outer := changes, links
	if swapped {
		inner, outer = links, changes
	}
	w.Tap.During(k, func(*hooked.Call) bool { return true }, func() {
		met = true
		inner()
	})
	outer()
	w.Tap.Set(nil)
	if !met {
		inner()
	}
	first := !swapped && !met || swapped && met // the link comes first
	want, then := e.link, "200"
	if first {
		want = "200"
	}
	if e.what == "the same link" && first {
		then = e.link
	}
	if a, b := interoptest.Answered(link), interoptest.Answered(other); a != want || b != then {
		w.Errorf("%s, around call %d, the other way round: %t: a link is answered %s, the other %s, want %s and %s", e.what, k, swapped,
			a, b, want, then)
	}
	_, has := w.Items("CLIENT#" + id)["PURPOSE#"+idOf(path)]
	gone := e.what == "the client is deleted" || e.what == "unlinking" && first
	if is := (link.Status == 200 || e.what == "the same link") && !gone; has != is {
		w.Errorf("%s, around call %d, the other way round: %t: there is a link: %t, want %t", e.what, k, swapped, has, is)
	}
	audit(w, id)
	return met
}

// TestLinkMeets makes a change right before each call of the engine that a link
// makes, which is then refused as when it came second, and the other way round.
func TestLinkMeets(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		for _, e := range endings {
			for _, swapped := range []bool{false, true} {
				for k, met := 0, true; met; k++ {
					met = meetLink(w, e, k, swapped)
				}
			}
		}
	})
}

// TestLinkIsGivenUp makes a link of which every transaction is refused.
func TestLinkIsGivenUp(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		o, _ := joined(w, owner)
		purposeID, id, rounds := idOf(inState(w, owner, o, "ACTIVE")), made(w, owner, nil), 0
		w.Tap.Set(func(c *call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: client.LabelClient}}}
		})
		res := linkTo(w, owner, id, purposeID)
		w.Tap.Set(nil)
		if w.Refused(res, interop.Unavailable); rounds != 8 || len(linked(w, id)) != 0 {
			t.Errorf("given up after %d rounds, linked are %v", rounds, linked(w, id))
		}
		w.Want(linkTo(w, owner, id, purposeID), 200)
	})
}

// linkChange is a change of a link that is broken: how many calls it makes, and what the
// client who repeats it is answered when it is done already.
type linkChange struct {
	calls int
	done  string
	make  func(id string) apitest.Response
}

// breakLink fails call k of the change of a link, which is link or unlink, before or after
// the call is carried out, and makes the change again.
func breakLink(w *world, what, purposeID string, change linkChange, k int, after bool) {
	w.Helper()
	id, want := made(w, owner, nil), "200"
	if what == "unlink" {
		w.Want(linkTo(w, owner, id, purposeID), 200)
	}
	w.Tap.Set(hooked.Broken(k, after))
	w.Refused(change.make(id), interop.Unavailable)
	w.Tap.Set(nil)
	done := after && k == change.calls-1
	if done {
		want = change.done
	}
	if is := len(linked(w, id)) == 1; is != (done == (what == "link")) {
		w.Errorf("%s, call %d lost (carried out: %t): linked is %t", what, k, after, is)
	}
	if got := interoptest.Answered(change.make(id)); got != want {
		w.Errorf("%s, call %d lost (carried out: %t): the repetition is answered %s", what, k, after, got)
	}
	audit(w, id)
}

// TestBrokenLinks fails every call to the engine of every change of a link, before
// and after it is carried out: it is made or it is not, and who repeats it is told.
func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	linking.Embedded(t, func(w *world) {
		o, _ := joined(w, owner)
		purposeID := idOf(inState(w, owner, o, "ACTIVE"))
		for what, change := range map[string]linkChange{
			"link":   {3, interop.PurposeAlreadyLinked.Name, func(id string) apitest.Response { return linkTo(w, owner, id, purposeID) }},
			"unlink": {1, "200", func(id string) apitest.Response { return unlinkFrom(w, owner, id, purposeID) }},
		} {
			for k := range change.calls {
				for _, after := range []bool{false, true} {
					breakLink(w, what, purposeID, change, k, after)
				}
			}
		}
		id := made(w, owner, nil)
		w.Want(linkTo(w, owner, id, purposeID), 200)
		for k := range 3 {
			w.Tap.Set(hooked.Broken(k, true))
			w.Refused(w.As(home, "GET", "/clients/"+id+"/purposes", ""), interop.Unavailable)
			w.Tap.Set(nil)
		}
	})
}
