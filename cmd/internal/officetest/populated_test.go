package officetest_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// shared is the sandbox that [populated] returns, and what was found in it.
var shared struct {
	sync.Once

	box   *officetest.Site
	found map[string][]place
}

// populated returns a sandbox with things in every state, so that every page has something to
// show, and a copy of what a walk through it has found. Several tests look at the sandbox: they
// change nothing in it.
func populated(t *testing.T) (box *officetest.Site, found map[string][]place) {
	t.Helper()
	shared.Do(func() {
		box := officetest.NewShared(t)
		found := walked(t, box, populate(box.Make(t)))
		shared.box, shared.found = box, found
	})
	if shared.found == nil {
		t.Fatal("the sandbox with things in every state was not made, as another test says")
	}
	found = map[string][]place{}
	for pattern, all := range shared.found {
		found[pattern] = slices.Clone(all)
	}
	return shared.box, found
}

// populate makes things in every state, and returns the paths of pages that people search for,
// by person.
func populate(m *officetest.Maker) (searched map[string][]string) {
	// Services: draft, in review, rejected, active with another draft.
	m.Service("Tributi")
	m.Submit(m.Service("Mensa scolastica"))
	rejected := m.Service("Biblioteca")
	m.Submit(rejected)
	m.Reject(rejected, "metadata.phone: the number is not in use")
	active := m.Service("Anagrafe")
	m.Submit(active)
	m.Approve(active)
	m.AsMunicipality(http.MethodPut, "/api/v1/manage/services/"+active, m.Sheet("Anagrafe e certificati"))
	m.Submit(active)
	// E-services: in use, waiting for publication.
	used, _, _ := m.ActiveAgreement("Residents", 1000, 10000)
	archive, draft := m.EService("Archive", 10, 100)
	m.AsProducer(http.MethodPost, "/eservices/"+archive+"/descriptors/"+draft+"/certifiedAttributes/groups",
		map[string]any{"attributeIds": []string{m.Certified("Region")}})
	// Agreements, next to the one in use: to be decided, suspended, rejected, archived, draft.
	m.Agreement(publishEService(m, "Register"))
	_, _, paused := m.ActiveAgreement("Taxes", 100, 1000)
	m.AsProducer(http.MethodPost, "/agreements/"+paused+"/suspend", nil)
	unclear := m.Agreement(publishEService(m, "Land"))
	m.AsProducer(http.MethodPost, "/agreements/"+unclear+"/reject", map[string]any{"reason": "The purpose of the request is not clear."})
	_, _, over := m.ActiveAgreement("Licences", 100, 1000)
	m.AsConsumer(http.MethodPost, "/agreements/"+over+"/archive", nil)
	unsent, version := publishEService(m, "Permits")
	m.AsConsumer(http.MethodPost, "/agreements", map[string]any{"eserviceId": unsent, "descriptorId": version})
	// Purposes: active, suspended, over the threshold, draft.
	running := m.Purpose(used, "Certificates", 600)
	m.AsConsumer(http.MethodPost, "/purposes/"+running+"/activate", nil)
	suspended := m.Purpose(used, "Statistics", 100)
	m.AsConsumer(http.MethodPost, "/purposes/"+suspended+"/activate", nil)
	m.AsProducer(http.MethodPost, "/purposes/"+suspended+"/suspend", nil)
	waiting := m.Purpose(used, "School meals", 900)
	m.AsConsumer(http.MethodPost, "/purposes/"+waiting+"/activate", nil)
	m.Purpose(used, "Elections", 50)
	client, _, _ := m.Client("Portal")
	m.AsConsumer(http.MethodPost, "/clients/"+client+"/purposes", map[string]any{"purposeId": running})
	user := uuid.NewString()
	m.AsConsumer(http.MethodPut, "/users/"+user, map[string]any{"name": "Carla", "familyName": "Verdi", "roles": []string{"admin"}})
	m.AsConsumer(http.MethodPost, "/clients/"+client+"/users", map[string]any{"userId": user})
	m.AsConsumer(http.MethodPost, "/clientsApi", map[string]any{"name": "Robot " + m.Suffix(), "members": []string{}})
	// Card holders: one as she is, one deleted. A new sandbox has none of the names yet.
	const consumers = "/issuers/" + officetest.Issuer + "/consumers/"
	m.AsIssuer(http.MethodPut, consumers+"ann/cards", map[string]any{"cards": []map[string]any{
		{"cardId": "card-1", "accountId": "account-1", "cardProductId": "gold"}, {"cardId": "card-2", "state": "INACTIVE"},
	}})
	m.AsIssuer(http.MethodPut, "/issuers/"+officetest.Issuer+"/cards/card-1/digitalCards/wallet-1", map[string]any{"state": "SUSPENDED"})
	m.AsIssuer(http.MethodPut, consumers+"bob", nil)
	m.AsIssuer(http.MethodPost, consumers+"bob/operations:delete", map[string]any{"reason": "On request"})
	return map[string][]string{"help-desk": {"/office/consumers/ann", "/office/consumers/bob"}}
}
