package client_test

import (
	"crypto/elliptic"
	"fmt"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// createLarge makes a client with that many keys and links.
func createLarge(w *world, keys, links int) (id string, kids []string) {
	w.Helper()
	id = createClient(w, owner, nil)
	for range keys {
		kids = append(kids, createKey(w, owner, id))
	}
	storeLinks(w, id, links)
	return id, kids
}

// TestDeleteTransactions deletes clients of many sizes: in one transaction when all
// items fit, otherwise in as few as possible.
func TestDeleteTransactions(t *testing.T) {
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
			id, kids := createLarge(w, size.keys, size.links)
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
			w.Want(deleteClient(w, owner, id), 200)
			w.Tap.Set(nil)
			if writes != size.writes {
				t.Errorf("%+v took %d transactions", size, writes)
			}
			checkConsistent(w, id, kids...)
			for _, kid := range kids {
				if clientOfKey(w, kid) != "" {
					t.Fatalf("%+v: the key %s still has a record", size, kid)
				}
			}
			w.Refused(deleteClient(w, owner, id), interop.ClientNotFound)
		}
	})
}

// TestDeleteOnBothEngines deletes a client in several transactions.
func TestDeleteOnBothEngines(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, kids := createLarge(w, 60, 50)
		w.Want(deleteClient(w, owner, id), 200)
		checkConsistent(w, id, kids...)
		w.Refused(w.As(reader, "GET", "/keys/"+kids[59], ""), interop.KeyNotFound)
	})
}

// deletionCalls is how many calls the deletion of a client with 98 keys makes: three times
// a query and a transaction.
const deletionCalls = 6

// breakDeletion fails call k of the deletion of a client with 98 keys, before or after it is
// carried out, and deletes the client again.
func breakDeletion(w *world, k int, after bool) {
	w.Helper()
	id, kids := createLarge(w, 98, 0)
	before := w.Items("CLIENT#" + id)
	w.Unavailable(w.Break(k, after, func() apitest.Response { return deleteClient(w, owner, id) }).Response)
	items := w.Items("CLIENT#" + id)
	switch {
	case k == 0 || k == 1 && !after:
		interoptest.Equal(w.TB, fmt.Sprintf("what is stored after call %d failed", k), items, before)
	case items["CLIENT"] != nil:
		w.Errorf("call %d failed: the client still exists", k)
	default:
		w.Refused(addKey(w, owner, id, nil), interop.ClientNotFound)
		w.Refused(deleteKey(w, owner, id, kids[0]), interop.ClientNotFound)
		w.Refused(w.As(ownerReader, "GET", "/clients/"+id, ""), interop.ClientNotFound)
		w.Refused(w.As(ownerReader, "GET", "/clients/"+id+"/keys", ""), interop.ClientNotFound)
		if _, listed := listedIn(w, "CLIENTS")[id]; listed {
			w.Errorf("call %d failed: the client is still listed", k)
		}
	}
	if k == deletionCalls-1 && after {
		w.Refused(deleteClient(w, owner, id), interop.ClientNotFound)
	} else {
		w.Refused(deleteClient(w, other, id), interop.NotTheClientOwner)
		w.Want(deleteClient(w, owner, id), 200)
	}
	checkConsistent(w, id, kids...)
	for _, kid := range kids {
		if clientOfKey(w, kid) != "" {
			w.Fatalf("call %d failed: the key %s still has a record", k, kid)
		}
	}
}

// TestBrokenDeletion fails a deletion at every call. After the first transaction the
// client does not exist and none of its keys works; a repeated request continues the
// deletion.
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
			return deleteClient(w, owner, id)
		}
		id, kids := createLarge(w, 2, 0)
		w.Want(during(0, id, func() { kids = append(kids, createKey(w, owner, id)) }), 200)
		checkConsistent(w, id, kids...)
		id, kids = createLarge(w, 2, 0)
		w.Want(during(0, id, func() { w.Want(deleteKey(w, owner, id, kids[0]), 200) }), 200)
		checkConsistent(w, id, kids...)
		id, kids = createLarge(w, 2, 0)
		w.Want(during(0, id, func() { storeLinks(w, id, 1) }), 200)
		checkConsistent(w, id, kids...)
		id, kids = createLarge(w, 2, 0)
		w.Refused(during(0, id, func() { w.Want(deleteClient(w, owner, id), 200) }), interop.ClientNotFound)
		checkConsistent(w, id, kids...)
		// Another request completes the deletion, and another client then gets a freed key.
		key := encodeKey(ecKey(elliptic.P256()))
		id, kids = createLarge(w, 60, 0)
		kid := kidOf(w.Want(addKey(w, owner, id, object{"key": key}), 200))
		var next string
		w.Want(during(1, id, func() {
			w.Want(deleteClient(w, owner, id), 200)
			next = createClient(w, other, nil)
			w.Want(addKey(w, other, next, object{"key": key}), 200)
		}), 200)
		checkConsistent(w, id, append(kids, kid)...)
		if checkConsistent(w, next, kid); clientOfKey(w, kid) != next {
			t.Errorf("the next client lost its key")
		}
	})
}

// TestBusyClient deletes a client while, before every transaction, a key is added to it or
// deleted: the deletion succeeds.
func TestBusyClient(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for what, act := range map[string]func(id, kid string){
			"adding":   func(id, _ string) { addKey(w, owner, id, nil) },
			"deleting": func(id, kid string) { deleteKey(w, owner, id, kid) },
		} {
			id, kids := createLarge(w, 20, 0)
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
			res := deleteClient(w, owner, id)
			w.Tap.Set(nil)
			if checkConsistent(w, id, kids...); res.Status != 200 || n != 3 {
				t.Errorf("while %s keys, the deletion is answered after %d transactions: %s", what, n, res.Raw)
			}
		}
	})
}

// TestDeletionIsContended deletes a client while the storage refuses every transaction.
func TestDeletionIsContended(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, rounds := createClient(w, owner, nil), 0
		w.Tap.Set(func(c *call) error {
			if !c.Writes() {
				return c.Run()
			}
			rounds++
			return &table.Refused{Steps: []table.RefusedStep{{Label: client.LabelClient}}}
		})
		res := deleteClient(w, owner, id)
		w.Tap.Set(nil)
		if w.Refused(res, interop.Unavailable); rounds != 8 {
			t.Errorf("refused after %d transactions, want 8", rounds)
		}
		w.Want(deleteClient(w, owner, id), 200)
	})
}
