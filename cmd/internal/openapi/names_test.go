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
