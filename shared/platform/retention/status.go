package retention

import (
	"context"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// Who starts runs.
const (
	BySchedule = "schedule"
	ByOperator = "operator"
)

// LastRun is the last run that ended. Dry runs are not recorded.
type LastRun struct {
	StartedAt string `dynamodbav:"startedAt"` // a table.Stamp
	EndedAt   string `dynamodbav:"endedAt"`
	By        string `dynamodbav:"by"` // BySchedule or ByOperator
	Failed    bool   `dynamodbav:"failed"`
	Report
}

// Status is what is known of the purge without running it.
type Status struct {
	Last          *LastRun // nil when none has ended
	LastStartedAt string   // "" when none has started
	RunningUntil  string   // when the lease of a run ends that has not, "" for none
	// OldestOverdueSeconds is the time since the expiry of the oldest expired row that is
	// stored, to within a day.
	OldestOverdueSeconds int64
	// OldestUnfinishedDay is the day at which the next run begins.
	OldestUnfinishedDay string
}

// Reader reads the status of a purge.
type Reader struct{ purge *Purge }

// NewReader makes a reader of the purge of tableName.
func NewReader(deps api.Deps, tableName string) *Reader { return &Reader{newPurge(deps, tableName)} }

// Status reads how the last run ended, whether one is running, and what is overdue now.
func (r *Reader) Status(ctx context.Context) (Status, error) {
	now := r.purge.now()
	var stored state
	var heads []entry
	look := &run{Purge: r.purge, today: table.Day(now)}
	err := table.Together(ctx, func(ctx context.Context) error {
		item, err := r.purge.db.Get(ctx, r.purge.stateKey())
		if err != nil {
			return err
		}
		return table.Decode(item, &stored)
	}, func(ctx context.Context) (err error) {
		heads, err = look.heads(ctx)
		return err
	})
	if err != nil {
		return Status{}, err
	}
	s := Status{Last: stored.Last, LastStartedAt: stored.LastRunAt}
	if stored.LeaseUntil > table.Stamp(now) {
		s.RunningUntil = stored.LeaseUntil
	}
	day, due := oldest(heads)
	if s.OldestUnfinishedDay = day; day == "" {
		s.OldestUnfinishedDay = look.today
	}
	s.OldestOverdueSeconds = overdue(now, due)
	return s, nil
}

// overdue returns the seconds since due, a table.Stamp; 0 when that has not come or is "".
func overdue(now time.Time, due string) int64 {
	at, err := table.ParseStamp(due)
	if err != nil {
		return 0
	}
	return max(0, int64(now.Sub(at).Seconds()))
}
