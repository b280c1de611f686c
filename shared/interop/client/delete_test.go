package client_test

import (
	"crypto/elliptic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// large makes a client with so many keys and links.
func large(w *world, keys, links int) (id string, kids []string) {
	w.Helper()
	id = made(w, owner, nil)
	for range keys {
		kids = append(kids, keyed(w, owner, id))
	}
	link(w, id, links)
	return id, kids
}

// TestDeleteMuch removes clients of every size: in one transaction as long as all
// fits, in as few as can be when not.
func TestDeleteMuch(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, size := range []struct{ keys, links, writes int }{
			{0, 0, 1},
			{48, 0, 1},
			{49, 0, 2},
			{0, 96, 1},
			{0, 97, 2},
			{47, 2, 1},
			{47, 3, 2},
			{48, 1, 2},
			{97, 0, 2},
			{98, 0, 3},
			{100, 300, 6},
			{0, 194, 2},
		} {
			id, kids := large(w, size.keys, size.links)
			writes := 0
			w.Tap.Set(func(c *call) error {
				if c.Writes() {
					writes++
				}
				err := c.Run()
				if len(c.Page.Items) > table.MaxSteps {
					t.Errorf("%+v: %d items are read for one transaction", size, len(c.Page.Items))
				}
				return err
			})
			w.Want(remove(w, owner, id), 200)
			w.Tap.Set(nil)
			if writes != size.writes {
				t.Errorf("%+v took %d transactions", size, writes)
			}
			audit(w, id, kids...)
			for _, kid := range kids {
				if holderOf(w, kid) != "" {
					t.Fatalf("%+v: the key %s stays", size, kid)
				}
			}
			w.Refused(remove(w, owner, id), interop.ClientNotFound)
		}
	})
}

// TestDeleteOnBothEngines removes a client that takes several transactions.
func TestDeleteOnBothEngines(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, kids := large(w, 60, 50)
		w.Want(remove(w, owner, id), 200)
		audit(w, id, kids...)
		w.Refused(w.As(reader, "GET", "/keys/"+kids[59], ""), interop.KeyNotFound)
	})
}

// deletionCalls are the calls of the deletion of a client with 98 keys: three times a query
// and a transaction.
const deletionCalls = 6

// breakDeletion fails call k of the deletion of a client with 98 keys, before or after it is
// carried out, and deletes the client again.
func breakDeletion(w *world, k int, after bool) {
	w.Helper()
	id, kids := large(w, 98, 0)
	before := w.Items("CLIENT#" + id)
	w.Tap.Set(hooked.Broken(k, after))
	w.Refused(remove(w, owner, id), interop.Unavailable)
	w.Tap.Set(nil)
	items := w.Items("CLIENT#" + id)
	switch {
	case k == 0 || k == 1 && !after:
		if diff := cmp.Diff(before, items); diff != "" {
			w.Errorf("call %d lost, yet:\n%s", k, diff)
		}
	case items["CLIENT"] != nil:
		w.Errorf("call %d lost: the client is there", k)
	default:
		w.Refused(addKey(w, owner, id, nil), interop.ClientNotFound)
		w.Refused(removeKey(w, owner, id, kids[0]), interop.ClientNotFound)
		w.Refused(w.As(home, "GET", "/clients/"+id, ""), interop.ClientNotFound)
		w.Refused(w.As(home, "GET", "/clients/"+id+"/keys", ""), interop.ClientNotFound)
		if _, listed := w.Items("CLIENTS")[id]; listed {
			w.Errorf("call %d lost: the client is listed", k)
		}
	}
	if k == deletionCalls-1 && after {
		w.Refused(remove(w, owner, id), interop.ClientNotFound)
	} else {
		w.Refused(remove(w, other, id), interop.NotTheClientOwner)
		w.Want(remove(w, owner, id), 200)
	}
	audit(w, id, kids...)
	for _, kid := range kids {
		if holderOf(w, kid) != "" {
			w.Fatalf("call %d lost: the key %s stays", k, kid)
		}
	}
}

// TestBrokenDeletion breaks a deletion off at every call: from the first transaction
// on there is no client, so no key of it works; who repeats it goes on with it.
func TestBrokenDeletion(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for k := range deletionCalls {
			for _, after := range []bool{false, true} {
				breakDeletion(w, k, after)
			}
		}
	})
}

// TestDeletionOvertaken changes a client while it is being deleted.
func TestDeletionOvertaken(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		during := func(n int, id string, act func()) apitest.Response {
			w.Tap.During(n, (*call).Writes, func() { w.Tap.Set(nil); act() })
			defer w.Tap.Set(nil)
			return remove(w, owner, id)
		}
		id, kids := large(w, 2, 0)
		w.Want(during(0, id, func() { kids = append(kids, keyed(w, owner, id)) }), 200)
		audit(w, id, kids...)
		id, kids = large(w, 2, 0)
		w.Want(during(0, id, func() { w.Want(removeKey(w, owner, id, kids[0]), 200) }), 200)
		audit(w, id, kids...)
		id, kids = large(w, 2, 0)
		w.Want(during(0, id, func() { link(w, id, 1) }), 200)
		audit(w, id, kids...)
		id, kids = large(w, 2, 0)
		w.Refused(during(0, id, func() { w.Want(remove(w, owner, id), 200) }), interop.ClientNotFound)
		audit(w, id, kids...)
		// Another call does the rest, and a key that is free again is given away.
		key := sent(ec(elliptic.P256()))
		id, kids = large(w, 60, 0)
		kid := kidOf(w.Want(addKey(w, owner, id, object{"key": key}), 200))
		var next string
		w.Want(during(1, id, func() {
			w.Want(remove(w, owner, id), 200)
			next = made(w, other, nil)
			w.Want(addKey(w, other, next, object{"key": key}), 200)
		}), 200)
		audit(w, id, append(kids, kid)...)
		if audit(w, next, kid); holderOf(w, kid) != next {
			t.Errorf("the key of the next client is gone")
		}
	})
}

// TestBusyClient deletes a client to which somebody gives a key, or of which somebody
// takes one, before every transaction: it is deleted all the same.
func TestBusyClient(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for what, act := range map[string]func(id, kid string){
			"adding": func(id, _ string) { addKey(w, owner, id, nil) },
			"taking": func(id, kid string) { removeKey(w, owner, id, kid) },
		} {
			id, kids := large(w, 20, 0)
			busy, n := false, 0
			w.Tap.Set(func(c *call) error {
				if c.Writes() && !busy {
					busy = true
					act(id, kids[n])
					busy = false
					n++
				}
				return c.Run()
			})
			res := remove(w, owner, id)
			w.Tap.Set(nil)
			if audit(w, id, kids...); res.Status != 200 || n != 3 {
				t.Errorf("while %s keys, deleting is answered after %d transactions: %s", what, n, res.Raw)
			}
		}
	})
}

// TestRaceIsGivenUp deletes a client of which every transaction is refused.
func TestRaceIsGivenUp(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, rounds := made(w, owner, nil), 0
		w.Tap.Set(func(c *call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: client.LabelClient}}}
		})
		res := remove(w, owner, id)
		w.Tap.Set(nil)
		if w.Refused(res, interop.Unavailable); rounds != 8 {
			t.Errorf("given up after %d rounds", rounds)
		}
		w.Want(remove(w, owner, id), 200)
	})
}
