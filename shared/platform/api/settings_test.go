package api_test

import (
	"slices"
	"testing"

	"ciclo/shared/platform/api"
)

// TestSettingsThatAreNotNamedAreUnset checks that a store sees only the settings that its
// operation names. Its function has no other environment variables.
func TestSettingsThatAreNotNamedAreUnset(t *testing.T) {
	t.Parallel()
	var seen []string
	open := func(d api.Deps) (*store, error) {
		for _, name := range []string{"NAMED", "OTHER"} {
			if d.Setting(name) != "" {
				seen = append(seen, name)
			}
		}
		return &store{d}, nil
	}
	op := api.Operation[store, getInput, getOutput]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/get", Method: "GET", Path: "/things/{thingId}", Product: product, Status: 200, Settings: []string{"NAMED"}}
		},
		Open: open,
	}
	w := world()
	w.Settings["NAMED"], w.Settings["OTHER"] = "1", "1"
	if _, err := api.NewHandler(w.Deps(), op); err != nil {
		t.Fatal(err)
	}
	if want := []string{"NAMED"}; !slices.Equal(seen, want) {
		t.Errorf("the store sees %v, want %v", seen, want)
	}
}
