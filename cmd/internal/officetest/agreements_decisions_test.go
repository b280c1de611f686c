package officetest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
)

// asks returns the actions that a page of an agreement offers.
func asks(p *officetest.Shown) []string {
	return p.Find("main .actions summary").Map(func(_ int, s *goquery.Selection) string { return strings.TrimSpace(s.Text()) })
}

// offers checks which actions a page of an agreement has.
func offers(t *testing.T, p *officetest.Shown, want ...string) {
	t.Helper()
	got := asks(p)
	if len(got) != len(want) || !slices.Equal(got, want) {
		t.Errorf("%s offers %q, want %q", p.URL.Path, got, want)
	}
}

// TestAgreementRejection: the producer rejects with a reason, which is checked first; the
// consumer reads it, and makes a new request from the rejected one.
func TestAgreementRejection(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := publishEService(m, "Registry")
	path := "/office/agreements/" + m.Agreement(e, d)
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")

	waiting := consumer.Open(path).See("Waiting for approval", "Anagrafe still has to decide", "For the portal", "Request sent")
	offers(t, waiting, "Delete")
	shown := producer.Open("/office/agreements?states=PENDING&eserviceIds=" + e).Click("Registry " + m.Suffix() + " asked for by Comune")
	offers(t, shown.See("It is your turn to decide."), "Approve", "Reject")
	short := shown.Press("Reject", map[string]any{"reason": "Too short"})
	kept := short.Find(`details[open] textarea[name="reason"][aria-invalid="true"]`).Text()
	if short.Status != http.StatusBadRequest || kept != "Too short" {
		t.Errorf("a short reason is answered %d, with the reason %q", short.Status, kept)
	}
	const reason = "Say which offices will use the data, and <b>why</b>."
	rejected := short.Press("Reject", map[string]any{"reason": reason}).See("You rejected this request", reason)
	offers(t, rejected)

	read := consumer.Open(path).See("Rejected by Anagrafe", reason, "Request rejected")
	if read.Find("main b:contains('why')").Length() != 0 {
		t.Error("markup in a reason is markup in the page")
	}
	offers(t, read, "Make a new request from this one")
	draft := read.Press("Make a new request from this one", nil).See("Draft", "was rejected", reason, "For the portal")
	if draft.URL.Path == path {
		t.Error("the new request is the rejected one")
	}
	offers(t, draft, "Send the request", "Delete")
	sent := draft.Press("Send the request", map[string]any{"consumerNotes": "Registry office & school office\nof the town"})
	sent.See("Waiting for approval", "Registry office & school office", "It waits for the producer’s approval.")
	approved := producer.Open(sent.URL.Path).See("Registry office & school office").Press("Approve", nil).See("The request was approved.",
		"Active")
	offers(t, approved, "Suspend")
	consumer.Open(sent.URL.Path).See("Active", "Request approved", "New purpose")
}

// TestAgreementWithdrawal: the consumer deletes what waits; the question says what that does.
func TestAgreementWithdrawal(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Agreement(publishEService(m, "Withdrawn"))
	consumer := site.As(t, "consumer")
	shown := consumer.Open("/office/agreements/" + id)
	shown.See("The request is withdrawn and Anagrafe can no longer decide. This cannot be undone.")
	gone := shown.Press("Delete", nil)
	if gone.URL.Path != "/office/agreements" || gone.Status != http.StatusOK {
		t.Errorf("leads to %s with %d", gone.URL, gone.Status)
	}
	gone.See("The request was deleted.")
	if shown := consumer.Get("/office/agreements/" + id); shown.Status != http.StatusNotFound {
		t.Errorf("the deleted agreement is answered %d", shown.Status)
	}
}

// TestAgreementSuspension: each side suspends for itself, and the page says who has to
// reactivate; the consumer archives.
func TestAgreementSuspension(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, _, id := m.ActiveAgreement("Halted", 100, 1000)
	m.AsConsumer(http.MethodPost, "/purposes/"+m.Purpose(e, "Certificates", 10)+"/activate", nil)
	path := "/office/agreements/" + id
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")

	offers(t, consumer.Open(path).See("Certificates "+m.Suffix(), "There is no newer version."), "Suspend", "Archive")
	shown := producer.Open(path).See("get no new vouchers. Those already issued stay valid until they expire, at most 10 minutes.")
	offers(t, shown, "Suspend")
	offers(t, shown.Press("Suspend", nil).See("The producer, Anagrafe, has to reactivate it."), "Reactivate")
	shown = consumer.Open(path).See("Suspended", "by the producer", "The producer, Anagrafe, has to reactivate it.")
	offers(t, shown, "Suspend", "Archive")
	shown = shown.Press("Suspend", nil).See("Both have to reactivate it: Comune and Anagrafe.", "Suspended by the consumer yes",
		"Suspended by the producer yes")
	shown.See("Your suspension ends, but the agreement stays suspended. The producer, Anagrafe, has to reactivate it.")
	offers(t, shown, "Reactivate", "Archive")
	shown.Press("Reactivate", nil).See("Your suspension has ended. The agreement stays suspended.", "Suspended by the consumer no")
	producer.Open(path).Press("Reactivate", nil).See("Active")
	shown = consumer.Open(path).See("This cannot be undone; to use the e-service again takes a new request.")
	offers(t, shown.Press("Archive", nil).See("The agreement was archived.", "it has ended and cannot be reopened"))
	offers(t, producer.Open(path).See("Archived"))
}

// TestAgreementLongHistory: the newest changes come first; a link leads to the earlier ones.
func TestAgreementLongHistory(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	_, _, id := m.ActiveAgreement("Restless", 100, 1000)
	for range 26 {
		m.AsProducer(http.MethodPost, "/agreements/"+id+"/suspend", nil)
		m.AsProducer(http.MethodPost, "/agreements/"+id+"/unsuspend", nil)
	}
	shown := site.As(t, "consumer").Open("/office/agreements/" + id).Miss("Draft created")
	if events := shown.Find(".timeline li"); events.Length() != 50 || !strings.Contains(events.First().Text(), "Suspension ended") {
		t.Errorf("%d changes, first %q", events.Length(), events.First().Text())
	}
	earlier := shown.Click("Earlier changes").See("Draft created", "Request sent")
	if last := earlier.Find(".timeline li").Last().Text(); !strings.Contains(last, "Draft created") || earlier.Link("Earlier changes") != "" {
		t.Errorf("the oldest change is %q", last)
	}
	if n := earlier.Find(".timeline li").Length(); n != 5 { // 55 in all: none is shown again
		t.Errorf("%d earlier changes", n)
	}
}

// TestAgreementRace: two tabs of the producer decide on the same request. The second is
// told what has changed and what it can do now, and keeps what was typed.
func TestAgreementRace(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Agreement(publishEService(m, "Contended"))
	path := "/office/agreements/" + id
	one, two := site.As(t, "producer").Open(path), site.As(t, "producer").Open(path)
	one.Press("Approve", nil).See("The request was approved.")
	const reason = "The purpose of the request is not clear."
	lost := two.Press("Reject", map[string]any{"reason": reason})
	if lost.Status != http.StatusBadRequest { // as PDND answers an agreement in another state
		t.Errorf("the second decision is answered %d", lost.Status)
	}
	lost.See("It has changed in the meantime", "Request approved: Anagrafe (producer)", "What you had typed", reason,
		"Current state: ACTIVE", "suspend")
	changed := lost.Find("table.changed tbody").Children().Children().Map(func(_ int, cell *goquery.Selection) string { return cell.Text() })
	if !slices.Equal(changed, []string{"State", "Waiting for approval", "Active"}) {
		t.Errorf("what changed is %q", changed)
	}
	offers(t, lost, "Suspend")
	// The other way round: the second is told why the first has rejected.
	id = m.Agreement(publishEService(m, "Rejected first"))
	one, two = site.As(t, "producer").Open("/office/agreements/"+id), site.As(t, "producer").Open("/office/agreements/"+id)
	one.Press("Reject", map[string]any{"reason": reason})
	lost = two.Press("Approve", nil).See("It has changed in the meantime", "Request rejected: Anagrafe (producer)",
		reason).Miss("What you had typed")
	if lost.Status != http.StatusConflict {
		t.Errorf("approving what was rejected is answered %d", lost.Status)
	}
	offers(t, lost)
	// And what was withdrawn is not there any more.
	id = m.Agreement(publishEService(m, "Withdrawn first"))
	one = site.As(t, "producer").Open("/office/agreements/" + id)
	m.AsConsumer(http.MethodDelete, "/agreements/"+id, nil)
	if shown := one.Press("Reject", map[string]any{"reason": reason}); shown.Status != http.StatusNotFound {
		t.Errorf("deciding on what was withdrawn is answered %d", shown.Status)
	}
}

// TestAgreementUpgrade: the consumer moves to a newer version where there is one.
func TestAgreementUpgrade(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, _, id := m.ActiveAgreement("Versioned", 100, 1000)
	consumer := site.As(t, "consumer")
	path := "/office/agreements/" + id
	consumer.Open(path).Miss("Move to the new version")
	newer := m.AsProducer(http.MethodPost, "/eservices/"+e+"/descriptors", map[string]any{
		"audience": []string{strings.ToLower("v2." + m.Suffix() + ".example.it")}, "voucherLifespan": 60,
		"dailyCallsPerConsumer": 100, "dailyCallsTotal": 1000, "agreementApprovalPolicy": "MANUAL",
	})
	m.Publish(e, newer)
	shown := consumer.Open(path).See("There is version 2", "If you own the attributes that version 2 requires, you move to it at once")
	offers(t, shown, "Move to the new version", "Suspend", "Archive")
	after := shown.Press("Move to the new version", nil).See("This is the agreement for the new version.", "Active", "Version 2", "60 seconds")
	if after.URL.Path == path {
		t.Error("the page stays at the old agreement")
	}
	consumer.Open(path).See("Archived")
	producer := site.As(t, "producer")
	producer.Open(path).Miss("Move to the new version")
}

// TestNewAgreement: the page of a new agreement says what is missing and what will happen; a
// second one for the same e-service leads to the first.
func TestNewAgreement(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := m.EService("Wanted", 100, 1000)
	declared := m.AsProducer(http.MethodPost, "/declaredAttributes", map[string]any{
		"name":        "Has a counter " + m.Suffix(),
		"description": "Serves people at a counter",
	})
	verified := m.AsProducer(http.MethodPost, "/verifiedAttributes", map[string]any{
		"name":        "Signed " + m.Suffix(),
		"description": "Has signed the convention",
	})
	for kind, id := range map[string]string{"declared": declared, "verified": verified} {
		m.AsProducer(http.MethodPost, "/eservices/"+e+"/descriptors/"+d+"/"+kind+"Attributes/groups",
			map[string]any{"attributeIds": []string{id}})
	}
	m.Publish(e, d)
	consumer, producer := site.As(t, "consumer"), site.As(t, "producer")
	page := "/office/agreements/new?" + url.Values{"eserviceId": {e}, "descriptorId": {d}}.Encode()
	shown := consumer.Open(page).See("Ask to use Wanted "+m.Suffix(), "Missing Has a counter "+m.Suffix(),
		"Anagrafe decides whether to approve it")
	draft := shown.Press("Make the draft", nil).See("The draft was made.", "Missing Has a counter "+m.Suffix())

	again := consumer.Open(page).See("You already have an agreement")
	refused := again.Press("Make the draft", nil)
	if refused.Status != http.StatusConflict {
		t.Errorf("a second draft is answered %d", refused.Status)
	}
	refused.See("which is DRAFT")
	if href, _ := refused.Find("main .alert.warning a").Attr("href"); href != draft.URL.Path {
		t.Errorf("the refusal leads to %s", href)
	}

	lacking := draft.Press("Send the request", map[string]any{"consumerNotes": "At the counter"})
	if lacking.Status < http.StatusBadRequest || lacking.Find(`textarea[name="consumerNotes"]`).Text() != "At the counter" {
		t.Errorf("sending without the attribute is answered %d and keeps %q", lacking.Status,
			lacking.Find(`textarea[name="consumerNotes"]`).Text())
	}
	lacking.See("lacks attributes").Miss("in the meantime")
	owned := lacking.Press("Declare: Has a counter "+m.Suffix(), nil).See("The attribute was declared.", "Owned Has a counter "+m.Suffix())
	sent := owned.Press("Send the request", map[string]any{"consumerNotes": "At the counter"}).See("Waiting for approval",
		"Missing Signed "+m.Suffix())

	unverified := producer.Open(sent.URL.Path).Press("Approve", nil)
	if unverified.Status < http.StatusBadRequest {
		t.Errorf("approving before the verification is answered %d", unverified.Status)
	}
	past := unverified.See("lacks attributes").Press("Verify: Signed "+m.Suffix(), map[string]any{"expirationDate": "2001-01-01"})
	if past.Status < http.StatusBadRequest {
		t.Errorf("a verification that has ended is answered %d", past.Status)
	}
	checked := past.Press("Verify: Signed "+m.Suffix(), map[string]any{"expirationDate": "2199-12-31"}).See("The verification was recorded.",
		"Owned Signed "+m.Suffix())
	checked.Press("Approve", nil).See("The request was approved.")
	consumer.Open(sent.URL.Path).See("Active")
	if shown := consumer.Open("/office/agreements/new"); shown.URL.Path != "/office/eservices" {
		t.Errorf("without an e-service it leads to %s", shown.URL)
	}
}

// TestMissingCertifiedAttributes: when the consumer has lost a certified attribute, the page
// says which.
func TestMissingCertifiedAttributes(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	certifier := organization(t, "1ceca51f-ea1f-41a5-8c7b-000000000001", "Certificatore")
	certifier.token = site.Token(t, "organizationId="+certifier.id+"&role=certifier&organizationName=Certificatore")
	id, _ := certifier.call(http.MethodPost, "/certifiedAttributes", map[string]any{
		"name": "Municipality " + m.Suffix(), "description": "Is a municipality", "code": m.Suffix(),
	})["id"].(string)
	consumer := site.As(t, "consumer")
	consumer.Open("/office/agreements") // its first call makes it known
	held := "/tenants/" + officetest.Consumer + "/certifiedAttributes"
	certifier.call(http.MethodPost, held, map[string]any{"id": id})
	e, d := m.EService("Certified", 100, 1000)
	m.AsProducer(http.MethodPost, "/eservices/"+e+"/descriptors/"+d+"/certifiedAttributes/groups",
		map[string]any{"attributeIds": []string{id}})
	m.Publish(e, d)
	path := "/office/agreements/" + m.Agreement(e, d)
	consumer.Open(path).See("Owned Municipality " + m.Suffix())
	certifier.call(http.MethodDelete, held+"/"+id, nil)
	shown := consumer.Await(path, "Comune no longer owns a required certified attribute.") // the worker follows
	shown.See("Certified attributes missing", "Missing Municipality "+m.Suffix(),
		"Attributes of the consumer changed")
	offers(t, shown, "Delete")
}

// TestAgreementByKeyboard: the producer finds the request and rejects it in a browser, by the
// keyboard alone.
func TestAgreementByKeyboard(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := publishEService(m, "Keyboard")
	id := m.Agreement(e, d)
	tab := site.Tab(t, "producer", officetest.Look{})
	tab.Open("/office/agreements?states=PENDING&eserviceIds=" + e)
	tab.TabTo("Keyboard " + m.Suffix() + " asked for by Comune")
	tab.Keys("\r")
	tab.See("It is your turn to decide.")
	tab.TabTo("Reject")
	tab.Keys("\r")
	tab.See("Reject the request?")
	tab.TabTo("Reason *")
	tab.Keys("Say which offices will use the data.")
	tab.TabTo("Reject")
	tab.Keys("\r")
	tab.See("You rejected this request")
	if tab.Path() != "/office/agreements/"+id {
		t.Errorf("leads to %s", tab.Path())
	}
	site.As(t, "consumer").Open("/office/agreements/" + id).See("Say which offices will use the data.")
}
