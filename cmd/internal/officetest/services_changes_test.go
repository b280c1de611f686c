package officetest_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/services/service"
)

// actionsOf lists the actions that rules give to owners, without the creation.
func actionsOf(rules []lifecycle.Rule) (all []string) {
	for _, r := range rules {
		if slices.Contains(r.By, service.Owner) && !slices.Contains(r.From, lifecycle.None) {
			all = append(all, string(r.Action))
		}
	}
	return all
}

// TestEditRace: two colleagues open the same step. The second one to save is shown what the
// first one changed, keeps what was typed, and may save it after all.
func TestEditRace(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	id := m.Service("Race")
	path := "/office/services/" + id + "/edit/2"
	one, two := site.As(t, "municipality").Open(path), site.As(t, "municipality").Open(path)
	one.Press("Save and continue", map[string]any{"metadata.phone": "111"}).See("Settings")
	lost := two.Press("Save and continue", map[string]any{"metadata.web_url": "https://example.it/two"})
	if lost.Status != http.StatusPreconditionFailed {
		t.Errorf("answered %d", lost.Status)
	}
	lost.See("What has changed meanwhile", "Telephone0612345111", "What you have typed is still below")
	if typed := lost.Find(`[name="metadata.web_url"]`).AttrOr("value", ""); typed != "https://example.it/two" {
		t.Errorf("what was typed has become %q", typed)
	}
	lost.Press("Save anyway", map[string]any{"metadata.phone": "111"}).See("Saved, as a draft.")
	got := readService(t, id)
	metadata, _ := got["metadata"].(map[string]any)
	if metadata["phone"] != "111" || metadata["web_url"] != "https://example.it/two" {
		t.Errorf("saved is %v", metadata)
	}
	// While the form is open, somebody asks for publication: the sheet cannot be edited.
	late := site.As(t, "municipality").Open(path)
	m.Submit(id)
	locked := late.Press("Save and continue", map[string]any{"metadata.address": "Via Roma 1"})
	locked.See("The sheet cannot be edited now.", "What you have typed", "Via Roma 1")
	if locked.Status != http.StatusPreconditionFailed || locked.Has("Save anyway") {
		t.Errorf("answered %d with the buttons %q", locked.Status, locked.Buttons())
	}
}

// TestStaleButtons: a button pressed on an old page changes nothing, and the page that follows
// shows the state of the moment with what it allows.
func TestStaleButtons(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	id := m.Service("Stale")
	old := v.Open("/office/services/" + id)
	sheet := m.Sheet("Stale")
	sheet["description"] = "By a colleague"
	m.AsMunicipality(http.MethodPut, manage+id, sheet)
	changed := old.Press("Delete the service", nil).See("What has changed meanwhile", "DescriptionCertificati per i cittadiniBy a colleague")
	if changed.Status != http.StatusPreconditionFailed || readService(t, id)["description"] != "By a colleague" {
		t.Errorf("deleting what a colleague has changed is answered %d", changed.Status)
	}
	m.Submit(id)
	for _, button := range []string{"Delete the service", "Publish the service"} {
		shown := old.Press(button, nil)
		if shown.Status != http.StatusPreconditionFailed && shown.Status != http.StatusConflict {
			t.Errorf("%s is answered %d", button, shown.Status)
		}
		shown.See("Current state: submitted", "What has changed meanwhile", "In review since")
		wantButtons(t, shown, "Withdraw the request")
	}
	// Without the version that was seen the state refuses, and says what is allowed.
	csrf := old.Token()
	shown := v.Post("/office/services/"+id+"/delete", url.Values{"_csrf": {csrf}})
	if shown.Status != http.StatusConflict {
		t.Errorf("answered %d", shown.Status)
	}
	shown.See("Possible actions: withdraw")
}

// TestUpdateKeepsOtherMembers: a step changes its own fields, and nothing that it does not
// show. Without a change nothing is saved, and an active service stays active.
func TestUpdateKeepsOtherMembers(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	sheet := m.Sheet("Whole")
	metadata, _ := sheet["metadata"].(map[string]any)
	for _, name := range []string{"web_url", "app_ios", "app_android", "tos_url", "support_url"} {
		metadata[name] = "https://example.it/" + name
	}
	metadata["address"], metadata["token_name"], metadata["cta"] = "Via Roma 1", "token", "---\nit:\n  cta_1: x\n---"
	metadata["email"], metadata["pec"] = "a@example.it", "b@example.it"
	sheet["suitable_for_minors"], sheet["require_secure_channel"], sheet["max_allowed_payment_amount"] = false, true, 12345
	sheet["authorized_cidrs"], sheet["authorized_recipients"] = []string{"192.0.2.1", "192.0.2.0/24"}, []string{"BBBBBB00A00A000A"}
	sheet["description"] = "One line\nand another"
	organization, _ := sheet["organization"].(map[string]any)
	organization["department_name"] = "Demografici"
	id := serviceOf(m, sheet)
	m.Submit(id)
	m.Approve(id)
	before := readService(t, id)
	for step := 1; step <= 3; step++ {
		v.Open(fmt.Sprintf("/office/services/%s/edit/%d", id, step)).See("Saving makes the service a draft again.").
			Press(map[bool]string{false: "Save and continue", true: "Save"}[step == 3], nil)
	}
	if after := readService(t, id); !reflect.DeepEqual(before, after) {
		t.Errorf("nothing was typed, and the service has become\n%v\nfrom\n%v", after, before)
	}
	v.Open("/office/services/"+id+"/edit/3").Press("Save", map[string]any{"suitable_for_minors": "true", "require_secure_channel": ""})
	v.Open("/office/services/"+id+"/edit/1").Press("Save and continue", map[string]any{"metadata.topic_id": "3"})
	after := readService(t, id)
	before["suitable_for_minors"], before["require_secure_channel"] = true, false
	got, _ := after["metadata"].(map[string]any)
	was, _ := before["metadata"].(map[string]any)
	was["topic"] = got["topic"]
	if topic, _ := got["topic"].(map[string]any); topic["id"] != 3.0 {
		t.Errorf("the topic is %v", topic)
	}
	for _, changed := range []string{"status", "version", "last_update"} {
		delete(before, changed)
		delete(after, changed)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("the service has become\n%v\nwant\n%v", after, before)
	}
}

// TestDraftAndLiveCopy: a draft and the copy in the app are side by side where they differ. An
// approved copy waits until it is shown.
func TestDraftAndLiveCopy(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	id := m.Service("Copies")
	m.Submit(id)
	m.Approve(id)
	page := "/office/services/" + id
	v.Open(page+"/edit/1").Press("Save and continue", map[string]any{"description": "Another text", "metadata.topic_id": "3"})
	shown := v.Open(page).See("Draft", "Active service", "Copy in the app")
	rows := shown.Find("section:has(#copies) tbody tr").Map(func(_ int, s *goquery.Selection) string {
		return strings.Join(s.Children().Map(func(_ int, cell *goquery.Selection) string { return cell.Text() }), ": ")
	})
	want := []string{"Description: Certificati per i cittadini: Another text", "Topic: Servizi anagrafici e civici: Benessere sociale"}
	if !slices.Equal(rows, want) {
		t.Errorf("the copies differ in %q, want %q", rows, want)
	}
	shown.Press("Publish the service", map[string]any{"auto_publish": ""})
	m.Approve(id)
	shown = v.Open(page).See("An approved copy waits for you to show it.")
	wantButtons(t, shown, "Show in the app", "Hide from the app", "Delete the service")
	shown = shown.Press("Show in the app", nil).See("are the same").Miss("waits for you")
	wantButtons(t, shown, "Hide from the app", "Delete the service")
}

// TestServiceList: the list is searched, filtered, sorted and paged by its URL.
func TestServiceList(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	for i := range 52 {
		m.Service(fmt.Sprintf("Listed %02d", i))
	}
	active := m.Service("Active")
	m.Submit(active)
	m.Approve(active)
	list := v.Open("/office/services").Press("Search", map[string]any{"name": strings.ToLower(m.Suffix())})
	list.See("1–50 of 53", "Published", "Never published")
	if first := list.Find("tbody th").First().Text(); first != "Active "+m.Suffix() {
		t.Errorf("first is %s, and not what changed last", first)
	}
	list.Click("Next").See("51–53 of 53").Click("Previous").See("1–50 of 53")
	named := list.Click("Name")
	if first := named.Find("tbody th").First().Text(); first != "Active "+m.Suffix() {
		t.Errorf("first by name is %s", first)
	}
	if first := named.Click("Name").Find("tbody th").First().Text(); first != "Listed 51 "+m.Suffix() {
		t.Errorf("last by name is %s", first)
	}
	named.Press("Search", map[string]any{"visibility": "published"}).See("1–1 of 1", "Active").
		Press("Search", map[string]any{"state": "draft"}).
		See("No service matches the search.").Click("Show all").See("New service")
	named.Press("Search", map[string]any{"state": "draft", "name": "listed 00 " + m.Suffix()}).See("1–1 of 1", "Draft").
		Click("Listed 00 " + m.Suffix())
}

// TestServiceKeys: keys are shown on demand, and replaced after a question.
func TestServiceKeys(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	id := m.Service("Keys")
	shown := v.Open("/office/services/" + id)
	keysOf := func(p *officetest.Shown) []string {
		return p.Find("section:has(#keys) details:not(.ask) code").Map(func(_ int, s *goquery.Selection) string { return s.Text() })
	}
	before := keysOf(shown)
	outside := shown.Find("section:has(#keys)").Clone()
	outside.Find("details").Remove()
	for _, key := range before {
		if strings.Contains(outside.Text(), key) {
			t.Error("a key is shown without being asked for")
		}
	}
	after := keysOf(shown.Press("Regenerate the secondary key", nil).See("The key is new"))
	if len(before) != 2 || len(after) != 2 || before[0] != after[0] || before[1] == after[1] {
		t.Errorf("the keys were %q and are %q", before, after)
	}
}

// TestServiceLogo: a logo is a PNG image, and is shown on the page.
func TestServiceLogo(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	id := m.Service("Logo")
	form := v.Open("/office/services/" + id).Click("Change the logo")
	if kind := v.Get("/office/services/" + id + "/logo.png").Header.Get("Content-Type"); kind != "image/svg+xml" {
		t.Errorf("without a logo there is %s", kind)
	}
	for _, content := range []string{"", "no image", strings.Repeat("x", 1<<20)} {
		refused := form.Press("Upload", map[string]any{"logo": officetest.File{Name: "logo.png", Content: content}})
		refused.See("a PNG image of at most 1 MiB is needed")
		if refused.Status != http.StatusBadRequest {
			t.Errorf("%d bytes are answered %d", len(content), refused.Status)
		}
	}
	form.Press("Upload", nil).See("Choose a PNG file")
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 3, 3))); err != nil {
		t.Fatal(err)
	}
	form.Press("Upload", map[string]any{"logo": officetest.File{Name: "logo.png", Content: logo.String()}}).See("The logo has changed.")
	if shown := v.Get("/office/services/" + id + "/logo.png"); shown.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the logo is %s", shown.Header.Get("Content-Type"))
	}
}

// TestServiceHistory: the changes of a service are a timeline, page by page.
func TestServiceHistory(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	id := m.Service("History")
	for i := range 21 {
		sheet := m.Sheet("History")
		sheet["description"] = fmt.Sprint("Text ", i)
		m.AsMunicipality(http.MethodPut, manage+id, sheet)
	}
	m.Submit(id)
	m.AsMunicipality(http.MethodDelete, manage+id+"/review", nil)
	newest := v.Open("/office/services/" + id).Click("The whole history")
	newest.See("Request for publication withdrawn", "Publication asked for", "Draft saved", "Changes: Description").Miss("Created")
	if n := newest.Find(".timeline > li").Length(); n != 20 {
		t.Errorf("a page has %d changes", n)
	}
	newest.Click("Earlier").See("Created").Click("The newest").See("Publication asked for")
}

// TestServicesOfOthers: a session shows nothing of another owner.
func TestServicesOfOthers(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "municipality")
	made := site.JSON(t, site.Key(t, "owner=other"), http.MethodPost, strings.TrimSuffix(manage, "/"), m.Sheet("Secret"))
	id := fmt.Sprint(made["id"])
	for _, path := range []string{"", "/edit/1", "/history", "/logo", "/logo.png"} {
		shown := v.Get("/office/services/" + id + path)
		shown.Miss("Secret")
		if shown.Status != http.StatusForbidden {
			t.Errorf("%s is answered %d", path, shown.Status)
		}
	}
	v.Open("/office/services?name=" + m.Suffix()).See("No service matches the search.")
	for _, path := range []string{"/office/services/x", "/office/services/x/edit/1", "/office/services/" + id + "/edit/4"} {
		if shown := v.Get(path); shown.Status != http.StatusNotFound {
			t.Errorf("%s is answered %d", path, shown.Status)
		}
	}
}
