package officetest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// seen is a body of JSON.
type seen = map[string]any

// eserviceForm is what a producer types for a new e-service.
func eserviceForm(name string) map[string]any {
	return map[string]any{
		"name": name, "description": "Says where a person lives.", "personalData": "true",
		"descriptor.audience":              "https://" + strings.ToLower(strings.ReplaceAll(name, " ", "-")) + ".example.it",
		"descriptor.dailyCallsPerConsumer": "100", "descriptor.dailyCallsTotal": "1000",
	}
}

// TestEServiceStory: a producer drafts an e-service, is told what is wrong at the fields,
// publishes, makes a next version, and is told what that does to those who use the first.
func TestEServiceStory(t *testing.T) {
	t.Parallel()
	name := "Residence " + site.Make(t).Suffix()
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")
	typed := eserviceForm(name)
	typed["descriptor.dailyCallsTotal"] = "50"
	typed["descriptor.voucherLifespan"] = "ten"
	refused := producer.Open("/office/eservices/mine").Click("New e-service").Press("Create the draft", typed)
	checkWrong(t, refused, "descriptor.voucherLifespan", http.StatusBadRequest)
	refused = refused.Press("Create the draft", map[string]any{"descriptor.voucherLifespan": "600"})
	checkWrong(t, refused, "descriptor.dailyCallsPerConsumer", http.StatusBadRequest)
	if kept := refused.Find(`[name="name"]`).AttrOr("value", ""); kept != name {
		t.Errorf("the name is not kept: %q", kept)
	}
	draft := refused.Press("Create the draft", map[string]any{"descriptor.dailyCallsTotal": "1000"})
	draft.See("The draft was created", name, "Draft")
	path := draft.URL.Path
	if hidden := consumer.Get(path); hidden.Status != http.StatusNotFound {
		t.Errorf("another organization gets a draft: %d", hidden.Status)
	}
	version := draft.Click("Version 1").See("Draft", "10 minutes (600 s)", "100 calls a day", "Automatic", "No attributes")
	version.See("Publish version 1?", "cannot be taken away any more")
	published := version.Press("Publish", nil).See("The version is published.", "Active")
	asked := consumer.Open(path).See("Active").Link("Request its use")
	if want := "/office/agreements/new?eserviceId=" + lastOf(path) + "&descriptorId=" + lastOf(published.URL.Path); asked != want {
		t.Errorf("the request is made at %s, want %s", asked, want)
	}

	second := producer.Open(path).Click("New version").Press("Create the draft version", map[string]any{"description": "A faster answer"})
	second.See("Version 1 is not in use: it becomes Archived, for good.", "A faster answer")
	m := site.Make(t)
	m.AsConsumer(http.MethodPost, "/agreements/"+m.Agreement(lastOf(path), lastOf(published.URL.Path))+"/suspend", nil)
	second = producer.Open(second.URL.Path).See("Version 1 becomes Deprecated", "agreements in use: 1")
	second.Press("Publish", nil).See("Active")
	producer.Open(published.URL.Path).See("Deprecated")
	if link := consumer.Open(path).Link("Your agreement"); !strings.HasPrefix(link, "/office/agreements/") {
		t.Errorf("the consumer's own request is at %q", link)
	}

	suspended := producer.Open(second.URL.Path).See("no consumer gets vouchers", "at most 10 minutes").Press("Suspend", nil)
	suspended.See("Suspended", "no vouchers for those who use it")
	consumer.Open("/office/eservices?name="+strings.ReplaceAll(name, " ", "+")).See(name, "Suspended", "Anagrafe")
	suspended.Press("Reactivate", nil).See("Active", "in use again")
}

func lastOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

// checkWrong checks that a page shows an error at a field, and links to it.
func checkWrong(t *testing.T, shown *officetest.Shown, field string, status int) {
	t.Helper()
	id := "f-" + strings.ReplaceAll(field, ".", "-")
	if shown.Status != status || shown.Find("#"+id+"-error").Text() == "" || shown.Find(`a[href="#`+id+`"]`).Length() != 1 ||
		shown.Find("#"+id).AttrOr("aria-invalid", "") != "true" {
		t.Errorf("%s is answered %d without an error at %s: %s", shown.URL.Path, shown.Status, field, shown.Words())
	}
}

// TestEServiceWithoutPersonalData: a publication that lacks something says what, and leads to
// where it is added.
func TestEServiceWithoutPersonalData(t *testing.T) {
	t.Parallel()
	producer := site.As(t, "producer")
	typed := eserviceForm("Incomplete " + site.Make(t).Suffix())
	typed["personalData"] = ""
	version := producer.Open("/office/eservices/new").Press("Create the draft", typed).Click("Version 1")
	refused := version.Press("Publish", nil)
	if refused.Status != http.StatusBadRequest {
		t.Errorf("the publication is answered %d", refused.Status)
	}
	edit := refused.See("personalData", "Draft").Click("Complete the data of the e-service")
	edit.Press("Save", map[string]any{"personalData": "false"}).See("Saved.")
	producer.Open(version.URL.Path).Press("Publish", nil).See("Active")
}

// offered has what the pages offer for each action of the API: words of a button, or of a link.
var offered = map[string]string{
	"publish": "Publish", "unsuspend": "Reactivate", "suspend": "Suspend", "delete": "Delete the draft", "update": "Edit the draft",
	"updateQuotas": "Update the thresholds", "requireGroup": "Edit the required attributes",
	"requireAttribute":  "Edit the required attributes",
	"removeRequirement": "Edit the required attributes", "updateAttributeQuota": "Edit the required attributes",
}

// offeredOf is offered for an e-service.
var offeredOf = map[string]string{
	"update": "Edit the e-service", "delete": "Delete the e-service", "createDescriptor": "New version",
	"updateName": "Edit the e-service", "updateDescription": "Edit the e-service", "updateDelegation": "Edit the e-service",
	"updateSignalHub": "Edit the e-service", "setPersonalData": "Edit the e-service",
}

// TestEServiceActions: in every state, the pages offer what the API allows and nothing else; to
// others than the producer they offer nothing. Every action of the API has words.
func TestEServiceActions(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")
	token := site.Token(t, "organizationId="+officetest.Producer)
	e, first := m.EService("Actions", 10, 100)
	check := func() {
		t.Helper()
		var list struct{ Results []struct{ ID, State string } }
		read(t, token, "/eservices/"+e+"/descriptors", &list)
		compare := func(path string, words map[string]string) {
			t.Helper()
			var answer struct{ AllowedActions []string }
			read(t, token, path+"/allowedActions", &answer)
			var want []string
			for _, action := range answer.AllowedActions {
				if words[action] == "" {
					t.Errorf("%s has no words", action)
				}
				want = append(want, words[action])
			}
			shown := producer.Open("/office" + path)
			for _, text := range words {
				has := shown.Has(text) || shown.Link(text) != ""
				if has != slices.Contains(want, text) {
					t.Errorf("%s in %v: %q is offered: %v, allowed: %v", path, list.Results, text, has, answer.AllowedActions)
				}
			}
			others := consumer.Get("/office" + path)
			for _, text := range words {
				if others.Has(text) || others.Link(text) != "" {
					t.Errorf("%s offers %q to others", path, text)
				}
			}
		}
		compare("/eservices/"+e, offeredOf)
		for _, d := range list.Results {
			compare("/eservices/"+e+"/descriptors/"+d.ID, offered)
		}
	}
	check()
	m.Publish(e, first)
	check()
	m.Agreement(e, first)
	at := "/eservices/" + e + "/descriptors/"
	second := m.AsProducer(http.MethodPost, at[:len(at)-1], descriptorOf("actions."+strings.ToLower(m.Suffix())+".example.it/v2"))
	check()
	m.AsProducer(http.MethodPost, at+first+"/suspend", nil)
	check()
	m.AsProducer(http.MethodPost, at+second+"/publish", nil)
	check()
}

// descriptorOf is a new version.
func descriptorOf(audience string) seen {
	return seen{
		"audience": []string{audience}, "voucherLifespan": 600, "dailyCallsPerConsumer": 10, "dailyCallsTotal": 100,
		"agreementApprovalPolicy": "MANUAL",
	}
}

// read reads an answer of the API.
func read(t *testing.T, token, path string, out any) {
	t.Helper()
	status, body := site.Call(t, token, http.MethodGet, path, "")
	if status != http.StatusOK || json.Unmarshal([]byte(body), out) != nil {
		t.Fatalf("%s is answered %d: %s", path, status, body)
	}
}

// TestEServiceRaces: who saves what another has changed since is shown what changed, nothing is
// overwritten, and what was typed is kept.
func TestEServiceRaces(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	token := site.Token(t, "organizationId="+officetest.Producer)
	one, two := site.As(t, "producer"), site.As(t, "producer")
	e, d := m.EService("Race", 10, 100)
	path := "/eservices/" + e + "/descriptors/" + d
	mine := one.Open("/office" + path + "/edit")
	two.Open("/office"+path+"/edit").Press("Save", map[string]any{"voucherLifespan": "900"}).See("The draft was saved.")
	late := mine.Press("Save", map[string]any{"dailyCallsPerConsumer": "33"})
	if late.Status != http.StatusConflict {
		t.Errorf("the late one is answered %d", late.Status)
	}
	late.See("Somebody has changed these data", "voucherLifespan", "600", "900")
	if kept := late.Find(`[name="dailyCallsPerConsumer"]`).AttrOr("value", ""); kept != "33" {
		t.Errorf("what was typed is %q", kept)
	}
	late.Press("Save", map[string]any{"voucherLifespan": "900"}).See("The draft was saved.")
	var stored struct{ VoucherLifespan, DailyCallsPerConsumer int }
	if read(t, token, path, &stored); stored.VoucherLifespan != 900 || stored.DailyCallsPerConsumer != 33 {
		t.Errorf("stored is %+v", stored)
	}

	open := one.Open("/office" + path + "/edit")
	version := one.Open("/office" + path)
	two.Open("/office"+path).Press("Publish", nil).See("Active")
	late = open.Press("Save", map[string]any{"voucherLifespan": "60"})
	if late.Status != http.StatusBadRequest {
		t.Errorf("saving a published draft is answered %d", late.Status)
	}
	late.See("PUBLISHED", "not a draft that you may edit", "Active")
	version.Press("Publish", nil).See("PUBLISHED", "Active").Miss("Publish version")

	name := one.Open("/office/eservices/" + e + "/edit")
	theirs := two.Open("/office/eservices/" + e + "/edit")
	theirs.Press("Change the description", map[string]any{"description": "Another description"}).See("Saved.")
	name.Press("Change the name", map[string]any{"name": "Renamed " + m.Suffix()}).See("Saved.", "Renamed "+m.Suffix(), "Another description")
	checkWrong(t, one.Open("/office/eservices/"+e+"/edit").Press("Change the name", nil), "name", http.StatusConflict)
}

// TestEServiceLoad: the producer sees who uses how much, against the thresholds as they are
// and as they would be.
func TestEServiceLoad(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")
	e, d, _ := m.ActiveAgreement("Loaded", 1000, 5000)
	for i, calls := range []int64{500, 200} {
		purpose := m.Purpose(e, fmt.Sprint("Use ", i), calls)
		m.AsConsumer(http.MethodPost, "/purposes/"+purpose+"/activate", nil)
	}
	shown := producer.Open("/office/eservices/" + e)
	shown.See("All consumers, calls a day: 700 of 5,000", "Comune", "Calls a day: 700 of 1,000")
	if purposes := shown.Find("td.number").FilterFunction(textIs("2")); purposes.Length() != 1 {
		t.Errorf("the number of purposes is not shown: %s", shown.Words())
	}
	consumer.Open("/office/eservices/" + e).Miss("700")
	quotas := producer.Open("/office/eservices/"+e+"/descriptors/"+d).Click("Update the thresholds").See("700 of 1,000", "700 of 5,000")
	preview := quotas.Press("Compare with the load", map[string]any{"dailyCallsPerConsumer": "600", "dailyCallsTotal": "650"})
	preview.See("700 of 600, over the threshold by 100", "700 of 650, over the threshold by 50", "new purposes will wait for your approval")
	producer.Open("/office/eservices/"+e+"/descriptors/"+d).See("1,000 calls a day", "5,000 calls a day")
	checkWrong(t, preview.Press("Save", map[string]any{"dailyCallsTotal": "1"}), "dailyCallsPerConsumer", http.StatusBadRequest)
	preview.Press("Save", nil).See("The thresholds were updated.", "600 calls a day", "700 of 600, over the threshold by 100")
}

// TestEServiceOfOthers: what is for the producer is refused to others, and changes nothing.
func TestEServiceOfOthers(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	consumer := site.As(t, "consumer")
	e, d := m.EService("Foreign", 10, 100)
	m.Publish(e, d)
	path := "/office/eservices/" + e
	csrf := consumer.Open(path).Token()
	consumer.Open(path + "/edit").See("nothing to edit")
	consumer.Open(path + "/descriptors/" + d + "/quotas").See("cannot be updated")
	form := func(values map[string]string) map[string][]string {
		all := map[string][]string{"_csrf": {csrf}}
		for name, value := range values {
			all[name] = []string{value}
		}
		return all
	}
	for at, values := range map[string]map[string]string{
		path + "/edit/name":                     {"name": "Taken over"},
		path + "/descriptors/" + d + "/suspend": nil,
		path + "/descriptors/" + d + "/quotas": {
			"dailyCallsPerConsumer": "1", "dailyCallsTotal": "1",
			"voucherLifespan": "60",
		},
		path + "/descriptors/new": {
			"audience": "x", "dailyCallsPerConsumer": "1",
			"dailyCallsTotal": "1", "voucherLifespan": "60", "agreementApprovalPolicy": "MANUAL",
		},
		path + "/delete": nil,
		path + "/descriptors/" + d + "/edit": {
			"audience": "x", "dailyCallsPerConsumer": "1",
			"dailyCallsTotal": "1", "voucherLifespan": "60", "agreementApprovalPolicy": "MANUAL",
		},
		path + "/descriptors/" + d + "/attributes/declared/groups/new": {"attributeIds": e},
	} {
		if refused := consumer.Post(at, form(values)); refused.Status != http.StatusForbidden {
			t.Errorf("%s is answered %d: %s", at, refused.Status, refused.Words())
		}
	}
	site.As(t, "producer").Open(path).See("Foreign "+m.Suffix(), "Active")
	if unknown := consumer.Post(path+"/descriptors/"+d+"/explode", form(nil)); unknown.Status != http.StatusNotFound {
		t.Errorf("an unknown action is answered %d", unknown.Status)
	}
}

// codeOf returns the code of an organization in its registry.
func codeOf(t *testing.T, organization string) string {
	t.Helper()
	var tenant struct{ ExternalID struct{ Value string } }
	read(t, site.Token(t, "organizationId="+organization), "/tenants/"+organization, &tenant)
	return tenant.ExternalID.Value
}

// TestCatalogue: everybody finds e-services by name, producer and technology, at URLs that
// can be sent; markup in names stays text.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	consumer, producer := site.As(t, "consumer"), site.As(t, "producer")
	for _, name := range []string{"Alpha", "Beta"} {
		e, d := m.EService(name, 10, 100)
		m.Publish(e, d)
		if name == "Beta" {
			m.AsProducer(http.MethodPatch, "/eservices/"+e+"/name", seen{"name": "<b>Beta</b> " + m.Suffix()})
		}
	}
	hidden, _ := m.EService("Gamma", 10, 100)
	shown := consumer.Open("/office/eservices").Press("Search", map[string]any{"name": m.Suffix()})
	shown.See("Alpha "+m.Suffix(), "<b>Beta</b> "+m.Suffix(), "Active", "1–2 of 2").Miss("Gamma")
	if shown.Find("main td b, main th b").Length() > 0 {
		t.Error("markup in a name is markup")
	}
	consumer.Open(shown.URL.RequestURI() + "&offset=1").See("Alpha").Miss("Beta").Click("Previous").See("Beta")
	consumer.Open(shown.URL.RequestURI() + "&sort=-name").See("Beta")
	shown.Press("Search", map[string]any{"technology": "SOAP"}).See("No e-service matches.")
	shown.Press("Search", map[string]any{"producer": "NOBODY"}).See("No organization has that code.")
	byCode := shown.Press("Search", map[string]any{"producer": codeOf(t, officetest.Producer)})
	byCode.See("Alpha", "Only the e-services of Anagrafe")
	shown.Click("Anagrafe").See("Only the e-services of Anagrafe", "Show all")
	consumer.Open("/office/eservices/mine?name=" + m.Suffix()).See("No e-service matches.")
	producer.Open("/office/eservices/mine?name="+m.Suffix()).See("Gamma "+m.Suffix(), "Draft", "1–3 of 3")
	draft := producer.Open("/office/eservices/" + hidden).See("is deleted with its drafts")
	draft.Press("Delete the e-service", nil).See("The e-service was deleted.")
	if gone := producer.Get("/office/eservices/" + hidden); gone.Status != http.StatusNotFound {
		t.Errorf("a deleted e-service is answered %d", gone.Status)
	}
}
