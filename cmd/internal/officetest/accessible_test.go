package officetest_test

import (
	"slices"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// everyState are patterns of which each page is looked at, as it differs by the state of the
// thing, and how many pages that are at least.
var everyState = map[string]map[string]int{"/agreements/{agreementId}": {"consumer": 6, "producer": 5}}

// maxQuestions is how many questions of a page axe-core looks at.
const maxQuestions = 3

// TestAccessible has axe-core look at every page, light and dark, and at 360 pixels, where no
// page is wider than the window: for each person one page of each pattern that the person reaches.
// It looks at the questions of the pages, too.
func TestAccessible(t *testing.T) {
	t.Parallel()
	script := officetest.Axe(t)
	box, found := populated(t)
	found["/sign-in"] = []place{{"", "/office/sign-in"}}
	found["start"] = []place{{"", "/"}}
	found["nothing"] = []place{{"municipality", "/office/nothing"}}
	for _, person := range persons {
		found["/"] = append(found["/"], place{person, "/office/"})
	}
	for person, paths := range pagesToSee(t, found) {
		t.Run(person, func(t *testing.T) {
			t.Parallel()
			tab := box.Tab(t, person, officetest.Look{Lang: "it"})
			questions := 0
			for _, path := range paths {
				tab.Show(officetest.Look{})
				tab.Open(path)
				accessible(t, tab, script, path)
				questions += accessibleQuestions(t, tab, script, path)
			}
			if questions == 0 && person != "" {
				t.Error("no page has a question")
			}
		})
	}
}

// pagesToSee returns the paths of pages by person: of each pattern the first that the person
// reaches, of those of everyState all.
func pagesToSee(t *testing.T, found map[string][]place) map[string][]string {
	t.Helper()
	byPerson := map[string][]string{}
	for pattern, all := range found {
		count := map[string]int{}
		for _, at := range all {
			if count[at.person]++; count[at.person] == 1 || everyState[pattern] != nil {
				byPerson[at.person] = append(byPerson[at.person], at.path)
			}
		}
		for person, least := range everyState[pattern] {
			if count[person] < least {
				t.Errorf("the %s reaches %d pages of %s, want %d", person, count[person], pattern, least)
			}
		}
	}
	for _, paths := range byPerson {
		slices.Sort(paths)
	}
	return byPerson
}

// accessible has axe-core look at the page that is shown, light and wide, then dark and narrow.
func accessible(t *testing.T, tab *officetest.Tab, script, what string) {
	t.Helper()
	for _, finding := range tab.Findings(script) {
		t.Errorf("%s: %s", what, finding)
	}
	tab.Show(officetest.Look{Dark: true, Width: 360})
	for _, finding := range tab.Findings(script, "color-contrast", "scrollable-region-focusable", "target-size") {
		t.Errorf("%s, dark and narrow: %s", what, finding)
	}
	if over := tab.Overflow(); over > 0 {
		t.Errorf("%s is %d pixels wider than the window", what, over)
	}
}

// accessibleQuestions opens the questions of the page that is shown, and returns how many.
func accessibleQuestions(t *testing.T, tab *officetest.Tab, script, what string) int {
	t.Helper()
	n := min(tab.Count("details.ask"), maxQuestions)
	for i := range n {
		tab.Ask(i)
		for _, finding := range tab.FindingsButColour(script) {
			t.Errorf("%s, question %d: %s", what, i+1, finding)
		}
		if over := tab.Overflow(); over > 0 {
			t.Errorf("%s, question %d, is %d pixels wider than the window", what, i+1, over)
		}
		tab.Dismiss()
	}
	return n
}

// refusal is a form that is sent wrong, and comes back with what is wrong.
type refusal struct {
	path   string
	button string
	asks   bool // the button is behind a question of the same words
	fill   map[string]string
}

// TestRefusalsAccessible has axe-core look at a form that was refused, of each area.
func TestRefusalsAccessible(t *testing.T) {
	t.Parallel()
	script := officetest.Axe(t)
	m := site.Make(t)
	service, review := m.Service("Rifiuto"), m.Service("Revisione")
	m.Submit(review)
	e, d := publishEService(m, "Refusals")
	agreement := m.Agreement(e, d)
	holder := "/office/consumers/" + m.CardHolder("refusal", 1)
	refusals := map[string][]refusal{
		"municipality": {{
			"/office/services/" + service + "/edit/1", "Save and continue", false, map[string]string{"organization.fiscal_code": "1"},
		}},
		"reviewer": {{"/office/reviews/" + review, "Ask for changes", true, nil}},
		"producer": {
			{"/office/eservices/new", "Create the draft", false, nil},
			{"/office/agreements/" + agreement, "Reject", true, map[string]string{"reason": "No"}},
		},
		"consumer":  {{"/office/clients/new", "Create the client", false, nil}},
		"help-desk": {{holder, "Delete the consumer", true, map[string]string{"reason": "Perché sì"}}},
	}
	for person, all := range refusals {
		t.Run(person, func(t *testing.T) {
			t.Parallel()
			tab := site.Tab(t, person, officetest.Look{})
			for _, r := range all {
				tab.Show(officetest.Look{})
				tab.Open(r.path)
				tab.Unchecked()
				press := tab.Click
				if r.asks {
					tab.Click(r.button)
					press = tab.Confirm
				}
				for name, value := range r.fill {
					tab.Fill(name, value)
				}
				press(r.button)
				tab.Await(`main [aria-invalid="true"]`)
				accessible(t, tab, script, r.path+" refused")
			}
		})
	}
}
