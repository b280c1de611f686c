package api

import (
	"fmt"
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
