package agreement_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// TestWhatWakesTheWorker holds the filter of the worker's stream to what the worker does: it
// lets every change through from which something follows, and no use of a descriptor from
// which nothing does. From a change that is left out nothing follows in the sandbox either,
// which has no filter: no storage call, no line in the log.
func TestWhatWakesTheWorker(t *testing.T) {
	t.Parallel()
	patterns := filters(t)
	embedded(t, func(w *world) {
		w.useAndLeave()
		woken, slept, ended := 0, 0, 0
		for change, more := w.NextChange(); more; change, more = w.NextChange() {
			acts := w.acts(change)
			wakes, isUse := wakes(t, patterns, change), strings.HasPrefix(change.Key.SK, "USE#")
			switch {
			case acts && !wakes:
				t.Errorf("%v is left out, and something follows from it", change.Key)
			case wakes && !acts && isUse:
				t.Errorf("%v wakes the worker, which has nothing to do", change.Key)
			case wakes:
				woken++
			case isUse:
				slept++
			}
			if wakes && isUse {
				ended++
			}
		}
		// Used by one, by two, by one again, by none; beside that attributes, name, descriptors.
		if slept != 3 || ended != 1 || woken < 5 {
			t.Errorf("%d changes of a use were left out, one ended it %d times; %d changes woke the worker", slept, ended, woken)
		}
	})
}

// useAndLeave makes changes of everything that the worker follows: two agreements come into
// use and end, beside attributes, a name and descriptors.
func (w *world) useAndLeave() {
	w.Helper()
	declared := w.attribute(attribute.Declared)
	w.assign(attribute.Declared, declared, "")
	w.OK(stranger, "POST", "/tenants/"+stranger.Subject+"/declaredAttributes", interoptest.JSON(object{"id": declared}))
	o := w.newOffer("AUTOMATIC", requirement{attribute.Declared, []string{declared}})
	first, second := w.createDraft(o), w.createDraftAs(stranger, o)
	w.mustAct(consumer, first, "submit")
	w.mustAct(stranger, second, "submit")
	w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", interoptest.JSON(object{"name": interoptest.Unique("Renamed")}))
	w.newDescriptor(o, "AUTOMATIC")
	w.mustAct(stranger, second, "archive")
	w.mustAct(consumer, first, "archive")
}

// acts delivers a change and reports whether the worker asks storage or logs something.
func (w *world) acts(change table.Change) bool {
	w.Helper()
	ctx, notes := api.Notes(w.Context())
	ctx, meter := table.WithMeter(ctx)
	handle, err := agreement.Follow.Start(w.Deps())
	if err == nil {
		err = handle(ctx, change)
	}
	if err != nil {
		w.Fatal(err)
	}
	return len(notes()) > 0 || meter.Usage().RoundTrips > 0
}

// filters returns the patterns by which the worker's stream is filtered.
func filters(t *testing.T) (all []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "functions", "interop", "own", "agreements.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var tpl struct {
		Functions map[string]struct {
			Events map[string]struct {
				Properties struct {
					FilterCriteria struct {
						Filters []struct {
							Pattern string `yaml:"Pattern"`
						} `yaml:"Filters"`
					} `yaml:"FilterCriteria"`
				} `yaml:"Properties"`
			} `yaml:"Events"`
		} `yaml:"Functions"`
	}
	if err := yaml.Unmarshal(text, &tpl); err != nil {
		t.Fatal(err)
	}
	for _, f := range tpl.Functions["agreement/follow"].Events["Changes"].Properties.FilterCriteria.Filters {
		var pattern map[string]any
		if err := json.Unmarshal([]byte(f.Pattern), &pattern); err != nil {
			t.Fatal(err)
		}
		all = append(all, pattern)
	}
	return all
}

// wakes reports whether a change passes one of the patterns, as Lambda compares them with a
// record of the stream.
func wakes(t *testing.T, patterns []map[string]any, c table.Change) bool {
	t.Helper()
	record := map[string]any{
		"eventName": "MODIFY",
		"dynamodb": map[string]any{
			"Keys":     map[string]any{"pk": map[string]any{"S": c.Key.PK}, "sk": map[string]any{"S": c.Key.SK}},
			"NewImage": image(t, c.New), "OldImage": image(t, c.Old),
		},
	}
	switch {
	case c.Old == nil:
		record["eventName"] = "INSERT"
	case c.New == nil:
		record["eventName"] = "REMOVE"
	}
	for _, pattern := range patterns {
		if passes(t, pattern, record) {
			return true
		}
	}
	return false
}

// image returns the texts and numbers of an item as a record has them.
func image(t *testing.T, item table.Item) map[string]any {
	t.Helper()
	all := map[string]any{}
	if item == nil {
		return all
	}
	decoded, err := table.As[map[string]any](item)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range *decoded {
		switch v := value.(type) {
		case string:
			all[name] = map[string]any{"S": v}
		case float64:
			all[name] = map[string]any{"N": strconv.FormatFloat(v, 'f', -1, 64)}
		}
	}
	return all
}

// passes compares a record with a pattern: objects of patterns, and lists of texts and
// prefixes of which one must fit.
func passes(t *testing.T, pattern, record any) bool {
	t.Helper()
	if fields, ok := pattern.(map[string]any); ok {
		within, _ := record.(map[string]any)
		for name, inner := range fields {
			if !passes(t, inner, within[name]) {
				return false
			}
		}
		return true
	}
	alternatives, _ := pattern.([]any)
	text, isText := record.(string)
	for _, one := range alternatives {
		switch one := one.(type) {
		case string:
			if isText && one == text {
				return true
			}
		case map[string]any:
			prefix, known := one["prefix"].(string)
			if !known {
				t.Fatalf("the test does not know the comparison %v", one)
			}
			if isText && strings.HasPrefix(text, prefix) {
				return true
			}
		}
	}
	return false
}
