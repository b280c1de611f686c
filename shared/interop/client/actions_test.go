package client_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// TestAllowedActions reads clients of both kinds: answers say what the owner may do with each,
// and nothing to other organizations and to roles that only read.
func TestAllowedActions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		consumer, ofAPI := createClient(w, owner, nil), createAPIClient(w, owner, object{"description": "What it is for"})
		atConsumer, atAPI := "/clients/"+consumer, "/clientsApi/"+ofAPI
		check := func(when, at string, want ...any) {
			t.Helper()
			interoptest.Equal(t, when, any(want), w.Want(w.As(owner, "GET", at, ""), 200).Body["allowedActions"])
		}
		check("a new one", atConsumer, "addKey", "addPurpose", "removePurpose", "addUser", "delete")
		check("a new API client", atAPI, "addKey", "addUser", "setAdmin", "delete")
		for _, at := range []string{atConsumer, atAPI} {
			if all, listed := w.Want(w.As(ownerReader, "GET", at, ""), 200).Body["allowedActions"]; listed {
				t.Errorf("a role that reads may %v", all)
			}
		}
		if all, listed := w.Want(w.As(other, "GET", atConsumer, ""), 200).Body["allowedActions"]; listed {
			t.Errorf("another organization may %v", all)
		}

		admin := createUser(w, owner, "admin")
		w.Want(setAdmin(w, owner, ofAPI, admin), 200)
		consumer = createClient(w, owner, object{"members": []any{admin}})
		atConsumer = "/clients/" + consumer
		for _, id := range []string{consumer, ofAPI} {
			createKey(w, owner, id)
		}
		check("with key and user", atConsumer, "addKey", "deleteKey", "addPurpose", "removePurpose", "addUser", "removeUser", "delete")
		check("with key and admin", atAPI, "addKey", "deleteKey", "addUser", "setAdmin", "removeAdmin", "delete")
		interoptest.Equal(t, "the whole", any(object{
			"id": ofAPI, "consumerId": owner.Subject, "name": "A client", "description": "What it is for",
			"createdAt": "2026-11-21T10:00:00.000Z", "kind": "API", "adminId": admin, "members": []any{},
		}), any(w.As(ownerReader, "GET", atAPI, "").Body))

		w.Refused(w.As(other, "GET", atAPI, ""), interop.NotTheClientOwner, ofAPI)
		w.Refused(w.As(other, "GET", "/clientsApi/"+consumer, ""), interop.NotTheClientOwner, consumer)
		w.Refused(w.As(ownerReader, "GET", "/clientsApi/"+consumer, ""), interop.ClientKindNotAllowed, consumer)
		unknown := interoptest.UnknownID()
		w.Refused(w.As(ownerReader, "GET", "/clientsApi/"+unknown, ""), interop.ClientNotFound, unknown)
	})
}

// held is what a client of owner has when its allowed actions are read.
type held struct {
	api           bool
	keys, members int
	admin         bool
}

// holding makes a client that has that. Keys and members beyond the first are only counted or
// named.
func (h held) holding(w *world, admin string) (id, kid, member string) {
	w.Helper()
	create := createClient
	if h.api {
		create = createAPIClient
	}
	id = create(w, owner, nil)
	changes := table.Changes{Set: map[string]any{}}
	if h.keys > 0 {
		kid = createKey(w, owner, id)
		changes.Set["keys"] = h.keys
	}
	if h.members > 0 {
		member = interoptest.UnknownID()
		members := []string{member}
		for range h.members - 1 {
			members = append(members, interoptest.UnknownID())
		}
		changes.Set["members"] = members
	}
	if h.admin {
		w.Want(setAdmin(w, owner, id, admin), http.StatusOK)
	}
	if len(changes.Set) > 0 {
		if err := w.Tap.DB.Write(w.Context(), table.Update("client", client.ClientKey(id), changes)); err != nil {
			w.Fatal(err)
		}
	}
	return id, kid, member
}

// TestAllowedActionsAreAccepted compares what is listed with what the operations accept, for
// clients of both kinds, without anything, and at both bounds and one below them. Each action
// is tried on a client of its own. removePurpose is accepted by clients of the kind API, too,
// where it changes nothing, and so is not compared there.
func TestAllowedActionsAreAccepted(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		w.Register(owner, producer)
		onboard(w, owner)
		o, _ := publishWithAgreement(w, owner)
		purposeID := strings.TrimPrefix(purposeInState(w, owner, o, "ACTIVE"), "/purposes/")
		admin, user := createUser(w, owner, "admin"), createUser(w, owner, "admin")
		operations := map[string]func(id, kid, member string) apitest.Response{
			"addKey":        func(id, _, _ string) apitest.Response { return addKey(w, owner, id, nil) },
			"deleteKey":     func(id, kid, _ string) apitest.Response { return deleteKey(w, owner, id, kid) },
			"addPurpose":    func(id, _, _ string) apitest.Response { return addPurpose(w, owner, id, purposeID) },
			"removePurpose": func(id, _, _ string) apitest.Response { return removePurpose(w, owner, id, purposeID) },
			"addUser":       func(id, _, _ string) apitest.Response { return addUser(w, owner, id, user) },
			"removeUser": func(id, _, member string) apitest.Response {
				return removeUser(w, owner, id, cmp.Or(member, user))
			},
			"setAdmin":    func(id, _, _ string) apitest.Response { return setAdmin(w, owner, id, user) },
			"removeAdmin": func(id, _, _ string) apitest.Response { return removeAdmin(w, owner, id, admin) },
			"delete":      func(id, _, _ string) apitest.Response { return deleteClient(w, owner, id) },
		}
		for _, h := range []held{
			{},
			{keys: 1, members: 1},
			{keys: 99, members: 999},
			{keys: 100, members: 1000},
			{api: true},
			{api: true, keys: 1, members: 1, admin: true},
			{api: true, keys: 99, members: 999},
			{api: true, keys: 100, members: 1000, admin: true},
		} {
			for action, try := range operations {
				if h.api && action == "removePurpose" {
					continue
				}
				id, kid, member := h.holding(w, admin)
				at := "/clients/"
				if h.api {
					at = "/clientsApi/"
				}
				listed := slices.Contains(interoptest.AllowedActions(w.OK(owner, "GET", at+id, "")), action)
				res := try(id, cmp.Or(kid, strings.Repeat("x", 43)), member)
				if accepted := res.Status < http.StatusMultipleChoices; accepted != listed {
					w.Errorf("%+v: %s is listed: %t, accepted: %t\n%s", h, action, listed, accepted, res.Raw)
				}
			}
		}
	})
}
