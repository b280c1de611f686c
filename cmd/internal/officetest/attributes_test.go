package officetest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
)

// textIs selects the elements with a text.
func textIs(text string) func(int, *goquery.Selection) bool {
	return func(_ int, s *goquery.Selection) bool { return strings.TrimSpace(s.Text()) == text }
}

// act sends a form of a page by the end of its action, as buttons of several rows have the
// same words.
func act(t *testing.T, v *officetest.Visitor, shown *officetest.Shown, end string) *officetest.Shown {
	t.Helper()
	action, found := shown.Find(`form[action$="` + end + `"]`).Attr("action")
	if !found {
		t.Fatalf("%s has no form that ends with %s: %s", shown.URL.Path, end, shown.Words())
	}
	return v.Post(action, url.Values{"_csrf": {shown.Token()}})
}

// TestAttributes: an organization adds an attribute to the registry, declares it, and revokes
// that, which suspends its agreements.
func TestAttributes(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	name := "Local body " + m.Suffix()
	producer, consumer := site.As(t, "producer"), site.As(t, "consumer")
	typed := map[string]any{"kind": "declared", "name": "x", "description": "A municipality, for example."}
	wrong := producer.Open("/office/attributes/new").Press("Create the attribute", typed)
	checkWrong(t, wrong, "name", http.StatusBadRequest)
	wrong.Press("Create the attribute", map[string]any{"name": name}).See("The attribute is in the registry.")
	checkWrong(t, producer.Open("/office/attributes/new").Press("Create the attribute", map[string]any{
		"name": name, "description": "The same name once more",
	}), "name", http.StatusConflict)
	certified := map[string]any{"kind": "certified", "name": name, "description": "A municipality", "code": "M"}
	if refused := consumer.Open("/office/attributes/new").Press("Create the attribute", certified); refused.Status != http.StatusForbidden {
		t.Errorf("no certifier is refused with %d: %s", refused.Status, refused.Words())
	}

	e, d := m.EService("Declared", 10, 100)
	version := "/office/eservices/" + e + "/descriptors/" + d
	groups := producer.Open(version).Click("Edit the required attributes")
	empty := producer.Open(groups.URL.Path+"/declared/groups/new").Press("Add", nil)
	if empty.Status != http.StatusBadRequest {
		t.Errorf("a group of nothing is answered %d", empty.Status)
	}
	choice := find(t, producer, empty, name)
	label := choice.Find("label").FilterFunction(func(_ int, s *goquery.Selection) bool { return strings.HasPrefix(s.Text(), name) })
	id := strings.TrimPrefix(label.AttrOr("for", ""), "a-")
	choice.Press("Add", map[string]any{"attributeIds": id}).See("The attributes were added.", name, "Group 1")
	producer.Open(version).See(name)
	m.Publish(e, d)
	producer.Open(groups.URL.Path).Miss("Remove", "Add a group").See("Add an alternative to group 1")

	registry := find(t, consumer, consumer.Open("/office/attributes"), name)
	act(t, consumer, registry, id+"/declare").See("The attribute is declared.")
	agreement := m.Agreement(e, d)
	m.AsProducer(http.MethodPost, "/agreements/"+agreement+"/approve", nil)
	owned := consumer.Open("/office/attributes").See(name, "The platform suspends the agreements that require this attribute")
	const suspended = "Suspended: the purposes get no new vouchers."
	consumer.Open("/office/agreements/" + agreement).Miss(suspended)
	act(t, consumer, owned, id+"/revoke").See("The declaration is revoked.", "Revoked")
	consumer.Await("/office/agreements/"+agreement, suspended) // by the worker
	var after struct{ State string }
	read(t, site.Token(t, "organizationId="+officetest.Consumer), "/agreements/"+agreement, &after)
	if after.State != "SUSPENDED" {
		t.Errorf("the agreement is %s", after.State)
	}
	act(t, consumer, consumer.Open("/office/attributes"), id+"/declare").See("The attribute is declared.")
}

// find pages through a list until a page has a text.
func find(t *testing.T, v *officetest.Visitor, shown *officetest.Shown, text string) *officetest.Shown {
	t.Helper()
	for !strings.Contains(shown.Find("main label, main table").Text(), text) || shown.Find("form, section").Length() == 0 {
		next := shown.Link("Next")
		if next == "" {
			t.Fatalf("no page has %q: %s", text, shown.Words())
		}
		shown = v.Open(next)
	}
	return shown
}

// TestCertifiedQuota: a producer gives those that have a certified attribute a threshold of
// their own, and removes the attribute from a draft.
func TestCertifiedQuota(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	producer := site.As(t, "producer")
	id := m.Certified("Region")
	e, d := m.EService("Certified", 10, 100)
	path := "/office/eservices/" + e + "/descriptors/" + d + "/attributes"
	choice := find(t, producer, producer.Open(path+"/certified/groups/new"), "Region "+m.Suffix())
	groups := choice.Press("Add", map[string]any{"attributeIds": id}).See("that of the version (10)")
	quota := groups.Click("Threshold Region " + m.Suffix())
	over := quota.Press("Save the threshold", map[string]any{"dailyCallsPerConsumer": "101"})
	checkWrong(t, over, "dailyCallsPerConsumer", http.StatusBadRequest)
	quota.Press("Save the threshold", map[string]any{"dailyCallsPerConsumer": "70"}).
		See("The threshold was saved.").Miss("that of the version")
	producer.Open(strings.TrimSuffix(path, "/attributes")).See("Region "+m.Suffix(), "(70 calls a day for a consumer)")
	producer.Open(path).Press("Remove Region "+m.Suffix(), nil).See("The attribute is not required any more.").Miss("Group 1")
	site.As(t, "consumer").Open("/office/attributes?kind=certified").See("Certifier")
}

// TestVerifiedAttribute: an organization sees who has verified an attribute.
func TestVerifiedAttribute(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.AsProducer(http.MethodPost, "/verifiedAttributes", seen{"name": "Verified " + m.Suffix(), "description": "The producer checks it"})
	e, d := m.EService("Verifying", 10, 100)
	m.AsProducer(http.MethodPost, "/eservices/"+e+"/descriptors/"+d+"/verifiedAttributes/groups", seen{"attributeIds": []string{id}})
	m.Publish(e, d)
	agreement := m.Agreement(e, d)
	m.AsProducer(http.MethodPost, "/tenants/"+officetest.Consumer+"/verifiedAttributes", seen{"id": id, "agreementId": agreement})
	shown := site.As(t, "consumer").Open("/office/attributes").See("Verified " + m.Suffix())
	row := shown.Find("tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.Contains(s.Text(), "Verified "+m.Suffix())
	})
	if text := row.First().Text(); !strings.Contains(text, "Anagrafe") || !strings.Contains(text, "Active") {
		t.Errorf("the row says %s", text)
	}
}

// TestSuspensionByHand: in a browser on a small screen, with the keyboard alone, a question
// opens as a dialog, can be left, and says what will happen before it does.
func TestSuspensionByHand(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := m.EService("By hand", 10, 100)
	m.Publish(e, d)
	tab := site.Tab(t, "producer", officetest.Look{Width: 360, Dark: true})
	tab.Open("/office/eservices/" + e)
	if over := tab.Overflow(); over > 0 {
		t.Errorf("the e-service is %d pixels wider than the window", over)
	}
	tab.Click("Version 1")
	tab.See("Terms")
	if over := tab.Overflow(); over > 0 {
		t.Errorf("the version is %d pixels wider than the window", over)
	}
	tab.TabTo("Suspend")
	tab.Keys("\r")
	tab.See("While it is suspended, no consumer gets vouchers")
	tab.Confirm("Cancel")
	tab.TabTo("Update the thresholds")
	tab.Click("Suspend")
	tab.Confirm("Suspend")
	tab.See("no vouchers for those who use it")
}
