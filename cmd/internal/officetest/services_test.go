package officetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
	pages "ciclo/shared/office/services"
	"ciclo/shared/services/service"
)

const manage = "/api/v1/manage/services/"

// sheetOf returns what the first step of the form is filled with.
func sheetOf(name string) map[string]any {
	return map[string]any{
		"name": name, "description": "Certificati per i cittadini", "metadata.topic_id": "11", "metadata.scope": "LOCAL",
		"organization.name": "Comune", "organization.fiscal_code": "12345678901",
	}
}

// idOf returns the id of the service whose page is shown.
func idOf(p *officetest.Shown) string { return strings.Split(p.URL.Path, "/")[3] }

// serviceOf makes a service of the municipality with those data.
func serviceOf(m *officetest.Maker, sheet map[string]any) (id string) {
	return m.AsMunicipality(http.MethodPost, strings.TrimSuffix(manage, "/"), sheet)
}

// readService reads a service through the API.
func readService(t *testing.T, id string) (s map[string]any) {
	t.Helper()
	status, answer := site.Call(t, site.Key(t, "owner=comune"), http.MethodGet, manage+id, "")
	if err := json.Unmarshal([]byte(answer), &s); err != nil || status != http.StatusOK {
		t.Fatalf("answered %d: %s", status, answer)
	}
	return s
}

// asReviewer calls the API as the reviewer.
func asReviewer(t *testing.T, method, path string, body map[string]any) {
	t.Helper()
	site.JSON(t, site.Key(t, "owner=platform&role=reviewer"), method, path, body)
}

// linksOf returns where the links of what selector finds lead to, without their hosts.
func linksOf(p *officetest.Shown, selector string) []string {
	return p.Find(selector).Find("a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
}

// wantButtons fails unless the page offers exactly these actions on the service, beside those
// on its keys.
func wantButtons(t *testing.T, p *officetest.Shown, want ...string) {
	t.Helper()
	var got []string
	for _, b := range p.Buttons() {
		if !strings.HasPrefix(b, "Regenerate") {
			got = append(got, b)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s offers %q, want %q", p.URL.Path, got, want)
	}
}

// TestServiceFromDraftToPublication: a municipality writes the sheet of a service in three
// steps, asks for its publication too early, corrects what the page lists, is asked for a
// change by the reviewer, and has it published; it hides, shows and deletes it.
func TestServiceFromDraftToPublication(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	name := "School meals " + m.Suffix()
	first := v.Open("/office/services").Click("New service")
	wrong := sheetOf(name)
	wrong["organization.fiscal_code"] = "123"
	refused := first.Press("Save and continue", wrong)
	refused.See("Check these fields", "Fiscal code of the body: 11 digits are expected", "Code to quote to support")
	if kept := refused.Find(`[name="name"]`).AttrOr("value", ""); refused.Status != http.StatusBadRequest || kept != name {
		t.Errorf("answered %d, and the name typed is %q", refused.Status, kept)
	}
	second := refused.Press("Save and continue", sheetOf(name)).See("The service is created, as a draft.", "Contacts and links")
	third := second.Press("Save and continue", map[string]any{"metadata.email": "no address"})
	shown := third.Press("Save", map[string]any{"authorized_cidrs": "192.0.2.0/24\n999.1.1.1"})
	shown.See("Draft", "Never published", "Privacy notice: the privacy notice is needed", "E-mail: expected an e-mail address")
	shown.Miss("Active service")
	wantButtons(t, shown, "Publish the service", "Delete the service")
	id := idOf(shown)
	edit := "/office/services/" + id + "/edit/"
	want := []string{edit + "2#f-metadata-privacy_url", edit + "2#f-metadata-email", edit + "3#f-authorized_cidrs"}
	if got := linksOf(shown, "section:has(#findings)"); !slices.Equal(got, want) {
		t.Errorf("the findings lead to %q, want %q", got, want)
	}
	shown = shown.Press("Publish the service", nil)
	shown.See("Changes requested", "Data incomplete or incorrect", "The service lacks metadata", "the privacy notice is needed")
	wantButtons(t, shown, "Delete the service")
	if v.Open(edit+"2").See("Data incomplete or incorrect").Find("#f-metadata-privacy_url").Length() != 1 {
		t.Error("the field that a reason leads to is not there")
	}
	right := map[string]any{"metadata.privacy_url": "https://example.it/p", "metadata.email": "a@example.it"}
	v.Open(edit+"2").Press("Save and continue", right).
		Press("Save", map[string]any{"authorized_cidrs": ""}).See("The automatic checks find nothing to correct. Then a reviewer decides.").
		Press("Publish the service", map[string]any{"auto_publish": "true"}).
		See("In review since", "because you asked for its publication")
	shown = v.Open("/office/services/" + id)
	wantButtons(t, shown, "Withdraw the request")
	if shown.Link("Edit the sheet") != "" {
		t.Error("a service in review can be edited")
	}
	shown.Press("Withdraw the request", nil).See("the service is a draft").Press("Publish the service", map[string]any{"auto_publish": "true"})
	m.Reject(id, "The description is too short.\nmetadata.email: nobody answers")
	shown = v.Open("/office/services/"+id).See("fields that are not filled in correctly", "E-mail: nobody answers")
	if got := linksOf(shown, "main .alert"); !slices.Equal(got[:2], []string{edit + "1#f-description", edit + "2#f-metadata-email"}) {
		t.Errorf("the reasons lead to %q", got)
	}
	v.Open(edit+"1").Press("Save and continue", map[string]any{"description": "Enrolment, fees and menus"})
	v.Open("/office/services/"+id).Press("Publish the service", map[string]any{"auto_publish": "true"})
	m.Approve(id)
	shown = v.Open("/office/services/"+id).See("Active service", "visible in the app, and messages can be sent", "are the same")
	wantButtons(t, shown, "Hide from the app", "Delete the service")
	shown = shown.Press("Hide from the app", nil).See("Approved, not visible in the app")
	wantButtons(t, shown, "Show in the app", "Delete the service")
	shown = shown.Press("Show in the app", nil).See("Active service")
	shown.See("Published: visible in the app", "Not visible in the app", "Publication asked for").
		Press("Delete the service", nil).See("The service is deleted.")
	wantButtons(t, v.Open("/office/services/"+id).See("deleted for good").Miss("Keys"))
}

// TestPublicationOutcomes: after a request for publication its outcome is on the page of the
// service, in the words of App IO (Passaggio in produzione).
func TestPublicationOutcomes(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality").In("it")
	id := m.Service("Esito")
	page := "/office/services/" + id
	v.Open(page).See("In bozza").Press("Pubblica il servizio", map[string]any{"auto_publish": "true"}).
		See("In revisione", "In review", "Il servizio è in corso di revisione in seguito alla tua richiesta di pubblicazione.")
	for code, want := range map[string]string{
		"CONTRACT_NOT_RECEIVED": "Non è stato ricevuto il contratto di adesione (via PEC).",
		"NOT_A_DELEGATE": "L’account che ha generato i servizi non corrisponde a un delegato indicato nel contratto di adesione " +
			"o tramite aggiornamenti via PEC.",
		"MISSING_METADATA": "Il servizio non presenta tutti i metadati obbligatori nella scheda servizio.",
		"INVALID_FIELDS":   "Il servizio presenta dei campi non compilati correttamente.",
	} {
		asReviewer(t, http.MethodPost, manage+id+"/review/reject", map[string]any{"reason": "Perché sì", "code": code})
		shown := v.Open(page).See("Modifiche richieste", "Dati incompleti o incorretti",
			"La richiesta di pubblicazione è stata rifiutata.", want, "Perché sì",
			"Puoi modificare la scheda e rinviare la richiesta di pubblicazione.")
		shown.Click("Modifica la scheda").Press("Salva e continua", map[string]any{"description": "Corretta per " + code})
		v.Open(page).Press("Pubblica il servizio", map[string]any{"auto_publish": "true"})
	}
	m.Approve(id)
	v.Open(page).See("Attivo", "Servizio attivo", "Il servizio è visibile in app ed è possibile inviare messaggi all’utenza.")
}

// TestFindingsInItalian: everything that the automatic review finds is said in Italian.
func TestFindingsInItalian(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality").In("it")
	sheet := m.Sheet("Errori")
	sheet["metadata"] = map[string]any{
		"scope": "LOCAL", "privacy_url": "x", "email": "x", "pec": "x", "support_url": "x",
		"tos_url": "x", "web_url": "x", "app_ios": "x", "app_android": "x",
	}
	sheet["authorized_cidrs"] = []string{"999.1.1.1"}
	wrong, empty := serviceOf(m, sheet), serviceOf(m, map[string]any{
		"name": "Vuoto " + m.Suffix(), "description": "x", "organization": sheet["organization"], "metadata": map[string]any{"scope": "LOCAL"},
	})
	taken := m.Service("Doppione")
	m.Submit(taken)
	double := m.Service("Doppione")
	for id, n := range map[string]int{wrong: 9, empty: 2, double: 1} {
		shown := v.Open("/office/services/" + id)
		found := shown.Find("section:has(#findings) li")
		if found.Length() != n || found.Find("a[href*='/edit/']").Length() != n {
			t.Errorf("%d findings: %s", found.Length(), shown.Words())
		}
		if text := found.Text(); strings.Contains(text, "expected") || strings.Contains(text, "needed") || strings.Contains(text, "already") {
			t.Errorf("not in Italian: %s", text)
		}
	}
}

// TestMarkupInServices: what people type stays text on every page.
func TestMarkupInServices(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	const markup = `<script>alert(1)</script>"'><b>&amp;`
	sheet := m.Sheet(markup)
	sheet["description"] = markup
	id := serviceOf(m, sheet)
	m.Submit(id)
	m.Reject(id, markup)
	name := fmt.Sprint(sheet["name"])
	for _, path := range []string{"", "/edit/1", "/history", "/logo"} {
		shown := v.Open("/office/services/" + id + path)
		if shown.Find("main script, main b:contains('amp')").Length() > 0 || !strings.Contains(shown.Text(), name) {
			t.Errorf("%s does not show %s as text", shown.URL.Path, name)
		}
	}
	v.Open("/office/services?name=" + m.Suffix()).See(name)
}

// TestEveryActionOfOwnersHasWords: a page offers what the API allows, in words. An action that
// the API gets later has to get them, too.
func TestEveryActionOfOwnersHasWords(t *testing.T) {
	t.Parallel()
	for _, rules := range [][]string{actionsOf(service.Machine.Rules), actionsOf(service.Publication.Rules)} {
		if len(rules) == 0 {
			t.Error("the API lets owners do nothing")
		}
		for _, action := range rules {
			if !slices.Contains(pages.Worded(), action) {
				t.Errorf("the action %s has no words", action)
			}
		}
	}
}
