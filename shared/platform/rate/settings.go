package rate

import (
	"fmt"
	"strconv"
	"time"
)

// The settings of a rule; a prefix such as TOKEN_ tells those of several groups apart.
const (
	settingLimit    = "RATE_LIMIT"
	settingInterval = "RATE_INTERVAL_MS"
	settingBurst    = "RATE_BURST_PERCENT"
)

// The rule without settings, as PDND's repository has it: it refuses no load test, and the
// headers are true.
const (
	defaultLimit    = 9_999_999
	defaultInterval = 1000
)

// The greatest values. The headers are integers of 32 bits (PDND).
const (
	maxLimit    = 1<<31 - 1
	maxInterval = 24 * 60 * 60 * 1000
	maxBurst    = 1000
)

// Settings returns the names of the settings of a rule.
func Settings(prefix string) []string {
	return []string{prefix + settingLimit, prefix + settingInterval, prefix + settingBurst}
}

// RuleFrom reads a rule from its settings.
func RuleFrom(setting func(string) string, prefix string) (Rule, error) {
	limit, err := number(setting, prefix+settingLimit, 1, maxLimit, defaultLimit)
	if err != nil {
		return Rule{}, err
	}
	interval, err := number(setting, prefix+settingInterval, 1, maxInterval, defaultInterval)
	if err != nil {
		return Rule{}, err
	}
	burst, err := number(setting, prefix+settingBurst, 0, maxBurst, 0)
	return Rule{Limit: limit, Interval: time.Duration(interval) * time.Millisecond, Burst: burst}, err
}

func number(setting func(string) string, name string, least, greatest, unset int) (int, error) {
	text := setting(name)
	if text == "" {
		return unset, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > greatest {
		return 0, fmt.Errorf("%s=%q is not a whole number from %d to %d", name, text, least, greatest)
	}
	return n, nil
}
