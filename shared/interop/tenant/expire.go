package tenant

import (
	"context"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

const (
	// expirePage bounds what a run holds in memory.
	expirePage = 100
	// expireMargin is kept before the deadline for what is under way.
	expireMargin = 10 * time.Second
)

// Expire is the scheduled job that tells of verifications which have expired.
var Expire = api.Job[Expirer, struct{}, Report]{
	ID:     "tenant/expire",
	Open:   NewExpirer,
	Run:    func(e *Expirer, ctx context.Context, _ struct{}) (Report, error) { return e.Run(ctx) },
	Access: func() []api.Access { return interop.Access("DeleteItem", "Query", "UpdateItem") },
}

// Report is what a run did.
type Report struct {
	Expired int  `json:"expired"` // verifications whose end was told
	Done    bool `json:"done"`    // none is left that has expired by now
}

// expiring is what is kept of a verification until it has expired.
type expiring struct {
	TenantID string `dynamodbav:"tenantId"`
}

// Expirer says of tenants that what they own has changed when a verification
// expires. Nothing else changes by that: whoever reads looks at the date.
type Expirer struct {
	db  table.DB
	now func() time.Time
}

// NewExpirer makes the Expirer.
func NewExpirer(deps api.Deps) (*Expirer, error) { return &Expirer{db: deps.DB, now: deps.Now}, nil }

// Run works off what has expired by now, oldest first, until nothing is left or the
// context's deadline is near; the next run goes on where this one stopped. Each end
// is told once, however many run at the same time.
func (e *Expirer) Run(ctx context.Context) (Report, error) {
	until := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		until, cancel = context.WithDeadline(ctx, deadline.Add(-expireMargin))
		defer cancel()
	}
	var report Report
	q := table.Query{Table: interop.Table.Name, PK: expiringPK, To: table.Stamp(e.now()) + "$", Limit: expirePage, Consistent: true} // after every key of the instant, which go on with #
	for {
		page, err := e.db.Query(ctx, q)
		if err != nil {
			return report, err
		}
		for _, item := range page.Items {
			if until.Err() != nil {
				return report, ctx.Err()
			}
			told, err := e.tell(ctx, item)
			if err != nil {
				return report, err
			}
			if told {
				report.Expired++
			}
		}
		if page.Next == "" {
			report.Done = true
			return report, nil
		}
		q.Cursor = page.Next
	}
}

// tell says that a verification has expired; false when another run did, or when it
// has been replaced or revoked.
func (e *Expirer) tell(ctx context.Context, item table.Item) (bool, error) {
	var entry struct {
		SK string `dynamodbav:"sk"`
		expiring
	}
	if err := table.Decode(item, &entry); err != nil {
		return false, err
	}
	err := e.db.Write(ctx, table.Delete("will expire", interop.Key(expiringPK, entry.SK), table.Exists()), changed(entry.TenantID))
	if table.AsRefused(err) != nil {
		return false, nil
	}
	return err == nil, err
}
