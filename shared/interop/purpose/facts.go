package purpose

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// facts are what others decide about the purposes of a consumer on an e-service.
type facts struct {
	subscription *agreement.Subscription // nil while no agreement is in use
	eservice     *eservice.EService      // nil when there is none
	consumerLoad int64                   // calls a day, of the consumer on the e-service
	totalLoad    int64                   // calls a day, of all consumers
	owned        *tenant.Owned           // by the consumer; nil unless the descriptor has quotas for attributes
}

// relation is a consumer and an e-service.
type relation struct{ consumerID, eserviceID string }

// keys are the items of the facts: two for agreementFacts, four for quotaFacts.
func (r relation) keys(n need) []table.Key {
	keys := []table.Key{agreement.SubscriptionKey(r.consumerID, r.eserviceID), eservice.Key(r.eserviceID)}
	if n == quotaFacts {
		keys = append(keys, loadKey(r.eserviceID, r.consumerID), totalKey(r.eserviceID))
	}
	return keys
}

// decodeFacts returns the facts of a relation from the items that were read.
func decodeFacts(r relation, items map[table.Key]table.Item) (*facts, error) {
	keys := r.keys(quotaFacts)
	subscription, err := table.As[agreement.Subscription](items[keys[0]])
	if err != nil {
		return nil, err
	}
	e, err := table.As[eservice.EService](items[keys[1]])
	if err != nil {
		return nil, err
	}
	consumerLoad, err := loadOf(items[keys[2]])
	if err != nil {
		return nil, err
	}
	totalLoad, err := loadOf(items[keys[3]])
	return &facts{subscription: subscription, eservice: e, consumerLoad: consumerLoad, totalLoad: totalLoad}, err
}

// loadOf is the load that an account of the ledger holds; 0 for one that is absent.
func loadOf(item table.Item) (int64, error) {
	c, err := table.As[counter](item)
	if c == nil {
		return 0, err
	}
	return c.Load, nil
}

// descriptor is the one of the agreement in use, nil while there is none.
func (f *facts) descriptor() *eservice.DescriptorSummary {
	if f.subscription == nil || f.eservice == nil {
		return nil
	}
	return f.eservice.Find(f.subscription.DescriptorID)
}

// hasActiveAgreement reports whether the agreement is ACTIVE, on a descriptor that
// agreements may be on.
func (f *facts) hasActiveAgreement() bool {
	return f.descriptor() != nil && f.subscription.State == agreement.Active
}

// batchRead reads several items: [table.DB.BatchGet] or [table.DB.Snapshot].
type batchRead func(context.Context, []table.Key) ([]table.Item, error)

// facts reads the facts that an action needs in a round; nil for noFacts. Loads that are
// read after a lost round are those of one moment: see waitSteps.
//
// What the consumer owns takes a read of its own. It is left out where the agreement is
// not active, because the action is refused then.
func (s *Store) facts(ctx context.Context, r relation, n need, round int) (*facts, error) {
	var all map[relation]*facts
	var err error
	switch {
	case n == quotaFacts && round > 0:
		all, err = s.factsOf(ctx, []relation{r}, n, s.db.Snapshot)
	case n > noFacts:
		all, err = s.factsOf(ctx, []relation{r}, n, s.db.BatchGet)
	}
	if err == nil && n == quotaFacts && all[r].hasActiveAgreement() {
		err = s.readOwned(ctx, all)
	}
	return all[r], err
}

// factsOf reads the facts of several relations, except what the consumers own.
func (s *Store) factsOf(ctx context.Context, relations []relation, n need, read batchRead) (map[relation]*facts, error) {
	all := map[relation]*facts{}
	keys := map[table.Key]bool{}
	for _, r := range relations {
		for _, key := range r.keys(n) {
			keys[key] = true
		}
	}
	items := map[table.Key]table.Item{}
	for some := range slices.Chunk(slices.Collect(maps.Keys(keys)), table.MaxBatch) {
		found, err := read(ctx, some)
		if err != nil {
			return nil, err
		}
		for i, item := range found {
			items[some[i]] = item
		}
	}
	for _, r := range relations {
		f, err := decodeFacts(r, items)
		if err != nil {
			return nil, err
		}
		all[r] = f
	}
	return all, nil
}

// maxReaders is how many tenants are read at the same time.
const maxReaders = 8

// readOwned adds to facts what the consumers own, where their descriptors have quotas
// for certified attributes.
func (s *Store) readOwned(ctx context.Context, all map[relation]*facts) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxReaders)
	for r, f := range all {
		if d := f.descriptor(); d != nil && len(d.Quotas) > 0 {
			group.Go(func() error {
				owned, err := tenant.Load(ctx, s.db, r.consumerID)
				f.owned = &owned
				return err
			})
		}
	}
	return group.Wait()
}

// requireAgreement returns the conditions that the relation's agreement is still ACTIVE
// and on the same descriptor, or PurposeWithoutAgreement when it is not ACTIVE.
func (f *facts) requireAgreement(r relation) ([]table.Step, error) {
	switch {
	case f.hasActiveAgreement():
		return []table.Step{f.subscription.Active(r.consumerID, r.eserviceID)}, nil
	case f.subscription == nil:
		return nil, problem.New(interop.PurposeWithoutAgreement, "Consumer %s has no active agreement for e-service %s.",
			r.consumerID, r.eserviceID)
	}
	return nil, problem.New(interop.PurposeWithoutAgreement, "Agreement %s of consumer %s for e-service %s is %s; it has to be ACTIVE.",
		f.subscription.AgreementID, r.consumerID, r.eserviceID, f.subscription.State)
}

// limits returns the loads and thresholds of the relation, and the conditions that the
// thresholds are still the same. It takes an agreement that is ACTIVE.
func (f *facts) limits(r relation, at string) (thresholds, []table.Step, error) {
	conditions, err := f.requireAgreement(r)
	if err != nil {
		return thresholds{}, nil, err
	}
	conditions = append(conditions, f.eservice.VersionCheck())
	d := f.descriptor()
	if len(d.Quotas) > 0 {
		conditions = append(conditions, f.owned.VersionCheck())
	}
	return f.thresholds(r.consumerID, d, at), conditions, nil
}
