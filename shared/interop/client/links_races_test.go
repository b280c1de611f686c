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

// TestLinkRaces links a purpose 64 times at once, unlinks it and links it to many clients.
func TestLinkRaces(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		o, _ := publishWithAgreement(w, owner)
		path := purposeInState(w, owner, o, "ACTIVE")
		purposeID, id := interoptest.LastID(path), createClient(w, owner, nil)
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
				t.Errorf("%s is answered %v, want %v", what, got, want)
			}
		}
		race("one link", map[string]int{"200": 1, interop.PurposeAlreadyLinked.Name: 63}, func(int) apitest.Response {
			return addPurpose(w, owner, id, purposeID)
		})
		if got := linkedPurposes(w, id); !slices.Equal(got, []string{purposeID}) {
			t.Errorf("the linked purposes are %v", got)
		}
		race("unlinking", map[string]int{"200": few}, func(int) apitest.Response { return removePurpose(w, owner, id, purposeID) })
		if got := linkedPurposes(w, id); len(got) > 0 {
			t.Errorf("the linked purposes are %v", got)
		}
		clients := make([]string, few)
		for i := range clients {
			clients[i] = createClient(w, owner, nil)
		}
		race("clients of one purpose", map[string]int{"200": few}, func(i int) apitest.Response {
			return addPurpose(w, owner, clients[i], purposeID)
		})
		for _, id := range clients {
			if got := linkedPurposes(w, id); !slices.Equal(got, []string{purposeID}) {
				t.Fatalf("the linked purposes are %v", got)
			}
		}
	})
}

// TestLinksDuringRemoval links a purpose 64 times at once to one client while the client is
// deleted or the purpose archived: of a deleted client nothing remains stored, and a link
// is reported as existing only when it existed.
func TestLinksDuringRemoval(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		o, _ := publishWithAgreement(w, owner)
		for what, allowed := range map[string]string{
			"client":  "remove 200, link 200, link 006-0013, link 006-0001, unlink 200, unlink 006-0001",
			"purpose": "remove 200, link 200, link 006-0013, link 006-0010, unlink 200",
		} {
			path, id := purposeInState(w, owner, o, "ACTIVE"), createClient(w, owner, nil)
			got := w.Race(64, 64, func(i int) string {
				switch {
				case i == 32 && what == "client":
					return fmt.Sprint("remove ", interoptest.Answered(deleteClient(w, owner, id)))
				case i == 32:
					return fmt.Sprint("remove ", interoptest.Answered(w.As(owner, "POST", path+"/archive", "")))
				case i%4 == 0:
					return fmt.Sprint("unlink ", interoptest.Answered(removePurpose(w, owner, id, interoptest.LastID(path))))
				}
				return fmt.Sprint("link ", interoptest.Answered(addPurpose(w, owner, id, interoptest.LastID(path))))
			})
			for answer := range got {
				if !slices.Contains(strings.Split(allowed, ", "), answer) {
					t.Errorf("while a %s is removed, the answers are %v", what, got)
				}
			}
			if checkConsistent(w, id); got["remove 200"] != 1 || what == "purpose" && len(linkedPurposes(w, id)) > 0 {
				t.Errorf("while a %s is removed, the answers are %v, and stored is %v", what, got, w.Items("CLIENT#"+id))
			}
		}
	})
}

// competingChange is a change that runs during a link: how it is made, and how the link is
// answered when it comes second.
type competingChange struct {
	what string
	make func(w *world, id, purpose, agreement string) apitest.Response
	link string
}

var competingChanges = []competingChange{
	{"the purpose is archived", func(w *world, _, purpose, _ string) apitest.Response {
		return w.As(owner, "POST", purpose+"/archive", "")
	}, interop.NoLivePurposeVersion.Name},
	{"the agreement is archived", func(w *world, _, _, agreement string) apitest.Response {
		return w.As(owner, "POST", agreement+"/archive", "")
	}, interop.NoLiveAgreement.Name},
	{"the client is deleted", func(w *world, id, _, _ string) apitest.Response {
		return deleteClient(w, owner, id)
	}, interop.ClientNotFound.Name},
	{
		"the same link", func(w *world, id, purpose, _ string) apitest.Response {
			return addPurpose(w, owner, id, interoptest.LastID(purpose))
		},
		interop.PurposeAlreadyLinked.Name,
	},
	{"the purpose is suspended", func(w *world, _, purpose, _ string) apitest.Response {
		return w.As(producer, "POST", purpose+"/suspend", "")
	}, "200"},
	{"the agreement is suspended", func(w *world, _, _, agreement string) apitest.Response {
		return w.As(producer, "POST", agreement+"/suspend", "")
	}, "200"},
	{"unlinking", func(w *world, id, purpose, _ string) apitest.Response {
		return removePurpose(w, owner, id, interoptest.LastID(purpose))
	}, "200"},
	{"a key", func(w *world, id, _, _ string) apitest.Response { return addKey(w, owner, id, nil) }, "200"},
}

// meetLink makes a change right before call k of a link or, when swapped, the link right
// before call k of the change. It reports whether there is a call k; if there is none, the
// second request is sent after the first.
func meetLink(w *world, e competingChange, k int, swapped bool) (met bool) {
	w.Helper()
	o, agreement := publishWithAgreement(w, owner)
	path, id := purposeInState(w, owner, o, "ACTIVE"), createClient(w, owner, nil)
	var link, other apitest.Response
	links := func() { link = addPurpose(w, owner, id, interoptest.LastID(path)) }
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
		w.Errorf("%s, call %d, swapped: %t: the link is answered %s, the change %s, want %s and %s", e.what, k, swapped, a, b, want, then)
	}
	_, has := w.Items("CLIENT#" + id)["PURPOSE#"+interoptest.LastID(path)]
	gone := e.what == "the client is deleted" || e.what == "unlinking" && first
	if is := (link.Status == 200 || e.what == "the same link") && !gone; has != is {
		w.Errorf("%s, call %d, swapped: %t: there is a link: %t, want %t", e.what, k, swapped, has, is)
	}
	checkConsistent(w, id)
	return met
}

// TestLinkDuringChange makes a change right before each call to the engine that a link
// makes, and a link before each call that the change makes. The outer request is answered
// as if it came second.
func TestLinkDuringChange(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		for _, e := range competingChanges {
			for _, swapped := range []bool{false, true} {
				for k, met := 0, true; met; k++ {
					met = meetLink(w, e, k, swapped)
				}
			}
		}
	})
}

// TestLinkIsContended links a purpose while the storage refuses every transaction.
func TestLinkIsContended(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		o, _ := publishWithAgreement(w, owner)
		purposeID, id, rounds := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE")), createClient(w, owner, nil), 0
		w.Tap.Set(func(c *call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: client.LabelClient}}}
		})
		res := addPurpose(w, owner, id, purposeID)
		w.Tap.Set(nil)
		if w.Refused(res, interop.Unavailable); rounds != 8 || len(linkedPurposes(w, id)) != 0 {
			t.Errorf("refused after %d transactions, want 8; the linked purposes are %v", rounds, linkedPurposes(w, id))
		}
		w.Want(addPurpose(w, owner, id, purposeID), 200)
	})
}

// linkChange is a change of a link: how many calls to the engine it makes, and how a
// repetition is answered after it was carried out.
type linkChange struct {
	calls int
	done  string
	make  func(id string) apitest.Response
}

// breakLink fails call k of the change of a link, which is link or unlink, before or after
// the call is carried out, and makes the change again.
func breakLink(w *world, what, purposeID string, change linkChange, k int, after bool) {
	w.Helper()
	id, want := createClient(w, owner, nil), "200"
	if what == "unlink" {
		w.Want(addPurpose(w, owner, id, purposeID), 200)
	}
	w.Unavailable(w.Break(k, after, func() apitest.Response { return change.make(id) }).Response)
	done := after && k == change.calls-1
	if done {
		want = change.done
	}
	if is := len(linkedPurposes(w, id)) == 1; is != (done == (what == "link")) {
		w.Errorf("%s, call %d failed (carried out: %t): there is a link: %t", what, k, after, is)
	}
	if got := interoptest.Answered(change.make(id)); got != want {
		w.Errorf("%s, call %d failed (carried out: %t): the repetition is answered %s, want %s", what, k, after, got, want)
	}
	checkConsistent(w, id)
}

// TestBrokenLinks fails every call to the engine of every change of a link, before and
// after the call is carried out: the change is made completely or not at all, and the
// answer to a repetition shows which.
func TestBrokenLinks(t *testing.T) {
	t.Parallel()
	linkSuite.Embedded(t, func(w *world) {
		o, _ := publishWithAgreement(w, owner)
		purposeID := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))
		for what, change := range map[string]linkChange{
			"link":   {3, interop.PurposeAlreadyLinked.Name, func(id string) apitest.Response { return addPurpose(w, owner, id, purposeID) }},
			"unlink": {1, "200", func(id string) apitest.Response { return removePurpose(w, owner, id, purposeID) }},
		} {
			for k := range change.calls {
				for _, after := range []bool{false, true} {
					breakLink(w, what, purposeID, change, k, after)
				}
			}
		}
		id := createClient(w, owner, nil)
		w.Want(addPurpose(w, owner, id, purposeID), 200)
		for k := range 3 {
			w.Unavailable(w.Break(k, true, func() apitest.Response {
				return w.As(ownerReader, "GET", "/clients/"+id+"/purposes", "")
			}).Response)
		}
	})
}
