package agreement

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// claimed returns the agreements of a consumer and an e-service that are not over: first
// the one in use, then the one on its way there.
func (s *Store) claimed(ctx context.Context, consumerID, eserviceID string) ([]*agreement, error) {
	claims, err := readAll[Subscription](ctx, s.db, claimKeys(consumerID, eserviceID))
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(claims))
	for i, claim := range claims {
		keys[i] = agreementKey(claim.AgreementID)
	}
	all, err := readAll[agreement](ctx, s.db, keys)
	// One may have ended since its claim was read.
	return slices.DeleteFunc(all, func(a *agreement) bool { return !a.inUse() && !a.isRequested() }), err
}

// readAll reads the items at keys that there are.
func readAll[T any](ctx context.Context, db table.DB, keys []table.Key) ([]*T, error) {
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []*T
	for _, item := range items {
		record, err := table.As[T](item)
		if err != nil {
			return nil, err
		}
		if record != nil {
			all = append(all, record)
		}
	}
	return all, nil
}

// requested returns the agreement on its way into use, nil when none is known.
func (s situation) requested() *agreement {
	i := slices.IndexFunc(s.claimed, (*agreement).isRequested)
	if i < 0 {
		return nil
	}
	return s.claimed[i]
}

// exists refuses to make another agreement beside a. It says what the caller may do with
// a, and which agreement or descriptor follows it.
func (s situation) exists(a *agreement) error {
	p := problem.New(interop.AgreementExists, "Consumer %s has agreement %s for e-service %s, which is %s.", a.ConsumerID, a.ID, a.EServiceID, a.State)
	next, newer := s.requested(), s.published()
	upgradable := newer != nil && newer.Number > a.DescriptorNumber
	switch {
	case next != nil && next != a:
		p.Detail += " Agreement " + next.ID + ", which is " + string(next.State) + ", replaces it once it comes into use."
	case a.inUse() && upgradable:
		p.Detail += " To use descriptor " + newer.ID + ", which is newer, call POST /agreements/" + a.ID + "/upgrade."
	}
	allowed := slices.DeleteFunc(Machine.Possible(a.State, a.sides(s.caller)...), func(action lifecycle.Action) bool {
		return action == actionUpgrade && !upgradable
	})
	others := lifecycle.WhoseTurn(Machine.Turns(a.State, a.sides(s.caller)...)...)
	return problem.Allowing(p, a.State, allowed, others)
}
