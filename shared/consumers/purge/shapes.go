package purge

import "ciclo/shared/platform/api"

// Report is the result of a run.
type Report struct {
	Scanned              int    `json:"scanned" minimum:"0" doc:"Operations that were read"`
	Deleted              int    `json:"deleted" minimum:"0" doc:"Operations that were removed; of a dry run, that would be"`
	Skipped              int    `json:"skipped" minimum:"0" doc:"Operations that are to be kept, and groups of such"`
	Done                 bool   `json:"done" doc:"Whether no expired operation is left; false when the time was up, the next run continues"`
	DryRun               bool   `json:"dryRun" doc:"Whether nothing was removed"`
	OldestOverdueSeconds int64  `json:"oldestOverdueSeconds" minimum:"0" doc:"Seconds since the oldest operation that is left expired, to within a day; 0 when done"`
	OldestUnfinishedDay  string `json:"oldestUnfinishedDay" example:"2026-11-21" doc:"The day of expiry at which the next run begins; empty when the run failed before it was known"`
}

// LastRun is the last run that ended. Dry runs are not recorded.
type LastRun struct {
	StartedAt string `json:"startedAt" format:"date-time" doc:"When it started"`
	EndedAt   string `json:"endedAt" format:"date-time" doc:"When it ended"`
	By        string `json:"by" enum:"schedule,operator" doc:"What started it"`
	Failed    bool   `json:"failed" doc:"Whether it ended with an error, which the log has"`
	Report    Report `json:"report" doc:"What it did"`
}

// Status is how the purge does.
type Status struct {
	LastRun              *LastRun `json:"lastRun,omitempty" nullable:"false" doc:"The last run that ended; left out when none has"`
	LastStartedAt        string   `json:"lastStartedAt,omitempty" format:"date-time" doc:"When the last run started, also one that has not ended"`
	RunningUntil         string   `json:"runningUntil,omitempty" format:"date-time" doc:"Until when at most a run goes on that has not ended; left out when none is"`
	OldestOverdueSeconds int64    `json:"oldestOverdueSeconds" minimum:"0" doc:"Seconds since the oldest operation that is stored expired, to within a day; 0 when none has"`
	OldestUnfinishedDay  string   `json:"oldestUnfinishedDay" example:"2026-11-21" doc:"The day of expiry at which the next run begins"`
}

// StatusInput is a request for how the purge does.
type StatusInput struct{ api.Correlated }

// StatusOutput is how the purge does.
type StatusOutput struct{ Body Status }

// RunInput is a request to run the purge.
type RunInput struct {
	api.Correlated
	Body struct {
		_      struct{} `json:"-" additionalProperties:"false"`
		DryRun bool     `json:"dryRun" doc:"Whether only to count what would be removed"`
	}
}

// RunOutput is the result of a run.
type RunOutput struct{ Body Report }

// CountInput is a request for the number of dead letters.
type CountInput struct{ api.Correlated }
