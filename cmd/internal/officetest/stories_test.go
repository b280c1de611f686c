package officetest_test

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"ciclo/cmd/internal/officetest"
)

// looks are how the main stories are looked at. In a narrow window, no page is wider than it;
// without script, questions open in their place.
var looks = map[string]officetest.Look{"360 px": {Width: 360, Dark: true}, "without script": {NoScript: true}}

// inEveryLook tells a story in every look.
func inEveryLook(t *testing.T, story func(t *testing.T, look officetest.Look)) {
	t.Helper()
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, look)
		})
	}
}

// fits checks that the page is no wider than the window, and that no dialog is made without script.
func fits(t *testing.T, look officetest.Look, tabs ...*officetest.Tab) {
	t.Helper()
	for _, tab := range tabs {
		if over := tab.Overflow(); over > 0 {
			t.Errorf("%s is %d pixels wider than the window", tab.Path(), over)
		}
		if n := tab.Count("dialog"); look.NoScript && n > 0 {
			t.Errorf("%s has %d dialogs without script", tab.Path(), n)
		}
	}
}

// TestServiceStory is the story of a service in two browsers: its owner drafts it, is told what is
// missing before the review, and sends it; the reviewer asks for changes with a reason; the
// owner finds the reason at its field, corrects and sends again; the reviewer approves, and the
// service is published.
func TestServiceStory(t *testing.T) {
	t.Parallel()
	inEveryLook(t, func(t *testing.T, look officetest.Look) {
		owner, reviewer := site.Tab(t, "municipality", look), site.Tab(t, "reviewer", look)
		name := "Asilo nido " + site.Make(t).Suffix()
		draftInBrowser(owner, name)
		owner.See("Privacy notice: the privacy notice is needed")
		fits(t, look, owner)
		page := owner.Path()
		owner.Click("Privacy notice")
		owner.Fill("metadata.privacy_url", "https://example.it/privacy")
		owner.Click("Save and continue")
		owner.See("Saved, as a draft.")
		owner.Open(page)
		owner.See("The automatic checks find nothing to correct.")
		owner.Click("Publish the service")
		owner.See("Ask for publication?")
		fits(t, look, owner)
		owner.Confirm("Publish the service")
		owner.See("In review since")

		reviewer.Open("/office/reviews")
		reviewer.Click(name)
		reviewer.See("the first activation")
		reviewer.Click("Ask for changes")
		reviewer.Choose("code", "INVALID_FIELDS")
		reviewer.Fill("reason", "description: say from which age")
		fits(t, look, reviewer)
		reviewer.Confirm("Ask for changes")
		reviewer.See("The body was asked for changes")

		owner.Open(page)
		owner.See("Changes requested")
		owner.See("say from which age")
		fits(t, look, owner)
		owner.Click("Description")
		owner.Fill("description", "Iscrizioni dai tre mesi")
		owner.Click("Save and continue")
		owner.See("Saved, as a draft.")
		owner.Open(page)
		owner.Click("Publish the service")
		owner.Confirm("Publish the service")
		owner.See("In review since")

		reviewer.Open("/office/reviews")
		reviewer.Click(name)
		reviewer.See("Iscrizioni dai tre mesi")
		reviewer.Click("Approve")
		fits(t, look, reviewer)
		reviewer.Confirm("Approve")
		reviewer.See("The service is approved")
		owner.Open(page)
		owner.See("Active service")
		fits(t, look, owner, reviewer)
	})
}

// draftInBrowser writes the sheet of a service, without the privacy notice.
func draftInBrowser(owner *officetest.Tab, name string) {
	owner.Open("/office/services")
	owner.Click("New service")
	owner.See("Fiscal code of the body") // the list has a field called name, too
	for field, value := range map[string]string{
		"name": name, "description": "Iscrizioni", "organization.name": "Comune", "organization.fiscal_code": "12345678901",
	} {
		owner.Fill(field, value)
	}
	owner.Choose("metadata.topic_id", "11")
	owner.Tick("metadata.scope", "LOCAL")
	owner.Click("Save and continue")
	owner.See("The service is created, as a draft.")
	owner.Fill("metadata.phone", "06 123")
	owner.Click("Save and continue")
	owner.Click("Save")
}

// TestPurposeStory is the story of a load over the threshold in two browsers: the producer
// gives a reason, the consumer reads it and asks for less, which still exceeds the threshold,
// and the producer approves.
func TestPurposeStory(t *testing.T) {
	t.Parallel()
	inEveryLook(t, func(t *testing.T, look officetest.Look) {
		consumer, producer := site.Tab(t, "consumer", look), site.Tab(t, "producer", look)
		w := newPurposeWorld(t, site, 100, 1000)
		title := purposeTitle()
		path := "/office/purposes/" + w.draft(purposeConsumer, title, 150)
		consumer.Open(path)
		consumer.See("The purpose is a draft")
		fits(t, look, consumer)
		consumer.Click("Submit and activate")
		consumer.Confirm("Submit and activate")
		consumer.See("Waiting for approval: 150 calls a day")
		fits(t, look, consumer)

		producer.Open("/office/purposes?eserviceId=" + w.eservice)
		producer.See("To decide (1)")
		fits(t, look, producer)
		producer.Click(title)
		producer.See("exceeds the threshold for the consumer by 50")
		producer.Click("Reject")
		producer.Fill("rejectionReason", "Chiedine al massimo 120")
		fits(t, look, producer)
		producer.Confirm("Reject")
		producer.See("The estimate is rejected.")

		consumer.Open(path)
		consumer.See("The producer’s reason: Chiedine al massimo 120")
		consumer.Click("New load estimate")
		consumer.Fill("dailyCalls", "120")
		consumer.Click("Check")
		consumer.See("by 20 calls a day: they would be 120 of 100")
		fits(t, look, consumer)
		consumer.Click("Send the estimate of 120")
		consumer.See("Waiting for approval: 120 calls a day")

		producer.Open(path)
		producer.Click("Approve")
		producer.See("120 calls a day come into use.")
		producer.Confirm("Approve")
		producer.See("The estimate is approved.")
		consumer.Open(path)
		consumer.See("The estimate in use is 120 calls a day")
		fits(t, look, consumer, producer)
	})
}

// TestDebugStory checks an assertion before, during and after the suspension of its purpose.
func TestDebugStory(t *testing.T) {
	t.Parallel()
	inEveryLook(t, func(t *testing.T, look officetest.Look) {
		w := newClientWorld(t)
		consumer, producer := site.Tab(t, "consumer", look), site.Tab(t, "producer", look)
		paste := func() {
			t.Helper()
			consumer.Open("/office/debug")
			consumer.Fill("client_assertion", w.assertion(nil))
		}
		check := func(verdict string) {
			t.Helper()
			consumer.Click("Check")
			consumer.See(verdict)
			fits(t, look, consumer)
		}
		paste()
		check("The voucher would be issued")
		producer.Open("/office/purposes/" + w.purpose)
		producer.Click("Suspend")
		producer.Confirm("Suspend")
		producer.See("The purpose is suspended")
		check("The voucher would be refused") // the form has kept the assertion
		consumer.See("Suspended by the producer, who has to reactivate it")
		consumer.Click("Open purpose " + w.title)
		consumer.See("The purpose is suspended")
		if path := consumer.Path(); path != "/office/purposes/"+w.purpose {
			t.Errorf("the remedy is at %s", path)
		}
		producer.Click("Reactivate")
		producer.Confirm("Reactivate")
		producer.See("The purpose is active")
		paste()
		check("The voucher would be issued")
	})
}

// TestDeletionStory deletes a card holder: the question says what goes and that it cannot be
// undone, and nothing happens before it is answered.
func TestDeletionStory(t *testing.T) {
	t.Parallel()
	inEveryLook(t, func(t *testing.T, look officetest.Look) {
		desk := site.Tab(t, "help-desk", look)
		id := site.Make(t).CardHolder("story", 2)
		desk.Open("/office/consumers")
		desk.Fill("id", id)
		desk.Click("Search")
		desk.See(id)
		fits(t, look, desk)
		desk.Click("Delete the consumer")
		desk.See("cannot be undone")
		fits(t, look, desk)
		token := site.Token(t, "issuerId="+officetest.Issuer)
		status, _ := site.Call(t, token, http.MethodGet, "/issuers/"+officetest.Issuer+"/consumers/"+id, "")
		if status != http.StatusOK {
			t.Errorf("before the question is answered, the consumer is answered %d", status)
		}
		desk.Tick("reasonCode", "USER_DECISION")
		desk.Fill("reason", "On request")
		desk.Confirm("Delete the consumer")
		desk.See("Deleted")
		fits(t, look, desk)
	})
}

// TestRaceInTwoBrowsers: two colleagues of a body change the same sheet. The second one to save
// sees what has changed, and saves what was typed after all.
func TestRaceInTwoBrowsers(t *testing.T) {
	t.Parallel()
	inEveryLook(t, func(t *testing.T, look officetest.Look) {
		id := site.Make(t).Service("Contesa")
		one, two := site.Tab(t, "municipality", look), site.Tab(t, "municipality", look)
		for _, tab := range []*officetest.Tab{one, two} {
			tab.Open("/office/services/" + id + "/edit/2")
		}
		one.Fill("metadata.phone", "111")
		two.Fill("metadata.address", "Via Roma 1")
		one.Click("Save and continue")
		one.See("Settings")
		two.Click("Save and continue")
		two.See("What has changed meanwhile")
		two.See("What you have typed is still below")
		fits(t, look, two)
		if n := two.Count("ins"); n != 1 {
			t.Errorf("%d differences are marked", n)
		}
		two.Fill("metadata.phone", "111")
		two.Click("Save anyway")
		two.See("Saved, as a draft.")
		metadata, _ := readService(t, id)["metadata"].(map[string]any)
		if metadata["phone"] != "111" || metadata["address"] != "Via Roma 1" {
			t.Errorf("saved is %v", metadata)
		}
	})
}

// TestKeyboardAlone is the story of a publication without a mouse: the link past the menu, the
// form, the dialog and its button. Escape closes a dialog, which sends nothing, and leads back to
// the button that opened it.
func TestKeyboardAlone(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Tastiera")
	owner, reviewer := site.Tab(t, "municipality", officetest.Look{}), site.Tab(t, "reviewer", officetest.Look{})

	owner.Open("/office/services?name=" + m.Suffix())
	owner.TabTo("Skip to the content")
	owner.Keys(kb.Enter)
	owner.TabTo("Tastiera " + m.Suffix())
	owner.Keys(kb.Enter)
	owner.See("The automatic checks find nothing to correct.")
	owner.TabTo("Publish the service")
	owner.Keys(kb.Enter)
	owner.See("Ask for publication?")
	owner.Keys(kb.Escape)
	if focus := owner.Focus(); focus != "Publish the service" || owner.Count("dialog[open]") != 0 {
		t.Errorf("Escape leads to %q, with %d dialogs open", focus, owner.Count("dialog[open]"))
	}
	if status, _ := readService(t, id)["status"].(map[string]any); status["value"] != "draft" {
		t.Errorf("after Escape the service is %v", status)
	}
	owner.See("The automatic checks find nothing to correct.")
	owner.Keys(" ")
	owner.See("Ask for publication?")
	owner.TabTo("Publish the service")
	owner.Keys(" ")
	owner.See("In review since")

	reviewer.Open("/office/")
	reviewer.TabTo("To review")
	reviewer.Keys(kb.Enter)
	reviewer.TabTo("Tastiera " + m.Suffix())
	reviewer.Keys(kb.Enter)
	reviewer.See("the first activation")
	reviewer.TabTo("Ask for changes")
	reviewer.Keys(kb.Enter)
	reviewer.TabTo("What the body has to change *")
	reviewer.Keys("description: longer")
	reviewer.TabTo("Ask for changes")
	reviewer.Keys(kb.Enter)
	reviewer.See("The body was asked for changes")

	owner.Open("/office/services/" + id)
	owner.TabTo("Description")
	owner.Keys(kb.Enter)
	owner.See("Save and continue")
	if focus := owner.Focus(); focus != "Description *" {
		owner.TabTo("Description *")
	}
	owner.Keys(" per tutti")
	owner.TabTo("Save and continue")
	owner.Keys(kb.Enter)
	owner.See("Saved, as a draft.")
	m.Submit(id)
	m.Approve(id)
	owner.Open("/office/services/" + id)
	owner.See("Active service")
}
