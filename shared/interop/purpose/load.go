package purpose

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// atOnce is how many tenants are read at the same time.
const atOnce = 8

// reads is how several items are read: [table.DB.BatchGet] or [table.DB.Snapshot].
type reads func(context.Context, []table.Key) ([]table.Item, error)

// factsOf reads what the loads of several consumers on several e-services are decided
// on, at most 50, besides what they own.
func (s *Store) factsOf(ctx context.Context, relations []relation, read reads) (map[relation]*facts, error) {
	known := map[relation]*facts{}
	if len(relations) == 0 {
		return known, nil
	}
	keys := map[table.Key]bool{}
	for _, r := range relations {
		known[r] = &facts{}
		for _, key := range r.keys() {
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
	for r, f := range known {
		if err := f.decode(r, items); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// owning reads what consumers own whose descriptors have quotas for it.
func (s *Store) owning(ctx context.Context, known map[relation]*facts) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for r, f := range known {
		if live := f.live(); live != nil && len(live.Quotas) > 0 {
			group.Go(func() error {
				owned, err := tenant.Load(ctx, s.db, r.consumerID)
				f.owned = &owned
				return err
			})
		}
	}
	return group.Wait()
}

// maxAsked bounds how often a change is given what it asks for: the facts, then what the
// consumer owns.
const maxAsked = 2

// complete runs decide until it asks for nothing more, and reads what it asks for.
func (s *Store) complete(ctx context.Context, sit *situation, r relation, decide func() error) error {
	for asked := 0; ; asked++ {
		sit.at = table.Stamp(s.now()) // after all was read, so that nothing counts that has expired
		missing := decide()
		if asked == maxAsked && (errors.Is(missing, errFacts) || errors.Is(missing, errOwned)) {
			return fmt.Errorf("purpose: a change asks %d times: %w", maxAsked+1, missing)
		}
		if answered, err := s.ask(ctx, sit, r, missing); !answered || err != nil {
			return cmp.Or(err, missing)
		}
	}
}

// ask reads what a change has found missing; false when that was nothing.
func (s *Store) ask(ctx context.Context, sit *situation, r relation, missing error) (bool, error) {
	switch {
	case errors.Is(missing, errFacts):
		read := s.db.BatchGet
		if sit.round > 0 {
			read = s.db.Snapshot
		}
		known, err := s.factsOf(ctx, []relation{r}, read)
		sit.facts = known[r]
		return true, err
	case errors.Is(missing, errOwned):
		return true, s.owning(ctx, map[relation]*facts{r: sit.facts})
	}
	return false, nil
}

// keys are what the facts of a relation are read from, besides the attributes of the
// consumer, which matter where its descriptor has quotas for some.
func (r relation) keys() []table.Key {
	return []table.Key{
		agreement.SubscriptionKey(r.consumerID, r.eserviceID), eservice.Key(r.eserviceID), loadKey(r.eserviceID, r.consumerID), totalKey(r.eserviceID),
	}
}

func (f *facts) decode(r relation, items map[table.Key]table.Item) (err error) {
	keys := r.keys()
	if f.subscription, err = table.As[agreement.Subscription](items[keys[0]]); err != nil {
		return err
	}
	if f.eservice, err = table.As[eservice.EService](items[keys[1]]); err != nil {
		return err
	}
	if f.consumerLoad, err = loadOf(items[keys[2]]); err != nil {
		return err
	}
	f.totalLoad, err = loadOf(items[keys[3]])
	return err
}

func loadOf(item table.Item) (int64, error) {
	c, err := table.As[counter](item)
	if c == nil {
		return 0, err
	}
	return c.Load, nil
}

// remaining returns how much the consumer of a purpose may still plan without
// approval; either side may ask.
func (s *Store) remaining(ctx context.Context, id string) (perConsumer, total int64, err error) {
	p, err := s.see(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	var t thresholds
	sit := situation{purpose: p}
	err = s.complete(ctx, &sit, relation{p.ConsumerID, p.EServiceID}, func() (missing error) {
		t, missing = sit.limits(&decision{})
		return missing
	})
	return max(0, t.perConsumer-t.consumerLoad), max(0, t.total-t.totalLoad), err
}

// load returns the load of an e-service of the caller: in all, and by consumer.
func (s *Store) load(ctx context.Context, in *LoadInput) (*LoadOutput, error) {
	items, err := s.db.BatchGet(ctx, []table.Key{eservice.Key(in.EServiceID), totalKey(in.EServiceID)})
	if err != nil {
		return nil, err
	}
	e, err := table.As[eservice.EService](items[0])
	switch caller := interop.Caller(ctx); {
	case err != nil:
		return nil, err
	case e == nil, e.ProducerID != caller && len(e.Descriptors) == 0:
		return nil, problem.New(interop.EServiceNotFound, "EService %s not found", in.EServiceID)
	case e.ProducerID != caller:
		return nil, problem.New(interop.OperationForbidden, "The e-service belongs to another producer.")
	}
	out := &LoadOutput{}
	if out.Body.Total, err = loadOf(items[1]); err != nil {
		return nil, err
	}
	if latest := e.Latest(); latest != nil {
		out.Body.InTotal = latest.DailyCallsTotal
	}
	all, err := s.loads(ctx, e)
	if err != nil {
		return nil, err
	}
	out.Body.Results, out.Body.Pagination = interop.Page(in.Paged, all)
	return out, s.limited(ctx, e, out.Body.Results)
}

// loads returns what each consumer plans on an e-service, the greatest first.
func (s *Store) loads(ctx context.Context, e *eservice.EService) ([]LoadView, error) {
	by := map[string]*LoadView{}
	prefix := listedPrefix(Active, e.ID)
	q := table.Query{Table: interop.Table.Name, PK: ofProducer(e.ProducerID), From: prefix, To: prefix + last, Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		at, err := table.As[entry](item)
		if err != nil {
			return err
		}
		if by[at.ConsumerID] == nil {
			by[at.ConsumerID] = &LoadView{ConsumerID: at.ConsumerID}
		}
		by[at.ConsumerID].Load += at.Load
		by[at.ConsumerID].Purposes++
		return nil
	})
	all := []LoadView{}
	for _, v := range by {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b LoadView) int {
		return cmp.Or(cmp.Compare(b.Load, a.Load), strings.Compare(a.ConsumerID, b.ConsumerID))
	})
	return all, err
}

// limited adds to loads what they may be.
func (s *Store) limited(ctx context.Context, e *eservice.EService, loads []LoadView) error {
	relations := make([]relation, len(loads))
	for i, v := range loads {
		relations[i] = relation{v.ConsumerID, e.ID}
	}
	known, err := s.factsOf(ctx, relations, s.db.BatchGet)
	if err == nil {
		err = s.owning(ctx, known)
	}
	if err != nil {
		return err
	}
	at := table.Stamp(s.now())
	for i, r := range relations {
		if live := known[r].live(); live != nil {
			t := known[r].thresholds(r.consumerID, live, at)
			loads[i].DescriptorID, loads[i].PerConsumer, loads[i].InTotal = live.ID, t.perConsumer, t.total
		}
	}
	return nil
}
