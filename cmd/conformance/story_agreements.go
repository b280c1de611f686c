package main

import (
	"net/http"
)

// agree creates an agreement of the consumer in draft.
func (s *scene) agree(eservice, descriptor string) (path string) {
	return "/agreements/" + s.create(s.consumer, "/agreements", object{"eserviceId": eservice, "descriptorId": descriptor})
}

// tellAgreements has agreements that are active at once, and all that is done with them.
func (s *scene) tellAgreements() {
	eservice, first := s.publish(s.producer, terms("AUTOMATIC"))
	path := s.agree(eservice, first)
	s.get(s.consumer, path)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, "/agreements", object{"eserviceId": eservice, "descriptorId": first})
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, path, nil)
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, path+"/submit", object{})
	s.post(s.consumer, path+"/submit", object{})
	s.get(s.producer, path)
	for _, side := range []*caller{s.producer, s.consumer} {
		s.post(side, path+"/suspend", nil)
		s.get(side, path)
	}
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, path+"/suspend", nil)
	for _, side := range []*caller{s.producer, s.consumer} {
		s.post(side, path+"/unsuspend", nil)
	}
	s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, path+"/upgrade", nil) // there is no newer one
	second := s.create(s.producer, "/eservices/"+eservice+"/descriptors", terms("AUTOMATIC"))
	s.post(s.producer, descriptorOf(eservice, second)+"/publish", nil)
	s.get(s.consumer, descriptorOf(eservice, first)) // it is deprecated
	upgraded, _ := s.post(s.consumer, path+"/upgrade", nil)["id"].(string)
	s.get(s.consumer, path) // it is archived
	s.refused(http.StatusForbidden, s.producer, http.MethodPost, "/agreements/"+upgraded+"/archive", nil)
	s.list(s.consumer, "/agreements/"+upgraded+"/purposes")
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, "/agreements/"+upgraded+"/purposes?offset=0&limit=50", nil)
	s.post(s.consumer, "/agreements/"+upgraded+"/archive", nil)
	s.list(s.consumer, "/agreements")
	s.list(s.producer, "/agreements?states=ARCHIVED,ACTIVE&eserviceIds="+eservice+"&consumerIds="+s.consumer.id+"&descriptorIds="+second)
	unwanted := s.agree(eservice, second)
	s.refused(http.StatusForbidden, s.producer, http.MethodDelete, unwanted, nil)
	s.remove(s.consumer, unwanted)
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, unwanted, nil)
}

// tellApprovals has agreements that wait for the producer.
func (s *scene) tellApprovals() {
	eservice, descriptor := s.publish(s.producer, terms("MANUAL"))
	path := s.agree(eservice, descriptor)
	s.refused(http.StatusConflict, s.producer, http.MethodPost, path+"/approve", nil) // a draft
	s.post(s.consumer, path+"/submit", object{"consumerNotes": "For the portal of the municipality"})
	s.list(s.producer, "/agreements?states=PENDING&producerIds="+s.producer.id)
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path+"/approve", nil)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, path+"/unsuspend", nil)
	reason := object{"reason": "The reason of the request is not clear."}
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, path+"/reject", reason)
	s.post(s.producer, path+"/reject", reason)
	s.get(s.consumer, path)
	cloned, _ := s.post(s.consumer, path+"/clone", nil)["id"].(string)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, path+"/clone", nil)
	s.refused(http.StatusForbidden, s.producer, http.MethodPost, path+"/clone", nil)
	s.post(s.consumer, "/agreements/"+cloned+"/submit", object{"consumerNotes": "For the portal, which shows who lives where"})
	s.post(s.producer, "/agreements/"+cloned+"/approve", nil)
	s.refused(http.StatusConflict, s.producer, http.MethodPost, "/agreements/"+cloned+"/approve", nil)
	s.lack()
}

// tellPlatform has the platform suspend an agreement, and keep one from being submitted.
func (s *scene) tellPlatform() {
	for _, kind := range []string{"declared", "certified"} {
		attribute, owned, giver := s.attribute(kind), "/tenants/"+s.consumer.id+"/"+kind+"Attributes", s.consumer
		if kind == "certified" {
			giver = s.certifier
		}
		eservice, descriptor := s.draft(s.producer, terms("AUTOMATIC"))
		s.post(s.producer, descriptorOf(eservice, descriptor)+"/"+kind+"Attributes/groups", group(attribute))
		s.post(s.producer, descriptorOf(eservice, descriptor)+"/publish", nil)
		s.post(giver, owned, object{"id": attribute})
		path := s.agree(eservice, descriptor)
		s.post(s.consumer, path+"/submit", object{})
		s.remove(giver, owned+"/"+attribute)
		s.until(s.consumer, path, "suspendedByPlatform", true)
		s.list(s.producer, "/agreements?states=SUSPENDED")
		s.post(giver, owned, object{"id": attribute})
		s.until(s.consumer, path, "suspendedByPlatform", false)
		if kind == "certified" {
			s.post(s.consumer, path+"/archive", nil)
			draft := s.agree(eservice, descriptor)
			s.remove(giver, owned+"/"+attribute)
			s.until(s.consumer, draft, "state", "MISSING_CERTIFIED_ATTRIBUTES")
			s.list(s.consumer, "/agreements?states=MISSING_CERTIFIED_ATTRIBUTES")
			s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, draft+"/submit", object{})
		}
	}
}

// lack submits agreements without the attributes that the descriptor requires.
func (s *scene) lack() {
	for _, kind := range kinds {
		eservice, descriptor := s.draft(s.producer, terms("AUTOMATIC"))
		s.post(s.producer, descriptorOf(eservice, descriptor)+"/"+kind+"Attributes/groups", group(s.attribute(kind)))
		s.post(s.producer, descriptorOf(eservice, descriptor)+"/publish", nil)
		seed := object{"eserviceId": eservice, "descriptorId": descriptor}
		if kind == "certified" {
			s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, "/agreements", seed)
			continue
		}
		path := "/agreements/" + s.create(s.consumer, "/agreements", seed)
		a := s.request(s.consumer, http.MethodPost, path+"/submit", object{})
		if kind == "declared" && s.err == nil && a.status != http.StatusBadRequest {
			s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, path+"/submit", object{})
		}
		s.get(s.consumer, path)
	}
}
