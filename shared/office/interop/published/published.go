// Package published has, for tests, the names and values that the API of interop publishes: a
// page has words for each of them.
package published

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"

	"ciclo/shared/office"
)

// member is a member of a schema of the published API.
type member struct {
	Enum  []string `json:"enum"`
	Items struct {
		Enum []string `json:"enum"`
	} `json:"items"`
}

// members returns the members of a schema, which has some.
func members(t *testing.T, schema string) map[string]member {
	t.Helper()
	text, err := os.ReadFile("../../../../docs/openapi/interop.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]member `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	found := document.Components.Schemas[schema].Properties
	if len(found) == 0 {
		t.Fatalf("the API publishes no members of %s", schema)
	}
	return found
}

// Members returns the names of the members of a schema of the published API.
func Members(t *testing.T, schema string) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(members(t, schema)))
}

// Values returns the values that the published API has for a member, or for the entries of one
// that is a list.
func Values(t *testing.T, schema, name string) []string {
	t.Helper()
	found := members(t, schema)[name]
	values := slices.Concat(found.Enum, found.Items.Enum)
	if len(values) == 0 {
		t.Fatalf("the API publishes no values of %s in %s", name, schema)
	}
	return values
}

// Matches returns what a pattern finds in a source file of the API: the office imports none.
func Matches(t *testing.T, file, pattern string) (names []string) {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1) {
		names = append(names, found[1])
	}
	if len(names) == 0 {
		t.Fatalf("%s names nothing by %s", file, pattern)
	}
	return names
}

// Codes returns the codes of the refusals of the API.
func Codes(t *testing.T) []string {
	t.Helper()
	return Matches(t, "../../../interop/codes.go", `Name: "(\d{3}-\d{3,5})"`)
}

// HasBoth reports whether a text is there in both languages.
func HasBoth(text office.Text) bool { return text.IT != "" && text.EN != "" }

// Check checks that a table has words in both languages for each of the names that the API
// publishes, and for no others.
func Check(t *testing.T, what string, words map[string]office.Text, names []string) {
	t.Helper()
	for _, name := range names {
		if !HasBoth(words[name]) {
			t.Errorf("the %s %s has no words in both languages: %+v", what, name, words[name])
		}
	}
	for name := range words {
		if !slices.Contains(names, name) {
			t.Errorf("the API has no %s %s", what, name)
		}
	}
}

// CheckOptions is Check for choices.
func CheckOptions(t *testing.T, what string, options []office.Option, names []string) {
	t.Helper()
	words := map[string]office.Text{}
	for _, o := range options {
		words[o.Value] = o.Text
	}
	Check(t, what, words, names)
}
