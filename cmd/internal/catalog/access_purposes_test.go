package catalog_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// purposes runs every way through the functions of purposes: within and above the
// thresholds, which are of one call a day, with and without quotas for attributes.
func (d *deployment) purposes(t *testing.T, of map[string][2]string) {
	t.Helper()
	e, descriptor := d.offer(t, "used for something", "AUTOMATIC")
	id, attribute := strings.TrimPrefix(e, "/eservices/"), of["certified"][0]
	groups := descriptor + "/certifiedAttributes/groups"
	d.as(t, producer, "eservice/create-certified-group", groups, fmt.Sprintf(`{"attributeIds":[%q]}`, attribute))
	d.as(t, producer, "eservice/update-certified-attribute", groups+"/0/attributes/"+attribute, `{"dailyCallsPerConsumer":2}`)
	d.as(t, producer, "eservice/publish", descriptor+"/publish", "")
	d.as(t, certifier, "tenant/assign-certified-attribute", "/tenants/"+another.Subject+"/certifiedAttributes",
		fmt.Sprintf(`{"id":%q}`, attribute))
	contract := "/agreements/" + d.makes(t, another, "agreement/create", "/agreements", fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`,
		id, descriptor[strings.LastIndex(descriptor, "/")+1:]))
	d.as(t, another, "agreement/submit", contract+"/submit", `{}`)

	act := func(who api.Identity, op, path, body string) { d.as(t, who, "purpose/"+op, path, body) }
	n := 0
	draft := func(calls int) string {
		n++
		return "/purposes/" + d.makes(t, another, "purpose/create", "/purposes", fmt.Sprintf(`{
			"eserviceId":%q,"title":"title %d","description":"description",
			"isFreeOfCharge":false,"dailyCalls":%d,"riskAnalysisForm":{"version":"1","answers":{}}}`, id, n, calls))
	}
	act(another, "delete", draft(1), "")
	path := draft(1)
	act(another, "update", path, `{"title":"another title","riskAnalysisForm":{"version":"2","answers":{}}}`)
	act(another, "activate", path+"/activate", "")
	waiting := draft(2)
	act(another, "activate", waiting+"/activate", "") // above
	act(producer, "expect-activation", waiting+"/expectedActivationDate", `{"date":"2099-01-01"}`)
	act(producer, "list", "/purposes?states=WAITING_FOR_APPROVAL", "")
	act(producer, "threshold-check", waiting+"/thresholdCheck", "")
	act(producer, "allowed-actions", waiting+"/allowedActions", "")
	operator := api.Identity{Subject: "operator", Kind: interop.KindOperator, Scopes: interop.Operators}
	d.as(t, operator, "ledger/check", "/platform/ledger", "")
	d.as(t, operator, "follow/count-dead-letters", "/platform/deadLetters/follow", "")
	act(producer, "reject", waiting+"/reject", `{"rejectionReason":"a good reason"}`)
	act(another, "suspend", path+"/suspend", "")
	act(another, "unsuspend", path+"/unsuspend", "")
	act(another, "create-version", path+"/versions", `{"dailyCalls":2}`)
	var pending struct{ ID string }
	if err := json.Unmarshal([]byte(d.as(t, another, "purpose/create-version", path+"/versions", `{"dailyCalls":3}`)), &pending); err != nil {
		t.Fatal(err)
	}
	act(another, "get-version", path+"/versions/"+pending.ID, "")
	act(another, "delete-version", path+"/versions/"+pending.ID, "")
	act(another, "create-version", path+"/versions", `{"dailyCalls":3}`)
	act(producer, "approve", path+"/approve", "")
	act(producer, "get", path, "")
	act(producer, "history", path+"/history", "")
	act(producer, "list-versions", path+"/versions", "")
	act(producer, "get-agreement", path+"/agreement", "")
	act(another, "remaining-daily-calls", path+"/remainingDailyCalls", "")
	act(another, "clone", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, id))
	d.as(t, producer, "agreement/list-purposes", contract+"/purposes", "")
	d.as(t, producer, "agreement/load", contract+"/load", "")
	d.as(t, producer, "eservice/load", e+"/load", "")
	d.clients(t, strings.TrimPrefix(path, "/purposes/"))
	act(another, "archive", path+"/archive", "")
}
