package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// interopStories are told in this order.
var interopStories = []story{
	{"the status", (*scene).tellStatus},
	{"attributes", (*scene).tellAttributes},
	{"e-services", (*scene).tellEServices},
	{"descriptors", (*scene).tellDescriptors},
	{"required attributes", (*scene).tellRequirements},
	{"agreements", (*scene).tellAgreements},
	{"agreements that wait", (*scene).tellApprovals},
	{"agreements that the platform suspends", (*scene).tellPlatform},
	{"tenants", (*scene).tellTenants},
	{"purposes", (*scene).tellPurposes},
	{"purposes that wait", (*scene).tellThresholds},
	{"clients", (*scene).tellClients},
	{"users", (*scene).tellUsers},
}

// kinds are those of attributes.
var kinds = []string{"certified", "declared", "verified"}

// definer is who defines attributes of a kind.
func (s *scene) definer(kind string) *caller {
	if kind == "certified" {
		return s.certifier
	}
	return s.producer
}

// attributeSeed is the body that defines an attribute with a new name.
func attributeSeed(kind string) object {
	name := uuid.NewString()
	seed := object{"name": "Attribute " + name, "description": "Something that an organization has"}
	if kind == "certified" {
		seed["code"] = name
	}
	return seed
}

// attribute defines an attribute of a kind.
func (s *scene) attribute(kind string) string {
	return s.create(s.definer(kind), "/"+kind+"Attributes", attributeSeed(kind))
}

// group is a body with ids of attributes.
func group(ids ...string) object { return object{"attributeIds": append([]string{}, ids...)} }

func (s *scene) tellStatus() {
	if s.offers(http.MethodGet, "/status") {
		s.get(&caller{name: "passer-by", authorize: func(*http.Request) error { return nil }}, "/status")
	}
}

func (s *scene) tellAttributes() {
	for i, kind := range kinds {
		path := "/" + kind + "Attributes"
		seed := attributeSeed(kind)
		id := s.create(s.definer(kind), path, seed)
		s.get(s.consumer, path+"/"+id)
		s.list(s.consumer, path)
		s.refused(http.StatusConflict, s.definer(kind), http.MethodPost, path, seed)
		s.refused(http.StatusNotFound, s.consumer, http.MethodGet, "/"+kinds[(i+1)%len(kinds)]+"Attributes/"+id, nil)
	}
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, "/certifiedAttributes", attributeSeed("certified"))
}

// tellTenants has organizations own attributes of every kind.
func (s *scene) tellTenants() {
	s.list(s.producer, "/tenants")
	s.list(s.producer, "/tenants?IPACode=c_a001")
	s.list(s.producer, "/tenants?taxCode=12345678901")
	s.refused(http.StatusBadRequest, s.producer, http.MethodGet, "/tenants?IPACode=a&taxCode=b&offset=0&limit=1", nil)
	s.onboard()
	tenant := "/tenants/" + s.consumer.id
	s.get(s.producer, tenant)
	s.declare(tenant)
	s.certify(tenant)
	s.verify(tenant)
}

// onboard has the sandbox store tenants with all that they can have.
func (s *scene) onboard() {
	for i, kind := range []string{"PA", "PRIVATE", "GSP", "SCP"} {
		id := uuid.NewString()
		body, err := json.Marshal(object{
			"id": id, "name": "Tenant of kind " + kind, "kind": kind, "onboardedAt": "2026-01-01T00:00:00.000Z",
			"externalId":  object{"origin": "IPA", "value": id},
			"subUnitType": []string{"AOO", "UO"}[i%2], "selfcareInstitutionType": kind,
		})
		if err != nil || s.err != nil {
			s.err = cmp.Or(s.err, err)
			return
		}
		a, err := s.exchange(s.ctx, call{method: http.MethodPost, body: body}, s.url+"/_local/tenant")
		if err != nil || a.status != http.StatusOK {
			s.err = fmt.Errorf("POST /_local/tenant is answered with %d %s: %w", a.status, a.raw, err)
			return
		}
		s.get(s.producer, "/tenants/"+id)
		s.list(s.producer, "/tenants?IPACode="+id)
	}
}

func (s *scene) declare(tenant string) {
	declared, owned := s.attribute("declared"), tenant+"/declaredAttributes"
	s.post(s.consumer, owned, object{"id": declared})
	s.post(s.consumer, owned, object{"id": s.attribute("declared")})
	s.list(s.producer, owned)
	s.refused(http.StatusForbidden, s.producer, http.MethodPost, owned, object{"id": declared})
	s.refused(http.StatusNotFound, s.consumer, http.MethodPost, owned, object{"id": s.attribute("verified")})
	s.remove(s.consumer, owned+"/"+declared)
	s.list(s.producer, owned)
	s.refused(http.StatusForbidden, s.producer, http.MethodDelete, owned+"/"+declared, nil)
	s.post(s.consumer, owned, object{"id": declared})
}

func (s *scene) certify(tenant string) {
	certified, owned := s.attribute("certified"), tenant+"/certifiedAttributes"
	s.post(s.certifier, owned, object{"id": certified})
	s.list(s.producer, owned)
	s.refused(http.StatusConflict, s.certifier, http.MethodPost, owned, object{"id": certified})
	s.refused(http.StatusForbidden, s.producer, http.MethodPost, owned, object{"id": certified})
	s.remove(s.certifier, owned+"/"+certified)
	s.list(s.producer, owned)
	s.refused(http.StatusConflict, s.certifier, http.MethodDelete, owned+"/"+certified, nil)
	s.post(s.certifier, owned, object{"id": certified})
}

// verify takes an agreement on a descriptor that requires the attribute.
func (s *scene) verify(tenant string) {
	verified := s.attribute("verified")
	eservice, descriptor := s.draft(s.producer, terms("MANUAL"))
	s.post(s.producer, descriptorOf(eservice, descriptor)+"/verifiedAttributes/groups", group(verified))
	s.post(s.producer, descriptorOf(eservice, descriptor)+"/publish", nil)
	agreement := s.create(s.consumer, "/agreements", object{"eserviceId": eservice, "descriptorId": descriptor})
	owned := tenant + "/verifiedAttributes"
	s.post(s.consumer, "/agreements/"+agreement+"/submit", object{"consumerNotes": "For the portal"})
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, owned, object{"id": verified, "agreementId": agreement})
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, owned, object{"id": verified, "agreementId": agreement})
	s.post(s.producer, owned, object{"id": verified, "agreementId": agreement, "expirationDate": "2099-12-31T00:00:00.000Z"})
	s.post(s.producer, "/agreements/"+agreement+"/approve", nil)
	s.list(s.producer, owned)
	s.list(s.producer, owned+"/"+verified+"/verifiers")
	s.list(s.producer, owned+"/"+verified+"/revokers")
	s.remove(s.producer, owned+"/"+verified+"?agreementId="+agreement)
	s.list(s.producer, owned+"/"+verified+"/verifiers")
	s.list(s.producer, owned+"/"+verified+"/revokers")
	s.refused(http.StatusConflict, s.producer, http.MethodDelete, owned+"/"+verified+"?agreementId="+agreement, nil)
	s.post(s.producer, owned, object{"id": verified, "agreementId": agreement})
}

// tellUsers registers users of the consumer.
func (s *scene) tellUsers() {
	if !s.offers(http.MethodGet, "/users") {
		return
	}
	newcomer, err := s.bearer(s.ctx, "newcomer", "role=m2m-admin", s.crowd)
	if err != nil {
		s.err = err
		return
	}
	s.refused(http.StatusNotFound, newcomer, http.MethodGet, "/users?offset=0&limit=50", nil)
	ids := []string{uuid.NewString(), uuid.NewString()}
	for i, role := range []string{"admin", "security"} {
		seed := object{"name": fmt.Sprintf("User %d", i), "familyName": "Of the municipality", "roles": []string{role}}
		s.put(s.consumer, "/users/"+ids[i], seed)
	}
	s.list(s.consumer, "/users")
	s.list(s.consumer, "/users?roles=admin,security")
	s.get(s.consumer, "/users/"+ids[0])
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, "/users/"+uuid.NewString(), nil)
	if !s.offers(http.MethodPost, "/clients/x/users") {
		return
	}
	users := "/clients/" + s.create(s.consumer, "/clients", object{"name": "Portal", "members": []string{}}) + "/users"
	for _, id := range ids {
		s.post(s.consumer, users, object{"userId": id})
	}
	s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, users, object{"userId": ids[0]})
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, users, object{"userId": ids[0]})
	s.list(s.consumer, users)
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, users+"?offset=0&limit=50", nil)
	s.remove(s.consumer, users+"/"+ids[1])
	s.refused(http.StatusNotFound, s.consumer, http.MethodDelete, users+"/"+ids[1], nil)
}
