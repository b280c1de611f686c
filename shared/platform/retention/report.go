package retention

import "time"

// Request holds the options of a run.
type Request struct {
	DryRun bool `json:"dryRun"` // only counts: removes nothing and takes no lease
}

// Report is the result of a run.
type Report struct {
	Scanned int  `json:"scanned" dynamodbav:"scanned"` // rows read
	Deleted int  `json:"deleted" dynamodbav:"deleted"` // rows removed; with DryRun, rows that would be removed
	Skipped int  `json:"skipped" dynamodbav:"skipped"` // rows that have not expired, and batches without an expired row
	Done    bool `json:"done" dynamodbav:"done"`       // no expired row is left
	DryRun  bool `json:"dryRun" dynamodbav:"dryRun"`
	// OldestOverdueSeconds is the time since the expiry of the oldest expired row that is
	// left, to within a day; 0 when Done.
	OldestOverdueSeconds int64 `json:"oldestOverdueSeconds" dynamodbav:"oldestOverdueSeconds"`
	// OldestUnfinishedDay is the day at which the next run begins.
	OldestUnfinishedDay string `json:"oldestUnfinishedDay" dynamodbav:"oldestUnfinishedDay"`
}

// report returns the report of a run that started at now and ended with err.
func (r *run) report(now time.Time, err error) Report {
	rep := Report{
		Scanned: int(r.scanned.Load()), Deleted: int(r.deleted.Load()), Skipped: int(r.skipped.Load()),
		Done: err == nil && !r.stopped.Load(), DryRun: r.dry, OldestUnfinishedDay: r.day,
	}
	if !rep.Done {
		rep.OldestOverdueSeconds = overdue(now, r.due)
	}
	return rep
}
