package sample

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ciclo/shared/interop"
)

// sampleAgreement is the n-th agreement, of the n-th consumer: on which e-service,
// what was done with it, and the functions whose events name it.
type sampleAgreement struct {
	n, eservice byte
	done        []string
	of          []string
}

var sampleAgreements = []sampleAgreement{
	{n: 0x1, eservice: 5, of: []string{"agreement/submit"}},
	{n: 0x2, eservice: 5, of: []string{"agreement/delete"}},
	{n: 0x3, eservice: 7, done: []string{"submit", "verify"}, of: []string{"agreement/approve", "agreement/follow"}},
	{n: 0x4, eservice: 7, done: []string{"submit"}, of: []string{"agreement/reject", "agreement/list"}},
	{n: 0x5, eservice: 5, done: []string{"submit"}, of: []string{"agreement/suspend", "agreement/get"}},
	{n: 0x6, eservice: 5, done: []string{"submit", "suspend"}, of: []string{"agreement/unsuspend"}},
	{n: 0x7, eservice: 5, done: []string{"submit"}, of: []string{"agreement/archive"}},
	{n: 0x8, eservice: 6, done: []string{"submit"}, of: []string{"agreement/upgrade"}},
	{n: 0x9, eservice: 7, done: []string{"submit", "reject"}, of: []string{
		"agreement/clone", "agreement/history", "agreement/allowed-actions",
	}},
	{n: 0xa, eservice: 7, done: []string{"submit"}, of: []string{"tenant/verify-attribute"}},
	{n: 0xb, eservice: 7, done: []string{"submit", "verify"}, of: []string{
		"tenant/revoke-verified-attribute", "tenant/list-verified-attributes", "tenant/list-verifiers",
	}},
	{n: 0xc, eservice: 7, done: []string{"submit", "verify", "revoke"}, of: []string{"tenant/list-revokers"}},
}

func consumerID(n byte) string { return fmt.Sprintf("%s%02x", consumerPrefix, n) }

// tenants records organizations as their first calls would.
func (s *exchange) tenants(ns ...byte) {
	for _, n := range ns {
		if s.err == nil {
			s.err = s.registrar.Register(s.ctx, interop.Organization{
				ID: consumerID(n), Name: fmt.Sprintf("Consumer %d", n), Origin: "IPA", Value: fmt.Sprintf("c_%03d", n),
			})
		}
	}
}

// agreements makes the agreement that the function's event names, and what else it
// needs.
func (s *exchange) agreements(function string) {
	s.tenants(1, 2, 3)
	for _, a := range sampleAgreements {
		if slices.Contains(a.of, function) {
			s.tenants(a.n)
			s.eservice(a.eservice)
			s.agreement(a)
		}
	}
	switch function {
	case "agreement/create":
		s.eservice(5)
	case "agreement/upgrade":
		s.produce(http.MethodPost, eservicePath(6)+"/descriptors", `{"audience":["registry.example.it/v2"],"voucherLifespan":600,
			"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,"agreementApprovalPolicy":"AUTOMATIC"}`, 0xe6)
		s.produce(http.MethodPost, eservicePath(6)+"/descriptors/"+sampleID(0xe6)+"/publish", "")
	}
	if strings.HasPrefix(function, "tenant/") { // the third consumer owns something to be taken from it
		third := "/tenants/" + consumerID(3)
		s.attributes(0xc1, 0xc2)
		s.as(certifier, interop.RoleCertifier, http.MethodPost, third+"/certifiedAttributes", fmt.Sprintf(`{"id":%q}`, sampleID(0xc1)))
		s.as(consumerID(3), interop.RoleAdmin, http.MethodPost, third+"/declaredAttributes", fmt.Sprintf(`{"id":%q}`, sampleID(0xc2)))
	}
}

func (s *exchange) agreement(a sampleAgreement) {
	consumer, made := consumerID(a.n), a.n
	if made < 0x20 { // those of purposes have the consumer's number
		made |= 0xa0
	}
	id := sampleID(made)
	if s.is("/agreements/" + id) {
		return
	}
	s.as(consumer, interop.RoleAdmin, http.MethodPost, "/agreements",
		fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, sampleID(a.eservice), sampleID(0xd0|a.eservice)), made)
	verified := "/tenants/" + consumer + "/verifiedAttributes"
	for _, action := range a.done {
		switch action {
		case "verify":
			s.produce(http.MethodPost, verified, fmt.Sprintf(`{"id":%q,"agreementId":%q}`, sampleID(0xc3), id))
		case "revoke":
			s.produce(http.MethodDelete, verified+"/"+sampleID(0xc3)+"?agreementId="+id, "")
		case "reject":
			s.produce(http.MethodPost, "/agreements/"+id+"/reject", `{"reason":"The purpose of the request is not clear."}`)
		default:
			s.as(consumer, interop.RoleAdmin, http.MethodPost, "/agreements/"+id+"/"+action, `{}`)
		}
	}
}
