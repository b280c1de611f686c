package agreement

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// maxConcurrent is how many agreements a run works on at the same time.
const maxConcurrent = 8

// Follower changes agreements as the changes of tenants and e-services require.
type Follower struct {
	*Store
	eservices *eservice.Store
}

// NewFollower makes the follower.
func NewFollower(deps api.Deps) (*Follower, error) {
	s, err := NewStore(deps)
	if err != nil {
		return nil, err
	}
	e, err := eservice.NewStore(deps)
	return &Follower{Store: s, eservices: e}, err
}

// Follow is the worker that is fed by the changes of the table. It decides again on
// agreements when the attributes of their consumer or the requirements of their descriptor
// have changed, lists them by the new name of an e-service, and archives a deprecated
// descriptor that no agreement uses any more. A run that was interrupted starts over; what
// it did before needs no change then.
var Follow = api.Worker[Follower]{
	ID:    "agreement/follow",
	Table: &interop.Table,
	Open:  NewFollower,
	Handle: func(f *Follower, ctx context.Context, change table.Change) error {
		if consumer := tenant.ChangedOwner(change.Key); consumer != "" {
			api.Annotate(ctx, slog.String("tenant", consumer))
			return f.followConsumer(ctx, consumer)
		}
		o, err := eservice.Observe(change)
		if err != nil || o.EServiceID == "" {
			return err
		}
		api.Annotate(ctx, slog.String("eserviceId", o.EServiceID))
		return f.followEService(ctx, o)
	},
	Access: func() []api.Access {
		return interop.Access("ConditionCheckItem", "PutItem", "Query", "UpdateItem")
	},
}

// followConsumer does what follows from a change of the attributes of a consumer.
func (f *Follower) followConsumer(ctx context.Context, consumerID string) error {
	rows, err := f.entries.Rows(ctx, list.Part[row]{PK: consumerPK(consumerID), Match: func(r *row) bool {
		return slices.Contains(recomputableStates, r.state)
	}})
	if err != nil {
		return err
	}
	all := f.changeEach(ctx, needs{facts: true}, recompute)
	for _, r := range rows {
		all.change(r.RowID(), r.eserviceID.String(), consumerID)
	}
	return all.wait()
}

// followEService does what follows from a change of an e-service. A permanent failure of
// one part does not keep the other parts from being done.
func (f *Follower) followEService(ctx context.Context, o eservice.Observed) (failed error) {
	for _, part := range []struct {
		due    bool
		follow func() error
	}{
		{o.Renamed, func() error {
			return f.changeMembers(ctx, o.EServiceID, func(member) bool { return true }, needs{name: true}, rename)
		}},
		{o.RequirementsChanged, func() error {
			return f.changeMembers(ctx, o.EServiceID, func(m member) bool { return !m.Ended }, needs{facts: true}, recompute)
		}},
		{o.Unused, func() error { return f.eservices.Retire(ctx, o.EServiceID) }},
	} {
		if !part.due {
			continue
		}
		if err := part.follow(); err != nil {
			if failed = errors.Join(failed, err); !table.Permanent(err) {
				return failed
			}
		}
	}
	return failed
}

// changeMembers makes a decision about every agreement on an e-service that is selected.
func (f *Follower) changeMembers(ctx context.Context, eserviceID string, selected func(member) bool, n needs, d decide) error {
	all := f.changeEach(ctx, n, d)
	q := table.Query{Table: interop.Table.Name, PK: eservicePK(eserviceID), Consistent: true}
	err := table.All(ctx, f.db, q, func(item table.Item) error {
		m, err := table.As[member](item)
		if err == nil && selected(*m) {
			all.change(m.ID, eserviceID, m.ConsumerID)
		}
		return all.permanent.add(err)
	})
	return cmp.Or(err, all.wait())
}

// changes are the changes of many agreements by one decision.
type changes struct {
	of        *Follower
	needs     needs
	decide    decide
	group     *errgroup.Group
	ctx       context.Context
	permanent failures
}

// changeEach begins to make a decision about agreements, several at the same time.
func (f *Follower) changeEach(ctx context.Context, n needs, d decide) *changes {
	c := &changes{of: f, needs: n, decide: d}
	c.group, c.ctx = errgroup.WithContext(ctx)
	c.group.SetLimit(maxConcurrent)
	return c
}

// change makes the decision about one agreement. A permanent failure of it does not keep the
// others from theirs.
func (c *changes) change(id, eserviceID, consumerID string) {
	c.group.Go(func() error {
		r := &reader{store: c.of.Store, needs: c.needs, agreementID: id, eserviceID: eserviceID, consumerID: consumerID}
		_, err := c.of.do(c.ctx, r, c.decide)
		if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == interop.AgreementNotFound {
			return nil // deleted since it was listed
		}
		return c.permanent.add(err)
	})
}

// wait returns what failed when all changes have ended.
func (c *changes) wait() error {
	if err := c.group.Wait(); err != nil {
		return err
	}
	return c.permanent.joined()
}

// failures collects permanent errors, which repeating does not mend.
type failures struct {
	mu    sync.Mutex
	first []error
}

// maxFailures is how many errors a failure names at most.
const maxFailures = 8

// add collects a permanent error and returns nil. It returns other errors.
func (f *failures) add(err error) error {
	if err == nil || !table.Permanent(err) {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.first) < maxFailures {
		f.first = append(f.first, err)
	}
	return nil
}

func (f *failures) joined() error { return errors.Join(f.first...) }

// rename gives an agreement the current name of its e-service. It is not in the history.
func rename(s snapshot) (outcome, error) {
	name := s.catalogue.EService.Name
	if s.agreement.EServiceName == name {
		return outcome{}, nil
	}
	next := *s.agreement
	next.EServiceName = name
	o := outcome{transitions: []transition{newTransition(s.agreement, &next, event{})}, answer: &next}
	o.conditions.Require(s.catalogue.VersionCheck())
	return o, nil
}
