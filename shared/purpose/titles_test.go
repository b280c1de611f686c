package purpose_test

import (
	"fmt"
	"testing"
	"unicode"

	"ciclo/shared/api"
	"ciclo/shared/api/apitest"
	"ciclo/shared/pdnd/pdndtest"
	"ciclo/shared/problem"
)

// titled asks for a purpose of that title.
func (w *world) titled(who *api.Identity, o offer, title string) apitest.Response {
	w.Helper()
	named := seed(o, 1)
	named["title"] = title
	return w.As(who, "POST", "/purposes", pdndtest.JSON(named))
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
			w.Refused(w.titled(consumer, o, same), problem.PurposeTitleDuplicate, consumer.Subject, o.id)
			w.unchanged("a title that is taken by "+what, before)
		}
		path := w.called(consumer, o, title)
		taken("a draft")
		w.called(other, o, same)
		w.called(consumer, beside, same)
		w.called(consumer, o, title+" ")

		rival := w.called(consumer, o, "Another title")
		w.Refused(w.As(consumer, "PATCH", rival, pdndtest.JSON(object{"title": same})), problem.PurposeTitleDuplicate)
		w.ok(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		w.ok(consumer, "PATCH", rival, `{"title":"Another TITLE"}`)
		want(w.TB, "its own, in another case", w.ok(consumer, "GET", rival, "").Text("title"), "Another TITLE")

		w.ok(consumer, "PATCH", path, `{"title":"Renamed draft"}`)
		w.ok(consumer, "PATCH", rival, pdndtest.JSON(object{"title": same})) // freed by another title
		w.Refused(w.titled(consumer, o, "renamed DRAFT"), problem.PurposeTitleDuplicate)
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
		count := w.Race(64, 64, func(i int) string { return pdndtest.Answered(w.titled(consumer, o, writes(i))) })
		want(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"201": 1, problem.PurposeTitleDuplicate.Name: 63}))
		w.consistent()
		drafts := make([]string, 64)
		for i := range drafts {
			drafts[i] = w.drafts(consumer, o, 1)
		}
		count = w.Race(64, 64, func(i int) string {
			return pdndtest.Answered(w.As(consumer, "PATCH", drafts[i], pdndtest.JSON(object{"title": "Also " + writes(i)})))
		})
		want(w.TB, "answers", fmt.Sprint(count), fmt.Sprint(map[string]int{"200": 1, problem.PurposeTitleDuplicate.Name: 63}))
		w.consistent()
	})
}
