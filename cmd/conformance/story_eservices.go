package main

import (
	"net/http"

	"github.com/google/uuid"
)

// terms are those of a descriptor, with an audience that no other one has.
func terms(policy string) object {
	return object{
		"description": "A version of the registry", "audience": []string{uuid.NewString() + ".example.it"}, "voucherLifespan": 600,
		"dailyCallsPerConsumer": 1000, "dailyCallsTotal": 2000, "agreementApprovalPolicy": policy,
	}
}

// eserviceSeed is the body that creates an e-service with a new name.
func eserviceSeed(descriptor object) object {
	return object{
		"name": "Registry " + uuid.NewString(), "description": "Looks residents up", "technology": "REST", "mode": "DELIVER",
		"personalData": false, "isSignalHubEnabled": true, "isConsumerDelegable": true, "isClientAccessDelegable": true,
		"descriptor": descriptor,
	}
}

func descriptorOf(eservice, descriptor string) string {
	return "/eservices/" + eservice + "/descriptors/" + descriptor
}

// draft creates an e-service with a descriptor in draft.
func (s *scene) draft(by *caller, descriptor object) (eservice, id string) {
	eservice = s.create(by, "/eservices", eserviceSeed(descriptor))
	page := s.list(by, "/eservices/"+eservice+"/descriptors")
	results, _ := page["results"].([]any)
	if len(results) == 1 {
		one, _ := results[0].(object)
		id, _ = one["id"].(string)
	}
	return eservice, id
}

// publish creates an e-service with a published descriptor.
func (s *scene) publish(by *caller, descriptor object) (eservice, id string) {
	eservice, id = s.draft(by, descriptor)
	s.post(by, descriptorOf(eservice, id)+"/publish", nil)
	return eservice, id
}

func (s *scene) tellEServices() {
	eservice, descriptor := s.draft(s.producer, terms("AUTOMATIC"))
	path := "/eservices/" + eservice
	s.get(s.producer, path)
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, path, nil)
	s.patch(s.producer, path, object{"name": "Registry " + uuid.NewString(), "description": "Looks companies up", "technology": "SOAP"})
	taken := s.patch(s.producer, path, object{"mode": "RECEIVE"})["name"]
	s.patch(s.producer, path, object{"mode": "DELIVER"})
	seed := eserviceSeed(terms("AUTOMATIC"))
	seed["name"] = taken
	s.refused(http.StatusConflict, s.producer, http.MethodPost, "/eservices", seed)
	s.refused(http.StatusNotFound, s.consumer, http.MethodPatch, path, object{"technology": "REST"}) // others see no draft
	s.refused(http.StatusNotFound, s.consumer, http.MethodDelete, path, nil)
	rename := object{"name": "Registry " + uuid.NewString()}
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, path+"/name", rename) // of a draft
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, path+"/delegation", object{"isConsumerDelegable": true})
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, path+"/signalHub", object{"isSignalHubEnabled": true})
	other, _ := s.draft(s.producer, terms("AUTOMATIC"))
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, "/eservices/"+other, object{"name": taken})
	s.post(s.producer, descriptorOf(eservice, descriptor)+"/publish", nil)
	s.patch(s.producer, path+"/name", rename)
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, path+"/name", rename)
	s.patch(s.producer, path+"/description", object{"description": "Looks somebody up"})
	s.refused(http.StatusConflict, s.producer, http.MethodPatch, path+"/description", object{"description": "Looks somebody up"})
	s.patch(s.producer, path+"/delegation", object{"isConsumerDelegable": true, "isClientAccessDelegable": false})
	s.patch(s.producer, path+"/signalHub", object{"isSignalHubEnabled": true})
	s.refused(http.StatusConflict, s.producer, http.MethodPost, path+"/personalDataFlag", object{"personalData": true})
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path+"/personalDataFlag", object{"personalData": true})
	s.get(s.consumer, path)
	s.list(s.consumer, "/eservices")
	s.list(s.consumer, "/eservices?producerIds="+s.producer.id+"&name=registry&technology=SOAP&mode=DELIVER&isSignalHubEnabled=true")
	unwanted, _ := s.draft(s.producer, terms("AUTOMATIC"))
	s.remove(s.producer, "/eservices/"+unwanted)
	s.refused(http.StatusNotFound, s.producer, http.MethodDelete, "/eservices/"+unwanted, nil)
}

func (s *scene) tellDescriptors() {
	eservice, first := s.publish(s.producer, terms("AUTOMATIC"))
	path := "/eservices/" + eservice + "/descriptors"
	s.get(s.consumer, path+"/"+first)
	s.patch(s.producer, path+"/"+first+"/quotas", object{"dailyCallsPerConsumer": 1500, "dailyCallsTotal": 3000, "voucherLifespan": 900})
	s.post(s.producer, path+"/"+first+"/suspend", nil)
	s.get(s.consumer, path+"/"+first)
	s.refused(http.StatusBadRequest, s.producer, http.MethodPost, path+"/"+first+"/suspend", nil)
	s.post(s.producer, path+"/"+first+"/unsuspend", nil)
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path+"/"+first+"/suspend", nil)
	second := s.create(s.producer, path, terms("MANUAL"))
	s.refused(http.StatusBadRequest, s.producer, http.MethodPost, path, terms("MANUAL"))
	s.get(s.producer, path+"/"+second)
	s.patch(s.producer, path+"/"+second, object{"voucherLifespan": 1200, "description": "A newer version of it"})
	s.remove(s.producer, path+"/"+second)
	s.refused(http.StatusNotFound, s.producer, http.MethodGet, path+"/"+second, nil)
	third := s.create(s.producer, path, terms("MANUAL"))
	s.post(s.producer, path+"/"+third+"/publish", nil) // which archives the first one
	s.list(s.consumer, path)
	for _, state := range []string{"DRAFT", "PUBLISHED", "ARCHIVED"} {
		s.list(s.producer, path+"?state="+state)
	}
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path, terms("MANUAL"))
	only, last := s.draft(s.producer, terms("AUTOMATIC"))
	s.refused(http.StatusConflict, s.producer, http.MethodDelete, descriptorOf(only, last), nil)
}

// tellRequirements has descriptors require attributes of every kind, in two groups each.
func (s *scene) tellRequirements() {
	eservice, descriptor := s.draft(s.producer, terms("AUTOMATIC"))
	for _, kind := range kinds {
		path := descriptorOf(eservice, descriptor) + "/" + kind + "Attributes"
		one, other, third := s.attribute(kind), s.attribute(kind), s.attribute(kind)
		s.post(s.producer, path+"/groups", group(one))
		s.post(s.producer, path+"/groups", group(one, other))
		s.list(s.producer, path)
		s.post(s.producer, path+"/groups/0/attributes", group(other, third))
		s.refused(http.StatusNotFound, s.producer, http.MethodPost, path+"/groups/7/attributes", group(other))
		if kind == "certified" {
			s.patch(s.producer, path+"/groups/1/attributes/"+one, object{"dailyCallsPerConsumer": 500})
			s.list(s.producer, path)
		}
		s.remove(s.producer, path+"/groups/0/attributes/"+third)
		s.refused(http.StatusNotFound, s.producer, http.MethodDelete, path+"/groups/0/attributes/"+third, nil)
	}
	s.post(s.producer, descriptorOf(eservice, descriptor)+"/publish", nil)
	for _, kind := range kinds {
		path := descriptorOf(eservice, descriptor) + "/" + kind + "Attributes"
		s.list(s.consumer, path)
		s.post(s.producer, path+"/groups/0/attributes", group(s.attribute(kind)))
		s.refused(http.StatusConflict, s.producer, http.MethodPost, path+"/groups/0/attributes", group())
		s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path+"/groups/0/attributes", group(s.attribute(kind)))
	}
}
