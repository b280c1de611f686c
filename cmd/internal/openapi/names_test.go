package openapi

import (
	"testing"

	"ciclo/cmd/internal/catalog"
)

// TestNamesAreUsed finds names for schemas that are no longer there.
func TestNamesAreUsed(t *testing.T) {
	t.Parallel()
	contract, err := contractOf(catalog.Operations())
	if err != nil {
		t.Fatal(err)
	}
	schemas := in(contract, "components", "schemas")
	for name := range names {
		if schemas[name] == nil {
			t.Errorf("%s has a name and is no schema of an operation", name)
		}
	}
}

// TestNamesOfDifferentSchemas checks that two schemas do not get the same name.
func TestNamesOfDifferentSchemas(t *testing.T) {
	t.Parallel()
	w := writer{named: map[string]bool{}, schemas: object{}, contract: object{"components": object{"schemas": object{
		"OneView": object{"type": "string"}, "OneBody": object{"type": "string"}, "One": object{"type": "integer"},
	}}}}
	for _, name := range []string{"OneView", "OneBody"} {
		if err := w.add(name, ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.add("One", ""); err == nil {
		t.Errorf("One is named as another schema: %v", w.schemas)
	}
}

// TestRulesOfNames names schemas that nobody has given a name.
func TestRulesOfNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ThingMakeInputBody": "ThingMakeRequest", "ThingMadeOutputBody": "ThingMadeResponse", "ThingListBody": "ThingList",
		"ThingView": "Thing", "ThingVoidBody": "VoidObject", "Thing": "Thing",
	} {
		if got := published(name, "getThing"); got != want {
			t.Errorf("%s is called %s, want %s", name, got, want)
		}
	}
	for id, want := range map[string]string{"getVerifiedAttributes": "VerifiedAttribute", "getThing": "Attribute"} {
		if got := published("AttributeView", id); got != want {
			t.Errorf("an attribute of %s is called %s, want %s", id, got, want)
		}
	}
}
