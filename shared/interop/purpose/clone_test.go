package purpose_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

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
		o, beside := w.open(25, 50), w.offers(25, 50)
		clones := func(path string, on offer) object {
			w.Helper()
			return w.ok(consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, on.id)).Body
		}
		titles := map[string]string{
			"à":                    "ààààà",
			"as long as it may be": strings.Repeat("è", 60-utf8.RuneCountInString(suffix)),
			"one longer":           strings.Repeat("ì", 61-utf8.RuneCountInString(suffix)),
			"the longest":          strings.Repeat("🙂", 60),
		}
		for name, title := range titles {
			w.part(name, func(w *world) {
				named := seed(o, 30)
				named["title"], named["isFreeOfCharge"], named["freeOfChargeReason"] = title, true, "Per legge"
				path := "/purposes/" + w.ok(consumer, "POST", "/purposes", interoptest.JSON(named)).Text("id")
				w.Refused(w.As(consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, o.id)), interop.PurposeNotClonable)
				w.does(consumer, path, "activate")
				room := 60 - utf8.RuneCountInString(suffix)
				expected := title + suffix
				if utf8.RuneCountInString(title) > room {
					expected = string([]rune(title)[:room-3]) + "..." + suffix
				}
				got := clones(path, o)
				copied := "/purposes/" + fmt.Sprint(got["id"])
				want(w.TB, "the title", got["title"], any(expected))
				want(w.TB, "the state", shown(got), "DRAFT 30")
				original := w.ok(consumer, "GET", path, "").Body
				for _, member := range []string{"description", "isFreeOfCharge", "freeOfChargeReason", "eserviceId", "consumerId"} {
					want(w.TB, member, got[member], original[member])
				}
				w.Refused(w.As(consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, o.id)), interop.PurposeTitleDuplicate)
				w.does(consumer, copied, "activate") // its risk analysis is there
				if diff := cmp.Diff(w.answers(path), w.answers(copied)); diff != "" {
					w.Errorf("the risk analysis (-original +clone):\n%s", diff)
				}
			})
		}
		path := w.runs(consumer, o, 10)
		w.part("for another e-service, without an agreement", func(w *world) {
			got := clones(path, beside)
			want(w.TB, "the e-service", got["eserviceId"], any(beside.id))
			copied := "/purposes/" + fmt.Sprint(got["id"])
			w.Refused(w.try(consumer, copied, "activate"), interop.PurposeWithoutAgreement, beside.id)
			w.joins(consumer, beside)
			w.does(consumer, copied, "activate")
			w.is(consumer, copied, "ACTIVE 10")
		})
		calls := func(what string, n int) {
			w.Helper()
			w.later()
			want(w.TB, what, shown(clones(path, o)), fmt.Sprint("DRAFT ", n))
		}
		calls("in use", 10)
		w.estimates(consumer, path, 70)
		calls("with an update that waits", 10)
		w.does(producer, path, "reject")
		calls("of a newer one that was rejected", 70)
		w.does(consumer, path, "suspend")
		path = w.submits(consumer, o, 60)
		w.does(producer, path, "reject")
		calls("rejected", 60)
		path = w.runs(consumer, o, 1)
		w.does(consumer, path, "archive")
		w.Refused(w.As(consumer, "POST", path+"/clone", fmt.Sprintf(`{"eserviceId":%q}`, o.id)), interop.PurposeNotClonable)
		w.consistent()
	})
}

// answers is the risk analysis that is stored of a purpose.
func (w *world) answers(path string) object {
	w.Helper()
	form := w.Items("PURPOSE#" + path[len("/purposes/"):])["FORM"]
	want(w.TB, "there is a form", form != nil, true)
	delete(form, table.PK)
	return form
}
