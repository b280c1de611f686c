package officetest_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
	"ciclo/shared/office"
	"ciclo/shared/office/page"
)

// areas has the areas of the sandbox's persons.
var areas = map[string]office.Area{
	"municipality": office.Services, "reviewer": office.Reviews, "producer": office.Interop, "consumer": office.Interop,
	"help-desk": office.Consumers, "operator": office.Platform,
}

// allPages lists the pages of all areas that take a method.
func allPages(method string) (all []office.Page) {
	for _, w := range page.Wings() {
		for _, p := range w.Pages {
			if p.Method == method {
				all = append(all, p)
			}
		}
	}
	return all
}

// parameter is a parameter of a path.
var parameter = regexp.MustCompile(`\{(\w+)\}`)

// at returns the URL of a page with those parameters; an id that is missing is made up.
func at(path string, ids map[string]string) string {
	return "/office" + parameter.ReplaceAllStringFunc(path, func(name string) string {
		if id, known := ids[name[1:len(name)-1]]; known {
			return id
		}
		return uuid.NewString()
	})
}

// valuesOfPaths has values of the parameters that are not ids.
func valuesOfPaths(ids map[string]string) map[string]string {
	all := map[string]string{"action": "suspend", "part": "name", "step": "1", "keyType": "primary", "kind": "declared", "group": "new"}
	maps.Copy(all, ids)
	return all
}

// TestEveryFormNeedsItsToken sends every form of the office as another site would, which knows
// the session's cookie by the browser but not its token: without a token, with an empty one, and with
// that of another session of the same person. Each is answered 403, and nothing changes.
func TestEveryFormNeedsItsToken(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	things := everyThing(t, m)
	before := stateOf(t, things)
	visitors, tokens := map[office.Area]*officetest.Visitor{}, map[office.Area]string{}
	for person, area := range areas {
		visitors[area] = site.As(t, person)
		tokens[area] = site.As(t, person).Open("/office/").Token()
	}
	n := 0
	for _, p := range append(allPages(http.MethodPost), office.Page{Path: "/sign-out", Area: office.Services}) {
		for what, form := range map[string]url.Values{"no": {}, "an empty": {"_csrf": {""}}, "another session's": {"_csrf": {tokens[p.Area]}}} {
			for name, value := range map[string]string{"reason": "Stolen", "reasonCode": "ISSUER_DECISION", "name": "Stolen", "dailyCalls": "1"} {
				form.Set(name, value)
			}
			shown := visitors[p.Area].Post(at(p.Path, valuesOfPaths(things)), form)
			if n++; shown.Status != http.StatusForbidden || !strings.Contains(shown.Words(), "Nothing was changed.") {
				t.Errorf("%s with %s token is answered %d: %s", p.Path, what, shown.Status, shown.Words())
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d forms were sent", n)
	}
	if after := stateOf(t, things); after != before {
		t.Errorf("stolen forms have changed\n%s\nto\n%s", before, after)
	}
}

// everyThing makes one thing of each kind, and returns their ids by the parameters of paths.
func everyThing(t *testing.T, m *officetest.Maker) map[string]string {
	t.Helper()
	service := m.Service("Stolen")
	m.Submit(service)
	eservice, descriptor, agreement := m.ActiveAgreement("Stolen", 100, 1000)
	purpose := m.Purpose(eservice, "Stolen", 10)
	m.AsConsumer(http.MethodPost, "/purposes/"+purpose+"/activate", nil)
	client, kid, _ := m.Client("Stolen")
	m.AsConsumer(http.MethodPost, "/clients/"+client+"/purposes", map[string]any{"purposeId": purpose})
	user := uuid.NewString()
	m.AsConsumer(http.MethodPut, "/users/"+user, map[string]any{"name": "Ada", "familyName": "Neri", "roles": []string{"admin"}})
	return map[string]string{
		"serviceId": service, "eserviceId": eservice, "descriptorId": descriptor, "agreementId": agreement, "purposeId": purpose,
		"clientId": client, "kid": kid, "userId": user, "consumerId": m.CardHolder("stolen", 1), "attributeId": m.Certified("Stolen"),
	}
}

// stateOf returns what the APIs say of things.
func stateOf(t *testing.T, things map[string]string) string {
	t.Helper()
	key, issuer := site.Key(t, "owner=comune"), site.Token(t, "issuerId="+officetest.Issuer)
	consumer := site.Token(t, "organizationId="+officetest.Consumer)
	return answers(t, [][2]string{
		{key, manage + things["serviceId"]},
		{key, manage + things["serviceId"] + "/keys"},
		{consumer, "/eservices/" + things["eserviceId"]},
		{consumer, "/eservices/" + things["eserviceId"] + "/descriptors/" + things["descriptorId"]},
		{consumer, "/agreements/" + things["agreementId"]},
		{consumer, "/purposes/" + things["purposeId"]},
		{consumer, "/clients/" + things["clientId"]},
		{consumer, "/clients/" + things["clientId"] + "/keys"},
		{consumer, "/clients/" + things["clientId"] + "/purposes"},
		{consumer, "/users/" + things["userId"]},
		{issuer, "/issuers/" + officetest.Issuer + "/consumers/" + things["consumerId"]},
	})
}

// answers reads paths, each with the credential before it, which must be there.
func answers(t *testing.T, paths [][2]string) string {
	t.Helper()
	var all []string
	for _, c := range paths {
		status, answer := site.Call(t, c[0], http.MethodGet, c[1], "")
		if status != http.StatusOK {
			t.Fatalf("%s is answered %d: %s", c[1], status, answer)
		}
		all = append(all, c[1]+": "+answer)
	}
	return strings.Join(all, "\n")
}

// TestEveryPageIsOfItsArea opens every page as every person, and as nobody. Who has not the
// page's area is answered 403 without anything of it; nobody comes to the page of persons, and
// from there back to it.
func TestEveryPageIsOfItsArea(t *testing.T) {
	t.Parallel()
	nobody := site.Visit(t)
	visitors := map[string]*officetest.Visitor{}
	for person := range areas {
		visitors[person] = site.As(t, person)
	}
	for _, p := range allPages(http.MethodGet) {
		path := at(p.Path, valuesOfPaths(nil))
		if p.Area == "" || p.Area == office.Everybody {
			t.Errorf("%s is of no area", p.Path)
		}
		for person, area := range areas {
			shown := visitors[person].Get(path)
			refused := shown.Status == http.StatusForbidden && strings.Contains(shown.Words(), "This page is not for you")
			if refused != (area != p.Area) || refused && shown.Find("main form, main table, main dl").Length() > 0 {
				t.Errorf("%s at %s is answered %d: %s", person, p.Path, shown.Status, shown.Words())
			}
		}
		shown := nobody.Get(path)
		if shown.URL.Path != "/office/sign-in" || "/office"+shown.URL.Query().Get("back") != path {
			t.Errorf("nobody at %s comes to %s", path, shown.URL)
		}
	}
}

// TestEveryFormIsOfItsArea: no form is taken from a person without its area, whose session has a
// token, nor from nobody.
func TestEveryFormIsOfItsArea(t *testing.T) {
	t.Parallel()
	nobody := site.Visit(t)
	for person, area := range areas {
		v := site.As(t, person)
		token := v.Open("/office/").Token()
		for _, p := range allPages(http.MethodPost) {
			path := at(p.Path, valuesOfPaths(nil))
			if area == p.Area {
				if shown := nobody.Post(path, url.Values{}); shown.URL.Path != "/office/sign-in" {
					t.Errorf("nobody's form at %s leads to %s with %d", path, shown.URL, shown.Status)
				}
				continue
			}
			shown := v.Post(path, url.Values{"_csrf": {token}})
			if shown.Status != http.StatusForbidden || !strings.Contains(shown.Words(), "This page is not for you") {
				t.Errorf("the form of %s from %s is answered %d: %s", person, p.Path, shown.Status, shown.Words())
			}
		}
	}
}

// strangers makes things of organizations that no person of the sandbox acts for: a service, an
// e-service that is not published, and an agreement, a purpose and a client on another one.
// All have secret in their names. It returns their ids by the parameters of paths, and a function
// that reads them all with the credentials of their owners.
func strangers(t *testing.T, m *officetest.Maker, secret string) (ids map[string]string, state func() string) {
	t.Helper()
	owner := site.Key(t, "owner=stranger")
	service := site.JSON(t, owner, http.MethodPost, strings.TrimSuffix(manage, "/"), m.Sheet(secret))["id"]
	one, two := newOrganization(t, "One "+m.Suffix()), newOrganization(t, "Two "+m.Suffix())
	eservice, descriptor := one.offer("Shared " + m.Suffix())
	agreement := two.ask(eservice, descriptor)
	one.call(http.MethodPost, "/agreements/"+agreement+"/approve", nil)
	purpose := fmt.Sprint(two.call(http.MethodPost, "/purposes", map[string]any{
		"eserviceId": eservice, "title": secret, "description": secret, "isFreeOfCharge": false, "dailyCalls": 1,
		"riskAnalysisForm": map[string]any{"version": "3.1", "answers": map[string]any{"purpose": []string{secret}}},
	})["id"])
	two.call(http.MethodPost, "/purposes/"+purpose+"/activate", map[string]any{})
	client := fmt.Sprint(two.call(http.MethodPost, "/clients", map[string]any{"name": secret, "members": []string{}})["id"])
	_, public := officetest.NewKey(t)
	key, _ := two.call(http.MethodPost, "/clients/"+client+"/keys", map[string]any{
		"name": secret, "use": "SIG", "alg": "ES256", "key": base64.StdEncoding.EncodeToString([]byte(public)),
	})["jwk"].(map[string]any)
	two.call(http.MethodPost, "/clients/"+client+"/purposes", map[string]any{"purposeId": purpose})
	user := uuid.NewString()
	two.call(http.MethodPut, "/users/"+user, map[string]any{"name": secret, "familyName": secret, "roles": []string{"admin"}})
	two.call(http.MethodPost, "/clients/"+client+"/users", map[string]any{"userId": user})
	draft, _ := one.call(http.MethodPost, "/eservices", map[string]any{
		"name": secret, "description": secret, "technology": "REST", "mode": "DELIVER", "personalData": true,
		"descriptor": map[string]any{
			"audience": []string{uuid.NewString() + ".example.it/v1"}, "voucherLifespan": 600,
			"dailyCallsPerConsumer": 10, "dailyCallsTotal": 10, "agreementApprovalPolicy": "MANUAL",
		},
	})["id"].(string)
	card := site.Token(t, "issuerId=ISSUER-009")
	holder := "holder-" + strings.ToLower(m.Suffix())
	card9 := "/issuers/ISSUER-009/consumers/" + holder
	site.JSON(t, card, http.MethodPut, card9+"/cards", map[string]any{
		"cards": []map[string]any{{"cardId": holder + "-card", "accountId": secret}},
	})
	var log struct {
		Operations []struct{ OperationID string }
	}
	read(t, card, card9+"/operations", &log)
	if len(log.Operations) == 0 || key["kid"] == nil {
		t.Fatalf("the strangers have the operations %v and the key %v", log, key)
	}
	ids = map[string]string{
		"serviceId": fmt.Sprint(service), "eserviceId": draft, "descriptorId": site.FirstDescriptor(t, one.token, draft),
		"agreementId": agreement, "purposeId": purpose, "clientId": client, "userId": user, "kid": fmt.Sprint(key["kid"]),
		"consumerId": holder, "cardId": holder + "-card", "operationId": log.Operations[0].OperationID,
	}
	return ids, func() string {
		t.Helper()
		return answers(t, [][2]string{
			{owner, manage + ids["serviceId"]},
			{owner, manage + ids["serviceId"] + "/keys"},
			{one.token, "/eservices/" + draft},
			{one.token, "/eservices/" + draft + "/descriptors/" + ids["descriptorId"]},
			{two.token, "/agreements/" + agreement},
			{two.token, "/purposes/" + purpose},
			{two.token, "/clients/" + client},
			{two.token, "/clients/" + client + "/keys"},
			{two.token, "/clients/" + client + "/purposes"},
			{two.token, "/clients/" + client + "/users"},
			{two.token, "/users/" + user},
			{card, card9},
			{card, card9 + "/operations"},
		})
	}
}

// listsOfIDs are pages that say for an id that is not the organization's what they say for one
// that is not there, and are not refused.
var listsOfIDs = map[string]string{
	"GET /clients/{clientId}":                "anybody may see that a client is there, and whose it is not",
	"GET /consumers/{consumerId}/operations": "the API answers an empty list for any id (seed 003)",
	"GET /users/{userId}":                    "the form of a user that is not there yet",
	"POST /users/{userId}":                   "it makes a user of one's own",
	"POST /attributes/{attributeId}/revoke":  "the organization has not declared it",
}

// TestNothingOfOthers opens every page, and sends every form with a right token, with the ids of
// things of other organizations: nothing of theirs is shown, each page is refused with 403 or 404, and
// nothing of theirs changes.
func TestNothingOfOthers(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	secret := "Secret" + m.Suffix()
	ids, state := strangers(t, m, secret)
	before, n := state(), 0
	for person, area := range areas {
		v := site.As(t, person)
		token := v.Open("/office/").Token()
		for _, p := range append(allPages(http.MethodGet), allPages(http.MethodPost)...) {
			if p.Area != area || area == office.Reviews { // reviewers read the services of all owners
				continue
			}
			var shown *officetest.Shown
			path := at(p.Path, valuesOfPaths(ids))
			switch {
			case p.Method == http.MethodGet:
				shown = v.Get(path)
			case strings.Contains(p.Path, "{"):
				shown = v.Post(path, url.Values{
					"_csrf": {token}, "reason": {"Taken over"}, "code": {"INVALID_FIELDS"}, "name": {"Taken over"}, "dailyCalls": {"2"},
					"purposeId": {ids["purposeId"]}, "userId": {ids["userId"]},
					"adminId": {ids["userId"]}, "eserviceId": {ids["eserviceId"]},
				})
			default:
				continue
			}
			n++
			if strings.Contains(shown.Text(), secret) {
				t.Errorf("%s sees at %s %s what is of others: %s", person, p.Method, p.Path, shown.Words())
			}
			refused := shown.Status == http.StatusForbidden || shown.Status == http.StatusNotFound
			if _, excused := listsOfIDs[p.Method+" "+p.Path]; strings.Contains(p.Path, "Id}") && !refused && !excused {
				t.Errorf("%s at %s %s is answered %d: %s", person, p.Method, p.Path, shown.Status, shown.Words())
			}
		}
	}
	if n < 120 {
		t.Errorf("only %d pages and forms were tried", n)
	}
	if after := state(); after != before {
		t.Errorf("persons have changed what is of others\n%s\nto\n%s", before, after)
	}
}
