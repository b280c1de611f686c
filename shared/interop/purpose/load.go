package purpose

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// remaining returns the calls a day that the consumer of a purpose may still plan before
// the producer has to approve. Consumer and producer may call it.
func (s *Store) remaining(ctx context.Context, id string) (perConsumer, total int64, err error) {
	p, err := s.getVisible(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	r := p.relation()
	f, err := s.facts(ctx, r, quotaFacts, 0)
	if err != nil {
		return 0, 0, err
	}
	t, _, err := f.limits(r, table.Stamp(s.now()))
	return max(0, t.perConsumer-t.consumerLoad), max(0, t.total-t.totalLoad), err
}

// load returns the load of an e-service of the caller: the sum, and a page of consumers.
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
	return out, s.addLimits(ctx, e, out.Body.Results)
}

// loads returns the loads of all consumers of an e-service, the greatest first.
func (s *Store) loads(ctx context.Context, e *eservice.EService) ([]LoadView, error) {
	rows, err := active(ctx, s.entries, e)
	if err != nil {
		return nil, err
	}
	byConsumer := map[uuid.UUID]*LoadView{}
	for _, r := range rows {
		v := byConsumer[r.otherID]
		if v == nil {
			v = &LoadView{ConsumerID: r.otherID.String()}
			byConsumer[r.otherID] = v
		}
		v.Load += r.load
		v.Purposes++
	}
	all := []LoadView{}
	for _, v := range byConsumer {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b LoadView) int {
		return cmp.Or(cmp.Compare(b.Load, a.Load), strings.Compare(a.ConsumerID, b.ConsumerID))
	})
	return all, nil
}

// addLimits adds to loads the descriptor and the thresholds that apply to them.
func (s *Store) addLimits(ctx context.Context, e *eservice.EService, loads []LoadView) error {
	relations := make([]relation, len(loads))
	for i, v := range loads {
		relations[i] = relation{consumerID: v.ConsumerID, eserviceID: e.ID}
	}
	all, err := s.factsOf(ctx, relations, agreementFacts, s.db.BatchGet)
	if err == nil {
		err = s.readOwned(ctx, all)
	}
	if err != nil {
		return err
	}
	at := table.Stamp(s.now())
	for i, r := range relations {
		if d := all[r].descriptor(); d != nil {
			t := all[r].thresholds(r.consumerID, d, at)
			loads[i].DescriptorID = d.ID
			loads[i].PerConsumer = t.perConsumer
			loads[i].InTotal = t.total
		}
	}
	return nil
}

// agreementLoad returns the loads and thresholds of an agreement in use. A SUSPENDED one has
// them, too, though no purpose can be activated on it.
func (s *Store) agreementLoad(ctx context.Context, id string) (*AgreementLoadOutput, error) {
	a, err := agreement.GetVisible(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	r := relation{consumerID: a.ConsumerID, eserviceID: a.EServiceID}
	all, err := s.factsOf(ctx, []relation{r}, quotaFacts, s.db.BatchGet)
	if err != nil {
		return nil, err
	}
	d := all[r].descriptor()
	if d == nil || all[r].subscription.AgreementID != a.ID {
		return nil, problem.New(interop.AgreementNotInState, "Agreement %s is %s. It has to be %s or %s.",
			a.ID, a.State, agreement.Active, agreement.Suspended)
	}
	if err := s.readOwned(ctx, all); err != nil {
		return nil, err
	}
	t := all[r].thresholds(r.consumerID, d, table.Stamp(s.now()))
	out := &AgreementLoadOutput{}
	out.Body.DescriptorID = d.ID
	out.Body.Consumer = t.consumerLoad
	out.Body.Total = t.totalLoad
	out.Body.PerConsumer = t.perConsumer
	out.Body.InTotal = t.total
	return out, nil
}
