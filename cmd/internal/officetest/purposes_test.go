package officetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// The organizations of the sandbox's producer and consumer.
const (
	purposeProducer = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
	purposeConsumer = "efea2507-08df-4a5d-b4bf-263763ae03ad"
)

// purposeWorld is an e-service with an active agreement, and the people of both sides.
type purposeWorld struct {
	*testing.T

	site               *officetest.Site
	producer, consumer *officetest.Visitor
	eservice           string
	descriptor         string
	name               string // of the e-service
	agreement          string
}

// call calls the API for an organization and returns the answer.
func (w *purposeWorld) call(organization, method, path string, body map[string]any) map[string]any {
	w.Helper()
	return w.site.JSON(w, w.token(organization), method, path, body)
}

func (w *purposeWorld) token(organization string) string {
	w.Helper()
	return w.site.Token(w, "organizationId="+organization+"&role=m2m-admin")
}

// newPurposeWorld publishes an e-service with thresholds, for which the consumer has an agreement.
func newPurposeWorld(t *testing.T, on *officetest.Site, perConsumer, total int) *purposeWorld {
	t.Helper()
	w := &purposeWorld{T: t, site: on, producer: on.As(t, "producer"), consumer: on.As(t, "consumer")}
	w.publish(purposeProducer, perConsumer, total)
	w.agreement = w.agree(purposeConsumer)
	return w
}

// publish makes an e-service of an organization and publishes it.
func (w *purposeWorld) publish(organization string, perConsumer, total int) {
	w.Helper()
	w.name = "Registry " + uuid.NewString()
	made := w.call(organization, "POST", "/eservices", map[string]any{
		"name": w.name, "description": "Certificati online", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": map[string]any{
			"audience": []string{uuid.NewString() + ".example.it"}, "voucherLifespan": 600, "dailyCallsPerConsumer": perConsumer,
			"dailyCallsTotal": total, "agreementApprovalPolicy": "AUTOMATIC",
		},
	})
	w.eservice = fmt.Sprint(made["id"])
	w.descriptor = w.site.FirstDescriptor(w, w.token(organization), w.eservice)
	w.call(organization, "POST", "/eservices/"+w.eservice+"/descriptors/"+w.descriptor+"/publish", nil)
}

// agree makes an active agreement of an organization and returns its id.
func (w *purposeWorld) agree(organization string) string {
	w.Helper()
	id := fmt.Sprint(w.call(organization, "POST", "/agreements", map[string]any{"eserviceId": w.eservice, "descriptorId": w.descriptor})["id"])
	w.call(organization, "POST", "/agreements/"+id+"/submit", map[string]any{})
	return id
}

// draft makes a draft of an organization through the API, and returns its id.
func (w *purposeWorld) draft(organization, title string, calls int) string {
	w.Helper()
	return fmt.Sprint(w.call(organization, "POST", "/purposes", map[string]any{
		"eserviceId": w.eservice, "title": title, "description": "Rilascio di certificati", "isFreeOfCharge": false, "dailyCalls": calls,
		"riskAnalysisForm": map[string]any{"version": "3.1", "answers": map[string]any{"purpose": []string{"INSTITUTIONAL"}}},
	})["id"])
}

// submitted makes a purpose of the consumer and submits it, and returns the path of its page.
func (w *purposeWorld) submitted(title string, calls int) string {
	w.Helper()
	id := w.draft(purposeConsumer, title, calls)
	w.call(purposeConsumer, "POST", "/purposes/"+id+"/activate", map[string]any{})
	return "/office/purposes/" + id
}

// act takes an action through the API for an organization.
func (w *purposeWorld) act(organization, page, action string) {
	w.Helper()
	w.call(organization, "POST", strings.TrimPrefix(page, "/office")+"/"+action, map[string]any{})
}

func purposeTitle() string { return "Anagrafe " + uuid.NewString()[:8] }

// TestPurposeOverThreshold: seed 000, from a draft above a threshold to the approval. The
// producer sees by how much, rejects with a reason that the consumer reads in the page, and
// approves the next estimate after giving the expected date.
func TestPurposeOverThreshold(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, officetest.NewSite(t), 100, 1000) // the list of e-services has 50 agreements at most
	title := purposeTitle()
	form := w.consumer.Open("/office/purposes/new").See(w.name).Press("Continue", map[string]any{"eserviceId": w.eservice})
	form.See("Up to 100 calls a day it activates at once", "0 of 100", "0 of 1,000")
	values := map[string]any{
		"title": title, "description": "Rilascio di certificati", "dailyCalls": "150",
		"riskAnalysisForm.version": "3.1", "riskAnalysisForm.answers": "purpose: INSTITUTIONAL\nlegal basis: law",
	}
	checked := form.Press("Check the thresholds", values)
	checked.See("150 calls a day do not fit the thresholds: you will have to wait for the producer’s approval.",
		"It exceeds the threshold for the consumer by 50 calls a day: they would be 150 of 100.")
	draft := checked.Press("Save as a draft", nil)
	draft.See("The draft is saved", "The purpose is a draft", "It can stay a draft for as long as needed", "do not fit the thresholds")
	if page := w.producer.Get(draft.URL.Path); page.Status != http.StatusForbidden && page.Status != http.StatusNotFound {
		t.Errorf("the producer sees a draft: %d", page.Status)
	}
	waiting := draft.Press("Submit and activate", nil)
	waiting.See("it waits for the producer’s approval", "Waiting for approval: 150 calls a day",
		"It exceeds the threshold for the consumer by 50 calls a day: they would be 150 of 100.",
		"0 of 100, plus 150 asked for, over the threshold by 50", "has not given an expected activation date yet")
	path := waiting.URL.Path

	decide := w.producer.Open("/office/purposes?eserviceId=" + w.eservice).See("To decide (1)").Click(title)
	decide.See("exceeds the threshold for the consumer by 50", "You can approve it, reject it with a reason")
	short := decide.Press("Reject", map[string]any{"rejectionReason": "No"})
	if short.Status != http.StatusBadRequest || short.Find("details.ask[open] textarea").Text() != "No" || short.Find(
		"details.ask[open] .error").Length() != 1 {
		t.Errorf("a short reason is answered %d, or not kept with its error: %s", short.Status, short.Words())
	}
	short.Press("Reject", map[string]any{"rejectionReason": "Troppe chiamate: chiedine <b>120</b>"}).See("The estimate is rejected.")

	rejected := w.consumer.Open(path).See("Rejected: 150 calls a day", "The producer’s reason: Troppe chiamate: chiedine <b>120</b>",
		"You can send another estimate, or create a new purpose.")
	again := rejected.Click("New load estimate").Press("Check", map[string]any{"dailyCalls": "120"})
	again.See("120 calls a day do not fit", "by 20 calls a day: they would be 120 of 100")
	again.Press("Send the estimate of 120", nil).See("The new estimate of 120 calls a day waits", "Waiting for approval: 120 calls a day")

	past := w.producer.Open(path).Press("Give the expected date", map[string]any{"date": "2020-01-02"})
	if past.Status != http.StatusBadRequest || past.Find("details.ask[open] .wrong [name=date]").AttrOr("value", "") != "2020-01-02" {
		t.Errorf("a date that is past is answered %d, or not kept with its error: %s", past.Status, past.Words())
	}
	past.Press("Give the expected date", map[string]any{"date": "2099-01-02"}).See("The expected date is given", "2 Jan 2099")
	w.consumer.Open(path).See("The producer expects to activate it on 2 Jan 2099.").Miss("has not given an expected")
	w.producer.Open(path).See("120 calls a day come into use.").Press("Approve", nil).See("The estimate is approved.")
	w.consumer.Open(path).See("The purpose is active", "The estimate in use is 120 calls a day", "120 of 100, over the threshold by 20",
		"Expected activation date given", "Reason: Troppe chiamate").Miss("Waiting for approval:")
}

// TestPurposeWithinThresholds: seed 000, below both thresholds the purpose is activated
// automatically, and a new estimate applies at once; above, the one before stays in use.
func TestPurposeWithinThresholds(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	page := w.consumer.Open("/office/purposes/" + w.draft(purposeConsumer, purposeTitle(), 40))
	page.See("40 calls a day fit both thresholds: no approval is needed.")
	active := page.Press("Submit and activate", nil).See("The purpose is active: it fits both thresholds.", "40 of 100",
		"you can still ask for 60")
	if w.producer.Open(active.URL.Path).Has("Approve") {
		t.Error("the producer is asked to approve")
	}
	fits := active.Click("New load estimate").Press("Check", map[string]any{"dailyCalls": "100"})
	fits.See("100 calls a day fit both thresholds", "It replaces the estimate of 40 calls a day at once.", "40 of 100, plus 60 asked for")
	raised := fits.Press("Send the estimate of 100", nil).See("The new estimate of 100 calls a day is in use.", "100 of 100")
	over := raised.Click("New load estimate").Press("Check", map[string]any{"dailyCalls": "101"}).
		See("by 1 call a day:", "Until the decision the estimate of 100 calls a day stays in use.")
	both := over.Press("Send the estimate of 101", nil).See("waits for the producer’s approval", "The purpose is active",
		"Meanwhile the estimate of 100 calls a day stays in use.")
	if both.Link("New load estimate") != "" {
		t.Error("a second estimate can be sent while one waits")
	}
	both.See("The estimate of 100 calls a day stays.").Press("Take back the waiting estimate", nil).See(
		"The estimate is taken back.").Miss("Waiting for approval:")
	lower := w.consumer.Get(active.URL.Path + "/estimate?dailyCalls=0")
	if lower.Status != http.StatusBadRequest || lower.Find("[aria-invalid]").Length() != 1 {
		t.Errorf("0 calls are answered %d", lower.Status)
	}
}

// TestPurposeSuspendedByBoth: seed 000, either side suspends, and if both do, both have to
// reactivate. The page says who.
func TestPurposeSuspendedByBoth(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := w.submitted(purposeTitle(), 40)
	mine := w.consumer.Open(path).Press("Suspend", nil)
	mine.See("The purpose is suspended by the consumer", "Only the consumer (Comune) can reactivate it.",
		"no linked client obtains vouchers", "0 of 100, plus 40 asked for")
	if mine.Link("Check a client assertion") != "/office/debug" {
		t.Error("the page does not lead to the tool that checks client assertions")
	}
	theirs := w.producer.Open(path).See("The purpose is suspended by the consumer")
	if theirs.Has("Reactivate") {
		t.Error("the producer may reactivate what the consumer suspends")
	}
	theirs.Press("Suspend", nil).See("The purpose is suspended by the consumer and by the producer",
		"It is active again once both reactivate it: the consumer (Comune) and the producer (Anagrafe).")
	half := w.consumer.Open(path).See("stays suspended until the producer reactivates it, too").Press("Reactivate", nil)
	half.See("the other side still suspends the purpose", "Only the producer (Anagrafe) can reactivate it.")
	if half.Has("Reactivate") {
		t.Error("the consumer may reactivate what the producer suspends")
	}
	w.producer.Open(path).Press("Reactivate", nil).See("The purpose is active again.", "The purpose is active", "40 of 100")
}

// TestPurposeResumption: calls that others have taken meanwhile wait for the producer, and the
// question says so before.
func TestPurposeResumption(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := w.submitted(purposeTitle(), 80)
	w.act(purposeConsumer, path, "suspend")
	w.submitted(purposeTitle(), 50)
	page := w.consumer.Open(path).See("Its 80 calls a day no longer fit the thresholds: it stays suspended",
		"by 30 calls a day: they would be 130 of 100")
	page.Press("Reactivate", nil).See("it stays suspended until the producer approves", "The consumer asked to reactivate it")
	if w.consumer.Open(path).Has("Reactivate") {
		t.Error("what waits already can be asked for again")
	}
	w.producer.Open(path).See("The consumer’s suspension ends.").Press("Approve", nil)
	w.consumer.Open(path).See("The purpose is active")
}

// TestPurposeArchived: seed 000, archiving is irreversible and gives the capacity back, which
// the question and then the bar say; a new purpose with the same data can be created.
func TestPurposeArchived(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	title := purposeTitle()
	path := w.submitted(title, 60)
	other := w.submitted(purposeTitle(), 40)
	w.consumer.Open(other).See("100 of 100", "you can still ask for 0")
	page := w.consumer.Open(path).See("This cannot be undone.",
		"60 calls a day become available again: the consumer’s load goes from 100 to 40, that of all consumers from 100 to 40.",
		"their keys stay valid for other purposes")
	archived := page.Press("Archive", nil).See("The purpose is archived", "its calls are available again", "cannot come back into use")
	if buttons := archived.Find("main .actions").Text(); strings.TrimSpace(buttons) != "" {
		t.Errorf("an archived purpose has actions: %s", buttons)
	}
	w.consumer.Open(other).See("40 of 100", "you can still ask for 60")
	again := archived.Click("Create a new purpose with the same data")
	if again.Find(`[name="title"]`).AttrOr("value", "") != title || again.Find(`[name="dailyCalls"]`).AttrOr("value", "") != "60" {
		t.Errorf("the form has not the same data: %s", again.Words())
	}
	again.Press("Save as a draft", nil).See("The draft is saved", title)
}
