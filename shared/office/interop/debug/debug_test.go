package debug

import (
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/published"
)

// TestGood: the verdict is good when the API answers steps and all of them have passed, also
// those that the page has no words for, which are shown by their names.
func TestGood(t *testing.T) {
	t.Parallel()
	passed := step{Result: stepPassed}
	for what, c := range map[string]struct {
		steps map[string]step
		good  bool
	}{
		"all passed":             {map[string]step{"clientAssertionValidation": passed, "publicKeyRetrieve": passed}, true},
		"one failed":             {map[string]step{"clientAssertionValidation": passed, "publicKeyRetrieve": {Result: stepFailed}}, false},
		"one skipped":            {map[string]step{"clientAssertionValidation": passed, "publicKeyRetrieve": {Result: stepSkipped}}, false},
		"a new one failed":       {map[string]step{"clientAssertionValidation": passed, "somethingNew": {Result: stepFailed}}, false},
		"a new one passed":       {map[string]step{"clientAssertionValidation": passed, "somethingNew": passed}, true},
		"with an unknown result": {map[string]step{"clientAssertionValidation": {Result: "PERHAPS"}}, false},
		"no steps":               {nil, false},
	} {
		r := &result{}
		if err := r.explain(nil, &examination{Steps: c.steps}); err != nil || r.Good != c.good {
			t.Errorf("%s: good is %t, %v", what, r.Good, err)
		}
		if len(r.Steps) != len(c.steps) {
			t.Errorf("%s: %d steps are shown, want %d", what, len(r.Steps), len(c.steps))
		}
		for _, shown := range r.Steps {
			if shown.Chip.Text.IT == "" {
				t.Errorf("%s: %s has no result", what, shown.Title.EN)
			}
		}
		if _, has := c.steps["somethingNew"]; has && (len(r.Steps) < 2 || r.Steps[1].Title != office.Same("somethingNew")) {
			t.Errorf("%s: the new step is not shown by its name: %+v", what, r.Steps)
		}
	}
}

// TestStepsHaveWords: every step of an examination and every result has words.
func TestStepsHaveWords(t *testing.T) {
	t.Parallel()
	words := map[string]office.Text{}
	for _, s := range steps {
		words[s.name] = s.title
	}
	published.Check(t, "step", words, published.Members(t, "TokenGenerationValidationSteps"))
	results := map[string]office.Text{}
	for name, chip := range chips {
		results[name] = chip.Text
	}
	published.Check(t, "result", results, published.Values(t, "TokenGenerationValidationStep", "result"))
}
