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

// atOnce is how many agreements a run works on at the same time.
const atOnce = 8

// Follower is the platform, where it follows from a change what becomes of agreements.
type Follower struct {
	*Store
	eservices *eservice.Store
}

// NewFollower makes the platform's follower.
func NewFollower(deps api.Deps) (*Follower, error) {
	s, err := NewStore(deps)
	if err != nil {
		return nil, err
	}
	e, err := eservice.NewStore(deps)
	return &Follower{s, e}, err
}

// Follow is the worker that is fed by the changes of the table: agreements are
// looked at again when the attributes of their consumer or the requirements of
// their descriptor have changed, are listed by the new name of an e-service, and a
// deprecated descriptor that nobody uses any more is archived. A run that was
// interrupted begins anew; what it did before is found done.
var Follow = api.Worker[Follower]{
	ID:    "agreement/follow",
	Table: &interop.Table,
	Open:  NewFollower,
	Handle: func(f *Follower, ctx context.Context, change table.Change) error {
		if consumer := tenant.ChangedOwner(change.Key); consumer != "" {
			api.Annotate(ctx, slog.String("tenant", consumer))
			return f.each(ctx, ofConsumer(consumer), statePrefixes(recomputed), recompute)
		}
		o, err := eservice.Observe(change)
		if err != nil || o.EServiceID == "" {
			return err
		}
		api.Annotate(ctx, slog.String("eserviceId", o.EServiceID))
		return f.observed(ctx, o)
	},
	Access: func() []api.Access {
		return interop.Access("ConditionCheckItem", "DeleteItem", "PutItem", "Query", "UpdateItem")
	},
}

// observed follows what has become of an e-service. What can never succeed does not
// keep the rest from being done.
func (f *Follower) observed(ctx context.Context, o eservice.Observed) (failed error) {
	for _, part := range []struct {
		wanted bool
		follow func() error
	}{
		{o.Renamed, func() error { return f.each(ctx, ofEService(o.EServiceID), []string{""}, rename) }},
		{o.RequirementsChanged, func() error {
			return f.each(ctx, ofEService(o.EServiceID), statePrefixes(recomputed), recompute)
		}},
		{o.Unused, func() error { return f.eservices.Retire(ctx, o.EServiceID) }},
	} {
		if !part.wanted {
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

// each makes a change to every agreement that is listed in a partition below the
// prefixes. One that can never be changed does not keep the others from it.
func (f *Follower) each(ctx context.Context, pk string, prefixes []string, c change) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	var hopeless failures
	for _, prefix := range prefixes {
		q := table.Query{Table: interop.Table.Name, PK: pk, From: prefix, To: prefix + last, Consistent: true}
		err := table.All(ctx, f.db, q, func(item table.Item) error {
			e, err := table.As[entry](item)
			if err != nil {
				return hopeless.keep(err)
			}
			group.Go(func() error {
				_, err := f.apply(ctx, e.ID, needs{facts: true}, c)
				if p, ok := errors.AsType[*problem.Problem](err); ok && p.Code == interop.AgreementNotFound {
					return nil // deleted meanwhile
				}
				return hopeless.keep(err)
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
	return hopeless.joined()
}

// failures are errors that repeating does not mend.
type failures struct {
	mu    sync.Mutex
	first []error
}

// maxFailures bounds how many errors a failure is told by.
const maxFailures = 8

// keep stores an error that is permanent, and returns any other one.
func (f *failures) keep(err error) error {
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

// rename gives an agreement the name that its e-service has now.
func rename(s situation) (decision, error) {
	a, name := s.agreement, s.catalogue.EService.Name
	if a.EServiceName == name {
		return decision{}, nil
	}
	next := *a
	next.EServiceName = name
	return s.relying(decision{moves: []move{{before: a, after: &next}}, answer: &next}), nil
}
