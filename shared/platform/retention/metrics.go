package retention

import (
	"log/slog"
	"time"

	"ciclo/shared/platform/api"
)

// attrs returns the report as attributes of one log line, with the metrics of the alarms on
// the purge. A dry run has no metrics, because it removes nothing.
func (rep Report) attrs(now time.Time) []slog.Attr {
	attrs := []slog.Attr{
		slog.Int("scanned", rep.Scanned), slog.Int("deleted", rep.Deleted), slog.Int("skipped", rep.Skipped),
		slog.Bool("done", rep.Done), slog.Bool("dryRun", rep.DryRun),
		slog.Int64("oldestOverdueSeconds", rep.OldestOverdueSeconds),
		slog.String("oldestUnfinishedDay", rep.OldestUnfinishedDay),
	}
	if rep.DryRun {
		return attrs
	}
	return append(attrs, api.Metrics(
		now,
		api.Metric{Name: "PurgeSucceeded", Unit: "Count", Value: 1},
		api.Metric{Name: "PurgeDeleted", Unit: "Count", Value: int64(rep.Deleted)},
		api.Metric{Name: "PurgeOldestOverdueSeconds", Unit: "Seconds", Value: rep.OldestOverdueSeconds},
	)...)
}
