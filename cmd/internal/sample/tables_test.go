package sample_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/table"
)

// TestTablesAreTheCatalogs: what is made for a function is the whole table, with indexes and
// stream, because the sandbox may use it next.
func TestTablesAreTheCatalogs(t *testing.T) {
	t.Parallel()
	schemas := map[string]table.Schema{}
	for _, s := range catalog.Schemas() {
		schemas[s.Name] = s
	}
	for _, f := range catalog.Functions() {
		tables := sample.Tables(f.ID)
		if len(tables) == 0 {
			t.Errorf("%s has no table", f.ID)
		}
		for _, s := range tables {
			if d := cmp.Diff(schemas[s.Name], s); d != "" {
				t.Errorf("%s makes a table of its own (-want +got):\n%s", f.ID, d)
			}
		}
	}
}
