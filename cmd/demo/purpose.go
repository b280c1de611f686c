package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// plan makes a purpose that keeps to the thresholds of the e-service, 1,000 calls a day
// for a consumer and 10,000 for all.
func (s *story) plan(ctx context.Context) error {
	s.say("\nA purpose, with the calls a day that the consumer plans")
	seed := fmt.Sprintf(`{"eserviceId":%q,"title":"Certificates online","description":"Certificates for residents",
		"isFreeOfCharge":false,"dailyCalls":100,"riskAnalysisForm":{"version":"3.1","answers":{"purpose":["INSTITUTIONAL"]}}}`,
		strings.TrimPrefix(s.eservice, "/eservices/"))
	id, err := s.consumer.id(ctx, "/purposes", seed)
	if err != nil {
		return err
	}
	s.purpose = "/purposes/" + id
	active, err := s.consumer.call(ctx, http.MethodPost, s.purpose+"/activate", "")
	s.say("1. 100 calls a day are within the thresholds: %v at once.", of(active, "currentVersion")["state"])
	return err
}

// of is a member of an object.
func of(o object, name string) object {
	member, _ := o[name].(object)
	return member
}

// wait asks for more than the threshold, and has the producer approve it.
func (s *story) wait(ctx context.Context) error {
	more, err := s.consumer.call(ctx, http.MethodPost, s.purpose+"/versions", `{"dailyCalls":5000}`)
	if err != nil {
		return err
	}
	check := of(more, "thresholdCheck")
	s.say("2. 5,000 are not: %v. %v of %v calls a day are planned, %v is exceeded.",
		more["state"], check["consumerLoad"], check["dailyCallsPerConsumer"], check["exceeded"])
	if _, err := s.call(ctx, http.MethodPut, s.purpose+"/expectedActivationDate", `{"date":"2099-12-31"}`); err != nil {
		return err
	}
	read, err := s.consumer.call(ctx, http.MethodGet, s.purpose, "")
	if err != nil {
		return err
	}
	s.say("   The producer means to activate it by %v; the 100 go on meanwhile.",
		of(read, "waitingForApprovalVersion")["expectedActivationDate"])
	approved, err := s.call(ctx, http.MethodPost, s.purpose+"/approve", "")
	if err != nil {
		return err
	}
	load, err := s.call(ctx, http.MethodGet, s.eservice+"/load", "")
	s.say("   Approved: %v with %v calls a day. The load of the e-service is %v of %v.", of(approved, "currentVersion")["state"],
		of(approved, "currentVersion")["dailyCalls"], load["totalLoad"], load["dailyCallsTotal"])
	return err
}

// suspend shows that only who suspended a purpose can take that back.
func (s *story) suspend(ctx context.Context) error {
	if _, err := s.call(ctx, http.MethodPost, s.purpose+"/suspend", ""); err != nil {
		return err
	}
	if err := s.voucher(ctx, "4. Suspended by the producer, the next request:"); err != nil {
		return err
	}
	if err := s.examine(ctx); err != nil {
		return err
	}
	refused, err := s.consumer.send(ctx, http.MethodPost, s.purpose+"/unsuspend", "")
	if err != nil {
		return err
	}
	s.say("   The consumer cannot lift that: %d, %v", refused.status, refused.body["detail"])
	back, err := s.call(ctx, http.MethodPost, s.purpose+"/unsuspend", "")
	if err != nil {
		return err
	}
	return s.voucher(ctx, fmt.Sprintf("   The producer can: %v, and the next request:", of(back, "currentVersion")["state"]))
}

// end archives the purpose, which frees its load.
func (s *story) end(ctx context.Context) error {
	over, err := s.consumer.call(ctx, http.MethodPost, s.purpose+"/archive", "")
	if err != nil {
		return err
	}
	load, err := s.call(ctx, http.MethodGet, s.eservice+"/load", "")
	if err != nil {
		return err
	}
	s.say("5. %v, for good: the load is %v again.", of(over, "currentVersion")["state"], load["totalLoad"])
	return s.events(ctx)
}
