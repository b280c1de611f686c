package tenant

import (
	"context"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

const (
	// expirePage bounds the entries that a run has in memory.
	expirePage = 100
	// expireMargin is the time before the deadline in which no further entry is started.
	expireMargin = 10 * time.Second
)

// Expire is the scheduled job that announces verifications which have expired.
var Expire = api.Job[Expirer, struct{}, Report]{
	ID:     "tenant/expire",
	Open:   NewExpirer,
	Run:    func(e *Expirer, ctx context.Context, _ struct{}) (Report, error) { return e.Run(ctx) },
	Access: func() []api.Access { return interop.Access("DeleteItem", "Query", "UpdateItem") },
}

// Report is what a run did.
type Report struct {
	Expired int  `json:"expired"` // verifications that it announced
	Done    bool `json:"done"`    // none is left that has expired by now
}

// expiring is the entry of a verification that expires, at a key with the time.
type expiring struct {
	TenantID string `dynamodbav:"tenantId"`
}

// Expirer counts a change of a tenant's attributes when a verification expires, so that
// the platform looks at its agreements again. It writes nothing else: readers compare the
// date of a verification with the time.
type Expirer struct {
	db  table.DB
	now func() time.Time
}

// NewExpirer makes an Expirer.
func NewExpirer(deps api.Deps) (*Expirer, error) { return &Expirer{db: deps.DB, now: deps.Now}, nil }

// Run announces the verifications that have expired by now, oldest first, until none is
// left or the deadline of ctx is near; the next run continues. Each is announced once,
// also by runs at the same time.
func (e *Expirer) Run(ctx context.Context) (Report, error) {
	until := ctx
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		until, cancel = context.WithDeadline(ctx, deadline.Add(-expireMargin))
		defer cancel()
	}
	var report Report
	q := table.Query{
		Table: interop.Table.Name, PK: expiringPK,
		To:    table.Stamp(e.now()) + "$", // after every key with this time, which "#" follows
		Limit: expirePage, Consistent: true,
	}
	for {
		page, err := e.db.Query(ctx, q)
		if err != nil {
			return report, err
		}
		for _, item := range page.Items {
			if until.Err() != nil {
				return report, ctx.Err()
			}
			announced, err := e.announce(ctx, item)
			if err != nil {
				return report, err
			}
			if announced {
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

// announce removes the entry of an expired verification and counts a change of the
// tenant's attributes. It returns false when the entry is gone: another run announced the
// end, or the verification was replaced or revoked.
func (e *Expirer) announce(ctx context.Context, item table.Item) (bool, error) {
	var entry struct {
		SK string `dynamodbav:"sk"`
		expiring
	}
	if err := table.Decode(item, &entry); err != nil {
		return false, err
	}
	remove := table.Delete(labelExpiring, interop.Key(expiringPK, entry.SK), table.Exists())
	err := e.db.Write(ctx, remove, countStep(entry.TenantID))
	if table.AsRefused(err) != nil {
		return false, nil
	}
	return err == nil, err
}
