package client_test

import (
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// TestAPIClientIsNotShown: lists and the operation that reads a client show CONSUMER clients
// alone, and purposes are not linked to API clients. Operations on keys and the deletion do
// not ask for the kind.
func TestAPIClientIsNotShown(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		id := createAPIClient(w, owner, nil)
		for _, query := range []string{"", "?name=client", "?consumerId=" + owner.Subject} {
			for _, caller := range []*api.Identity{ownerReader, reader} {
				if got := w.As(caller, "GET", "/clients"+query, ""); interoptest.Total(got) != 0 {
					t.Errorf("listed: %s", got.Raw)
				}
			}
		}
		for _, caller := range []*api.Identity{owner, ownerReader, other, reader} {
			w.Refused(w.As(caller, "GET", "/clients/"+id, ""), interop.ConsumerClientNotFound, id)
		}
		o, _ := publishWithAgreement(w, owner)
		purposeID := interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))
		for _, linked := range []string{purposeID, interoptest.UnknownID()} {
			w.Refused(addPurpose(w, owner, id, linked), interop.ClientKindNotAllowed, id)
			w.Refused(addPurpose(w, other, id, linked), interop.NotTheClientOwner, id)
		}
		if got := linkedPurposes(w, id); len(got) != 0 {
			t.Errorf("linked: %v", got)
		}
		w.Want(removePurpose(w, owner, id, purposeID), 200)
		kid := createKey(w, owner, id)
		interoptest.Equal(t, "the client of the key", id, w.Want(w.As(reader, "GET", "/keys/"+kid, ""), 200).Text("clientId"))
		interoptest.Equal(t, "keys", 1, interoptest.Total(w.As(ownerReader, "GET", "/clients/"+id+"/keys", "")))
		w.Refused(w.As(reader, "GET", "/clients/"+id+"/keys", ""), interop.NotTheClientOwner)
		w.Want(deleteKey(w, owner, id, kid), 200)
		createKey(w, owner, id)
		w.Refused(deleteClient(w, other, id), interop.NotTheClientOwner)
		w.Want(deleteClient(w, owner, id), 200)
		checkConsistent(w, id, kid)
	})
}

// TestListOfAPIClients lists API clients by name, by pages and with the admins that they have
// by then.
func TestListOfAPIClients(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		createClient(w, owner, nil)
		foreign := createAPIClient(w, other, object{"name": "Another one"})
		var ids []string
		for _, name := range []string{"Alpha one", "beta one", "Gamma", "gamma one"} {
			ids = append(ids, createAPIClient(w, owner, object{"name": name}))
		}
		w.Pages(ownerReader, "/clientsApi", "id", ids)
		w.Pages(ownerReader, "/clientsApi?name=ONE", "id", []string{ids[0], ids[1], ids[3]})
		interoptest.Equal(t, "another's", []string{foreign}, interoptest.Members(w.As(other, "GET", "/clientsApi", ""), "id"))
		w.BadPages(ownerReader, "/clientsApi")
		admin := createUser(w, owner, "admin")
		w.Want(setAdmin(w, owner, ids[1], admin), 200)
		entry := object{
			"id": ids[1], "consumerId": owner.Subject, "name": "beta one", "createdAt": "2026-11-21T10:00:00.000Z", "kind": "API",
			"members": []any{}, "adminId": admin,
		}
		page := object{"results": []any{entry}, "pagination": object{"offset": 1.0, "limit": 1.0, "totalCount": 4.0}}
		interoptest.Equal(t, "with an admin", page, w.As(ownerReader, "GET", "/clientsApi?offset=1&limit=1", "").Body)
		w.Want(removeAdmin(w, owner, ids[1], admin), 200)
		delete(entry, "adminId")
		interoptest.Equal(t, "without", page, w.As(ownerReader, "GET", "/clientsApi?offset=1&limit=1", "").Body)
		w.Want(deleteClient(w, owner, ids[0]), 200)
		w.Pages(ownerReader, "/clientsApi", "id", ids[1:])
	})
}

// TestClientWithoutKind: a client that was stored before there was a kind is a CONSUMER client.
func TestClientWithoutKind(t *testing.T) {
	t.Parallel()
	linkSuite.Each(t, func(w *world) {
		id, admin := createClient(w, owner, nil), createUser(w, owner, "admin")
		err := w.Tap.DB.Write(w.Context(), table.Update("kind", client.ClientKey(id), table.Changes{Remove: []string{"kind"}}, table.Exists()))
		if err != nil {
			t.Fatal(err)
		}
		w.Want(w.As(ownerReader, "GET", "/clients/"+id, ""), 200)
		w.Refused(setAdmin(w, owner, id, admin), interop.ClientKindNotAllowed, id)
		w.Refused(removeAdmin(w, owner, id, admin), interop.ClientKindNotAllowed, id)
		o, _ := publishWithAgreement(w, owner)
		w.Want(addPurpose(w, owner, id, interoptest.LastID(purposeInState(w, owner, o, "ACTIVE"))), 200)
		w.Want(deleteClient(w, owner, id), 200)
		checkConsistent(w, id)
	})
}
