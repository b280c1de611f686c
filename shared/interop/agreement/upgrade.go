package agreement

import (
	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
)

// upgrade moves an agreement to the published descriptor: at once where the
// consumer owns what that asks for, otherwise by a draft that takes its place when
// it comes into use. The answer is the new one.
func upgrade(s situation) (decision, error) {
	if err := s.admit(actionUpgrade, Consumer, interop.AgreementNotInState, interop.NotTheConsumer); err != nil {
		return decision{}, err
	}
	old := s.agreement
	d := s.published()
	switch {
	case d == nil:
		return decision{}, problem.New(interop.NoPublishedDescriptor, "E-service %s has no published descriptor.", old.EServiceID)
	case d.Number <= old.DescriptorNumber:
		return decision{}, problem.New(interop.NoNewerDescriptor, "E-service %s has no descriptor newer than %s.", old.EServiceID, old.DescriptorID)
	}
	facts := s.facts(old, d)
	facts[Held] = holds(old.ByConsumer) || holds(old.ByProducer)
	made, err := Machine.Plan(lifecycle.None, actionUpgrade, Consumer, facts)
	if err != nil {
		return decision{}, s.lacking(interop.CertifiedAttributesMissing, old, d)
	}
	left, err := Machine.Plan(old.State, actionUpgrade, Consumer, facts)
	if err != nil {
		return decision{}, err
	}
	if draft := s.requested(); draft != nil && made.To == Draft {
		return decision{}, s.exists(draft)
	}
	next := *old
	next.ID, next.Version, next.State, next.CreatedAt, next.UpdatedAt = s.newID, 0, made.To, s.at, ""
	next.DescriptorID, next.DescriptorNumber, next.ByPlatform = d.ID, d.Number, nil
	if !facts[Held] {
		next.SuspendedAt = ""
	}
	decided := decision{moves: []move{{nil, &next, s.event(actionUpgrade, Consumer, lifecycle.None, made.To, "")}}, answer: &next}
	if left.To != old.State {
		decided.moves = append(decided.moves, move{old, s.moved(left), s.event(actionUpgrade, Consumer, old.State, left.To, "")})
	}
	return s.relying(decided), nil
}

// published is the descriptor that is subscribed now, nil when there is none.
func (s situation) published() *eservice.Descriptor {
	for _, d := range s.catalogue.Descriptors {
		if d.State == eservice.Published {
			return d
		}
	}
	return nil
}
