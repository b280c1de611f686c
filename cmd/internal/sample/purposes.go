package sample

import (
	"fmt"
	"net/http"
	"slices"

	"ciclo/shared/interop"
)

// samplePurpose is the n-th purpose, of the consumer 20 + n by its agreement 20 + n:
// its id is 40 + n, that of its first version 60 + n, of its second 80 + n. It says how
// many calls a day are planned, what was done with it, and the functions whose events
// name it.
type samplePurpose struct {
	n     byte
	calls int
	done  []string
	of    []string
}

// The thresholds are 1000 calls a day for a consumer.
var samplePurposes = []samplePurpose{
	{n: 0x1, calls: 100, of: []string{"purpose/activate"}},
	{n: 0x2, calls: 100, of: []string{"purpose/update"}},
	{n: 0x3, calls: 100, of: []string{"purpose/delete"}},
	{n: 0x4, calls: 5000, done: []string{"activate"}, of: []string{"purpose/approve"}},
	{n: 0x5, calls: 5000, done: []string{"activate"}, of: []string{"purpose/reject"}},
	{n: 0x6, calls: 5000, done: []string{"activate"}, of: []string{"purpose/expect-activation", "purpose/list", "purpose/threshold-check"}},
	{n: 0x7, calls: 100, done: []string{"activate"}, of: []string{"purpose/suspend"}},
	{n: 0x8, calls: 100, done: []string{"activate", "suspend"}, of: []string{"purpose/unsuspend"}},
	{n: 0x9, calls: 100, done: []string{"activate"}, of: []string{"purpose/archive"}},
	{n: 0xa, calls: 100, done: []string{"activate"}, of: []string{"purpose/create-version"}},
	{n: 0xb, calls: 100, done: []string{"activate", "raise"}, of: []string{"purpose/delete-version"}},
	{n: 0xc, calls: 100, done: []string{"activate", "raise"}, of: []string{
		"purpose/get", "purpose/history", "purpose/list-versions", "purpose/get-version", "purpose/get-agreement",
		"purpose/remaining-daily-calls", "purpose/allowed-actions", "agreement/list-purposes", "agreement/load",
		"eservice/load", "ledger/check",
	}},
	{n: 0xd, calls: 100, done: []string{"activate"}, of: []string{"purpose/clone"}},
	{n: 0xe, of: []string{"purpose/create"}},
}

// purposes makes the purpose that the function's event names; false when it names none.
func (s *exchange) purposes(function string) bool {
	for _, p := range samplePurposes {
		if slices.Contains(p.of, function) {
			s.eservice(5)
			s.tenants(0x20 | p.n)
			s.agreement(sampleAgreement{n: 0x20 | p.n, eservice: 5, done: []string{"submit"}})
			s.purpose(p)
			return true
		}
	}
	return false
}

func (s *exchange) purpose(p samplePurpose) {
	consumer, path := consumerID(0x20|p.n), "/purposes/"+sampleID(0x40|p.n)
	if p.calls == 0 || s.isTo(consumer, path) {
		return
	}
	seed := fmt.Sprintf(`{"eserviceId":%q,"title":"Certificates online","description":"Certificates for residents",
		"isFreeOfCharge":true,"freeOfChargeReason":"A public service","dailyCalls":%d,`+
		`"riskAnalysisForm":{"version":"3.1","answers":{"purpose":["INSTITUTIONAL"]}}}`, sampleID(5), p.calls)
	s.as(consumer, interop.RoleAdmin, http.MethodPost, "/purposes", seed, 0x40|p.n, 0x60|p.n)
	for _, action := range p.done {
		if action == "raise" {
			s.as(consumer, interop.RoleAdmin, http.MethodPost, path+"/versions", `{"dailyCalls":5000}`, 0x80|p.n)
		} else {
			s.as(consumer, interop.RoleAdmin, http.MethodPost, path+"/"+action, "")
		}
	}
}
