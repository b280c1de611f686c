package cost_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/cost"
)

// root is the repository, from this folder.
const root = "../../.."

// TestPage: docs/cost.md is what make cost writes. Keys and signatures differ from run to run,
// so a figure that depended on them would be found here too.
func TestPage(t *testing.T) {
	t.Parallel()
	prices, err := cost.List()
	if err != nil {
		t.Fatal(err)
	}
	used, err := cost.Measure(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(root, "docs", "cost.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(have), cost.Page(used, prices)); diff != "" {
		t.Errorf("docs/cost.md is stale; run make cost (-page +measured):\n%s", diff)
	}
}

// TestPricesThatLack: a file of prices without one of them, or with a word for a number, is
// refused.
func TestPricesThatLack(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("prices.csv")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	if _, err := cost.ReadPrices(strings.NewReader(good)); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"\nkms,", "\nkm,", "the row kms is missing"},
		{"\nhttp,1.00", "\nhttp,one", `prices: http: strconv.ParseFloat: parsing "one"`},
		{"\nread,0.125,1000000", "\nread,0.125,0", `prices: read: the number of units "0"`},
		{"\nlogs,0.50,1,", "\nlogs,0.50,", "wrong number of fields"},
	} {
		_, err := cost.ReadPrices(strings.NewReader(strings.Replace(good, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
}
