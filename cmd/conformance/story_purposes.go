package main

import (
	"net/http"

	"github.com/google/uuid"
)

// purposeSeed is the body that creates a purpose with a new title.
func purposeSeed(eservice string, calls int) object {
	return object{
		"eserviceId": eservice, "title": "Certificates " + uuid.NewString(), "description": "Certificates for residents",
		"isFreeOfCharge": true, "freeOfChargeReason": "A public service", "dailyCalls": calls,
		"riskAnalysisForm": object{"version": "3.1", "answers": object{"purpose": []string{"INSTITUTIONAL"}}},
	}
}

// agreed publishes an e-service, 1,000 calls a day for a consumer and 2,000 for all, that
// the consumer has an agreement on.
func (s *scene) agreed() (eservice string) {
	eservice, descriptor := s.publish(s.producer, terms("AUTOMATIC"))
	s.post(s.consumer, s.agree(eservice, descriptor)+"/submit", object{})
	return eservice
}

// plan creates a purpose and activates it.
func (s *scene) plan(eservice string, calls int) (path string) {
	path = "/purposes/" + s.create(s.consumer, "/purposes", purposeSeed(eservice, calls))
	s.post(s.consumer, path+"/activate", nil)
	return path
}

// tellPurposes has purposes within the thresholds.
func (s *scene) tellPurposes() {
	eservice := s.agreed()
	seed := purposeSeed(eservice, 100)
	path := "/purposes/" + s.create(s.consumer, "/purposes", seed)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, "/purposes", seed)
	other := "/purposes/" + s.create(s.consumer, "/purposes", purposeSeed(eservice, 100))
	s.refused(http.StatusConflict, s.consumer, http.MethodPatch, other, object{"title": seed["title"]})
	for _, action := range []string{"suspend", "unsuspend", "archive"} {
		s.request(s.consumer, http.MethodPost, other+"/"+action, nil) // of a draft
	}
	s.get(s.consumer, path)
	s.patch(s.consumer, path, object{"description": "Certificates for all residents", "dailyCalls": 200})
	s.patch(s.consumer, path, object{"isFreeOfCharge": false, "freeOfChargeReason": nil})
	s.refused(http.StatusForbidden, s.stranger, http.MethodPatch, path, object{"dailyCalls": 300})
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, path+"/activate", nil)
	s.post(s.consumer, path+"/activate", nil)
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, path, nil)
	s.get(s.producer, path)
	s.get(s.consumer, path+"/agreement")
	s.get(s.consumer, path+"/remainingDailyCalls")
	version := s.create(s.consumer, path+"/versions", object{"dailyCalls": 300})
	s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, path+"/versions", object{"dailyCalls": 300})
	s.get(s.producer, path+"/versions/"+version)
	s.list(s.consumer, path+"/versions")
	s.list(s.consumer, path+"/versions?state=ARCHIVED")
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, path+"/versions?offset=0&limit=50", nil)
	s.refused(http.StatusConflict, s.consumer, http.MethodDelete, path+"/versions/"+version, nil)
	for _, side := range []*caller{s.producer, s.consumer} {
		s.post(side, path+"/suspend", nil)
		s.get(side, path)
	}
	for _, side := range []*caller{s.producer, s.consumer} {
		s.post(side, path+"/unsuspend", nil)
	}
	s.list(s.consumer, "/purposes")
	s.list(s.producer, "/purposes?eserviceIds="+eservice+"&states=ACTIVE")
	s.post(s.consumer, path+"/archive", nil)
	s.get(s.consumer, path)
	s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, path+"/suspend", nil)
	unwanted := "/purposes/" + s.create(s.consumer, "/purposes", purposeSeed(eservice, 100))
	s.refused(http.StatusForbidden, s.stranger, http.MethodDelete, unwanted, nil)
	s.remove(s.consumer, unwanted)
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, unwanted, nil)
}

// tellThresholds has purposes that wait for the producer, who approves or rejects.
func (s *scene) tellThresholds() {
	eservice := s.agreed()
	first := s.plan(eservice, 5000) // its first version waits
	s.get(s.consumer, first)
	s.get(s.consumer, first+"/remainingDailyCalls")
	s.list(s.producer, "/purposes?states=WAITING_FOR_APPROVAL")
	s.refused(http.StatusForbidden, s.consumer, http.MethodPost, first+"/approve", nil)
	s.post(s.producer, first+"/approve", nil)
	second := s.plan(eservice, 6000)
	s.post(s.producer, second+"/reject", object{"rejectionReason": "The calls are not explained."}) // of ours, where it is none of PDND's
	s.get(s.consumer, second)
	s.list(s.consumer, second+"/versions")
	s.list(s.consumer, "/purposes?states=REJECTED")

	more := s.create(s.consumer, first+"/versions", object{"dailyCalls": 9000})
	s.get(s.consumer, first+"/versions/"+more)
	s.get(s.producer, first)
	s.refused(http.StatusForbidden, s.stranger, http.MethodDelete, first+"/versions/"+more, nil)
	s.remove(s.consumer, first+"/versions/"+more)
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, first+"/versions/"+more, nil)
	s.create(s.consumer, first+"/versions", object{"dailyCalls": 9500})
	s.post(s.producer, first+"/approve", nil)
	s.get(s.consumer, first)
	waiting := s.plan(eservice, 7000)
	s.remove(s.consumer, waiting)
	s.post(s.consumer, first+"/suspend", nil)
	s.list(s.consumer, "/purposes?states=SUSPENDED")
	s.request(s.consumer, http.MethodPost, first+"/unsuspend", nil) // over the thresholds it may wait
	s.get(s.consumer, first)
}
