package subscription_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/host"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// TestIssueNames makes subscriptions of owners, groups and reviewers, whose ids differ.
func TestIssueNames(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		keys := map[string]bool{}
		for want, r := range map[string]subscription.Request{
			"MANAGE-comune":         {Owner: "comune"},
			"MANAGE-comune-2":       {Owner: "comune-2"},
			"MANAGE-GROUP-tributi":  {Owner: "comune", Group: "tributi"},
			"MANAGE-REVIEW-comune":  {Owner: "comune", Role: "reviewer"},
			"MANAGE-GROUP":          {Owner: "GROUP"},
			"MANAGE-GROUP-comune":   {Owner: "comune", Group: "comune"},
			"MANAGE-GROUP-reviewer": {Owner: "reviewer", Group: "reviewer"},
			"OPERATOR-comune":       {Owner: "comune", Role: "operator"},
			"MANAGE-OPERATOR":       {Owner: "OPERATOR"},
		} {
			issued := w.issue(r)
			if issued.SubscriptionID != want || keys[issued.PrimaryKey] || issued.PrimaryKey == issued.SecondaryKey {
				t.Errorf("%+v is %+v, want %s and keys of its own", r, issued, want)
			}
			keys[issued.PrimaryKey] = true
			if sub := w.stored(want); sub.Owner != r.Owner || sub.Group != r.Group || sub.Kind != services.KindManage {
				t.Errorf("%s = %+v", want, sub)
			}
		}
	})
}

// TestIssueRefuses sends requests with a member that is not valid.
func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 65)
	ofOwners := without(services.Groups, services.GroupReview, services.GroupSubscriptions)
	each(t, func(w *world) {
		w.issue(subscription.Request{Owner: "x", Group: "taken"})
		for _, tc := range []struct {
			field string
			r     subscription.Request
		}{
			{"owner", subscription.Request{}},
			{"owner", subscription.Request{Owner: long}},
			{"owner", subscription.Request{Owner: "a b"}},
			{"owner", subscription.Request{Owner: "a.b"}},
			{"owner", subscription.Request{Owner: "a#b"}},
			{"owner", subscription.Request{Owner: "à"}},
			{"owner", subscription.Request{Owner: "a\n"}},
			{"owner", subscription.Request{Owner: "a\x00"}},
			// These would get the subscription of a group or a reviewer.
			{"owner", subscription.Request{Owner: "GROUP-taken"}},
			{"owner", subscription.Request{Owner: "REVIEW-x"}},
			{"owner", subscription.Request{Group: "g"}},
			{"group", subscription.Request{Owner: "x", Group: long}},
			{"group", subscription.Request{Owner: "x", Group: "a b"}},
			{"group", subscription.Request{Owner: "x", Group: "GROUP-g"}},
			{"group", subscription.Request{Owner: "other", Group: "taken"}},
			{"role", subscription.Request{Owner: "x", Role: "admin"}},
			{"role", subscription.Request{Owner: "x", Role: "Reviewer"}},
			{"role", subscription.Request{Owner: "x", Role: "reviewer", Group: "g"}},
			{"scopes", subscription.Request{Owner: "x", Scopes: []string{"Everything"}}},
			{"scopes", subscription.Request{Owner: "x", Scopes: []string{services.GroupWrite, ""}}},
			{"scopes", subscription.Request{Owner: "x", Scopes: []string{"apiservicewrite"}}},
			// A key must not both write and review.
			{"scopes", subscription.Request{Owner: "x", Scopes: []string{services.GroupReview}}},
			{"scopes", subscription.Request{Owner: "x", Role: "reviewer", Scopes: []string{services.GroupWrite}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{""}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"192.0.2.0/33"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"192.0.2.1", "192.0.2"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"192.0.2.1 10.0.0.1"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"any", "192.0.2.1"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"any", "any"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: slices.Repeat([]string{"192.0.2.1"}, 51)}},
			// A zone with a blank would be read as two networks.
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"fe80::1%a 0.0.0.0/0"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"fe80::1%eth0"}}},
			// Callers' addresses are never written like this.
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"::ffff:192.0.2.1"}}},
			{"cidrs", subscription.Request{Owner: "x", CIDRs: []string{"::ffff:192.0.2.0/120"}}},
		} {
			issued, err := w.issuer.Issue(t.Context(), tc.r)
			if err == nil || issued != nil || !strings.HasPrefix(err.Error(), tc.field+": ") {
				t.Errorf("%+v = %v, %v; want %s refused", tc.r, issued, err, tc.field)
			}
		}
		if sub := w.stored("MANAGE-GROUP-taken"); sub.Owner != "x" || sub.Version != 1 {
			t.Errorf("the group that another owner requested is %+v", sub)
		}
		for _, r := range []subscription.Request{
			{Owner: long[:64]},
			{Owner: "x", Group: long[:64]},
			{Owner: long[:64], Role: "reviewer"},
			{Owner: "y", CIDRs: slices.Repeat([]string{"2001:db8::/32"}, 50), Scopes: ofOwners},
		} {
			w.caller(w.issue(r).PrimaryKey)
		}
	})
}

// TestIssueAgain repeats requests: keys stay, members that are sent are added or replaced.
func TestIssueAgain(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		first := w.issue(subscription.Request{Owner: "comune", Group: "tributi"})
		want := *w.stored(first.SubscriptionID)
		for i, step := range []struct {
			change subscription.Request
			then   func()
		}{
			{subscription.Request{}, func() {}},
			{subscription.Request{Scopes: []string{services.GroupRaisedRate}}, func() {
				want.Scopes = append(want.Scopes, services.GroupRaisedRate)
			}},
			{subscription.Request{Scopes: []string{services.GroupRaisedRate, services.GroupWrite}}, func() {}},
			{subscription.Request{CIDRs: []string{"192.0.2.0/24"}}, func() { want.Networks = []string{"192.0.2.0/24"} }},
			{subscription.Request{UsageKey: "own"}, func() { want.UsageKey = "own" }},
			{subscription.Request{CIDRs: []string{}}, func() {}},
			{subscription.Request{CIDRs: []string{"10.0.0.0/8", "::1"}}, func() { want.Networks = []string{"10.0.0.0/8", "::1"} }},
			{subscription.Request{CIDRs: []string{"any"}}, func() { want.Networks = nil }},
			{subscription.Request{CIDRs: []string{"any"}}, func() {}},
		} {
			step.change.Owner = "comune"
			step.change.Group = "tributi"
			if again := w.issue(step.change); *again != *first {
				t.Errorf("step %d: the keys changed", i)
			}
			step.then()
			want.Version++
			if diff := cmp.Diff(&want, w.stored(first.SubscriptionID)); diff != "" {
				t.Errorf("step %d: the subscription differs:\n%s", i, diff)
			}
			if got := w.caller(first.PrimaryKey); got.Subject != "comune" || got.Group != "tributi" {
				t.Errorf("step %d: caller %+v", i, got)
			}
		}
	})
}

// TestRaceOfIssues sends several requests that all read before any of them writes: one
// writes, there is one pair of keys, and no later change is lost.
func TestRaceOfIssues(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		first := w.raceOfIssues(1)
		second := w.raceOfIssues(2)
		if again := w.issue(subscription.Request{Owner: "comune"}); second != first || again.Keys != first {
			t.Error("later requests return other keys")
		}
		w.caller(first.PrimaryKey)
		w.caller(first.SecondaryKey)
	})
}

// raceOfIssues fails unless one of several requests makes that version of a subscription
// and the others end with ErrBusy. It returns the keys.
func (w *world) raceOfIssues(version int64) subscription.Keys {
	w.Helper()
	const racers = 4
	w.Tap.Set(hooked.Gate(racers, nil))
	defer w.Tap.Set(nil)
	issued := make([]*subscription.Issued, racers)
	errs := make([]error, racers)
	var racing sync.WaitGroup
	for i := range racers {
		racing.Go(func() {
			issued[i], errs[i] = w.issuer.Issue(w.Context(), subscription.Request{Owner: "comune", UsageKey: fmt.Sprint(version, i)})
		})
	}
	racing.Wait()
	winner := slices.IndexFunc(errs, func(err error) bool { return err == nil })
	if winner < 0 {
		w.Fatalf("no request succeeded: %v", errs)
	}
	for i, err := range errs {
		if i != winner && (!errors.Is(err, subscription.ErrBusy) || issued[i] != nil) {
			w.Errorf("request %d, which lost against %d, returned %v, %v", i, winner, issued[i], err)
		}
	}
	sub := w.stored("MANAGE-comune")
	if sub.UsageKey != fmt.Sprint(version, winner) || sub.Version != version {
		w.Errorf("the winner is %d, the subscription %+v", winner, sub)
	}
	return issued[winner].Keys
}

// TestIssueKeepsKeysOutOfLogs runs the job as its function does, and reads the log.
func TestIssueKeepsKeysOutOfLogs(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		run, err := subscription.Issue.Start(w.Deps())
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		deps := w.Deps()
		deps.Log = host.NewLogger(&log, func(string) string { return "" })
		job := host.Schedule(subscription.Issue.ID, run, deps)
		event := json.RawMessage(`{"owner":"comune","group":"tributi","scopes":["ApiRateLimit250"],"cidrs":["192.0.2.0/24"],"usageKey":"u"}`)
		for range 2 {
			log.Reset()
			result, err := job(t.Context(), event)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(result)
			if err != nil {
				t.Fatal(err)
			}
			var answer map[string]string
			if err := json.Unmarshal(text, &answer); err != nil || len(answer) != 3 || answer["subscriptionId"] != "MANAGE-GROUP-tributi" {
				t.Fatalf("answer = %s, %v", text, err)
			}
			got := w.caller(answer["primary_key"])
			if got.Group != "tributi" || got.UsageKey != "u" || !slices.Equal(got.Networks, []string{"192.0.2.0/24"}) {
				t.Errorf("the primary key is of %+v", got)
			}
			w.caller(answer["secondary_key"])
			line := log.String()
			if strings.Count(line, "\n") != 1 || !strings.Contains(line, `"result":"MANAGE-GROUP-tributi"`) {
				t.Errorf("log = %s", line)
			}
			w.wantNoKeys(line, answer["primary_key"], answer["secondary_key"])
		}
		log.Reset()
		result, err := job(t.Context(), json.RawMessage(`{"owner":"someone","group":"tributi"}`))
		if err == nil || !strings.Contains(log.String(), "belongs to another owner") || !strings.Contains(log.String(), `"result":null`) {
			t.Errorf("refused = %v, %v; log = %s", result, err, log.String())
		}
		w.wantNoKeys(log.String(), w.issue(subscription.Request{Owner: "comune", Group: "tributi"}).PrimaryKey)
	})
}

// TestIssuedInAnyLog logs what was issued with two handlers, also within a group.
func TestIssuedInAnyLog(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		issued := w.issue(subscription.Request{Owner: "comune"})
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
			slog.New(h).Info("issued", "it", issued, slog.Group("group", "it", issued), "none", (*subscription.Issued)(nil))
		}
		if n := strings.Count(log.String(), "MANAGE-comune"); n != 4 || strings.Contains(log.String(), "panic") {
			t.Errorf("log = %s", log.String())
		}
		w.wantNoKeys(log.String(), issued.PrimaryKey, issued.SecondaryKey)
	})
}

// wantNoKeys fails when text has eight characters of a secret in a row.
func (w *world) wantNoKeys(text string, keys ...string) {
	w.Helper()
	for _, key := range keys {
		secret := secretOf(key)
		for i := 0; i+8 <= len(secret); i++ {
			if strings.Contains(text, secret[i:i+8]) {
				w.Fatalf("a key is in %s", text)
			}
		}
	}
}

// without returns the groups but some.
func without(groups []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(groups), func(g string) bool { return slices.Contains(some, g) })
}
