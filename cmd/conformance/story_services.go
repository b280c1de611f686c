package main

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"net/http"

	"github.com/google/uuid"
)

// servicesStories are told in this order.
var servicesStories = []story{
	{"services", (*scene).tellServices},
	{"reviews", (*scene).tellReviews},
	{"keys and logos", (*scene).tellKeysOfServices},
}

// sheet is the body that creates or replaces a service, with a new name.
func sheet() object {
	return object{
		"name": "Anagrafe " + uuid.NewString(), "description": "Certificati",
		"organization": object{"name": "Comune", "fiscal_code": "12345678901", "department_name": "Anagrafe"},
		"metadata": object{
			"scope": "LOCAL", "topic_id": 11, "privacy_url": "https://example.it/privacy", "email": "ufficio@example.it", "phone": "0612345",
		},
		"require_secure_channel": true, "authorized_cidrs": []string{"10.0.0.0/8"}, "max_allowed_payment_amount": 1000,
		"authorized_recipients": []string{"AAAAAA00A00A000A"},
	}
}

func (s *scene) service() (path string) {
	return "/services/" + s.create(s.owner, "/services", sheet())
}

func (s *scene) tellServices() {
	s.get(s.owner, "/services/topics")
	path := s.service()
	s.get(s.owner, path)
	s.put(s.owner, path, sheet())
	s.refused(http.StatusForbidden, s.other, http.MethodGet, path, nil)
	s.refused(http.StatusForbidden, s.other, http.MethodPut, path, sheet())
	s.refused(http.StatusBadRequest, s.owner, http.MethodPost, "/services", object{"name": "Anagrafe"})
	s.get(s.owner, "/services")
	s.get(s.owner, "/services?limit=1&offset=1")
	s.get(s.other, "/services")
	unwanted := s.service()
	s.remove(s.owner, unwanted)
	s.get(s.owner, unwanted) // it is deleted, and read
	s.refused(http.StatusNotFound, s.owner, http.MethodGet, "/services/01ARZ3NDEKTSV4RRFFQ69G5FAV", nil)
}

// tellReviews has services in all states.
func (s *scene) tellReviews() {
	path := s.service()
	s.refused(http.StatusNotFound, s.owner, http.MethodGet, path+"/release", nil)
	s.put(s.owner, path+"/review", object{"auto_publish": true})
	s.get(s.owner, path)
	s.refused(http.StatusConflict, s.owner, http.MethodPut, path+"/review", object{"auto_publish": true})
	s.post(s.reviewer, path+"/review/reject", object{"reason": "The description is not clear."})
	s.get(s.owner, path)
	s.put(s.owner, path, sheet())
	s.put(s.owner, path+"/review", object{"auto_publish": true})
	s.post(s.reviewer, path+"/review/approve", nil)
	s.get(s.owner, path)
	s.get(s.owner, path+"/release")
	s.remove(s.owner, path+"/release")
	s.get(s.owner, path+"/release")
	s.post(s.owner, path+"/release", nil)
	s.refused(http.StatusForbidden, s.other, http.MethodPost, path+"/release", nil)
	s.put(s.owner, path, sheet()) // a draft again, while the publication stays
	s.get(s.owner, path+"/history?order=ASC&limit=2")
	token, _ := s.get(s.owner, path+"/history?limit=3")["continuationToken"].(string)
	s.get(s.owner, path+"/history?limit=3&continuationToken="+token)
	s.refused(http.StatusForbidden, s.other, http.MethodGet, path+"/history", nil)
}

func (s *scene) tellKeysOfServices() {
	path := s.service()
	s.get(s.owner, path+"/keys")
	for _, kind := range []string{"primary", "secondary"} {
		s.put(s.owner, path+"/keys/"+kind, nil)
	}
	s.refused(http.StatusForbidden, s.other, http.MethodGet, path+"/keys", nil)
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		s.err = err
	}
	s.put(s.owner, path+"/logo", object{"logo": base64.StdEncoding.EncodeToString(picture.Bytes())})
	s.refused(http.StatusBadRequest, s.owner, http.MethodPut, path+"/logo", object{"logo": "bm8gaW1hZ2U="})
}
