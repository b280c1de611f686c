package client_test

import (
	"crypto/elliptic"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

type call = hooked.Call

func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, gone, missing := made(w, owner, nil), made(w, owner, nil), nobody()
		made(w, other, nil)
		kid, key := keyed(w, owner, id), keySeed(nil)
		link(w, id, 3)
		path, list := "/clients/"+id, interoptest.JSON(seed(nil))
		w.Costs("create", 1, 0, owner, "POST", "/clients", list)
		w.Costs("create without the role", 0, 0, home, "POST", "/clients", list)
		w.Costs("create with a bad body", 0, 0, owner, "POST", "/clients", "{}")
		w.Costs("list", 2, 7, home, "GET", "/clients", "")
		w.Costs("list a page", 2, 7, home, "GET", "/clients?limit=1", "")
		w.Costs("list for who has none", 2, 4, reader, "GET", "/clients", "")
		w.Costs("list by name", 1, 3, home, "GET", "/clients?name=A+client", "")
		w.Costs("list one's own", 1, 3, home, "GET", "/clients?consumerId="+owner.Subject, "")
		w.Costs("list another's", 1, 1, home, "GET", "/clients?consumerId="+other.Subject, "")
		w.Costs("list another's by name", 0, 0, home, "GET", "/clients?name=A&consumerId="+other.Subject, "")
		w.Costs("get", 1, 1, home, "GET", path, "")
		w.Costs("get nobody's", 1, 0, home, "GET", "/clients/"+missing, "")
		w.Costs("add a key", 1, 0, owner, "POST", path+"/keys", interoptest.JSON(key))
		w.Costs("add a taken key", 1, 0, owner, "POST", path+"/keys", interoptest.JSON(key))
		w.Costs("add a bad key", 1, 1, owner, "POST", path+"/keys", interoptest.JSON(keySeed(object{"key": "?"})))
		w.Costs("keys", 1, 3, home, "GET", path+"/keys", "")
		w.Costs("another's keys", 1, 3, reader, "GET", path+"/keys", "")
		w.Costs("a key", 1, 1, reader, "GET", "/keys/"+kid, "")
		w.Costs("nobody's key", 1, 0, reader, "GET", "/keys/"+strings.Repeat("x", 43), "")
		w.Costs("what is no kid", 0, 0, reader, "GET", "/keys/x", "")
		w.Costs("delete a key", 1, 0, owner, "DELETE", path+"/keys/"+kid, "")
		w.Costs("delete no key", 1, 0, owner, "DELETE", path+"/keys/"+kid, "")
		w.Costs("delete what is no kid", 1, 1, owner, "DELETE", path+"/keys/x", "")
		w.Costs("delete another's", 1, 1, other, "DELETE", "/clients/"+gone, "")
		w.Costs("delete", 2, 5, owner, "DELETE", path, "")
		w.Costs("delete nobody's", 1, 0, owner, "DELETE", path, "")
	})
}

// breakableChange is a change that is broken at every call it makes: how many calls that
// is, and what the client who repeats it is answered when it is done already.
type breakableChange struct {
	calls int
	done  string
	make  func(w *world, id, kid, key string) apitest.Response
}

var breakable = map[string]breakableChange{
	"add a key": {1, interop.KeyAlreadyExists.Name, func(w *world, id, _, key string) apitest.Response {
		return addKey(w, owner, id, object{"key": key})
	}},
	"delete a key": {1, interop.ClientKeyNotFound.Name, func(w *world, id, kid, _ string) apitest.Response {
		return removeKey(w, owner, id, kid)
	}},
	"delete": {2, interop.ClientNotFound.Name, func(w *world, id, _, _ string) apitest.Response { return remove(w, owner, id) }},
}

// breakChange fails call k of a change of a client with a key, before or after the call is
// carried out, and makes the change again.
func breakChange(w *world, name string, b breakableChange, k int, after bool) {
	w.Helper()
	id, key := made(w, owner, nil), sent(ec(elliptic.P256()))
	kid := keyed(w, owner, id)
	before := w.Items("CLIENT#" + id)
	w.Tap.Set(hooked.Broken(k, after))
	w.Refused(b.make(w, id, kid, key), interop.Unavailable)
	w.Tap.Set(nil)
	audit(w, id, kid)
	want := b.done
	if k < b.calls-1 || !after {
		want = "200"
		if diff := cmp.Diff(before, w.Items("CLIENT#"+id)); diff != "" {
			w.Errorf("%s, call %d lost, yet:\n%s", name, k, diff)
		}
	}
	if got := interoptest.Answered(b.make(w, id, kid, key)); got != want {
		w.Errorf("%s, call %d lost (carried out: %t): the repetition is answered %s", name, k, after, got)
	}
	audit(w, id, kid)
}

// breakCreate fails the only call of the creation of a client.
func breakCreate(w *world, after bool) {
	w.Helper()
	before := len(w.Items("CLIENTS"))
	w.Tap.Set(hooked.Broken(0, after))
	w.Refused(w.As(owner, "POST", "/clients", interoptest.JSON(seed(nil))), interop.Unavailable)
	w.Tap.Set(nil)
	if n := len(w.Items("CLIENTS")) - before; (n == 1) != after {
		w.Errorf("a lost create made %d clients", n)
	}
}

// breakRead fails the first and the second call of a request that reads. Only the list of
// clients makes two.
func breakRead(w *world, r interoptest.Request) {
	w.Helper()
	for k := range 2 {
		w.Tap.Set(hooked.Broken(k, true))
		if res := w.Send(r); k == 0 || r.ID == "client/list" {
			w.Refused(res, interop.Unavailable)
		}
		w.Tap.Set(nil)
	}
}

// TestBrokenCalls fails every call to the engine of every change, before and after
// it is carried out: nothing is half done.
func TestBrokenCalls(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for name, b := range breakable {
			for k := range b.calls {
				for _, after := range []bool{false, true} {
					breakChange(w, name, b, k, after)
				}
			}
		}
		for _, after := range []bool{false, true} {
			breakCreate(w, after)
		}
		for id := range w.Items("CLIENTS") {
			audit(w, id)
		}
		for _, r := range requests(w) {
			if r.Method == "GET" {
				breakRead(w, r)
			}
		}
		id := made(w, owner, nil)
		for what, change := range map[string]func() apitest.Response{
			"a bad key": func() apitest.Response { return addKey(w, owner, id, object{"key": "?"}) },
			"no kid":    func() apitest.Response { return removeKey(w, owner, id, "x") },
		} {
			w.Tap.Set(hooked.Broken(0, true))
			if res := change(); res.Status != 503 {
				t.Errorf("%s on a broken engine: %s", what, res.Raw)
			}
			w.Tap.Set(nil)
		}
	})
}

// TestRaces makes every change 64 times at once.
func TestRaces(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		race := func(what string, want map[string]int, call func(i int) apitest.Response) {
			t.Helper()
			if got := w.Race(64, 64, func(i int) string { return interoptest.Answered(call(i)) }); !maps.Equal(got, want) {
				t.Errorf("%s came to %v, want %v", what, got, want)
			}
		}
		one, two := made(w, owner, nil), made(w, owner, nil)
		key := object{"key": sent(ec(elliptic.P256()))}
		race("one key", map[string]int{"200": 1, interop.KeyAlreadyExists.Name: 63}, func(i int) apitest.Response {
			return addKey(w, owner, []string{one, two}[i%2], key)
		})
		kid := thumbprintOf(w, one, two)
		audit(w, one, kid)
		audit(w, two, kid)
		full, _ := large(w, 99, 0)
		race("the last key", map[string]int{"200": 1, interop.TooManyKeys.Name: 63}, func(int) apitest.Response {
			return addKey(w, owner,
				full, nil)
		})
		audit(w, full)
		id, kids := large(w, 1, 0)
		race("taking a key", map[string]int{"200": 1, interop.ClientKeyNotFound.Name: 63}, func(int) apitest.Response {
			return removeKey(w,
				owner, id, kids[0])
		})
		audit(w, id, kids...)
		id, kids = large(w, 3, 1)
		race("deleting", map[string]int{"200": 1, interop.ClientNotFound.Name: 63}, func(int) apitest.Response { return remove(w, owner, id) })
		audit(w, id, kids...)
	})
}

// thumbprintOf is the one key of the clients.
func thumbprintOf(w *world, ids ...string) string {
	w.Helper()
	var kids []string
	for _, id := range ids {
		kids = append(kids, interoptest.Members(w.As(home, "GET", "/clients/"+id+"/keys", ""), "kid")...)
	}
	if len(kids) != 1 {
		w.Fatalf("the keys are %v", kids)
	}
	return kids[0]
}

// TestRaceOfAll adds keys to a client, takes keys from it and deletes it at once:
// what is told in the end is that there is nothing.
func TestRaceOfAll(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, size := range []int{3, 60} {
			id, kids := large(w, size, 0)
			var keys []object
			for range 64 {
				keys = append(keys, keySeed(nil))
			}
			got := w.Race(64, 64, func(i int) string {
				switch i % 4 {
				case 0:
					return fmt.Sprint("delete ", interoptest.Answered(remove(w, owner, id)))
				case 1:
					return fmt.Sprint("take ", interoptest.Answered(removeKey(w, owner, id, kids[i%3])))
				}
				return fmt.Sprint("add ", interoptest.Answered(addKey(w, owner, id, keys[i])))
			})
			allowed := []string{"delete 200", "delete 006-0001", "take 200", "take 006-0001", "take 006-0004", "add 200", "add 006-0001"}
			for answer := range got {
				if !slices.Contains(allowed, answer) {
					t.Errorf("it came to %v", got)
				}
			}
			if got["delete 200"] == 0 || size == 3 && got["take 200"] > 3 {
				t.Errorf("it came to %v", got)
			}
			audit(w, id, kids...)
			for _, k := range keys { // each is free again
				next := made(w, other, nil)
				w.Want(addKey(w, other, next, k), 200)
			}
		}
	})
}

// TestLogHygiene looks in the log for what was said about clients and keys.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const canary = "Canary in the log"
		said := object{"name": canary, "description": canary}
		id := made(w, owner, said)
		key := object{"name": canary, "key": sent(ec(elliptic.P256()))}
		kid := kidOf(w.Want(addKey(w, owner, id, key), 200))
		w.Want(addKey(w, owner, id, key), 409)
		w.Want(addKey(w, owner, id, object{"name": canary, "key": b64(canary)}), 400)
		w.Want(addKey(w, owner, id, object{"alg": canary}), 400)
		w.Want(addKey(w, owner, id, object{"use": canary}), 400)
		w.Want(w.As(home, "GET", "/clients?name="+strings.ReplaceAll(canary, " ", "+"), ""), 200)
		w.Want(w.As(home, "GET", "/clients/"+strings.ReplaceAll(canary, " ", "%20"), ""), 400)
		w.Want(w.As(home, "GET", "/keys/"+strings.ReplaceAll(canary, " ", "%20"), ""), 404)
		for _, text := range []string{canary, `{"` + canary + `":1}`, interoptest.JSON(seed(object{"members": []any{canary}}))} {
			w.Want(w.As(owner, "POST", "/clients", text), 400)
		}
		for _, hook := range []hooked.Hook{
			hooked.Broken(0, true), hooked.Broken(1, false), func(*call) error { return errors.New("broken") },
			func(c *call) error {
				if c.Writes() {
					return &table.Refused{Steps: []table.RefusedStep{{Label: client.LabelClient}}}
				}
				return c.Run()
			},
		} {
			w.Tap.Set(hook)
			w.As(owner, "POST", "/clients", interoptest.JSON(seed(said)))
			addKey(w, owner, id, key)
			removeKey(w, owner, id, kid)
			remove(w, owner, id)
			w.Tap.Set(nil)
		}
		text, _ := key["key"].(string)
		for _, secret := range []string{"canary", text[:20], kid, b64(canary)} {
			w.NotLogged(secret, 25)
		}
	})
}
