package sample

import (
	"fmt"
	"net/http"

	"ciclo/shared/api"
	"ciclo/shared/pdnd"
	"ciclo/shared/tenant"
)

// sampleAgreement is the n-th agreement, of the n-th consumer: on which e-service,
// and what was done with it.
type sampleAgreement struct {
	n, eservice byte
	done        []string
}

var sampleAgreements = []sampleAgreement{
	{n: 0x1, eservice: 5},
	{n: 0x2, eservice: 5},
	{n: 0x3, eservice: 7, done: []string{"submit", "verify"}},
	{n: 0x4, eservice: 7, done: []string{"submit"}},
	{n: 0x5, eservice: 5, done: []string{"submit"}},
	{n: 0x6, eservice: 5, done: []string{"submit", "suspend"}},
	{n: 0x7, eservice: 5, done: []string{"submit"}},
	{n: 0x8, eservice: 6, done: []string{"submit"}},
	{n: 0x9, eservice: 7, done: []string{"submit", "reject"}},
	{n: 0xa, eservice: 7, done: []string{"submit"}},
	{n: 0xb, eservice: 7, done: []string{"submit", "verify"}},
	{n: 0xc, eservice: 7, done: []string{"submit", "verify", "revoke"}},
}

func consumerID(n byte) string { return fmt.Sprintf("%s%02x", consumerPrefix, n) }

// tenants records the organizations as their first calls would.
func (s *interop) tenants(registrar *tenant.Registrar) {
	all := []api.Organization{{ID: producer}, {ID: certifier}}
	for _, a := range sampleAgreements {
		all = append(all, api.Organization{ID: consumerID(a.n), Name: fmt.Sprintf("Consumer %d", a.n), Origin: "IPA", Value: fmt.Sprintf("c_%03d", a.n)})
	}
	for _, organization := range all {
		if s.err == nil {
			s.err = registrar.Register(s.ctx, organization)
		}
	}
}

func (s *interop) agreements() {
	for _, a := range sampleAgreements {
		s.agreement(a)
	}
	// The sixth e-service has a newer descriptor than its agreement.
	s.produce(http.MethodPost, eservicePath(6)+"/descriptors", `{"audience":["registry.example.it/v2"],"voucherLifespan":600,
		"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,"agreementApprovalPolicy":"AUTOMATIC"}`, 0xe6)
	s.produce(http.MethodPost, eservicePath(6)+"/descriptors/"+sampleID(0xe6)+"/publish", "")
	// The third consumer owns something to be taken from it.
	third := "/tenants/" + consumerID(3)
	s.as(certifier, pdnd.RoleCertifier, http.MethodPost, third+"/certifiedAttributes", fmt.Sprintf(`{"id":%q}`, sampleID(0xc1)))
	s.as(consumerID(3), pdnd.RoleAdmin, http.MethodPost, third+"/declaredAttributes", fmt.Sprintf(`{"id":%q}`, sampleID(0xc2)))
}

func (s *interop) agreement(a sampleAgreement) {
	consumer, id := consumerID(a.n), sampleID(0xa0|a.n)
	s.as(consumer, pdnd.RoleAdmin, http.MethodPost, "/agreements",
		fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, sampleID(a.eservice), sampleID(0xd0|a.eservice)), 0xa0|a.n)
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
			s.as(consumer, pdnd.RoleAdmin, http.MethodPost, "/agreements/"+id+"/"+action, `{}`)
		}
	}
}
