package officetest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// TestPurposeRace: an approval of an estimate that was taken back meanwhile is not sent for
// the one that waits now; the page says what changed and keeps what was typed.
func TestPurposeRace(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := w.submitted(purposeTitle(), 40)
	send := func(calls int) {
		w.Helper()
		w.call(purposeConsumer, "POST", strings.TrimPrefix(path, "/office")+"/versions", map[string]any{"dailyCalls": calls})
	}
	send(150)
	open := w.producer.Open(path)
	w.consumer.Open(path).Press("Take back the waiting estimate", nil)
	send(900)
	lost := open.Press("Approve", nil)
	lost.See("something has changed meanwhile", "150", "900", "Waiting for approval: 900 calls a day")
	if lost.Status != http.StatusConflict {
		t.Errorf("answered %d", lost.Status)
	}
	w.consumer.Open(path).See("The estimate in use is 40 calls a day")
	kept := open.Press("Reject", map[string]any{"rejectionReason": "Non possiamo reggere tanto"})
	kept.See("What you typed is kept:", "Non possiamo reggere tanto")
	if kept.Find("textarea").Text() != "Non possiamo reggere tanto" {
		t.Error("the reason is lost")
	}
	kept.Press("Reject", nil).See("Rejected: 900 calls a day", "Non possiamo reggere tanto")
	w.act(purposeConsumer, path, "archive")
	w.producer.Open(path).See("The purpose is archived")
	gone := open.Press("Reject", map[string]any{"rejectionReason": "Ancora troppe chiamate"})
	gone.See("Archived", "Ancora troppe chiamate")
	if gone.Has("Reject") {
		t.Error("an archived purpose can be rejected")
	}
	blind := open.Press("Approve", map[string]any{"_seen": ""}) // as when the change comes between look and action
	if blind.Status != http.StatusConflict || blind.Find("#refusal code").Length() == 0 || !strings.Contains(blind.Words(),
		"The purpose is archived") {
		t.Errorf("the API's refusal is answered %d: %s", blind.Status, blind.Words())
	}
}

// TestPurposeEstimateRace: an estimate that no longer fits, as the page had said, is not sent.
func TestPurposeEstimateRace(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := w.submitted(purposeTitle(), 40)
	fits := w.consumer.Open(path + "/estimate?dailyCalls=90").See("90 calls a day fit both thresholds")
	w.submitted(purposeTitle(), 30)
	lost := fits.Press("Send the estimate of 90", nil).See("Nothing was sent", "Fits the thresholds", "90 calls a day do not fit")
	if lost.Status != http.StatusConflict || lost.Find(`form[method="get"] [name="dailyCalls"]`).AttrOr("value", "") != "90" {
		t.Errorf("answered %d, or the number is lost", lost.Status)
	}
	w.consumer.Open(path).See("The estimate in use is 40").Miss("Waiting for approval:")
}

// TestPurposeDraft: a draft is edited, with errors at the fields, and deleted; two who edit it
// at once do not overwrite each other.
func TestPurposeDraft(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := "/office/purposes/" + w.draft(purposeConsumer, purposeTitle(), 10)
	edit := w.consumer.Open(path).Click("Edit the draft")
	other := w.consumer.Open(path).Click("Edit the draft")
	wrong := edit.Press("Save", map[string]any{"title": "Abc", "dailyCalls": "12"})
	if wrong.Status != http.StatusBadRequest || wrong.Find(`[name="title"]`).AttrOr("aria-invalid", "") != "true" ||
		wrong.Find(`[name="title"]`).AttrOr("value", "") != "Abc" {
		t.Errorf("a short title is answered %d: %s", wrong.Status, wrong.Words())
	}
	free := wrong.Press("Save", map[string]any{"title": "<i>Uso</i> gratuito", "isFreeOfCharge": "true", "freeOfChargeReason": "Convenzione"})
	free.See("The draft is saved.", "<i>Uso</i> gratuito", "Yes: Convenzione", "12 calls a day")
	lost := other.Press("Save", map[string]any{"description": "Un’altra descrizione"})
	if lost.Status != http.StatusConflict || lost.Find(`[name="description"]`).Text() != "Un’altra descrizione" {
		t.Errorf("answered %d, or what was typed is lost: %s", lost.Status, lost.Words())
	}
	lost.Press("Save", map[string]any{"title": "Senza gratuità", "isFreeOfCharge": "", "freeOfChargeReason": ""}).See("Senza gratuità",
		"Un’altra descrizione").Miss("Convenzione")
	answers := w.consumer.Open(path+"/edit").Press("Save", map[string]any{
		"riskAnalysisForm.version": "3.1",
		"riskAnalysisForm.answers": "senza due punti",
	})
	if answers.Status != http.StatusBadRequest || answers.Find(`[name="riskAnalysisForm.answers"]`).Text() != "senza due punti" {
		t.Errorf("answers without a question are answered %d", answers.Status)
	}
	gone := w.consumer.Open(path).See("The draft is deleted with all its data.").Press("Delete", nil).See("The purpose is deleted.")
	if gone.URL.Path != "/office/purposes" || w.consumer.Get(path).Status != http.StatusNotFound {
		t.Errorf("leads to %s", gone.URL)
	}
}

// TestPurposeClone makes a draft like a purpose.
func TestPurposeClone(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	path := w.submitted("Da clonare "+uuid.NewString()[:6], 33)
	copied := w.consumer.Open(path).Click("Clone").See("The copy begins as a draft").Press("Create the copy as a draft", nil)
	copied.See("The copy is a draft", "- clone -", "33 calls a day fit both thresholds")
	copied.Press("Submit and activate", nil).See("The purpose is active")
}

// TestPurposeWithoutAgreement: seed 000, purposes are for e-services with an active agreement.
func TestPurposeWithoutAgreement(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, officetest.NewSite(t), 100, 1000) // the list of e-services has 50 agreements at most
	path := w.submitted(purposeTitle(), 10)
	w.consumer.Open("/office/purposes/new").See(w.name)
	w.call(purposeConsumer, "POST", "/agreements/"+w.agreement+"/suspend", map[string]any{})
	w.consumer.Open(path).See("The agreement is suspended")
	w.consumer.Open("/office/purposes/new").Miss(w.name)
	w.consumer.Open("/office/purposes/new?eserviceId=" + w.eservice).See("You have no active agreement for this e-service")
	refused := w.consumer.Open(path+"/estimate?dailyCalls=20").Press("Send the estimate of 20", nil)
	if refused.Status < 400 || refused.Find("#refusal").Length() != 1 || refused.Find("#refusal code").Length() == 0 {
		t.Errorf("answered %d: %s", refused.Status, refused.Words())
	}
}

// TestPurposeList filters, sorts and pages the list; its URLs can be sent to a colleague.
func TestPurposeList(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 1000, 1000)
	var titles []string
	for i := range 26 {
		titles = append(titles, fmt.Sprintf("Elenco %02d %s", i, uuid.NewString()[:6]))
		w.draft(purposeConsumer, titles[i], 100-i)
	}
	list := w.consumer.Open("/office/purposes?eserviceId="+w.eservice).See("1–25 of 26", titles[0]).Miss(titles[25])
	list.Click("Next").See("26–26 of 26", titles[25]).Miss(titles[0])
	one := w.consumer.Open("/office/purposes?title=elenco+07&eserviceId="+w.eservice).See(titles[7], "93", "Draft").Miss(titles[8])
	if one.Find(`[name="title"]`).AttrOr("value", "") != "elenco 07" {
		t.Error("the filter does not show what was typed")
	}
	w.producer.Open("/office/purposes?eserviceId=" + w.eservice).See("No purpose matches the filters.")
	active := w.submitted("Zeta "+uuid.NewString()[:6], 5)
	w.submitted("Alfa "+uuid.NewString()[:6], 7)
	sorted := w.producer.Open("/office/purposes?side=producer&sort=-title&eserviceId=" + w.eservice)
	if rows := sorted.Find("tbody tr th a[href^='/office/purposes/']"); rows.First().AttrOr("href", "") != active || rows.Length() != 2 {
		t.Errorf("sorted downwards: %s", sorted.Words())
	}
	w.consumer.Open("/office/purposes?side=producer&eserviceId=" + w.eservice).See("No purpose matches the filters.")
	w.consumer.Open("/office/purposes?side=consumer&state=ACTIVE&eserviceId="+w.eservice).See("Alfa", "Zeta", "Active").Miss("Elenco")
}

// TestPurposeOfOneself: an organization that uses its own e-service is both sides.
func TestPurposeOfOneself(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	others := w.eservice
	w.submitted(purposeTitle(), 150)
	w.publish(purposeConsumer, 100, 1000)
	w.agreement = w.agree(purposeConsumer)
	path := w.submitted(purposeTitle(), 150)
	w.consumer.Open("/office/purposes?eserviceId=" + w.eservice).See("To decide (1)")
	w.consumer.Open("/office/purposes?side=producer&eserviceId=" + w.eservice).See("1–1 of 1")
	w.consumer.Open("/office/purposes?side=producer&eserviceId=" + others).See("No purpose matches the filters.").Miss("To decide")
	waiting := w.consumer.Open(path).See("You can approve it")
	if !waiting.Has("Delete") {
		t.Error("the consumer's actions are not there")
	}
	waiting.Press("Approve", nil).See("The purpose is active").Press("Suspend", nil).
		See("The purpose is suspended", "You suspended it, and you can reactivate it.").Miss("suspended by the producer")
	w.consumer.Open(path).Press("Reactivate", nil).See("it stays suspended until the producer approves")
	w.consumer.Open(path).Press("Approve", nil).See("The purpose is active", "150 of 100")
}

// TestPurposeStates: seed 000, the page explains every state, in both languages.
func TestPurposeStates(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	page := w.submitted(purposeTitle(), 10)
	for _, path := range []string{"/office/purposes", page} {
		w.consumer.Open(path).See("What each state means", "It can stay a draft for as long as needed.", "Linked clients obtain vouchers",
			"Whoever suspended it reactivates it; if both did, both have to.", "exceeds at least one threshold",
			"The consumer reads the reason here",
			"There is no way back, but a new one can always be created, even an identical one.")
		w.consumer.In("it").Open(path).See("Che cosa significa ogni stato", "In bozza", "Attiva", "Sospesa", "In attesa di approvazione",
			"Rifiutata",
			"Archiviata", "Può restare in bozza senza scadenza.", "Non si torna indietro")
	}
	w.consumer.In("it").Open("/office/purposes?side=consumer").See("archivia quelle che non usi più: le loro chiamate tornano disponibili")
}

// TestPurposeClients shows which clients are linked.
func TestPurposeClients(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, officetest.NewSite(t), 100, 1000) // its list of clients is changed by no other test
	path := w.submitted(purposeTitle(), 10)
	name := "Portale " + uuid.NewString()[:8]
	client := w.call(purposeConsumer, "POST", "/clients", map[string]any{
		"name": name, "description": "Sportello online",
		"members": []string{},
	})
	linked := func() string {
		w.Helper()
		page := w.consumer.Open(path + "/clients")
		return strings.Join(strings.Fields(page.Find("tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
			return strings.Contains(s.Text(), name)
		}).Find("td").Text()), " ")
	}
	if got := linked(); got != "No" {
		t.Errorf("linked before: %s", got)
	}
	w.call(purposeConsumer, "POST", fmt.Sprintf("/clients/%s/purposes", client["id"]), map[string]any{
		"purposeId": strings.TrimPrefix(path, "/office/purposes/"),
	})
	if got := linked(); got != "Yes" {
		t.Errorf("linked after: %s", got)
	}
	w.consumer.Open(path).Click("Clients linked to this purpose").See("Clients of the purpose")
	if w.producer.Open(path).Link("Clients linked to this purpose") != "" {
		t.Error("the producer is led to the consumer's clients")
	}
}
