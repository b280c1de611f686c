// Package published has, for tests, the names and values that the API of interop publishes: a
// page has words for each of them.
package published

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
)

// Values returns the values that the published API has for a member.
func Values(t *testing.T, schema, member string) []string {
	t.Helper()
	text, err := os.ReadFile("../../../../docs/openapi/interop.json")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []string `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document.Components.Schemas[schema].Properties[member].Enum
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
