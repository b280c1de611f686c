package catalog_test

import (
	"maps"
	"path"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNested holds nested templates to the templates that deploy them: each is deployed
// with exactly the parameters it has, and those that may be empty there may be here.
func TestNested(t *testing.T) {
	t.Parallel()
	all := templates(t)
	left := maps.Clone(all)
	delete(left, rootTemplate)
	for file, parent := range all {
		for name, r := range parent.Resources {
			if r.Type != "AWS::Serverless::Application" {
				continue
			}
			location := path.Join(path.Dir(file), r.Properties.Location)
			nested := all[location]
			delete(left, location)
			given := r.Properties.Parameters
			if diff := cmp.Diff(slices.Sorted(maps.Keys(nested.Parameters)), slices.Sorted(maps.Keys(given))); diff != "" {
				t.Errorf("%s, %s: parameters differ (-%s +%s):\n%s", file, name, location, file, diff)
			}
			checkDefaults(t, file+", "+name, parent, nested, given)
			if path.Dir(file) == path.Dir(location) && !reflect.DeepEqual(parent.Globals, nested.Globals) {
				t.Errorf("%s: Globals differ (-%s +%s):\n%s", name, file, location, cmp.Diff(parent.Globals, nested.Globals))
			}
		}
	}
	for file := range left {
		t.Errorf("no template deploys a stack of %s", file)
	}
}

// checkDefaults checks that of the parameters that parent passes on to nested exactly those
// have an empty default in nested that have one in parent, and that none has another.
func checkDefaults(t *testing.T, where string, parent, nested template, given map[string]reference) {
	t.Helper()
	for parameter, reference := range given {
		of, known := parent.Parameters[string(reference)]
		if !known {
			continue // a resource, or what it comes to
		}
		in := nested.Parameters[parameter].Default
		if empty := of.Default != nil && *of.Default == ""; (in != nil && *in == "") != empty || in != nil && !empty {
			t.Errorf("%s: parameter %s must have an empty default: %v; it must have no other", where, parameter, empty)
		}
	}
}
