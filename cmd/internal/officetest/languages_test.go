package officetest_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// ownWords are words of one language that pages in the other one never have. None of them is in
// the names of things that the tests make.
var ownWords = map[string][]string{
	"en": {
		"Save", "Search", "Delete", "Approve", "Reject", "Suspend", "Suspended", "Draft", "Waiting", "Create", "Edit", "Publish", "Nothing",
		"your", "you", "this", "when", "which", "from", "Sign", "Previous", "Filter", "Cancel", "None", "unknown",
	},
	"it": {
		"Salva", "Cerca", "Cancella", "Approva", "Rifiuta", "Sospendi", "Sospeso", "Bozza", "attesa", "Crea", "Modifica", "Pubblica",
		"Nessuno", "Nessuna", "della", "del", "che", "non", "una", "questa", "quando", "sono", "Esci", "Precedente", "Filtra", "Annulla",
	},
}

// foreign finds the words of a language.
func foreign(lang string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\p{L}])(` + strings.Join(ownWords[lang], "|") + `)(?:[^\p{L}]|$)`)
}

// TestBothLanguages walks through the office in Italian and in English. Each page is marked with
// its language, has words of it and none of the other one, and says something else in the other one.
func TestBothLanguages(t *testing.T) {
	t.Parallel()
	box, found := populated(t)
	found["/"] = []place{{"municipality", "/office/"}, {"operator", "/office/"}}
	found["start"] = []place{{"", "/"}}
	found["sign-in"] = []place{{"", "/office/sign-in"}}
	said := map[place]string{}
	for lang, other := range map[string]string{"it": "en", "en": "it"} {
		visitors := map[string]*officetest.Visitor{"": box.Visit(t).In(lang)}
		for _, person := range persons {
			visitors[person] = box.As(t, person).In(lang)
		}
		words, own := foreign(other), foreign(lang)
		for _, pattern := range slices.Sorted(maps.Keys(found)) {
			for _, at := range found[pattern] {
				shown := visitors[at.person].Open(at.path)
				if got := shown.Find("html").AttrOr("lang", ""); got != lang {
					t.Errorf("%s is in %q, want %q", at.path, got, lang)
				}
				page := shown.Find("body").Clone()
				page.Find("code, pre, script, nav.languages, del, ins, textarea, [lang]").Remove()
				text := strings.Join(strings.Fields(page.Text()), " ")
				if !own.MatchString(text) {
					t.Errorf("%s (%s) in %s has no word of its language: %s", pattern, at.person, lang, text)
				}
				if main := page.Find("main").Text(); said[at] == main {
					t.Errorf("%s (%s) says the same in both languages: %s", pattern, at.person, main)
				} else {
					said[at] = main
				}
				for _, word := range words.FindAllStringIndex(text, 3) {
					t.Errorf("%s (%s) in %s says …%s…", pattern, at.person, lang, text[max(0, word[0]-30):min(len(text), word[1]+30)])
				}
			}
		}
	}
}

// TestLanguageSwitch: the switch shows the same page in the other language, with its query, and
// keeps the choice for the next pages and for who is not signed in.
func TestLanguageSwitch(t *testing.T) {
	t.Parallel()
	box := officetest.NewSite(t) // whose lists nobody else changes
	m := box.Make(t)
	service := m.Service("Lingua")
	for person, path := range map[string]string{
		"municipality": "/office/services?name=" + m.Suffix() + "&sort=-name", "reviewer": "/office/reviews?sort=name",
		"consumer": "/office/agreements?states=PENDING", "producer": "/office/eservices/mine", "help-desk": "/office/consumers?by=card",
		"operator": "/office/platform",
	} {
		shown := box.As(t, person).Open(path)
		italian := shown.Click("Italiano")
		if italian.URL.RequestURI() != path || italian.Find("html").AttrOr("lang", "") != "it" {
			t.Errorf("the switch at %s leads to %s in %s", path, italian.URL,
				italian.Find("html").AttrOr("lang", ""))
		}
		english := italian.Click("English")
		if english.URL.RequestURI() != path || english.Find("html").AttrOr("lang", "") != "en" ||
			english.Words() != shown.Words() {
			t.Errorf("the switch back at %s leads to %s", path, english.URL)
		}
	}
	v := box.As(t, "municipality")
	v.Open("/office/services/" + service).Click("Italiano").See("Scheda")
	v.Open("/office/services").See("Servizi").Press("Esci", nil).See("Chi sei?")
	start := box.Visit(t).Open("/").Click("Italiano")
	if start.URL.Path != "/office/start" || start.Find("h1").Text() != "La sandbox di Ciclo" {
		t.Errorf("the switch of the start page leads to %s: %s", start.URL, start.Words())
	}
}
