package officetest_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"ciclo/cmd/internal/officetest"
	"ciclo/shared/office/page"
)

// persons are those of the sandbox.
var persons = []string{"municipality", "reviewer", "producer", "consumer", "help-desk", "operator"}

// place is a page that a person sees.
type place struct{ person, path string }

// maxPages is how many pages of one kind the walk looks at, for each person.
const maxPages = 6

// minPatterns is how many kinds of pages a walk has to find.
const minPatterns = 40

// walked returns the pages to which links lead, by their pattern, e.g. /services/{serviceId}.
// searched are paths that people reach by a search, by person.
func walked(t *testing.T, site *officetest.Site, searched map[string][]string) map[string][]place {
	t.Helper()
	mux := http.NewServeMux()
	for _, w := range page.Wings() {
		for _, p := range w.Pages {
			if p.Method == http.MethodGet {
				mux.HandleFunc("GET /office"+p.Path, func(http.ResponseWriter, *http.Request) {})
			}
		}
	}
	found := map[string][]place{}
	for _, person := range persons {
		walk(site.As(t, person), mux, person, append([]string{"/office/"}, searched[person]...), found)
	}
	if len(found) < minPatterns {
		t.Fatalf("a walk finds only %d kinds of pages: %q", len(found), slices.Sorted(maps.Keys(found)))
	}
	return found
}

// walk follows the links of pages, beginning with those of the queue. Every page must be there.
func walk(v *officetest.Visitor, mux *http.ServeMux, person string, queue []string, found map[string][]place) {
	seen := map[string]bool{}
	count := map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		shown := v.Open(path)
		links := shown.Find("a[href]").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
		for _, link := range append(links, path) {
			to, err := shown.URL.Parse(link)
			if err != nil || to.Host != shown.URL.Host {
				continue
			}
			_, pattern := mux.Handler(&http.Request{Method: http.MethodGet, URL: &url.URL{Path: to.Path}, Host: to.Host})
			next := to.RequestURI()
			if pattern == "" || seen[next] || count[pattern] >= maxPages {
				continue
			}
			seen[next] = true
			count[pattern]++
			name := strings.TrimPrefix(pattern, "GET /office")
			found[name] = append(found[name], place{person, next})
			queue = append(queue, next)
		}
	}
}

// unlinked are pages that no link leads to, and why.
var unlinked = map[string]string{
	"/services/{serviceId}/logo.png": "it is an image of other pages",
	"/reviews/{serviceId}/logo.png":  "it is an image of other pages",
}

// TestEveryPage walks through the office as every person. Each page is found by links, is
// there, has one heading of the first level, a title, marks the language, and is at most 60
// KB long.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	box, found := populated(t)
	for _, w := range page.Wings() {
		for _, p := range w.Pages {
			if _, excused := unlinked[p.Path]; p.Method == http.MethodGet && len(found[p.Path]) == 0 && !excused {
				t.Errorf("no link leads to %s", p.Path)
			}
		}
	}
	visitors := map[string]*officetest.Visitor{}
	for _, person := range persons {
		visitors[person] = box.As(t, person)
	}
	for pattern, all := range found {
		for _, at := range all {
			shown := visitors[at.person].Get(at.path)
			checkPage(t, pattern, shown)
		}
	}
}

// maxPage is how long a page may be, in bytes.
const maxPage = 60_000

func checkPage(t *testing.T, pattern string, shown *officetest.Shown) {
	t.Helper()
	html, err := shown.Html()
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(shown.Header.Get("Content-Type"), "image/") {
		return
	}
	title, headings, english := shown.Find("title").Text(), shown.Find("h1").Length(), shown.Find("html[lang=en]").Length()
	if shown.Status != http.StatusOK || headings != 1 || title == "" || english != 1 {
		t.Errorf("%s (%s) has status %d, %d h1, title %q", pattern, shown.URL, shown.Status, headings, title)
	}
	if len(html) > maxPage {
		t.Errorf("%s (%s) has %d bytes, at most %d", pattern, shown.URL, len(html), maxPage)
	}
	for _, sign := range []string{"ZgotmplZ", "&lt;nil&gt;", "map[", "no value"} {
		if strings.Contains(html, sign) {
			t.Errorf("%s (%s) shows a value of Go, %s: %s", pattern, shown.URL, sign, shown.Words())
		}
	}
	shown.Find("main form[method=post]").Each(func(_ int, form *goquery.Selection) {
		if form.Find(`[name="_csrf"]`).Length() != 1 {
			t.Errorf("%s (%s): the form of %s has no token", pattern, shown.URL, form.AttrOr("action", "?"))
		}
	})
	ids := map[string]bool{}
	shown.Find("[id]").Each(func(_ int, e *goquery.Selection) {
		id := e.AttrOr("id", "")
		if ids[id] {
			t.Errorf("%s (%s) has two elements with the id %s", pattern, shown.URL, id)
		}
		ids[id] = true
	})
	if shown.Find("[style]").Length() > 0 || shown.Find("script:not([src])").Length() > 0 || strings.Contains(html, " onclick=") {
		t.Errorf("%s (%s) has style or script within", pattern, shown.URL)
	}
}
