package officetest_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
	"ciclo/shared/office/services"
	"ciclo/shared/services/service"
)

// TestServiceByTwoPersons is the story of a service: draft, findings, review, rejection,
// correction, publication. One person owns it, another one reviews it.
func TestServiceByTwoPersons(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	owner, reviewer := site.As(t, "municipality"), site.As(t, "reviewer")
	name := "Mensa scolastica " + m.Suffix()

	// The owner drafts a sheet that lacks what a review asks for, and learns so before.
	links := owner.Open("/office/services").Click("New service").Press("Save and continue", map[string]any{
		"name": name, "description": "Pasti", "metadata.topic_id": "11", "metadata.scope": "LOCAL",
		"organization.name": "Comune", "organization.fiscal_code": "12345678901",
	})
	id := strings.Split(links.URL.Path, "/")[3]
	draft := owner.Open("/office/services/"+id).See("Draft", "the privacy notice is needed", "one contact is needed")
	refused := draft.Press("Publish the service", map[string]any{"auto_publish": "true"})
	refused.See("Data incomplete or incorrect", "The service lacks metadata").Click("Privacy notice").
		Press("Save and continue", map[string]any{"metadata.privacy_url": "https://example.it/privacy", "metadata.phone": "06 123"})
	owner.Open("/office/services/"+id).See("The automatic checks find nothing to correct").
		Press("Publish the service", map[string]any{"auto_publish": "true"}).See("In review")

	// The reviewer finds it in the queue and asks for changes.
	review := reviewer.Open("/office/").Click("To review").Click(name)
	review.See("the first activation", "Visible in the app at once", "06 123", "They find nothing to correct").
		Press("Ask for changes", map[string]any{"code": "INVALID_FIELDS", "reason": "description: say who may eat there"}).
		See("The body was asked for changes").Miss(name)

	// The owner reads why, corrects and sends it again.
	rejected := owner.Open("/office/services/"+id).See("Changes requested", "say who may eat there", "not filled in correctly")
	rejected.Click("Description").Press("Save and continue", map[string]any{"description": "Pasti per le scuole dell’infanzia"})
	owner.Open("/office/services/"+id).Press("Publish the service", map[string]any{"auto_publish": "true"}).See("In review")

	// The reviewer approves, and citizens see it.
	reviewer.Open("/office/reviews/"+id).See("Pasti per le scuole dell’infanzia").Press("Approve", nil).
		See("The service is approved").Miss(name)
	owner.Open("/office/services/"+id).See("Active service", "Published")
	owner.Open("/office/services/"+id+"/history").See("Approved", "changes requested", "Publication asked for", "Created")

	// A change of what citizens see is compared with the approved copy.
	m.AsMunicipality(http.MethodPut, "/api/v1/manage/services/"+id, m.Sheet("Mensa e merenda"))
	m.Submit(id)
	reviewer.Open("/office/reviews").See("Mensa e merenda")
	changed := reviewer.Open("/office/reviews/" + id).Miss("the first activation")
	before, after := changed.Find("del").Text(), changed.Find("ins").Text()
	if !strings.Contains(before, name) || !strings.Contains(after, "Mensa e merenda") {
		t.Errorf("the reviewer sees %q become %q", before, after)
	}
	m.Approve(id)
}

// TestReviewQueue: who has waited longest comes first, and only reviewers see the queue.
func TestReviewQueue(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	for _, name := range []string{"Zeta", "Alfa"} {
		m.Submit(m.Service(name))
	}
	reviewer := site.As(t, "reviewer")
	order := func(path string, first, second string) {
		t.Helper()
		words := reviewer.Open(path).Words()
		one, two := strings.Index(words, first+" "+m.Suffix()), strings.Index(words, second+" "+m.Suffix())
		if one < 0 || two < one {
			t.Errorf("%s has %s at %d and %s at %d", path, first, one, second, two)
		}
	}
	order("/office/reviews", "Zeta", "Alfa")
	order("/office/reviews?sort=-since", "Alfa", "Zeta")
	order("/office/reviews?sort=name", "Alfa", "Zeta")
	for _, path := range []string{"/office/reviews", "/office/reviews/" + m.Service("Altro")} {
		if shown := site.As(t, "municipality").Get(path); shown.Status != http.StatusForbidden || strings.Contains(shown.Words(), "Zeta") {
			t.Errorf("an owner at %s is answered %d", path, shown.Status)
		}
	}
}

// TestRejectionWithoutReason: the field says what is missing, and what was typed is kept.
func TestRejectionWithoutReason(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Senza motivo")
	m.Submit(id)
	reviewer := site.As(t, "reviewer")
	shown := reviewer.Open("/office/reviews/"+id).Press("Ask for changes", map[string]any{"code": "NOT_A_DELEGATE", "reason": " "})
	chosen := shown.Find(`[name="code"] option[selected]`).AttrOr("value", "")
	if shown.Status != http.StatusBadRequest || shown.Find("details.ask[open]").Length() != 1 || chosen != "NOT_A_DELEGATE" {
		t.Errorf("answered %d, open %d, code %q", shown.Status, shown.Find("details.ask[open]").Length(), chosen)
	}
	if shown.Find(`textarea[aria-invalid="true"]`).Length() != 1 {
		t.Errorf("no error is at the reason: %s", shown.Words())
	}
	shown.Press("Ask for changes", map[string]any{"reason": "Not a delegate"}).See("The body was asked for changes")
}

// TestLateDecision: a decision that comes too late changes nothing, says who was first, and
// keeps what was typed.
func TestLateDecision(t *testing.T) {
	t.Parallel()
	reject := map[string]any{"code": "INVALID_FIELDS", "reason": "Too short by far"}
	const manage = "/api/v1/manage/services/"
	for name, c := range map[string]struct {
		first func(other *officetest.Visitor, m *officetest.Maker, id string)
		says  string
	}{
		"approved": {func(other *officetest.Visitor, _ *officetest.Maker, id string) {
			other.Open("/office/reviews/"+id).Press("Approve", nil).See("The service is approved")
		}, "A reviewer has approved the service before"},
		"rejected": {func(other *officetest.Visitor, _ *officetest.Maker, id string) {
			other.Open("/office/reviews/"+id).Press("Ask for changes", map[string]any{"reason": "Other words"}).See("asked for changes")
		}, "A reviewer has asked for changes before"},
		"withdrawn": {func(_ *officetest.Visitor, m *officetest.Maker, id string) {
			m.AsMunicipality(http.MethodDelete, manage+id+"/review", nil)
		}, "The body has withdrawn the request"},
		"deleted": {func(_ *officetest.Visitor, m *officetest.Maker, id string) {
			m.AsMunicipality(http.MethodDelete, manage+id+"/review", nil)
			m.AsMunicipality(http.MethodDelete, manage+id, nil)
		}, "The body has deleted the service"},
		"edited": {func(_ *officetest.Visitor, m *officetest.Maker, id string) {
			m.Reject(id, "Other words")
			m.AsMunicipality(http.MethodPut, manage+id, m.Sheet("Tardi"))
		}, "A reviewer has asked for changes before"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, reviewer := site.Make(t), site.As(t, "reviewer")
			id := m.Service("Tardi")
			m.Submit(id)
			page := reviewer.Open("/office/reviews/" + id)
			c.first(site.As(t, "reviewer"), m, id)
			late := page.Press("Ask for changes", reject).See(c.says, "What you typed", "Too short by far")
			if late.Status != http.StatusConflict && late.Status != http.StatusPreconditionFailed {
				t.Errorf("answered %d", late.Status)
			}
			late.Click("Back to the queue").Miss("Tardi " + m.Suffix())
			if gone := reviewer.Get("/office/reviews/" + id); gone.Status != http.StatusNotFound || !strings.Contains(gone.Words(), c.says) {
				t.Errorf("its page is answered %d: %s", gone.Status, gone.Words())
			}
		})
	}
}

// TestApprovalOfATakenName: the approval itself rejects a service whose name was approved for
// another one, and the page says so.
func TestApprovalOfATakenName(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	first := m.Service("Doppio")
	key := site.Key(t, "owner=unione")
	second := fmt.Sprint(site.JSON(t, key, http.MethodPost, "/api/v1/manage/services", m.Sheet("Doppio"))["id"])
	site.JSON(t, key, http.MethodPut, "/api/v1/manage/services/"+second+"/review", map[string]any{"auto_publish": true})
	m.Submit(first)
	page := site.As(t, "reviewer").Open("/office/reviews/" + second)
	m.Approve(first)
	shown := page.Press("Approve", nil).See("The service was not approved", "Changes requested", "Back to the queue")
	if shown.Status != http.StatusConflict {
		t.Errorf("answered %d", shown.Status)
	}
}

// TestTwoReviewers: in two browsers, one approves while the other writes a rejection.
func TestTwoReviewers(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Contesa")
	m.Submit(id)
	one, two := site.Tab(t, "reviewer", officetest.Look{}), site.Tab(t, "reviewer", officetest.Look{})
	for _, tab := range []*officetest.Tab{one, two} {
		tab.Open("/office/reviews/" + id)
	}
	two.Click("Ask for changes")
	two.Fill("reason", "The phone number is missing")
	one.Click("Approve")
	one.Confirm("Approve")
	one.See("The service is approved")
	two.Confirm("Ask for changes")
	two.See("A reviewer has approved the service before")
	two.See("The phone number is missing")
	two.Click("Back to the queue")
	two.See("The requests for publication that wait for a decision")
}

// TestSubmittedAgain: a service that was withdrawn and sent again is not decided on as the
// reviewer saw it. The page shows what is different, and the form keeps what was typed.
func TestSubmittedAgain(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Prima")
	m.Submit(id)
	page := site.As(t, "reviewer").Open("/office/reviews/" + id)
	const manage = "/api/v1/manage/services/"
	m.AsMunicipality(http.MethodDelete, manage+id+"/review", nil)
	m.AsMunicipality(http.MethodPut, manage+id, m.Sheet("Seconda"))
	m.Submit(id)
	shown := page.Press("Ask for changes", map[string]any{"code": "INVALID_FIELDS", "reason": "The name is too short"})
	if shown.Status != http.StatusPreconditionFailed {
		t.Errorf("answered %d", shown.Status)
	}
	shown.See("Your decision was not taken", "What has changed meanwhile", "Seconda "+m.Suffix(), "The name is too short")
	if kept := shown.Find(`textarea[name="reason"]`).Text(); strings.TrimSpace(kept) != "The name is too short" {
		t.Errorf("the form has the reason %q", kept)
	}
	shown.Press("Ask for changes", nil).See("The body was asked for changes")
	page.Press("Approve", nil).See("A reviewer has asked for changes before")
}

// TestWordsOfReviews: the pages have words for what the API lets a reviewer do, and offer the
// codes of the API.
func TestWordsOfReviews(t *testing.T) {
	t.Parallel()
	var allowed []string
	for _, action := range service.Machine.Possible(service.Submitted, service.Reviewer) {
		allowed = append(allowed, string(action))
	}
	if worded := services.WordedForReviewers(); !slices.Equal(worded, allowed) {
		t.Errorf("words for %q, the API allows %q", worded, allowed)
	}
	code, found := reflect.TypeFor[service.RejectInput]().FieldByIndex([]int{2}).Type.FieldByName("Code")
	if want := strings.Split(code.Tag.Get("enum"), ","); !found || !slices.Equal(services.RejectionCodes(), want) {
		t.Errorf("codes %q, the API has %q", services.RejectionCodes(), want)
	}
}
