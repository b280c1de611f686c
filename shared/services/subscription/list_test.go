package subscription_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
	"ciclo/shared/services/subscription"
)

// listing has the operation that lists subscriptions.
var listing = servicestest.New(subscription.Operations()...)

const subscriptionsPath = "/subscriptions"

var operator = servicestest.Manager("platform", services.GroupSubscriptions)

// eachListing runs test in a new world with the operation, on each engine.
func eachListing(t *testing.T, test func(w *world)) {
	t.Helper()
	listing.Each(t, func(base *servicestest.World) { test(open(base)) })
}

// list reads a page of subscriptions.
func (w *world) list(query string) apitest.Response {
	w.Helper()
	res := w.As(operator, "GET", subscriptionsPath+query, "")
	if res.Status != 200 {
		w.Fatalf("list%s = %d\n%s", query, res.Status, res.Raw)
	}
	return res
}

// ids returns the ids of a page, and how many there are.
func (w *world) ids(query string) string {
	w.Helper()
	res := w.list(query)
	var all []string
	for _, one := range res.Body["value"].([]any) {
		all = append(all, one.(map[string]any)["id"].(string))
	}
	return fmt.Sprint(all, res.Body["pagination"].(map[string]any)["count"])
}

// TestList lists subscriptions of owners, groups, reviewers and operators, page by page. No
// part of a key is in the answer.
func TestList(t *testing.T) {
	t.Parallel()
	eachListing(t, func(w *world) {
		if got := w.ids(""); got != "[] 0" {
			w.Errorf("without any: %s", got)
		}
		since := table.Stamp(w.Clock.Now())
		first := w.issue(subscription.Request{Owner: "comune"})
		w.issue(subscription.Request{Owner: "comune", Group: "tributi", CIDRs: []string{"192.0.2.0/24"}})
		w.issue(subscription.Request{Owner: "platform", Role: "reviewer"})
		w.issue(subscription.Request{Owner: "platform", Role: "operator"})
		w.serviceKeys("01HCEXAMPLE000000000000001", "comune")
		res := w.list("")
		want := []any{
			map[string]any{
				"id": "MANAGE-GROUP-tributi", "owner": "comune", "group": "tributi", "role": "owner", "state": "active", "created_at": since,
				"networks": []any{"192.0.2.0/24"},
			},
			map[string]any{"id": "MANAGE-REVIEW-platform", "owner": "platform", "role": "reviewer", "state": "active", "created_at": since},
			map[string]any{"id": "MANAGE-comune", "owner": "comune", "role": "owner", "state": "active", "created_at": since},
			map[string]any{"id": "OPERATOR-platform", "owner": "platform", "role": "operator", "state": "active", "created_at": since},
		}
		got := res.Body["value"].([]any)
		for _, one := range got {
			delete(one.(map[string]any), "scopes")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			w.Errorf("the list differs (-want +got):\n%s", diff)
		}
		if raw := res.Raw; strings.Contains(raw, secretOf(first.PrimaryKey)) || strings.Contains(raw, "ash") || strings.Contains(raw, "imary") {
			w.Errorf("something of a key is listed: %s", raw)
		}
		for query, want := range map[string]string{
			"?limit=1":          "[MANAGE-GROUP-tributi] 4",
			"?limit=2&offset=1": "[MANAGE-REVIEW-platform MANAGE-comune] 4",
			"?offset=4":         "[] 4",
			"?offset=9":         "[] 4",
		} {
			if got := w.ids(query); got != want {
				w.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}

// TestListOfEarlierReleases: a subscription that was stored without an entry and a time is
// listed once it was issued again; one that was deleted by hand is left out.
func TestListOfEarlierReleases(t *testing.T) {
	t.Parallel()
	eachListing(t, func(w *world) {
		scopes := []string{"ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead", services.GroupWrite}
		sub, _, err := subscription.NewVault(w.Deps()).New(w.Context(), subscription.Subscription{
			ID: "MANAGE-comune", Owner: "comune", Kind: services.KindManage, Scopes: scopes,
		})
		if err != nil {
			w.Fatal(err)
		}
		w.put(sub)
		if got := w.ids(""); got != "[] 0" {
			w.Errorf("before: %s", got)
		}
		w.issue(subscription.Request{Owner: "comune"})
		if got := w.ids(""); got != "[MANAGE-comune] 1" {
			w.Errorf("after: %s", got)
		}
		if one := w.list("").Body["value"].([]any)[0].(map[string]any); one["created_at"] != nil {
			w.Errorf("its time is made up: %v", one)
		}
		if got := w.stored("MANAGE-comune").Scopes; !slices.Equal(got, scopes) {
			w.Errorf("scopes = %v, before %v", got, scopes)
		}
		if err := w.DB.Write(w.Context(), table.Delete("subscription", subscription.Key("MANAGE-comune"))); err != nil {
			w.Fatal(err)
		}
		if got := w.ids(""); got != "[] 1" {
			w.Errorf("without its item: %s", got)
		}
		if got := w.stored(w.issue(subscription.Request{Owner: "provincia"}).SubscriptionID).Scopes; !slices.Equal(got, scopes) {
			w.Errorf("a request gives the scopes %v, the test stored %v", got, scopes)
		}
	})
}

// TestListRoles calls with keys of all kinds.
func TestListRoles(t *testing.T) {
	t.Parallel()
	eachListing(t, func(w *world) {
		call := func(as *api.Identity, from string) apitest.Response {
			return w.As(as, "GET", subscriptionsPath+from, "")
		}
		for name, tc := range map[string]struct {
			as   *api.Identity
			code string
		}{
			"nobody":         {nil, "KEY_INVALID"},
			"owner":          {servicestest.Manager("comune", services.GroupWrite), "NOT_ALLOWED"},
			"reviewer":       {servicestest.Manager("platform", services.GroupReview), "NOT_ALLOWED"},
			"without groups": {servicestest.Manager("platform"), "NO_VALID_SCOPES"},
			"key of a service": {
				&api.Identity{Subject: "platform", Kind: services.KindService, Scopes: services.Operators}, "NOT_ALLOWED",
			},
			"operator from elsewhere": {
				&api.Identity{Subject: "platform", Kind: services.KindManage, Scopes: services.Operators, Networks: []string{"198.51.100.0/24"}},
				"NOT_ALLOWED",
			},
		} {
			if res := call(tc.as, ""); servicestest.CodeOf(res) != tc.code {
				w.Errorf("%s: %d %s, want %s", name, res.Status, res.Raw, tc.code)
			}
		}
		// The operator's key is refused everywhere else: it has no group that another operation takes.
		for _, groups := range [][]string{services.Owners, services.Reviewers} {
			if operator.HasScope(groups...) {
				w.Errorf("the operator has one of %v", groups)
			}
		}
		if res := call(operator, "?limit=0"); res.Status != 400 {
			w.Errorf("a limit of 0 = %d", res.Status)
		}
	})
}

// TestOperatorsKeys: the permission group of operators comes with that role alone, and the
// role with no other group that changes something.
func TestOperatorsKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		issued := w.issue(subscription.Request{Owner: "platform", Role: "operator"})
		if sub := w.stored(issued.SubscriptionID); !slices.Equal(sub.Scopes, services.Operators) {
			w.Errorf("scopes = %v", sub.Scopes)
		}
		for field, requests := range map[string][]subscription.Request{
			"role": {{Owner: "x", Role: "operator", Group: "g"}},
			"scopes": {
				{Owner: "x", Scopes: []string{services.GroupSubscriptions}},
				{Owner: "x", Role: "reviewer", Scopes: []string{services.GroupSubscriptions}},
				{Owner: "x", Role: "operator", Scopes: []string{services.GroupReview}},
				{Owner: "x", Role: "operator", Scopes: []string{services.GroupWrite}},
			},
		} {
			for _, r := range requests {
				if issued, err := w.issuer.Issue(w.Context(), r); err == nil || issued != nil || !strings.HasPrefix(err.Error(), field+": ") {
					w.Errorf("%+v = %v, %v; want %s refused", r, issued, err, field)
				}
			}
		}
	})
}

// TestGroupsOfRolesInOrder: a request with the permission groups of both roles is refused for
// the same one each time.
func TestGroupsOfRolesInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for range 40 {
			scopes := []string{services.GroupSubscriptions, services.GroupReview}
			_, err := w.issuer.Issue(w.Context(), subscription.Request{Owner: "x", Scopes: scopes})
			if want := "scopes: " + services.GroupReview + " comes with the role reviewer"; err == nil || err.Error() != want {
				w.Fatalf("refused with %v, want %s", err, want)
			}
		}
	})
}

// TestListFails fails every call of a list, and counts them.
func TestListFails(t *testing.T) {
	t.Parallel()
	eachListing(t, func(w *world) {
		w.issue(subscription.Request{Owner: "comune"})
		w.Tap.Set(nil)
		w.list("")
		calls := w.Tap.Seen()
		if calls != 2 {
			w.Errorf("%d calls, want a query and a batch", calls)
		}
		for k := range calls {
			w.Tap.Set(hooked.Broken(k, false))
			if res := w.As(operator, "GET", subscriptionsPath, ""); res.Status != 503 {
				w.Errorf("call %d fails: %d", k, res.Status)
			}
		}
		w.Tap.Set(nil)
	})
}
