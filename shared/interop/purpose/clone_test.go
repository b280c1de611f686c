package purpose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
)

// TestClone makes drafts like purposes in every state that allows it.
func TestClone(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.Clock.Set(time.Date(2026, 2, 28, 23, 59, 58, 0, time.FixedZone("CET", 3600)))
		const suffix = " - clone - 28/02/2026 22:59:58"
		o := w.publishToBoth(25, 50)
		beside := w.publish(25, 50)
		titles := map[string]string{
			"à":                    "ààààà",
			"as long as it may be": strings.Repeat("è", 60-utf8.RuneCountInString(suffix)),
			"one longer":           strings.Repeat("ì", 61-utf8.RuneCountInString(suffix)),
			"the longest":          strings.Repeat("🙂", 60),
		}
		for name, title := range titles {
			w.part(name, func(w *world) { w.checkClone(o, title, suffix) })
		}
		path := w.activePurpose(consumer, o, 10)
		w.part("for another e-service, without an agreement", func(w *world) {
			got := w.clone(path, beside)
			interoptest.Equal(w.TB, "the e-service", got["eserviceId"], any(beside.ID))
			copied := "/purposes/" + fmt.Sprint(got["id"])
			w.Refused(w.tryAct(consumer, copied, "activate"), interop.PurposeWithoutAgreement, beside.ID)
			w.SubmitAgreement(consumer, beside)
			w.act(consumer, copied, "activate")
			w.checkState(consumer, copied, "ACTIVE 10")
		})
		calls := func(what string, n int) {
			w.Helper()
			w.advance()
			interoptest.Equal(w.TB, what, describe(w.clone(path, o)), fmt.Sprint("DRAFT ", n))
		}
		calls("in use", 10)
		w.createVersion(consumer, path, 70)
		calls("with an update that waits", 10)
		w.act(producer, path, "reject")
		calls("of a newer one that was rejected", 70)
		w.act(consumer, path, "suspend")
		path = w.ActivatePurpose(consumer, o, 60)
		w.act(producer, path, "reject")
		calls("rejected", 60)
		path = w.activePurpose(consumer, o, 1)
		w.act(consumer, path, "archive")
		w.Refused(w.As(consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, o.ID)), interop.PurposeNotClonable)
		w.checkConsistent()
	})
}

// clone clones a purpose for an e-service.
func (w *world) clone(path string, on offer) object {
	w.Helper()
	return w.OK(consumer, "POST", path+"/clone", interoptest.JSON(object{"eserviceId": on.ID})).Body
}

// checkClone makes a purpose with a title and checks its clone. The clone's title ends in suffix.
func (w *world) checkClone(o offer, title, suffix string) {
	w.Helper()
	seed := interoptest.PurposeSeed(o, 30)
	seed["title"] = title
	seed["isFreeOfCharge"] = true
	seed["freeOfChargeReason"] = "Per legge"
	path := "/purposes/" + w.OK(consumer, "POST", "/purposes", interoptest.JSON(seed)).Text("id")
	own := interoptest.JSON(object{"eserviceId": o.ID})
	w.Refused(w.As(consumer, "POST", path+"/clone", own), interop.PurposeNotClonable)
	w.act(consumer, path, "activate")
	room := 60 - utf8.RuneCountInString(suffix)
	expected := title + suffix
	if utf8.RuneCountInString(title) > room {
		expected = string([]rune(title)[:room-3]) + "..." + suffix
	}
	got := w.clone(path, o)
	copied := "/purposes/" + fmt.Sprint(got["id"])
	interoptest.Equal(w.TB, "the title", got["title"], any(expected))
	interoptest.Equal(w.TB, "the state", describe(got), "DRAFT 30")
	original := w.OK(consumer, "GET", path, "").Body
	for _, member := range []string{"description", "isFreeOfCharge", "freeOfChargeReason", "eserviceId", "consumerId"} {
		interoptest.Equal(w.TB, member, got[member], original[member])
	}
	w.Refused(w.As(consumer, "POST", path+"/clone", own), interop.PurposeTitleDuplicate)
	w.act(consumer, copied, "activate") // its risk analysis is there
	interoptest.Equal(w.TB, "the risk analysis", w.answers(copied), w.answers(path))
}

// answers is the risk analysis that is stored of a purpose.
func (w *world) answers(path string) object {
	w.Helper()
	form := w.Items("PURPOSE#" + path[len("/purposes/"):])["FORM"]
	interoptest.Equal(w.TB, "there is a form", form != nil, true)
	delete(form, table.PK)
	return form
}
