package agreement_test

import (
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/pdnd"
	"ciclo/shared/problem"
	"ciclo/shared/table"
)

// plans stores a purpose of the consumer on an e-service, with versions given as
// "<state> <daily calls>".
func (w *world) plans(eserviceID, title string, versions ...string) string {
	w.Helper()
	id := fmt.Sprintf("00000000-0000-4000-a000-%012d", unique.Add(1))
	p := object{
		"id": id, "eserviceId": eserviceID, "consumerId": consumer.Subject, "title": title, "description": "What it is for",
		"freeOfCharge": true, "freeOfChargeReason": "It is a duty", "createdAt": "2026-11-21T10:00:00.000Z",
	}
	var all []object
	for i, v := range versions {
		state, calls, _ := strings.Cut(v, " ")
		one := object{"id": fmt.Sprintf("%s%d", id[:35], i), "state": state, "createdAt": "2026-11-21T10:00:00.000Z", "dailyCalls": len(calls)}
		if state == "REJECTED" {
			one["rejectionReason"] = "Too many"
		}
		all = append(all, one)
	}
	p["versions"] = all
	err := w.DB.Write(w.Context(), table.Put("purpose", pdnd.Key("PURPOSE#"+id, "PURPOSE"), p),
		table.Put("entry", pdnd.Key("PURPOSES#OF#"+consumer.Subject+"#"+eserviceID, strings.ToLower(title)+"#"+id), object{"id": id, "title": title}))
	if err != nil {
		w.Fatal(err)
	}
	return id
}

// TestPurposesOfAgreement lists what its consumer uses the e-service for, for both
// sides and nobody else.
func TestPurposesOfAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o, other := w.offers("AUTOMATIC"), w.offers("AUTOMATIC")
		id := w.asks(o)
		path := "/agreements/" + id + "/purposes"
		w.refused(w.as(producer, "GET", path, ""), problem.AgreementNotAllowed)
		w.does(consumer, id, "submit")
		w.refused(w.as(stranger, "GET", path, ""), problem.AgreementNotAllowed)
		want(t, "without any", purposes(w.ok(consumer, "GET", path, "").Raw), "")
		w.plans(o.id, "second", "ACTIVE 1", "WAITING_FOR_APPROVAL 22")
		w.plans(o.id, "First", "DRAFT 1")
		w.plans(o.id, "third", "SUSPENDED 1", "REJECTED 22")
		w.plans(o.id, "fourth", "REJECTED 1")
		w.plans(other.id, "of another", "ACTIVE 1")
		res := w.ok(producer, "GET", path, "")
		var shown []string
		for _, p := range results(res) {
			said := fmt.Sprint(p["title"], " ", p["isFreeOfCharge"], " ", p["freeOfChargeReason"])
			for _, member := range []string{"currentVersion", "waitingForApprovalVersion", "rejectedVersion"} {
				if v, ok := p[member].(object); ok {
					said += fmt.Sprint(" ", member, " ", v["state"], " ", v["dailyCalls"])
				}
			}
			shown = append(shown, said)
		}
		want(t, "purposes", strings.Join(shown, "\n"), strings.Join([]string{
			"First true It is a duty currentVersion DRAFT 1",
			"fourth true It is a duty rejectedVersion REJECTED 1",
			"second true It is a duty currentVersion ACTIVE 1 waitingForApprovalVersion WAITING_FOR_APPROVAL 2",
			"third true It is a duty currentVersion SUSPENDED 1 rejectedVersion REJECTED 2",
		}, "\n"))
		want(t, "a page", purposes(w.ok(consumer, "GET", path+"?offset=1&limit=2", "").Raw), "fourth second")
		want(t, "past the end", fmt.Sprint(w.ok(consumer, "GET", path+"?offset=9", "").Body["pagination"]), "map[limit:50 offset:9 totalCount:4]")
	})
}

// purposes are the titles in an answer.
func purposes(raw string) string {
	var titles []string
	for _, part := range strings.Split(raw, `"title":"`)[1:] {
		title, _, _ := strings.Cut(part, `"`)
		titles = append(titles, title)
	}
	return strings.Join(titles, " ")
}
