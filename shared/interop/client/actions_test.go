package client_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
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
