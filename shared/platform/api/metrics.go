package api

import (
	"log/slog"
	"time"
)

// Metric is one measurement for CloudWatch.
type Metric struct {
	Name  string
	Unit  string // Count, Seconds, …
	Value int64
}

// Metrics turns measurements into attributes of a log line, which thereby
// becomes a document of CloudWatch's Embedded Metric Format: one line is both
// the record and the measurement, and nothing is sent. Their dimension is the
// function's name, which every line of a function has.
func Metrics(now time.Time, metrics ...Metric) []slog.Attr {
	type definition struct{ Name, Unit string }
	definitions := make([]definition, len(metrics))
	attrs := make([]slog.Attr, len(metrics), len(metrics)+1)
	for i, m := range metrics {
		definitions[i] = definition{m.Name, m.Unit}
		attrs[i] = slog.Int64(m.Name, m.Value)
	}
	return append(attrs, slog.Any("_aws", map[string]any{
		"Timestamp": now.UnixMilli(),
		"CloudWatchMetrics": []any{map[string]any{
			"Namespace":  "Ciclo",
			"Dimensions": [][]string{{"functionName"}},
			"Metrics":    definitions,
		}},
	}))
}
