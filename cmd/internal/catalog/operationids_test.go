package catalog_test

import (
	"regexp"
	"testing"

	"ciclo/cmd/internal/catalog"
)

// operationID is the style of published operation ids, of which generators make names of
// methods.
var operationID = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

// TestOperationIDs checks that every operation has an id in the published style that no
// other operation has, of other products either: the sandbox's document has them all. make
// conformance compares them with the published ones.
func TestOperationIDs(t *testing.T) {
	t.Parallel()
	taken := map[string]string{}
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if !operationID.MatchString(spec.OperationID) {
			t.Errorf("%s: its OperationID is %q, want one in lower camel case", spec.ID, spec.OperationID)
		}
		if other, ok := taken[spec.OperationID]; ok {
			t.Errorf("%s and %s have the same OperationID %s", other, spec.ID, spec.OperationID)
		}
		taken[spec.OperationID] = spec.ID
	}
}
