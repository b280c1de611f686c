package main

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// story is an e-service and an agreement on it: the same sandbox with the tokens of
// two organizations.
type story struct {
	*demo
	consumer             *demo
	consumerID           string
	attribute, eservice  string
	descriptor, contract string
	purpose              string
	client               string
	key                  *rsa.PrivateKey
}

// agreement tells the story of an agreement: refused for a missing attribute, in
// use, suspended by both sides and by the platform, and moved to a newer version; then
// that of a purpose which stands on it.
func (d *demo) agreement(ctx context.Context) error {
	d.say("\nAn agreement between two organizations")
	producer, consumer := *d, *d
	s := &story{demo: &producer, consumer: &consumer, consumerID: uuid.NewString()}
	for id, token := range map[string]*string{uuid.NewString(): &producer.token, s.consumerID: &consumer.token} {
		res, err := d.send(ctx, http.MethodGet, "/_local/token?role=m2m-admin&organizationId="+id, "")
		if err != nil {
			return err
		}
		*token = string(res.raw)
	}
	for _, step := range []func(context.Context) error{s.offer, s.ask, s.hold, s.lose, s.upgrade, s.plan, s.wait, s.enroll, s.suspend, s.end} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// terms are those of a descriptor. Its audience is new in each run, as it belongs to
// the producer, who is new too.
func (s *story) terms() string {
	return fmt.Sprintf(`{"audience":["%s.example.it/v1"],"voucherLifespan":600,"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,
		"agreementApprovalPolicy":"AUTOMATIC"}`, s.demo.consumer)
}

// id is the id of what a request of somebody has made.
func (d *demo) id(ctx context.Context, path, body string) (string, error) {
	made, err := d.call(ctx, http.MethodPost, path, body)
	return fmt.Sprint(made["id"]), err
}

// offer publishes an e-service that asks for an attribute.
func (s *story) offer(ctx context.Context) (err error) {
	name := "Registry " + s.demo.consumer
	if s.attribute, err = s.id(ctx, "/declaredAttributes", fmt.Sprintf(`{"name":%q,"description":"Has a reason to ask"}`, name)); err != nil {
		return err
	}
	id, err := s.id(ctx, "/eservices", fmt.Sprintf(
		`{"name":%q,"description":"Looks residents up","technology":"REST","mode":"DELIVER","personalData":false,"descriptor":%s}`,
		name, s.terms()))
	if err != nil {
		return err
	}
	s.eservice = "/eservices/" + id
	page, err := s.call(ctx, http.MethodGet, s.eservice+"/descriptors", "")
	if err != nil {
		return err
	}
	results, _ := page["results"].([]any)
	first, _ := results[0].(object)
	s.descriptor = fmt.Sprintf("%s/descriptors/%v", s.eservice, first["id"])
	group := fmt.Sprintf(`{"attributeIds":[%q]}`, s.attribute)
	if _, err := s.call(ctx, http.MethodPost, s.descriptor+"/declaredAttributes/groups", group); err != nil {
		return err
	}
	if _, err := s.call(ctx, http.MethodPost, s.descriptor+"/publish", ""); err != nil {
		return err
	}
	id, err = s.consumer.id(ctx, "/agreements", fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, id, first["id"]))
	s.contract = "/agreements/" + id
	s.say("1. An e-service that asks for a declared attribute is published, and an agreement is drafted.")
	return err
}

// ask submits without the attribute, and with it.
func (s *story) ask(ctx context.Context) error {
	refused, err := s.consumer.send(ctx, http.MethodPost, s.contract+"/submit", "{}")
	if err != nil {
		return err
	}
	s.say("2. Submitted without it: %d, %v", refused.status, refused.body["detail"])
	if err := s.declares(ctx); err != nil {
		return err
	}
	accepted, err := s.consumer.call(ctx, http.MethodPost, s.contract+"/submit", "{}")
	s.say("   Declared and submitted again: %v.", accepted["state"])
	return err
}

func (s *story) owned() string { return "/tenants/" + s.consumerID + "/declaredAttributes" }

func (s *story) declares(ctx context.Context) error {
	_, err := s.consumer.call(ctx, http.MethodPost, s.owned(), fmt.Sprintf(`{"id":%q}`, s.attribute))
	return err
}

// hold suspends for both sides.
func (s *story) hold(ctx context.Context) error {
	for _, side := range []*demo{s.demo, s.consumer} {
		if _, err := side.call(ctx, http.MethodPost, s.contract+"/suspend", ""); err != nil {
			return err
		}
	}
	one, err := s.consumer.call(ctx, http.MethodPost, s.contract+"/unsuspend", "")
	if err != nil {
		return err
	}
	other, err := s.call(ctx, http.MethodPost, s.contract+"/unsuspend", "")
	s.say("3. Both sides suspend it; when the consumer takes that back it is %v, when the producer does %v.", one["state"], other["state"])
	return err
}

// lose takes the attribute away and gives it back; the platform follows.
func (s *story) lose(ctx context.Context) error {
	if _, err := s.consumer.call(ctx, http.MethodDelete, s.owned()+"/"+s.attribute, ""); err != nil {
		return err
	}
	if err := s.becomes(ctx, "SUSPENDED"); err != nil {
		return err
	}
	if err := s.declares(ctx); err != nil {
		return err
	}
	if err := s.becomes(ctx, "ACTIVE"); err != nil {
		return err
	}
	s.say("4. Without the attribute the platform suspends it, with it again it is active.")
	return nil
}

// becomes polls until the agreement is in a state.
func (s *story) becomes(ctx context.Context, state string) error {
	ticks := time.NewTicker(pollEvery)
	defer ticks.Stop()
	for {
		a, err := s.consumer.call(ctx, http.MethodGet, s.contract, "")
		if err != nil || a["state"] == state {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticks.C:
		}
	}
}

// upgrade moves to a newer version, which asks for nothing.
func (s *story) upgrade(ctx context.Context) error {
	next, err := s.id(ctx, s.eservice+"/descriptors", s.terms())
	if err != nil {
		return err
	}
	if _, err := s.call(ctx, http.MethodPost, s.eservice+"/descriptors/"+next+"/publish", ""); err != nil {
		return err
	}
	upgraded, err := s.consumer.call(ctx, http.MethodPost, s.contract+"/upgrade", "")
	if err != nil {
		return err
	}
	history, err := s.call(ctx, http.MethodGet, s.contract+"/history", "")
	if err != nil {
		return err
	}
	s.say("5. Upgraded to a newer version: %v. The old one has a history:", upgraded["state"])
	changes, _ := history["results"].([]any)
	for _, change := range changes {
		c, _ := change.(object)
		actor, _ := c["actor"].(object)
		from := c["from"]
		if from == nil {
			from = "nothing"
		}
		reason, _ := c["reason"].(string)
		side := strings.ToLower(fmt.Sprint(actor["side"]))
		s.say("   %s", strings.TrimSpace(fmt.Sprintf("%v by the %s: %v to %v. %s", c["action"], side, from, c["to"], reason)))
	}
	return nil
}
