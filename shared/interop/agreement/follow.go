package agreement

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
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
			return f.changeListed(ctx, consumerPK(consumer), statePrefixes(recomputableStates), needs{facts: true}, recompute)
		}
		o, err := eservice.Observe(change)
		if err != nil || o.EServiceID == "" {
			return err
		}
		api.Annotate(ctx, slog.String("eserviceId", o.EServiceID))
		return f.followEService(ctx, o)
	},
	Access: func() []api.Access {
		return interop.Access("ConditionCheckItem", "DeleteItem", "PutItem", "Query", "UpdateItem")
	},
}

// followEService does what follows from a change of an e-service. A permanent failure of
// one part does not keep the other parts from being done.
func (f *Follower) followEService(ctx context.Context, o eservice.Observed) (failed error) {
	pk := eservicePK(o.EServiceID)
	for _, part := range []struct {
		due    bool
		follow func() error
	}{
		{o.Renamed, func() error { return f.changeListed(ctx, pk, []string{""}, needs{name: true}, rename) }},
		{o.RequirementsChanged, func() error {
			return f.changeListed(ctx, pk, statePrefixes(recomputableStates), needs{facts: true}, recompute)
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

func statePrefixes(states states) []string {
	prefixes := make([]string, len(states))
	for i, state := range states {
		prefixes[i] = string(state) + "#"
	}
	return prefixes
}

// changeListed makes a decision about every agreement that is listed in a partition below
// the prefixes. A permanent failure of one agreement does not keep the others from it.
func (f *Follower) changeListed(ctx context.Context, pk string, prefixes []string, n needs, d decide) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxConcurrent)
	var permanent failures
	for _, prefix := range prefixes {
		q := table.Query{Table: interop.Table.Name, PK: pk, From: prefix, To: prefix + last, Consistent: true}
		err := table.All(ctx, f.db, q, func(item table.Item) error {
			e, err := table.As[entry](item)
			if err != nil {
				return permanent.add(err)
			}
			group.Go(func() error {
				r := &reader{store: f.Store, needs: n, agreementID: e.ID, eserviceID: e.EServiceID, consumerID: e.ConsumerID}
				_, err := f.do(ctx, r, d)
				if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == interop.AgreementNotFound {
					return nil // deleted since it was listed
				}
				return permanent.add(err)
			})
			return nil
		})
		if err != nil {
			group.Go(func() error { return err })
			break
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return permanent.joined()
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
