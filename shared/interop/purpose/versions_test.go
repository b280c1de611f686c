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

// advance moves the clock and returns its time, as answers say it.
func (w *world) advance() string {
	w.Clock.Advance(time.Minute)
	return table.Stamp(w.Clock.Now())
}

// version is a version of a purpose that shows with it.
func (w *world) version(caller *api.Identity, path, member string) object {
	w.Helper()
	v, _ := w.OK(caller, "GET", path, "").Body[member].(object)
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

// checkVersions checks the list of versions at a path: all of them, each alone, those in
// each state, and pages.
func (w *world) checkVersions(caller *api.Identity, at string, whole []string) {
	w.Helper()
	all := interoptest.Results(w.OK(caller, "GET", at, ""))
	interoptest.Equal(w.TB, "the versions", estimated(all), whole)
	for _, v := range all {
		interoptest.Equal(w.TB, "a version alone", w.OK(caller, "GET", fmt.Sprint(at, "/", v["id"]), "").Body, v)
	}
	for _, state := range []string{"ACTIVE", "DRAFT", "SUSPENDED", "WAITING_FOR_APPROVAL", "ARCHIVED", "REJECTED"} {
		var in []string
		for _, short := range whole {
			if strings.HasPrefix(short, state+" ") {
				in = append(in, short)
			}
		}
		interoptest.Equal(w.TB, "those "+state, estimated(interoptest.Results(w.OK(caller, "GET", at+"?state="+state, ""))), in)
	}
	w.Pages(caller, at, "id", interoptest.Members(w.OK(caller, "GET", at, ""), "id"))
	w.Pages(caller, at+"?state=ARCHIVED", "id", interoptest.Members(w.OK(caller, "GET", at+"?state=ARCHIVED", ""), "id"))
}

// TestVersions lists the versions of a purpose and reads each, past ones too.
func TestVersions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		path := w.activePurpose(consumer, o, 30)
		for _, calls := range []int{20, 10, 26} {
			w.createVersion(consumer, path, calls)
		}
		w.act(producer, path, "reject")
		w.createVersion(consumer, path, 27)
		w.act(producer, path, "reject")
		w.createVersion(consumer, path, 9)
		w.createVersion(consumer, path, 28)
		at := path + "/versions"
		for _, caller := range []*api.Identity{consumer, producer} {
			w.checkVersions(caller, at, []string{
				"ARCHIVED 30", "ARCHIVED 20", "ARCHIVED 10", "REJECTED 26", "REJECTED 27", "ACTIVE 9", "WAITING_FOR_APPROVAL 28",
			})
		}
		w.BadPages(consumer, at)
		for _, state := range []string{"active", "NONE", "ACTIVE,DRAFT"} {
			w.Refused(w.As(consumer, "GET", at+"?state="+state, ""), interop.BadRequest)
		}
		past := interoptest.Members(w.OK(consumer, "GET", at, ""), "id")[0]
		elsewhere := w.activePurpose(consumer, o, 1)
		w.Refused(w.As(consumer, "GET", elsewhere+"/versions/"+past, ""), interop.PurposeVersionNotFound, past)
		w.Refused(w.As(stranger, "GET", at+"/"+past, ""), interop.PurposeNotAllowed)
		w.Refused(w.As(stranger, "GET", at, ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/purposes/"+past+"/versions", ""), interop.PurposeNotFound, past)
		w.Refused(w.As(consumer, "GET", "/purposes/"+past+"/versions/"+past, ""), interop.PurposeNotFound, past)
		draft := w.DraftPurpose(consumer, o, 1)
		w.Refused(w.As(producer, "GET", draft+"/versions", ""), interop.PurposeNotAllowed)
		own := interoptest.Results(w.OK(consumer, "GET", draft+"/versions", ""))
		interoptest.Equal(w.TB, "of a draft", estimated(own), []string{"DRAFT 1"})
		w.checkConsistent()
	})
}

// TestTakenBackAfterRejection shows the rejected version again once the one that
// waited after it was taken back.
func TestTakenBackAfterRejection(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		for name, expected := range map[string]string{"a first request": "REJECTED 30", "an update": "ACTIVE 5, REJECTED 30"} {
			w.part(name, func(w *world) {
				path := w.DraftPurpose(consumer, o, 30)
				if name == "an update" {
					path = w.activePurpose(consumer, o, 5)
					w.createVersion(consumer, path, 30)
				} else {
					w.act(consumer, path, "activate")
				}
				w.act(producer, path, "reject")
				w.checkState(consumer, path, expected)
				waiting := w.createVersion(consumer, path, 31).Text("id")
				w.OK(consumer, "DELETE", path+"/versions/"+waiting, "")
				w.checkState(consumer, path, expected)
				w.checkNewVersion(path, 32, strings.TrimSuffix(expected, "REJECTED 30")+"WAITING_FOR_APPROVAL 32")
			})
		}
		w.checkConsistent()
	})
}

// times are the times of a version in answers; those that it does not have are nil.
type times struct{ created, activated, changed, suspended any }

// checkTimes checks the times of the version that a purpose shows as the member, and
// that the purpose was changed when the version was.
func (w *world) checkTimes(what, path, member string, want times) {
	w.Helper()
	v := w.version(consumer, path, member)
	got := []any{v["createdAt"], v["firstActivationAt"], v["updatedAt"], v["suspendedAt"]}
	if diff := cmp.Diff([]any{want.created, want.activated, want.changed, want.suspended}, got); diff != "" {
		w.Errorf("%s: created, activated first, changed and suspended at (-want +got):\n%s", what, diff)
	}
	p := w.OK(consumer, "GET", path, "").Body
	if p["updatedAt"] != want.changed && want.changed != nil {
		w.Errorf("%s: the purpose was changed at %v, want %v", what, p["updatedAt"], want.changed)
	}
}

// TestTimes follows the times of a version and of its purpose.
func TestTimes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		created := w.advance()
		path := w.DraftPurpose(consumer, o, 5)
		var activated, changed, suspended any
		shows := func(what, member string) {
			w.Helper()
			w.checkTimes(what, path, member, times{created, activated, changed, suspended})
		}
		shows("made", "currentVersion")
		changed = w.advance()
		w.OK(consumer, "PATCH", path, `{"dailyCalls":4}`)
		shows("changed", "currentVersion")
		activated = w.advance()
		changed = activated
		w.act(consumer, path, "activate")
		shows("activated", "currentVersion")
		suspended = w.advance()
		changed = suspended
		w.act(consumer, path, "suspend")
		shows("suspended", "currentVersion")
		w.advance()
		w.act(consumer, path, "suspend")
		shows("suspended again", "currentVersion")
		changed = w.advance()
		w.act(producer, path, "suspend")
		shows("by the other, too: since it began", "currentVersion")
		changed = w.advance()
		w.act(consumer, path, "unsuspend")
		shows("half taken back", "currentVersion")
		suspended = nil
		changed = w.advance()
		w.act(producer, path, "unsuspend")
		shows("taken back: activated first before", "currentVersion")
		old := w.version(consumer, path, "currentVersion")["id"]
		replaced := w.advance()
		w.createVersion(consumer, path, 6)
		v := w.version(consumer, path, "currentVersion")
		interoptest.Equal(w.TB, "activated at once", fmt.Sprint(v["createdAt"], v["firstActivationAt"]), fmt.Sprint(replaced, replaced))
		past := w.OK(consumer, "GET", fmt.Sprint(path, "/versions/", old), "")
		interoptest.Equal(w.TB, "the one before was changed", past.Text("updatedAt"), replaced)
		created = w.advance()
		activated = nil
		changed = nil
		w.createVersion(consumer, path, 40)
		shows("waits", "waitingForApprovalVersion")
		changed = w.advance()
		w.OK(producer, "PUT", path+"/expectedActivationDate", `{"date":"2999-12-31"}`)
		shows("has a date", "waitingForApprovalVersion")
		activated = w.advance()
		changed = activated
		w.act(producer, path, "approve")
		shows("approved", "currentVersion")
		changed = w.advance()
		w.act(consumer, path, "archive")
		shows("archived", "currentVersion")
		w.checkConsistent()
	})
}

// TestTimesWhileSuspended replaces a version that is suspended: the new one was never
// active, and is suspended since that began.
func TestTimesWhileSuspended(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := w.activePurpose(consumer, w.publishToBoth(25, 50), 5)
		since := w.advance()
		w.act(producer, path, "suspend")
		w.advance()
		w.createVersion(consumer, path, 6)
		v := w.version(consumer, path, "currentVersion")
		interoptest.Equal(w.TB, "suspended since", v["suspendedAt"], any(since))
		interoptest.Equal(w.TB, "activated", v["firstActivationAt"], nil)
		w.advance()
		w.act(producer, path, "unsuspend")
		interoptest.Equal(w.TB, "activated first", w.version(consumer, path, "currentVersion")["firstActivationAt"],
			any(table.Stamp(w.Clock.Now())))
		w.checkConsistent()
	})
}

// TestAgreementOfPurpose is the one that is active or suspended.
func TestAgreementOfPurpose(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publish(25, 50)
		at := w.SubmitAgreement(consumer, o)
		path := w.activePurpose(consumer, o, 5)
		shows := func(id, state, descriptor string) {
			w.Helper()
			for _, caller := range []*api.Identity{consumer, producer} {
				a := w.OK(caller, "GET", path+"/agreement", "")
				interoptest.Equal(w.TB, "the agreement", a.Text("id")+a.Text("state")+a.Text("descriptorId"), id+state+descriptor)
				if diff := cmp.Diff(w.OK(caller, "GET", "/agreements/"+id, "").Body, a.Body); diff != "" {
					w.Errorf("the agreement is another (-agreement +purpose's):\n%s", diff)
				}
			}
		}
		shows(at[len("/agreements/"):], "ACTIVE", o.Descriptor)
		w.OK(producer, "POST", at+"/suspend", "")
		shows(at[len("/agreements/"):], "SUSPENDED", o.Descriptor)
		w.OK(producer, "POST", at+"/unsuspend", "")
		next := w.revise(o, 25, 50)
		upgraded := w.OK(consumer, "POST", at+"/upgrade", "").Text("id")
		shows(upgraded, "ACTIVE", next.Descriptor)
		w.OK(consumer, "POST", "/agreements/"+upgraded+"/archive", "")
		for _, caller := range []*api.Identity{consumer, producer} {
			w.Refused(w.As(caller, "GET", path+"/agreement", ""), interop.PurposeAgreementNotFound, consumer.Subject, o.ID)
		}
		w.Refused(w.As(stranger, "GET", path+"/agreement", ""), interop.PurposeNotAllowed)
		w.Refused(w.As(consumer, "GET", "/purposes/"+o.ID+"/agreement", ""), interop.PurposeNotFound)
		w.checkState(consumer, path, "ACTIVE 5")
	})
}

// TestExpectedDates takes today and later days, and shows them to the consumer.
func TestExpectedDates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		path := w.ActivatePurpose(consumer, o, 30)
		w.Clock.Set(time.Date(2026, 3, 1, 0, 30, 0, 0, time.FixedZone("CET", 3600))) // in UTC it is February still
		says := func(day string) string {
			w.Helper()
			return interoptest.Answered(w.As(producer, "PUT", path+"/expectedActivationDate", fmt.Sprintf(`{"date":%q}`, day)))
		}
		res := w.As(producer, "PUT", path+"/expectedActivationDate", `{"date":"2026-02-27"}`)
		w.Refused(res, interop.BadRequest)
		if !strings.Contains(res.Raw, `"body.date: `) {
			w.Errorf("the member is not named: %s", res.Raw)
		}
		for _, day := range []string{"", "2026-02-29", "2026-2-28", "2026-03-01T00:00:00Z", "tomorrow", "2026-13-01"} {
			interoptest.Equal(w.TB, "a date of "+day, says(day), interop.BadRequest.Name)
		}
		for _, day := range []string{"2026-02-28", "2026-03-01", "9999-12-31", "2026-02-28"} {
			interoptest.Equal(w.TB, "a date of "+day, says(day), "200")
			for _, caller := range []*api.Identity{consumer, producer} {
				interoptest.Equal(w.TB, "the date", w.version(caller, path, "waitingForApprovalVersion")["expectedActivationDate"], any(day))
				listed := interoptest.Results(w.OK(caller, "GET", path+"/versions", ""))[0]
				interoptest.Equal(w.TB, "the date of the version", listed["expectedActivationDate"], any(day))
			}
		}
		w.Refused(w.As(consumer, "PUT", path+"/expectedActivationDate", `{"date":"2026-02-28"}`), interop.NotThePurposeProducer)
		w.act(producer, path, "approve")
		interoptest.Equal(w.TB, "approved", says("2026-03-01"), interop.PurposeVersionNotInState.Name)
	})
}
