package officetest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// sentences are those of the published documents that name the front office (the back office of
// App IO), with the tests that show them in a browser, then those without one.
var sentences = []struct {
	document, says string
	tests          []string
}{
	{
		"PDND, purposes", "The producer may reject it, providing the consumer with a reason visible in the front office or via API.",
		[]string{"TestReasonOfRejection", "TestPurposeStory", "TestPurposeOverThreshold"},
	},
	{
		"PDND, purposes", "The reason is available in the front office; the consumer can resubmit the purpose or update.",
		[]string{"TestReasonOfRejection", "TestPurposeStory", "TestPurposeOverThreshold"},
	},
	{
		"PDND, purposes", "During suspension, no associated client can obtain vouchers for that purpose; this condition is also indicated in " +
			"the client assertion debug tool available in the front office.",
		[]string{"TestDebugStory", "TestDebugSuspension"},
	},
	{
		"App IO, Passaggio in produzione", "L’ente può sottomettere la richiesta di rendere visibile in app il servizio cliccando sul bottone " +
			"“pubblica il servizio” " +
			"esposto nel back-office nella pagina di dettaglio di ciascun servizio.",
		[]string{"TestPublishButton", "TestServiceStory", "TestServiceFromDraftToPublication"},
	},
	{
		"App IO, Passaggio in produzione", "In ogni momento a partire dalla richiesta di pubblicazione, l’ente potrà verificare " +
			"all’interno del " +
			"back-office il relativo esito.",
		[]string{"TestOutcomeAtAnyTime", "TestPublicationOutcomes"},
	},
	{
		"App IO, Passaggio in produzione", "Qualora la richiesta si trovi nello stato “dati incompleti o incorretti” l’ente potrà " +
			"modificare la scheda " +
			"servizio e rinviare la richiesta di pubblicazione.",
		[]string{"TestOutcomeAtAnyTime", "TestServiceStory", "TestServiceByTwoPersons"},
	},
	{
		"PDND, pending requests", "The subscriber requests their own Agreements in PENDING.",
		[]string{"TestRequestsToDecide", "TestPendingOfTheConsumer"},
	},
	{
		"PDND, pending requests", "The producer can retrieve the list of PENDING agreements that require their approval, " +
			"also for one specific subscriber.",
		[]string{"TestRequestsToDecide", "TestPendingOfTheProducer"},
	},
}

// TestSentences: each sentence has its tests, which are there.
func TestSentences(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var tests []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, isFunc := d.(*ast.FuncDecl); isFunc {
				tests = append(tests, f.Name.Name)
			}
		}
	}
	for _, s := range sentences {
		for _, name := range s.tests {
			if !slices.Contains(tests, name) {
				t.Errorf("%s: %q has no test %s", s.document, s.says, name)
			}
		}
	}
}

// TestReasonOfRejection: the producer cannot reject without a reason; the consumer reads it as it
// was written, on the page and in the API, and sends another estimate.
func TestReasonOfRejection(t *testing.T) {
	t.Parallel()
	w := newPurposeWorld(t, site, 100, 1000)
	producer, consumer := site.Tab(t, "producer", officetest.Look{Lang: "it"}), site.Tab(t, "consumer", officetest.Look{Lang: "it"})
	path := w.submitted(purposeTitle(), 150)
	producer.Open(path)
	producer.Click("Rifiuta")
	const missing = `dialog[open] [name="rejectionReason"]:user-invalid`
	if n := producer.Count(missing); n != 0 {
		t.Errorf("before the form is sent %d fields are wrong", n)
	}
	producer.Confirm("Rifiuta") // the browser asks for the reason
	if n := producer.Count(missing); n != 1 {
		t.Errorf("without a reason %d fields are wrong", n)
	}
	const reason = "Il carico è troppo alto: «massimo 120 & non di più»."
	producer.Fill("rejectionReason", reason)
	producer.Confirm("Rifiuta")
	producer.See("Stima rifiutata.")
	consumer.Open("/office/purposes?eserviceId=" + w.eservice)
	consumer.See("Rifiutat")
	consumer.Open(path)
	consumer.See(reason)
	token := site.Token(t, "organizationId="+purposeConsumer)
	if _, answer := site.Call(t, token, http.MethodGet, strings.TrimPrefix(path, "/office"), ""); !strings.Contains(answer, "massimo 120") {
		t.Errorf("the API answers %s", answer)
	}
	consumer.Click("Nuova stima di carico")
	consumer.Fill("dailyCalls", "100")
	consumer.Click("Verifica")
	consumer.Click("Invia la stima di 100")
	consumer.See("La finalità è attiva")
	consumer.Click("Archivia")
	consumer.Confirm("Archivia")
	consumer.See("La finalità è archiviata")
}

// TestPublishButton: the page of each service has the button while the API lets its owner ask for
// publication, and has none otherwise.
func TestPublishButton(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	tab := site.Tab(t, "municipality", officetest.Look{Lang: "it"})
	draft, waiting, rejected, active := m.Service("Uno"), m.Service("Due"), m.Service("Tre"), m.Service("Quattro")
	deleted := m.Service("Cinque")
	for _, id := range []string{waiting, rejected, active} {
		m.Submit(id)
	}
	m.Reject(rejected, "Manca il telefono")
	m.Approve(active)
	m.AsMunicipality(http.MethodDelete, manage+deleted, nil)
	for _, id := range []string{draft, waiting, rejected, active, deleted} {
		tab.Open("/office/services/" + id)
		buttons := tab.Count(`main details.ask form[action$="/` + id + `/review"]`)
		status, answer := site.Call(t, site.Key(t, "owner=comune"), http.MethodGet, manage+id+"/allowedActions", "")
		if allowed := strings.Contains(answer, `"submit"`); status != http.StatusOK || allowed != (id == draft) || (buttons > 0) != allowed {
			t.Errorf("%s has %d buttons, and the API answers %d: %s", id, buttons, status, answer)
		}
	}
	tab.Open("/office/services/" + draft)
	tab.Click("Pubblica il servizio")
	tab.Confirm("Pubblica il servizio")
	tab.See("In review")
	if status, _ := readService(t, draft)["status"].(map[string]any); status["value"] != "submitted" {
		t.Errorf("the service is %v", status)
	}
}

// TestOutcomeAtAnyTime: from the request on, the page of the service says how it stands in the
// words of App IO: in review, data incomplete or incorrect with the reason, in review again, active.
func TestOutcomeAtAnyTime(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Esito")
	tab := site.Tab(t, "municipality", officetest.Look{Lang: "it", Width: 360})
	shows := func(texts ...string) {
		t.Helper()
		tab.Open("/office/services?name=" + m.Suffix())
		tab.Click("Esito " + m.Suffix())
		for _, text := range texts {
			tab.See(text)
		}
	}
	m.Submit(id)
	shows("In review", "Il servizio è in corso di revisione")
	m.Reject(id, "description: manca l’orario")
	shows("Dati incompleti o incorretti", "manca l’orario", "Puoi modificare la scheda e rinviare la richiesta di pubblicazione.")
	tab.Click("Descrizione")
	tab.Fill("description", "Aperto dalle nove alle dodici")
	tab.Click("Salva e continua")
	tab.See("Salvato, in bozza.")
	shows("In bozza")
	tab.Click("Pubblica il servizio")
	tab.Confirm("Pubblica il servizio")
	tab.See("In review")
	shows("In review")
	m.Approve(id)
	shows("Servizio attivo", "inviare messaggi all’utenza")
	tab.Click("Tutta la cronologia")
	tab.See("Approvat")
}

// TestRequestsToDecide: the consumer finds the requests that it waits for, the producer those that
// wait for it, and decides on one of them.
func TestRequestsToDecide(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := publishEService(m, "Anagrafe")
	other := newOrganization(t, "Provincia "+m.Suffix())
	m.Agreement(e, d)
	other.ask(e, d)
	producer, consumer := site.Tab(t, "producer", officetest.Look{Lang: "it"}), site.Tab(t, "consumer", officetest.Look{Lang: "it"})
	consumer.Open("/office/agreements?states=PENDING&consumerIds=" + officetest.Consumer + "&eserviceIds=" + e + "&offset=0&limit=2")
	consumer.See("1–1 di 1")
	consumer.See("In attesa di approvazione")
	pending := "/office/agreements?states=PENDING&eserviceIds=" + e + "&offset=0&limit=2"
	producer.Open(pending)
	producer.See("1–2 di 2")
	producer.Open(pending + "&consumerIds=" + other.id)
	producer.See("1–1 di 1")
	producer.Click("Anagrafe " + m.Suffix() + " richiesta di Provincia " + m.Suffix())
	producer.See("Tocca a te decidere.")
	producer.Click("Approva")
	producer.Confirm("Approva")
	producer.See("Attiv")
	producer.Open(pending)
	producer.See("1–1 di 1")
}
