package sample

import (
	"net/http"
	"strings"
)

// users registers the users of the producer, b1 and b2; false when the function's event
// names none.
func (s *exchange) users(function string) bool {
	if !strings.HasPrefix(function, "user/") {
		return false
	}
	s.produce(http.MethodPut, "/users/"+sampleID(0xb1), `{"name":"Anna","familyName":"Rossi","roles":["admin"]}`)
	s.produce(http.MethodPut, "/users/"+sampleID(0xb2), `{"name":"Bruno","familyName":"Bianchi","roles":["security","api"]}`)
	return true
}
