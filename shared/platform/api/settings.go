package api

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Seconds reads a setting that is a number of seconds; unset means the default.
func Seconds(setting func(string) string, name string, unset time.Duration) (time.Duration, error) {
	text := setting(name)
	if text == "" {
		return unset, nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("%s=%q is not a number of seconds: expected a whole number such as 600", name, text)
	}
	return time.Duration(n) * time.Second, nil
}

// only returns the settings with these names; others are unset. The operations of a
// resource share a store that asks for the settings of all of them. A function has the
// environment variables that its operation names, so a setting that Spec.Settings lacks
// must be unset in tests and in the sandbox too. Otherwise it would be missing only where
// it is deployed (TestSettingsThatAreNotNamedAreUnset).
func only(names []string, setting func(string) string) func(string) string {
	return func(name string) string {
		if !slices.Contains(names, name) {
			return ""
		}
		return setting(name)
	}
}
