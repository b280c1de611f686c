package office

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Change is a member that differs between two versions of a thing.
type Change struct {
	Name          string // dotted, e.g. metadata.phone
	Before, After string // "" where it is absent
}

// Diff returns the JSON members of after that differ from before, dotted and sorted, for
// pages that show what has changed.
func Diff(before, after any) []Change {
	b, a := map[string]string{}, map[string]string{}
	flatten("", normalized(before), b)
	flatten("", normalized(after), a)
	return changes(b, a)
}

func normalized(v any) (out any) {
	text, err := json.Marshal(v)
	if err != nil || json.Unmarshal(text, &out) != nil {
		return nil
	}
	return out
}

func flatten(prefix string, v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			flatten(strings.TrimPrefix(prefix+"."+name, "."), value, into)
		}
	case nil:
	case string:
		into[prefix] = v
	default:
		text, err := json.Marshal(v)
		if err == nil && string(text) != "[]" {
			into[prefix] = string(text)
		}
	}
}

func changes(before, after map[string]string) []Change {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var all []Change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			all = append(all, Change{Name: name, Before: before[name], After: after[name]})
		}
	}
	return all
}
