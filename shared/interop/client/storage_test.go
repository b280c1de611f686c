package client_test

import (
	"crypto/elliptic"
	"errors"
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

type call = hooked.Call

func TestCosts(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id, gone, missing := createClient(w, owner, nil), createClient(w, owner, nil), interoptest.UnknownID()
		createClient(w, other, nil)
		kid, key := createKey(w, owner, id), keySeed(nil)
		storeLinks(w, id, 3)
		path, list := "/clients/"+id, interoptest.JSON(seed(nil))
		w.Costs("create", 1, 0, owner, "POST", "/clients", list)
		w.Costs("create without the role", 0, 0, ownerReader, "POST", "/clients", list)
		w.Costs("create with a bad body", 0, 0, owner, "POST", "/clients", "{}")
		w.Costs("get", 1, 1, ownerReader, "GET", path, "")
		w.Costs("get an unknown client", 1, 0, ownerReader, "GET", "/clients/"+missing, "")
		w.Costs("add a key", 1, 0, owner, "POST", path+"/keys", interoptest.JSON(key))
		w.Costs("add a taken key", 1, 0, owner, "POST", path+"/keys", interoptest.JSON(key))
		w.Costs("add a bad key", 1, 1, owner, "POST", path+"/keys", interoptest.JSON(keySeed(object{"key": "?"})))
		w.Costs("keys", 1, 3, ownerReader, "GET", path+"/keys", "")
		w.Costs("another's keys", 1, 3, reader, "GET", path+"/keys", "")
		w.Costs("a key", 1, 1, reader, "GET", "/keys/"+kid, "")
		w.Costs("an unknown key", 1, 0, reader, "GET", "/keys/"+strings.Repeat("x", 43), "")
		w.Costs("a malformed kid", 0, 0, reader, "GET", "/keys/x", "")
		w.Costs("delete a key", 1, 0, owner, "DELETE", path+"/keys/"+kid, "")
		w.Costs("delete an unknown key", 1, 0, owner, "DELETE", path+"/keys/"+kid, "")
		w.Costs("delete a malformed kid", 1, 1, owner, "DELETE", path+"/keys/x", "")
		w.Costs("delete another's", 1, 1, other, "DELETE", "/clients/"+gone, "")
		w.Costs("delete", 2, 5, owner, "DELETE", path, "")
		w.Costs("delete an unknown client", 1, 0, owner, "DELETE", path, "")
	})
}

// breakableChange is a change of a client: how many calls to the engine it makes, and how
// a repetition is answered after it was carried out.
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
		return deleteKey(w, owner, id, kid)
	}},
	"delete": {2, interop.ClientNotFound.Name, func(w *world, id, _, _ string) apitest.Response { return deleteClient(w, owner, id) }},
}

// breakChange fails call k of a change of a client with a key, before or after the call is
// carried out, and makes the change again.
func breakChange(w *world, name string, b breakableChange, k int, after bool) {
	w.Helper()
	id, key := createClient(w, owner, nil), encodeKey(ecKey(elliptic.P256()))
	kid := createKey(w, owner, id)
	before := w.Items("CLIENT#" + id)
	w.Unavailable(w.Break(k, after, func() apitest.Response { return b.make(w, id, kid, key) }).Response)
	checkConsistent(w, id, kid)
	want := b.done
	if k < b.calls-1 || !after {
		want = "200"
		interoptest.Equal(w.TB, fmt.Sprintf("%s, call %d failed: what is stored", name, k), w.Items("CLIENT#"+id), before)
	}
	if got := interoptest.Answered(b.make(w, id, kid, key)); got != want {
		w.Errorf("%s, call %d failed (carried out: %t): the repetition is answered %s, want %s", name, k, after, got, want)
	}
	checkConsistent(w, id, kid)
}

// breakCreate fails the only call of the creation of a client.
func breakCreate(w *world, after bool) {
	w.Helper()
	before := len(listedIn(w, "CLIENTS"))
	w.Unavailable(w.Break(0, after, func() apitest.Response {
		return w.As(owner, "POST", "/clients", interoptest.JSON(seed(nil)))
	}).Response)
	if n := len(listedIn(w, "CLIENTS")) - before; (n == 1) != after {
		w.Errorf("a creation that failed (carried out: %t) made %d clients", after, n)
	}
}

// breakRead fails the first and the second call of a request that reads. Only the list of
// clients makes a second call.
func breakRead(w *world, r interoptest.Request) {
	w.Helper()
	for k := range 2 {
		res := w.Break(k, true, func() apitest.Response { return w.Send(r) })
		if k == 0 || r.ID == "client/list" {
			w.Unavailable(res.Response)
		}
	}
}

// TestBrokenCalls fails every call to the engine of every change, before and after the call
// is carried out: each change is made completely or not at all.
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
		for id := range listedIn(w, "CLIENTS") {
			checkConsistent(w, id)
		}
		for _, r := range requests(w) {
			if r.Method == "GET" {
				breakRead(w, r)
			}
		}
		id := createClient(w, owner, nil)
		for what, change := range map[string]func() apitest.Response{
			"a bad key": func() apitest.Response { return addKey(w, owner, id, object{"key": "?"}) },
			"no kid":    func() apitest.Response { return deleteKey(w, owner, id, "x") },
		} {
			if res := w.Break(0, true, change); res.Status != 503 {
				t.Errorf("%s on a broken engine: %s", what, res.Raw)
			}
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
				t.Errorf("%s is answered %v, want %v", what, got, want)
			}
		}
		one, two := createClient(w, owner, nil), createClient(w, owner, nil)
		key := object{"key": encodeKey(ecKey(elliptic.P256()))}
		race("one key", map[string]int{"200": 1, interop.KeyAlreadyExists.Name: 63}, func(i int) apitest.Response {
			return addKey(w, owner, []string{one, two}[i%2], key)
		})
		kid := onlyKey(w, one, two)
		checkConsistent(w, one, kid)
		checkConsistent(w, two, kid)
		full, _ := createLarge(w, 99, 0)
		race("the last key", map[string]int{"200": 1, interop.TooManyKeys.Name: 63}, func(int) apitest.Response {
			return addKey(w, owner, full, nil)
		})
		checkConsistent(w, full)
		id, kids := createLarge(w, 1, 0)
		race("deleting a key", map[string]int{"200": 1, interop.ClientKeyNotFound.Name: 63}, func(int) apitest.Response {
			return deleteKey(w, owner, id, kids[0])
		})
		checkConsistent(w, id, kids...)
		id, kids = createLarge(w, 3, 1)
		race("deleting", map[string]int{"200": 1, interop.ClientNotFound.Name: 63}, func(int) apitest.Response {
			return deleteClient(w, owner, id)
		})
		checkConsistent(w, id, kids...)
	})
}

// onlyKey returns the kid of the only key that the clients have.
func onlyKey(w *world, ids ...string) string {
	w.Helper()
	var kids []string
	for _, id := range ids {
		kids = append(kids, interoptest.Members(w.As(ownerReader, "GET", "/clients/"+id+"/keys", ""), "kid")...)
	}
	if len(kids) != 1 {
		w.Fatalf("the clients have the keys %v, want one", kids)
	}
	return kids[0]
}

// TestRaceOfAll adds keys to a client, deletes some and deletes the client at the same
// time: in the end the client does not exist.
func TestRaceOfAll(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, size := range []int{3, 60} {
			id, kids := createLarge(w, size, 0)
			var keys []object
			for range 64 {
				keys = append(keys, keySeed(nil))
			}
			got := w.Race(64, 64, func(i int) string {
				switch i % 4 {
				case 0:
					return fmt.Sprint("delete ", interoptest.Answered(deleteClient(w, owner, id)))
				case 1:
					return fmt.Sprint("delete key ", interoptest.Answered(deleteKey(w, owner, id, kids[i%3])))
				}
				return fmt.Sprint("add ", interoptest.Answered(addKey(w, owner, id, keys[i])))
			})
			allowed := []string{
				"delete 200", "delete 006-0001", "delete key 200", "delete key 006-0001", "delete key 006-0004", "add 200", "add 006-0001",
			}
			for answer := range got {
				if !slices.Contains(allowed, answer) {
					t.Errorf("the answers are %v", got)
				}
			}
			if got["delete 200"] == 0 || size == 3 && got["delete key 200"] > 3 {
				t.Errorf("the answers are %v", got)
			}
			checkConsistent(w, id, kids...)
			for _, k := range keys { // each may be added to another client
				next := createClient(w, other, nil)
				w.Want(addKey(w, other, next, k), 200)
			}
		}
	})
}

// TestLogHygiene checks that names, descriptions and keys of clients are not logged.
func TestLogHygiene(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const canary = "Canary in the log"
		named := object{"name": canary, "description": canary}
		id := createClient(w, owner, named)
		key := object{"name": canary, "key": encodeKey(ecKey(elliptic.P256()))}
		kid := kidOf(w.Want(addKey(w, owner, id, key), 200))
		w.Want(addKey(w, owner, id, key), 409)
		w.Want(addKey(w, owner, id, object{"name": canary, "key": b64(canary)}), 400)
		w.Want(addKey(w, owner, id, object{"alg": canary}), 400)
		w.Want(addKey(w, owner, id, object{"use": canary}), 400)
		w.Want(w.As(ownerReader, "GET", "/clients?name="+strings.ReplaceAll(canary, " ", "+"), ""), 200)
		w.Want(w.As(ownerReader, "GET", "/clients/"+strings.ReplaceAll(canary, " ", "%20"), ""), 400)
		w.Want(w.As(ownerReader, "GET", "/keys/"+strings.ReplaceAll(canary, " ", "%20"), ""), 404)
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
			w.As(owner, "POST", "/clients", interoptest.JSON(seed(named)))
			addKey(w, owner, id, key)
			deleteKey(w, owner, id, kid)
			deleteClient(w, owner, id)
			w.Tap.Set(nil)
		}
		text, _ := key["key"].(string)
		for _, secret := range []string{"canary", text[:20], kid, b64(canary)} {
			w.NotLogged(secret, 25)
		}
	})
}
