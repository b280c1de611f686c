package m2m

import (
	"slices"
	"testing"

	"ciclo/shared/office/interop/published"
)

// TestFaultsAreOfCodes: what a field is at fault for is told by codes of the API.
func TestFaultsAreOfCodes(t *testing.T) {
	t.Parallel()
	codes := published.Codes(t)
	for code, field := range faults {
		if !slices.Contains(codes, code) || field == "" {
			t.Errorf("the API has no code %s, for the field %q", code, field)
		}
	}
}
