package purpose

import (
	"slices"
	"testing"

	"ciclo/shared/office/interop/m2m"
	"ciclo/shared/office/interop/published"
)

// TestExceededThen: without a present load the page names the thresholds that the version
// exceeded when it was asked for, and gives no amounts, which may be others by now.
func TestExceededThen(t *testing.T) {
	t.Parallel()
	const consumer, total = "Quando è stata chiesta superava la soglia per fruitore.", "Quando è stata chiesta superava la soglia totale."
	for _, c := range []struct {
		exceeded []string
		want     []string
	}{
		{[]string{"CONSUMER"}, []string{consumer}},
		{[]string{"TOTAL"}, []string{total}},
		{[]string{"CONSUMER", "TOTAL"}, []string{consumer, total}},
		{nil, nil},
	} {
		s := &sight{names: &names{}, Purpose: m2m.Purpose{Current: &m2m.PurposeVersion{State: m2m.PurposeActive, DailyCalls: 90}}}
		b := s.waitingBanner(&m2m.PurposeVersion{
			State: m2m.PurposeWaiting, DailyCalls: 120,
			Check: &m2m.PurposeCheck{Exceeded: c.exceeded},
		})
		var got []string
		for _, line := range b.Lines[:len(b.Lines)-2] { // the last two are about the decision
			got = append(got, line.IT)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.exceeded, got, c.want)
		}
	}
}

// TestExceededHasWords: every threshold that the API may name as exceeded has words.
func TestExceededHasWords(t *testing.T) {
	t.Parallel()
	published.Check(t, "threshold", exceededThen, published.Values(t, "ThresholdCheck", "exceeded"))
}
