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

// titled asks for a purpose of that title.
func (w *world) titled(who *api.Identity, o offer, title string) apitest.Response {
	w.Helper()
	named := seed(o, 1)
	named["title"] = title
	return w.As(who, "POST", "/purposes", interoptest.JSON(named))
}

// called makes a draft of that title, and returns its path.
func (w *world) called(who *api.Identity, o offer, title string) string {
	w.Helper()
	return "/purposes/" + w.Want(w.titled(who, o, title), 201).Text("id")
}

// TestTitles are unique for a consumer and an e-service, whatever their case, as long
// as they are in use.
func TestTitles(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o, beside := w.open(25, 50), w.open(25, 50)
		const title, same = "Città di PERÙ 1", "CITTÀ DI perù 1"
		taken := func(what string) {
			w.Helper()
			before := w.everything()
			w.Refused(w.titled(consumer, o, same), interop.PurposeTitleDuplicate, consumer.Subject, o.id)
			w.unchanged("a title that is taken by "+what, before)
		}
		path := w.called(consumer, o, title)
		taken("a draft")
		w.called(other, o, same)
		w.called(consumer, beside, same)
		for _, alike := range namestest.Alike(title) {
			w.Refused(w.titled(consumer, o, alike), interop.PurposeTitleDuplicate, consumer.Subject, o.id)
		}

		rival := w.called(consumer, o, "Another title")
		w.Refused(w.As(consumer, "PATCH", rival, interoptest.JSON(object{"title": same})), interop.PurposeTitleDuplicate)
		w.ok(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		w.ok(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		want(w.TB, "its own, in another case", w.ok(consumer, "GET", rival, "").Text("title"), "Another TITLE")

		w.ok(consumer, "PATCH", path, `{"title":"Renamed draft"}`)
		w.ok(consumer, "PATCH", rival, interoptest.JSON(object{"title": same})) // freed by another title
		w.Refused(w.titled(consumer, o, "renamed DRAFT"), interop.PurposeTitleDuplicate)
		w.ok(consumer, "DELETE", rival, "")
		path = w.called(consumer, o, title) // freed by its end

		w.ok(consumer, "PATCH", path, `{"dailyCalls":30}`)
		w.does(consumer, path, "activate")
		taken("what waits")
		w.does(producer, path, "reject")
		taken("what was rejected")
		w.estimates(consumer, path, 5)
		taken("what is active")
		w.does(producer, path, "suspend")
		taken("what is suspended")
		w.does(consumer, path, "archive")
		path = w.called(consumer, o, same) // freed for good
		w.ok(consumer, "PATCH", path, `{"dailyCalls":30}`)
		w.does(consumer, path, "activate")
		w.ok(consumer, "DELETE", path, "")
		w.called(consumer, o, title) // also by the end of what waited
		w.consistent()
	})
}

// TestAlikeTitlesAreFreed gives a purpose titles that look alike, one after the other, and
// finds it by each.
func TestAlikeTitlesAreFreed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.open(25, 50)
		path := w.called(consumer, o, "Stato Civile")
		for _, title := range namestest.Alike("Stato Civile") {
			w.ok(consumer, "PATCH", path, interoptest.JSON(object{"title": title}))
			w.consistent()
			w.ok(consumer, "DELETE", path, "")
			path = w.called(consumer, o, title)
			w.consistent()
			for _, asked := range namestest.Alike("Stato Civile") {
				want(w.TB, "found", interoptest.Total(w.ok(consumer, "GET", "/purposes?title="+url.QueryEscape(asked), "")), 1)
			}
		}
	})
}

// TestTitlesOfEarlierReleases changes a purpose whose title an earlier release has claimed, in
// lower case: it keeps title and claim until it gets another one, and frees it then.
func TestTitlesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.open(25, 50)
		claim := func(text string) table.Key {
			return interop.Key("PURPOSES#OF#"+consumer.Subject+"#"+o.id, "TITLE#"+interop.Hash(text))
		}
		early := func() string {
			path := w.called(consumer, o, "Stato  Civile")
			err := w.DB.Write(t.Context(), table.Delete("claim", claim("stato civile")),
				table.Update("purpose", purpose.Key(strings.TrimPrefix(path, "/purposes/")), table.Changes{Remove: []string{"folded"}}))
			if err != nil {
				t.Fatal(err)
			}
			return path
		}
		path := early()
		w.consistent()
		w.Refused(w.titled(consumer, o, "STATO  civile"), interop.PurposeTitleDuplicate)
		alike := w.called(consumer, o, "Stato Civile")
		w.ok(consumer, "PATCH", path, `{"dailyCalls":7}`)
		w.consistent()
		w.ok(consumer, "PATCH", path, `{"title":"Another title"}`)
		w.consistent()
		w.Refused(w.titled(consumer, o, "Stato  Civile"), interop.PurposeTitleDuplicate)
		w.ok(consumer, "DELETE", alike, "")
		w.ok(consumer, "DELETE", early(), "")
		w.consistent()
		for _, text := range []string{"stato  civile", "stato civile"} {
			if item, err := w.DB.Get(t.Context(), claim(text)); err != nil || item != nil {
				w.Errorf("%q is still claimed: %v, %v", text, item, err)
			}
		}
	})
}

// TestEqualTitlesAtOnce creates purposes of the same title at the same time, and gives
// drafts the same title: one has it.
func TestEqualTitlesAtOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.open(25, 50)
		writes := func(i int) string {
			letters := []rune("at the same time")
			for at := range letters {
				if i>>(at%6)&1 == 1 {
					letters[at] = unicode.ToUpper(letters[at])
				}
			}
			return string(letters)
		}
		count := w.Race(64, 64, func(i int) string { return interoptest.Answered(w.titled(consumer, o, writes(i))) })
		want(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"201": 1, interop.PurposeTitleDuplicate.Name: 63}))
		w.consistent()
		drafts := make([]string, 64)
		for i := range drafts {
			drafts[i] = w.drafts(consumer, o, 1)
		}
		count = w.Race(64, 64, func(i int) string {
			return interoptest.Answered(w.As(consumer, "PATCH", drafts[i], interoptest.JSON(object{"title": "Also " + writes(i)})))
		})
		want(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"200": 1, interop.PurposeTitleDuplicate.Name: 63}))
		w.consistent()
	})
}
