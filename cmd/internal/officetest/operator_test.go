package officetest_test

import (
	"net/http"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// TestPlatform: the operator sees that operations are overdue, counts what a run would remove,
// runs the purge, and sees its report; checks the ledger; sees who has keys.
func TestPlatform(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t)
	m := box.Make(t)
	m.CardHolder("overdue", 1)
	m.ActiveAgreement("Residents", 10, 100)
	m.Service("Tributi")
	v := box.As(t, "operator")
	v.Open("/office/platform").See("Nothing to report.", "none so far", "No queue here")
	if status, answer := box.Call(t, "", http.MethodPost, "/_local/clock", `{"advance":"2300h"}`); status != http.StatusOK {
		t.Fatal(answer)
	}
	page := v.Open("/office/platform").See("An operation expired more than a day ago", "docs/playbooks/purge-overdue.md")
	page = page.Press("Dry run", nil)
	page.See("Dry run: 1 operations would be removed. Nothing was removed.", "expired more than a day ago", "none so far")
	page = page.Press("Run now", nil)
	page.See("Done: 1 operations were removed.", "Nothing to report.", "Complete", "started by an operator").Miss("none so far")
	page.Click("Check now").See("It agrees.", "E-services compared: 1.")
	page.See("comune", "Owner of services", "platform", "Operator").Miss("MANAGE-comune.")
}

// TestPlatformIsTheOperators: nobody else has the page, and the API refuses them too.
func TestPlatformIsTheOperators(t *testing.T) {
	t.Parallel()
	for _, person := range persons {
		want := http.StatusForbidden
		if person == "operator" {
			want = http.StatusOK
		}
		for _, path := range []string{"/office/platform", "/office/platform/ledger"} {
			if shown := site.As(t, person).Get(path); shown.Status != want {
				t.Errorf("%s: %s = %d, want %d", person, path, shown.Status, want)
			}
		}
	}
	key := site.Key(t, "owner=platform&role=reviewer")
	for credential, paths := range map[string][]string{
		key:                                  {"/api/v1/manage/subscriptions"},
		site.Token(t, "issuerId=ISSUER-001"): {"/platform/purge", "/platform/deadLetters/cascade"},
		site.Token(t, "organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7"): {"/platform/ledger", "/platform/deadLetters/follow"},
	} {
		for _, path := range paths {
			if status, answer := site.Call(t, credential, http.MethodGet, path, ""); status != http.StatusForbidden {
				t.Errorf("%s = %d %s", path, status, answer)
			}
		}
	}
}

// TestPurgeByHand runs the purge in a browser, behind its question.
func TestPurgeByHand(t *testing.T) {
	t.Parallel()
	tab := site.Tab(t, "operator", officetest.Look{})
	tab.Open("/office/platform")
	tab.Click("Run now")
	tab.See("Remove the expired operations now?")
	tab.Confirm("Run now")
	tab.See("Done: 0 operations were removed.")
}
