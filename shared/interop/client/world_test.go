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
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/listtest"
)

type (
	world  = interoptest.World
	object = interoptest.Object
)

var (
	suite       = interoptest.New(client.Operations())
	owner       = interoptest.Admin(1)
	other       = interoptest.Admin(2)
	reader      = interoptest.Reader(3)
	ownerReader = interoptest.Reader(1) // the organization of owner with the role to read
)

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, test)
}

// embedded runs test on the embedded engine alone.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, test)
}

// seed returns the body of a new client, with changes.
func seed(changes object) object {
	s := object{"name": "A client", "members": []any{}}
	maps.Copy(s, changes)
	return s
}

// createClient makes a client and returns its id.
func createClient(w *world, caller *api.Identity, changes object) string {
	w.Helper()
	return w.Want(w.As(caller, "POST", "/clients", interoptest.JSON(seed(changes))), 200).Text("id")
}

// createAPIClient makes a client of the kind API and returns its id.
func createAPIClient(w *world, caller *api.Identity, changes object) string {
	w.Helper()
	return w.Want(w.As(caller, "POST", "/clientsApi", interoptest.JSON(seed(changes))), 200).Text("id")
}

// deleteClient deletes a client.
func deleteClient(w *world, caller *api.Identity, id string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/clients/"+id, "")
}

// addKey adds a new key, with changes, to a client.
func addKey(w *world, caller *api.Identity, id string, changes object) apitest.Response {
	w.Helper()
	return w.As(caller, "POST", "/clients/"+id+"/keys", interoptest.JSON(keySeed(changes)))
}

// kidOf returns the kid in the answer to addKey.
func kidOf(res apitest.Response) string {
	jwk, _ := res.Body["jwk"].(object)
	return fmt.Sprint(jwk["kid"])
}

// createKey adds a new key to a client and returns its kid.
func createKey(w *world, caller *api.Identity, id string) string {
	w.Helper()
	return kidOf(w.Want(addKey(w, caller, id, nil), 200))
}

// deleteKey deletes a key of a client.
func deleteKey(w *world, caller *api.Identity, id, kid string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/clients/"+id+"/keys/"+kid, "")
}

// storeLinks stores n links of a client of owner to purposes that do not exist.
func storeLinks(w *world, id string, n int) {
	w.Helper()
	for range n {
		err := w.Tap.DB.Write(w.Context(), client.ChangeStep(id, owner.Subject, 0),
			table.Put("link", interop.Key("CLIENT#"+id, "PURPOSE#"+interoptest.UnknownID()), object{"at": "x"}))
		if err != nil {
			w.Fatal(err)
		}
	}
}

// clientOfKey returns the id of the client that the record of a key names, "" when there
// is no record.
func clientOfKey(w *world, kid string) string {
	w.Helper()
	id, _ := w.Items("KEY#" + kid)["KEY"]["clientId"].(string)
	return id
}

// checkConsistent checks that the stored items of a client agree with each other: either
// all of them exist or none, and the client counts as many keys as it has. kids are keys
// that the client has or had.
func checkConsistent(w *world, id string, kids ...string) {
	w.Helper()
	items := w.Items("CLIENT#" + id)
	root := items["CLIENT"]
	keys := 0.0
	for sk := range items {
		if len(sk) == 47 && sk[:4] == "KEY#" {
			keys++
			if got := clientOfKey(w, sk[4:]); got != id {
				w.Errorf("client %s has the key %s, whose record names client %q", id, sk, got)
			}
		}
	}
	listed := isListed(w, id, root)
	if (root != nil) != listed || root == nil && len(items) > 0 || root != nil && root["keys"] != keys {
		w.Errorf("client %s is stored as %v, listed: %t", id, items, listed)
	}
	for _, kid := range kids {
		if _, has := items["KEY#"+kid]; !has && clientOfKey(w, kid) == id {
			w.Errorf("the record of key %s names client %s, which does not have the key", kid, id)
		}
	}
}

// isListed checks that a client is in no list of another kind or after its deletion, and
// returns whether it is in the list of its kind.
func isListed(w *world, id string, root object) (listed bool) {
	w.Helper()
	_, listed = listedIn(w, "CLIENTS")[id]
	listedAPI := slices.Contains(listedAPIClients(w), id)
	for other := range listedIn(w, "CLIENTS#"+owner.Subject) {
		if other == id && (root == nil || root["kind"] == "API") {
			w.Errorf("client %s is in the list of its owner, and stored as %v", id, root)
		}
	}
	if listedAPI && root["kind"] != "API" || listed && root["kind"] == "API" {
		w.Errorf("client %s of another kind is listed, and stored as %v", id, root)
	}
	return listed || listedAPI
}

// listedIn returns the entries of a list by the ids of their clients.
func listedIn(w *world, pk string) map[string]object {
	w.Helper()
	stored, all := map[table.Key]object{}, map[string]object{}
	for sk, item := range w.Items(pk) {
		stored[interop.Key(pk, sk)] = item
	}
	for key, entry := range listtest.Live(stored) {
		_, id, _ := strings.Cut(key.SK, "#")
		all[id] = entry
	}
	return all
}

// listedAPIClients returns the ids of the API clients of owner, as they are stored in the list.
func listedAPIClients(w *world) []string {
	w.Helper()
	return slices.Collect(maps.Keys(listedIn(w, "CLIENTS_API#"+owner.Subject)))
}

// requests returns a request for each operation on clients and keys.
func requests(w *world) map[string]interoptest.Request {
	w.Helper()
	id, unneeded := createClient(w, owner, nil), createClient(w, owner, nil)
	kid, unneededKey := createKey(w, owner, id), createKey(w, owner, id)
	return w.Requests(map[string]interoptest.Request{
		"client/create":     {As: owner, At: "/clients", Body: interoptest.JSON(seed(nil))},
		"client/create-api": {As: owner, At: "/clientsApi", Body: interoptest.JSON(seed(nil))},
		"client/list":       {As: ownerReader, At: "/clients?limit=2&offset=0"},
		"client/get":        {As: ownerReader, At: "/clients/" + id},
		"client/delete":     {As: owner, At: "/clients/" + unneeded},
		"client/list-keys":  {As: ownerReader, At: "/clients/" + id + "/keys?limit=3"},
		"client/add-key":    {As: owner, At: "/clients/" + id + "/keys", Body: interoptest.JSON(keySeed(nil))},
		"client/delete-key": {As: owner, At: "/clients/" + id + "/keys/" + unneededKey},
		"key/get":           {As: reader, At: "/keys/" + kid},
	})
}
