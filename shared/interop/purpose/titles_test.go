package purpose_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/namestest"
)

// tryTitled sends a purpose with that title.
func (w *world) tryTitled(caller *api.Identity, o offer, title string) apitest.Response {
	w.Helper()
	named := interoptest.PurposeSeed(o, 1)
	named["title"] = title
	return w.As(caller, "POST", "/purposes", interoptest.JSON(named))
}

// createTitled makes a draft of that title, and returns its path.
func (w *world) createTitled(caller *api.Identity, o offer, title string) string {
	w.Helper()
	return "/purposes/" + w.Want(w.tryTitled(caller, o, title), 201).Text("id")
}

// TestTitles are unique for a consumer and an e-service, whatever their case, as long
// as they are in use.
func TestTitles(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		beside := w.publishToBoth(25, 50)
		const title, same = "Città di PERÙ 1", "CITTÀ DI perù 1"
		taken := func(what string) {
			w.Helper()
			before := w.stored()
			w.Refused(w.tryTitled(consumer, o, same), interop.PurposeTitleDuplicate, consumer.Subject, o.ID)
			w.Unchanged("a title that is taken by "+what, before, w.stored())
		}
		path := w.createTitled(consumer, o, title)
		taken("a draft")
		w.createTitled(other, o, same)
		w.createTitled(consumer, beside, same)
		for _, alike := range namestest.Alike(title) {
			w.Refused(w.tryTitled(consumer, o, alike), interop.PurposeTitleDuplicate, consumer.Subject, o.ID)
		}

		rival := w.createTitled(consumer, o, "Another title")
		w.Refused(w.As(consumer, "PATCH", rival, interoptest.JSON(object{"title": same})), interop.PurposeTitleDuplicate)
		w.OK(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		w.OK(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		interoptest.Equal(w.TB, "its own, in another case", w.OK(consumer, "GET", rival, "").Text("title"), "Another TITLE")

		w.OK(consumer, "PATCH", path, `{"title":"Renamed draft"}`)
		w.OK(consumer, "PATCH", rival, interoptest.JSON(object{"title": same})) // freed by another title
		w.Refused(w.tryTitled(consumer, o, "renamed DRAFT"), interop.PurposeTitleDuplicate)
		w.OK(consumer, "DELETE", rival, "")
		path = w.createTitled(consumer, o, title) // freed by its end

		w.OK(consumer, "PATCH", path, `{"dailyCalls":30}`)
		w.act(consumer, path, "activate")
		taken("what waits")
		w.act(producer, path, "reject")
		taken("what was rejected")
		w.createVersion(consumer, path, 5)
		taken("what is active")
		w.act(producer, path, "suspend")
		taken("what is suspended")
		w.act(consumer, path, "archive")
		path = w.createTitled(consumer, o, same) // freed for good
		w.OK(consumer, "PATCH", path, `{"dailyCalls":30}`)
		w.act(consumer, path, "activate")
		w.OK(consumer, "DELETE", path, "")
		w.createTitled(consumer, o, title) // also by the end of what waited
		w.checkConsistent()
	})
}

// TestAlikeTitlesAreFreed gives a purpose titles that look alike, one after the other, and
// checkList it by each.
func TestAlikeTitlesAreFreed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		path := w.createTitled(consumer, o, "Stato Civile")
		for _, title := range namestest.Alike("Stato Civile") {
			w.OK(consumer, "PATCH", path, interoptest.JSON(object{"title": title}))
			w.checkConsistent()
			w.OK(consumer, "DELETE", path, "")
			path = w.createTitled(consumer, o, title)
			w.checkConsistent()
			for _, alike := range namestest.Alike("Stato Civile") {
				interoptest.Equal(w.TB, "found", interoptest.Total(w.OK(consumer, "GET", "/purposes?title="+url.QueryEscape(alike), "")), 1)
			}
		}
	})
}

// TestTitlesOfEarlierReleases changes a purpose with a title that an earlier release claimed, in
// lower case: it keeps title and claim until it gets another one, and frees it then.
func TestTitlesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		claim := func(text string) table.Key {
			return interop.Key("PURPOSES#OF#"+consumer.Subject+"#"+o.ID, "TITLE#"+interop.Hash(text))
		}
		early := func() string {
			path := w.createTitled(consumer, o, "Stato  Civile")
			err := w.DB.Write(t.Context(), table.Delete("claim", claim("stato civile")),
				table.Update("purpose", purpose.Key(strings.TrimPrefix(path, "/purposes/")), table.Changes{Remove: []string{"folded"}}))
			if err != nil {
				t.Fatal(err)
			}
			return path
		}
		path := early()
		w.checkConsistent()
		w.Refused(w.tryTitled(consumer, o, "STATO  civile"), interop.PurposeTitleDuplicate)
		alike := w.createTitled(consumer, o, "Stato Civile")
		w.OK(consumer, "PATCH", path, `{"dailyCalls":7}`)
		w.checkConsistent()
		w.OK(consumer, "PATCH", path, `{"title":"Another title"}`)
		w.checkConsistent()
		w.Refused(w.tryTitled(consumer, o, "Stato  Civile"), interop.PurposeTitleDuplicate)
		w.OK(consumer, "DELETE", alike, "")
		w.OK(consumer, "DELETE", early(), "")
		w.checkConsistent()
		for _, text := range []string{"stato  civile", "stato civile"} {
			if item, err := w.DB.Get(t.Context(), claim(text)); err != nil || item != nil {
				w.Errorf("%q is still claimed: %v, %v", text, item, err)
			}
		}
	})
}

// TestEqualTitlesAtOnce creates purposes of the same title at the same time, and gives
// DraftPurpose the same title: one has it.
func TestEqualTitlesAtOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		writes := func(i int) string {
			letters := []rune("at the same time")
			for at := range letters {
				if i>>(at%6)&1 == 1 {
					letters[at] = unicode.ToUpper(letters[at])
				}
			}
			return string(letters)
		}
		count := w.Race(64, 64, func(i int) string { return interoptest.Answered(w.tryTitled(consumer, o, writes(i))) })
		interoptest.Equal(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"201": 1, interop.PurposeTitleDuplicate.Name: 63}))
		w.checkConsistent()
		drafts := make([]string, 64)
		for i := range drafts {
			drafts[i] = w.DraftPurpose(consumer, o, 1)
		}
		count = w.Race(64, 64, func(i int) string {
			return interoptest.Answered(w.As(consumer, "PATCH", drafts[i], interoptest.JSON(object{"title": "Also " + writes(i)})))
		})
		interoptest.Equal(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"200": 1, interop.PurposeTitleDuplicate.Name: 63}))
		w.checkConsistent()
	})
}
