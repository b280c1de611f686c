package purpose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// later moves the clock and returns its time, as answers say it.
func (w *world) later() string {
	w.Clock.Advance(time.Minute)
	return table.Stamp(w.Clock.Now())
}

// version is a version of a purpose that shows with it.
func (w *world) version(who *api.Identity, path, member string) object {
	w.Helper()
	v, _ := w.ok(who, "GET", path, "").Body[member].(object)
	if v == nil {
		w.Fatalf("%s has no %s", path, member)
	}
	return v
}

// estimated are the versions of a purpose, in short.
func estimated(all []object) (short []string) {
	for _, v := range all {
		short = append(short, fmt.Sprint(v["state"], " ", v["dailyCalls"]))
	}
	return short
}

// TestVersions lists the versions of a purpose and reads each, past ones too.
func TestVersions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.open(25, 50)
		path := w.runs(consumer, o, 30)
		for _, calls := range []int{20, 10, 26} {
			w.estimates(consumer, path, calls)
		}
		w.does(producer, path, "reject")
		w.estimates(consumer, path, 27)
		w.does(producer, path, "reject")
		w.estimates(consumer, path, 9)
		w.estimates(consumer, path, 28)
		at := path + "/versions"
		for _, who := range []*api.Identity{consumer, producer} {
			all := interoptest.Results(w.ok(who, "GET", at, ""))
			whole := []string{"ARCHIVED 30", "ARCHIVED 20", "ARCHIVED 10", "REJECTED 26", "REJECTED 27", "ACTIVE 9", "WAITING_FOR_APPROVAL 28"}
			if diff := cmp.Diff(whole, estimated(all)); diff != "" {
				w.Errorf("the versions (-want +got):\n%s", diff)
			}
			for _, v := range all {
				if diff := cmp.Diff(v, w.ok(who, "GET", fmt.Sprint(at, "/", v["id"]), "").Body); diff != "" {
					w.Errorf("a version alone (-list +get):\n%s", diff)
				}
			}
			for _, state := range []string{"ACTIVE", "DRAFT", "SUSPENDED", "WAITING_FOR_APPROVAL", "ARCHIVED", "REJECTED"} {
				var in []string
				for _, short := range whole {
					if strings.HasPrefix(short, state+" ") {
						in = append(in, short)
					}
				}
				if diff := cmp.Diff(in, estimated(interoptest.Results(w.ok(who, "GET", at+"?state="+state, "")))); diff != "" {
					w.Errorf("those %s (-want +got):\n%s", state, diff)
				}
			}
			w.Pages(who, at, "id", interoptest.Members(w.ok(who, "GET", at, ""), "id"))
			w.Pages(who, at+"?state=ARCHIVED", "id", interoptest.Members(w.ok(who, "GET", at+"?state=ARCHIVED", ""), "id"))
		}
		w.BadPages(consumer, at)
		for _, state := range []string{"active", "NONE", "ACTIVE,DRAFT"} {
			w.Refused(w.As(consumer, "GET", at+"?state="+state, ""), interop.BadRequest)
		}
		past := interoptest.Members(w.ok(consumer, "GET", at, ""), "id")[0]
		elsewhere := w.runs(consumer, o, 1)
		w.Refused(w.As(consumer, "GET", elsewhere+"/versions/"+past, ""), interop.PurposeVersionNotFound, past)
		w.Refused(w.As(stranger, "GET", at+"/"+past, ""), interop.PurposeNotAllowed)
		w.Refused(w.As(stranger, "GET", at, ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/purposes/"+past+"/versions", ""), interop.PurposeNotFound, past)
		w.Refused(w.As(consumer, "GET", "/purposes/"+past+"/versions/"+past, ""), interop.PurposeNotFound, past)
		draft := w.drafts(consumer, o, 1)
		w.Refused(w.As(producer, "GET", draft+"/versions", ""), interop.PurposeNotAllowed)
		want(w.TB, "of a draft", strings.Join(estimated(interoptest.Results(w.ok(consumer, "GET", draft+"/versions", ""))), ","), "DRAFT 1")
		w.consistent()
	})
}

// TestTakenBackAfterRejection shows the rejected version again once the one that
// waited after it was taken back.
func TestTakenBackAfterRejection(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		for name, expected := range map[string]string{"a first request": "REJECTED 30", "an update": "ACTIVE 5, REJECTED 30"} {
			w.part(name, func(w *world) {
				path := w.drafts(consumer, o, 30)
				if name == "an update" {
					path = w.runs(consumer, o, 5)
					w.estimates(consumer, path, 30)
				} else {
					w.does(consumer, path, "activate")
				}
				w.does(producer, path, "reject")
				w.is(consumer, path, expected)
				waiting := w.estimates(consumer, path, 31).Text("id")
				w.ok(consumer, "DELETE", path+"/versions/"+waiting, "")
				w.is(consumer, path, expected)
				w.after(path, 32, strings.TrimSuffix(expected, "REJECTED 30")+"WAITING_FOR_APPROVAL 32")
			})
		}
		w.consistent()
	})
}

// TestTimes follows the times of a version and of its purpose.
func TestTimes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		created := w.later()
		path := w.drafts(consumer, o, 5)
		var activated, changed, suspended any
		shows := func(what, member string) {
			w.Helper()
			v := w.version(consumer, path, member)
			got := []any{v["createdAt"], v["firstActivationAt"], v["updatedAt"], v["suspendedAt"]}
			if diff := cmp.Diff([]any{created, activated, changed, suspended}, got); diff != "" {
				w.Errorf("%s: created, activated first, changed and suspended at (-want +got):\n%s", what, diff)
			}
			p := w.ok(consumer, "GET", path, "").Body
			if p["updatedAt"] != changed && changed != nil {
				w.Errorf("%s: the purpose was changed at %v, want %v", what, p["updatedAt"], changed)
			}
		}
		shows("made", "currentVersion")
		changed = w.later()
		w.ok(consumer, "PATCH", path, `{"dailyCalls":4}`)
		shows("changed", "currentVersion")
		activated = w.later()
		changed = activated
		w.does(consumer, path, "activate")
		shows("activated", "currentVersion")
		suspended = w.later()
		changed = suspended
		w.does(consumer, path, "suspend")
		shows("suspended", "currentVersion")
		w.later()
		w.does(consumer, path, "suspend")
		shows("suspended again", "currentVersion")
		changed = w.later()
		w.does(producer, path, "suspend")
		shows("by the other, too: since it began", "currentVersion")
		changed = w.later()
		w.does(consumer, path, "unsuspend")
		shows("half taken back", "currentVersion")
		suspended, changed = nil, w.later()
		w.does(producer, path, "unsuspend")
		shows("taken back: activated first before", "currentVersion")
		old := w.version(consumer, path, "currentVersion")["id"]
		changed = w.later()
		created, activated, changed = changed.(string), changed, nil //nolint:forcetypeassert // it is one
		replaced := created
		w.estimates(consumer, path, 6)
		v := w.version(consumer, path, "currentVersion")
		want(w.TB, "activated at once", fmt.Sprint(v["createdAt"], v["firstActivationAt"]), fmt.Sprint(created, activated))
		want(w.TB, "the one before was changed", w.ok(consumer, "GET", fmt.Sprint(path, "/versions/", old), "").Text("updatedAt"), replaced)
		created, activated = w.later(), nil
		w.estimates(consumer, path, 40)
		shows("waits", "waitingForApprovalVersion")
		changed = w.later()
		w.ok(producer, "PUT", path+"/expectedActivationDate", `{"date":"2999-12-31"}`)
		shows("has a date", "waitingForApprovalVersion")
		activated = w.later()
		changed = activated
		w.does(producer, path, "approve")
		shows("approved", "currentVersion")
		changed = w.later()
		w.does(consumer, path, "archive")
		shows("archived", "currentVersion")
		w.consistent()
	})
}

// TestTimesWhileSuspended replaces a version that is suspended: the new one was never
// active, and is suspended since that began.
func TestTimesWhileSuspended(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.runs(consumer, w.open(25, 50), 5)
		since := w.later()
		w.does(producer, path, "suspend")
		w.later()
		w.estimates(consumer, path, 6)
		v := w.version(consumer, path, "currentVersion")
		want(w.TB, "suspended since", v["suspendedAt"], any(since))
		want(w.TB, "activated", v["firstActivationAt"], nil)
		w.later()
		w.does(producer, path, "unsuspend")
		want(w.TB, "activated first", w.version(consumer, path, "currentVersion")["firstActivationAt"], any(table.Stamp(w.Clock.Now())))
		w.consistent()
	})
}

// TestAgreementOfPurpose is the one that is active or suspended.
func TestAgreementOfPurpose(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.offers(25, 50)
		at := w.joins(consumer, o)
		path := w.runs(consumer, o, 5)
		shows := func(id, state, descriptor string) {
			w.Helper()
			for _, who := range []*api.Identity{consumer, producer} {
				a := w.ok(who, "GET", path+"/agreement", "")
				want(w.TB, "the agreement", a.Text("id")+a.Text("state")+a.Text("descriptorId"), id+state+descriptor)
				if diff := cmp.Diff(w.ok(who, "GET", "/agreements/"+id, "").Body, a.Body); diff != "" {
					w.Errorf("the agreement is another (-agreement +purpose's):\n%s", diff)
				}
			}
		}
		shows(at[len("/agreements/"):], "ACTIVE", o.descriptor)
		w.ok(producer, "POST", at+"/suspend", "")
		shows(at[len("/agreements/"):], "SUSPENDED", o.descriptor)
		w.ok(producer, "POST", at+"/unsuspend", "")
		next := w.revises(o, 25, 50)
		upgraded := w.ok(consumer, "POST", at+"/upgrade", "").Text("id")
		shows(upgraded, "ACTIVE", next.descriptor)
		w.ok(consumer, "POST", "/agreements/"+upgraded+"/archive", "")
		for _, who := range []*api.Identity{consumer, producer} {
			w.Refused(w.As(who, "GET", path+"/agreement", ""), interop.PurposeAgreementNotFound, consumer.Subject, o.id)
		}
		w.Refused(w.As(stranger, "GET", path+"/agreement", ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/purposes/"+o.id+"/agreement", ""), interop.PurposeNotFound)
		w.is(consumer, path, "ACTIVE 5")
	})
}

// TestExpectedDates takes today and later days, and shows them to the consumer.
func TestExpectedDates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		path := w.submits(consumer, o, 30)
		w.Clock.Set(time.Date(2026, 3, 1, 0, 30, 0, 0, time.FixedZone("CET", 3600))) // in UTC it is February still
		says := func(day string) string {
			w.Helper()
			return interoptest.Answered(w.As(producer, "PUT", path+"/expectedActivationDate", fmt.Sprintf(`{"date":%q}`, day)))
		}
		res := w.As(producer, "PUT", path+"/expectedActivationDate", `{"date":"2026-02-27"}`)
		w.Refused(res, interop.BadRequest)
		if !strings.Contains(res.Raw, `"body.date: `) {
			w.Errorf("which member is not said: %s", res.Raw)
		}
		for _, day := range []string{"", "2026-02-29", "2026-2-28", "2026-03-01T00:00:00Z", "tomorrow", "2026-13-01"} {
			want(w.TB, "a date of "+day, says(day), interop.BadRequest.Name)
		}
		for _, day := range []string{"2026-02-28", "2026-03-01", "9999-12-31", "2026-02-28"} {
			want(w.TB, "a date of "+day, says(day), "200")
			for _, who := range []*api.Identity{consumer, producer} {
				want(w.TB, "the date", w.version(who, path, "waitingForApprovalVersion")["expectedActivationDate"], any(day))
				listed := interoptest.Results(w.ok(who, "GET", path+"/versions", ""))[0]
				want(w.TB, "the date of the version", listed["expectedActivationDate"], any(day))
			}
		}
		w.Refused(w.As(consumer, "PUT", path+"/expectedActivationDate", `{"date":"2026-02-28"}`), interop.NotThePurposeProducer)
		w.does(producer, path, "approve")
		want(w.TB, "approved", says("2026-03-01"), interop.PurposeVersionNotInState.Name)
	})
}
