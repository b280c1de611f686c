package officetest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// markup is what a name may be: it would run a script, end an attribute and be an entity.
const (
	markup = `<script id="pwned">alert(1)</script><img id='pwned' src=x onerror=alert(1)>"'&amp;</title></textarea>`
	short  = `<script id="pwned">x()</script>"'&amp;<b>` // where names may not be longer
)

// populateMarkup makes things whose names, descriptions, notes and reasons are markup, where
// the APIs take it, and returns the paths of pages that people search for, by person.
func populateMarkup(t *testing.T, box *officetest.Site) (searched map[string][]string) {
	t.Helper()
	m := box.Make(t)
	call := func(token, method, path string, body map[string]any) string {
		t.Helper()
		id, _ := box.JSON(t, token, method, path, body)["id"].(string)
		return id
	}
	named := "&organizationName=" + url.QueryEscape(markup)
	producer := box.Token(t, "organizationId="+officetest.Producer+named)
	consumer := box.Token(t, "organizationId="+officetest.Consumer+named)
	markupServices(m)

	eservice := call(producer, http.MethodPost, "/eservices", map[string]any{
		"name": short, "description": markup, "technology": "REST", "mode": "DELIVER", "personalData": true,
		"descriptor": map[string]any{
			"audience": []string{"pwned.example.it/v1"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 100, "dailyCallsTotal": 1000,
			"agreementApprovalPolicy": "MANUAL", "description": markup,
		},
	})
	descriptor := box.FirstDescriptor(t, producer, eservice)
	declared := call(producer, http.MethodPost, "/declaredAttributes", map[string]any{"name": short, "description": markup})
	call(producer, http.MethodPost, "/eservices/"+eservice+"/descriptors/"+descriptor+"/declaredAttributes/groups",
		map[string]any{"attributeIds": []string{declared}})
	call(consumer, http.MethodPost, "/tenants/"+officetest.Consumer+"/declaredAttributes", map[string]any{"id": declared})
	call(producer, http.MethodPost, "/eservices/"+eservice+"/descriptors/"+descriptor+"/publish", map[string]any{})
	agreement := call(consumer, http.MethodPost, "/agreements", map[string]any{"eserviceId": eservice, "descriptorId": descriptor})
	call(consumer, http.MethodPost, "/agreements/"+agreement+"/submit", map[string]any{"consumerNotes": markup})
	call(producer, http.MethodPost, "/agreements/"+agreement+"/approve", map[string]any{})
	draft := func(calls int) string {
		t.Helper()
		return call(consumer, http.MethodPost, "/purposes", map[string]any{
			"eserviceId": eservice, "title": short + strconv.Itoa(calls), "description": markup, "dailyCalls": calls,
			"isFreeOfCharge": true, "freeOfChargeReason": markup,
			"riskAnalysisForm": map[string]any{"version": "3.1", "answers": map[string]any{"purpose": []string{markup}}},
		})
	}
	draft(20)
	purpose := func(calls int) string {
		t.Helper()
		id := draft(calls)
		call(consumer, http.MethodPost, "/purposes/"+id+"/activate", map[string]any{})
		return id
	}
	active := purpose(10)
	call(producer, http.MethodPost, "/purposes/"+purpose(900)+"/reject", map[string]any{"rejectionReason": markup})
	client := call(consumer, http.MethodPost, "/clients", map[string]any{"name": short, "description": markup, "members": []string{}})
	call(consumer, http.MethodPost, "/clients/"+client+"/purposes", map[string]any{"purposeId": active})
	user := uuid.NewString()
	call(consumer, http.MethodPut, "/users/"+user, map[string]any{"name": short, "familyName": short, "roles": []string{"admin"}})
	call(consumer, http.MethodPost, "/clients/"+client+"/users", map[string]any{"userId": user})
	call(consumer, http.MethodPost, "/clientsApi", map[string]any{"name": short, "members": []string{}})
	call(consumer, http.MethodPost, "/agreements/"+agreement+"/suspend", map[string]any{})

	holder := m.CardHolder("holder", 1)
	return map[string][]string{"help-desk": {"/office/consumers/" + holder}}
}

// markupServices makes services whose names are markup: one that is active with another draft in
// review, and one that was rejected.
func markupServices(m *officetest.Maker) {
	sheet := func(name string) map[string]any {
		s := m.Sheet(name)
		s["description"], s["organization"] = markup, map[string]any{"name": markup, "fiscal_code": "12345678901", "department_name": markup}
		s["metadata"] = map[string]any{
			"scope": "LOCAL", "topic_id": 11, "privacy_url": "https://example.it/?" + url.QueryEscape(markup),
			"phone": markup, "address": markup,
		}
		return s
	}
	services := strings.TrimSuffix(manage, "/")
	live := m.AsMunicipality(http.MethodPost, services, sheet(markup))
	m.Submit(live)
	m.Approve(live)
	m.AsMunicipality(http.MethodPut, manage+live, sheet("Bozza "+markup))
	m.Submit(live)
	refused := m.AsMunicipality(http.MethodPost, services, sheet("B "+markup))
	m.Submit(refused)
	m.Reject(refused, markup+"\ndescription: "+markup)
}

// searchesWithMarkup are pages whose URL ends with markup.
var searchesWithMarkup = []place{
	{"municipality", "/office/services?name="},
	{"producer", "/office/eservices?name="},
	{"producer", "/office/purposes?title="},
	{"producer", "/office/agreements?eserviceIds="},
	{"consumer", "/office/clients?name="},
	{"consumer", "/office/attributes?name="},
	{"help-desk", "/office/consumers?id="},
	{"help-desk", "/office/consumers?by=card&id="},
	{"consumer", "/office/debug?client_id="},
	{"municipality", "/office/services?sort="},
	{"municipality", "/office/services?offset="},
	{"consumer", "/office/users?name="},
	{"", "/office/sign-in?back="},
	{"municipality", "/office/nothing?x="},
	{"consumer", "/office/agreements/new?eserviceId="},
	{"consumer", "/office/purposes/new?eserviceId="},
	{"municipality", "/office/services/"},
	{"consumer", "/office/clients/"},
	{"consumer", "/office/purposes/"},
	{"consumer", "/office/eservices/"},
	{"help-desk", "/office/consumers/"},
	{"help-desk", "/office/cards/"},
}

// searchFields are the fields that say again what the URL ends with.
var searchFields = map[string]string{
	"/office/services?name=": "name", "/office/eservices?name=": "name", "/office/purposes?title=": "title",
	"/office/consumers?id=": "id", "/office/consumers?by=card&id=": "id",
	"/office/clients?name=": "name", "/office/services?sort=": "sort",
}

// TestMarkupStaysText walks through an office in which every name is markup: no page has an
// element or an attribute of it, and what the names say is shown as it was typed.
func TestMarkupStaysText(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t)
	found := walked(t, box, populateMarkup(t, box))
	visitors := map[string]*officetest.Visitor{"": box.Visit(t)}
	for _, person := range persons {
		visitors[person] = box.As(t, person)
	}
	var says []string
	for pattern, all := range found {
		for _, at := range all {
			shown := visitors[at.person].Open(at.path)
			checkMarkup(t, shown)
			if strings.Contains(shown.Text(), `<script id="pwned">`) {
				says = append(says, pattern)
			}
		}
	}
	for _, pattern := range []string{
		"/services", "/services/{serviceId}", "/services/{serviceId}/edit/{step}",
		"/services/{serviceId}/history",
		"/services/{serviceId}/logo",
		"/reviews", "/reviews/{serviceId}", "/eservices", "/eservices/mine", "/eservices/{eserviceId}",
		"/eservices/{eserviceId}/descriptors/{descriptorId}", "/attributes", "/agreements", "/agreements/{agreementId}",
		"/purposes", "/purposes/{purposeId}", "/purposes/{purposeId}/edit", "/purposes/{purposeId}/estimate", "/purposes/{purposeId}/clone",
		"/clients", "/clients/api", "/clients/{clientId}", "/clients/{clientId}/purposes", "/clients/{clientId}/users",
		"/users", "/users/{userId}",
	} {
		if !slices.Contains(says, pattern) {
			t.Errorf("%s shows none of the names", pattern)
		}
	}
	for _, p := range searchesWithMarkup {
		escape := url.PathEscape
		if strings.Contains(p.path, "?") {
			escape = url.QueryEscape
		}
		shown := visitors[p.person].Get(p.path + escape(markup))
		checkMarkup(t, shown)
		if field := searchFields[p.path]; field != "" {
			if value := shown.Find(`main input[name="`+field+`"]`).AttrOr("value", ""); value != markup {
				t.Errorf("%s has %q in the field %s", p.path, value, field)
			}
		}
	}
}

// checkMarkup checks that a page has no element or attribute that its names would make.
func checkMarkup(t *testing.T, shown *officetest.Shown) {
	t.Helper()
	if n := shown.Find("#pwned, [onerror], script:not([src]), img[src=x]").Length(); n > 0 {
		t.Errorf("%s has %d elements of a name", shown.URL.Path, n)
	}
	if shown.Find("body > footer").Length() != 1 || shown.Find("title").Length() != 1 {
		t.Errorf("a name ends the markup of %s", shown.URL.Path)
	}
}

// TestMarkupInBrowser: where a browser shows the names, no script of theirs runs.
func TestMarkupInBrowser(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.AsMunicipality(http.MethodPost, strings.TrimSuffix(manage, "/"), m.Sheet(markup))
	tab := site.Tab(t, "municipality", officetest.Look{})
	for path, shows := range map[string]string{
		"/office/services?name=" + m.Suffix(): "main a", "/office/services/" + id: "main h1",
		"/office/services/" + id + "/edit/1": `[name="name"]`,
	} {
		tab.Open(path) // an alert would hold the page
		tab.Shows(shows, markup)
		if n := tab.Count("#pwned"); n > 0 {
			t.Errorf("%s has %d elements of a name", path, n)
		}
	}
}
