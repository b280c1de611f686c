package purpose

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// action is one way to change a purpose. Its functions are pure.
type action struct {
	// check refuses the action because of the records: the caller, the states. It comes
	// before the facts are read, so that such a refusal costs one read.
	check func(snapshot) error
	// needs returns the facts that decide takes, given the records; nil for none.
	needs func(snapshot) need
	// decide returns what becomes of the purpose. It is called when check has passed.
	decide func(snapshot) (decision, error)
}

// need is how many of the facts an action takes; each level includes those before it.
type need int

const (
	// noFacts: the records are enough.
	noFacts need = iota
	// agreementFacts are the agreement in use and the e-service.
	agreementFacts
	// quotaFacts are also the loads and, where the descriptor has quotas for certified
	// attributes, what the consumer owns.
	quotaFacts
)

// always is the needs of an action that takes the same facts in any state.
func always(n need) func(snapshot) need { return func(snapshot) need { return n } }

// decision is what becomes of a purpose. It is written as one transaction.
type decision struct {
	before     *purpose // nil for a new one
	after      *purpose // nil for one that is deleted; the same as before when nothing changes
	form       *Form    // a new risk analysis
	past       []version
	events     []event
	conditions change.Conditions
}

// require returns the decision under further conditions.
func (d decision) require(checks []table.Step) decision {
	d.conditions.Require(checks...)
	return d
}

// target is what an action is about: a purpose, or the e-service of a new one.
type target struct {
	purposeID  string
	eserviceID string       // of the agreement that is needed, where it is not the purpose's own
	extra      table.Key    // an item that is read with the purpose
	notParty   problem.Code // for a caller that is neither consumer nor producer; zero for PurposeNotAllowed
}

// maxRounds is how often an action is tried. At a threshold that others cross back and
// forth a version may fit when it is read and not when it is written: of activations at
// such a threshold, one in two hundred lost eight rounds.
const maxRounds = 16

// change takes an action for the caller and returns the purpose afterwards.
func (s *Store) change(ctx context.Context, on target, a action) (*purpose, error) {
	d, err := change.Do(ctx, s.db, change.Change[snapshot, decision]{
		Read:   func(ctx context.Context, r change.Round) (snapshot, error) { return s.read(ctx, on, a, r) },
		Decide: a.decide,
		Steps:  func(_ snapshot, d decision) ([]table.Step, error) { return d.steps(), nil },
		Lost:   func(_ snapshot, d decision, refused *table.Refused) error { return d.titleConflict(refused) },
		Rounds: maxRounds,
	})
	if err != nil {
		return nil, err
	}
	return d.after, nil
}

// read reads the records of an action, checks it, and reads the facts that it needs.
func (s *Store) read(ctx context.Context, on target, a action, r change.Round) (snapshot, error) {
	snap := snapshot{caller: interop.Caller(ctx), round: r.Number}
	var err error
	for i := range snap.ids {
		if snap.ids[i], err = interop.NewID(s.entropy); err != nil {
			return snap, err
		}
	}
	if on.purposeID != "" {
		if snap.purpose, snap.extra, err = s.records(ctx, on, r); err != nil {
			return snap, err
		}
		if err := snap.requireParty(cmp.Or(on.notParty, interop.PurposeNotAllowed)); err != nil {
			return snap, err
		}
	}
	if err := a.check(snap); err != nil {
		return snap, err
	}
	if a.needs != nil {
		if snap.facts, err = s.facts(ctx, snap.relation(on), a.needs(snap), r.Number); err != nil {
			return snap, err
		}
	}
	snap.now = s.now()
	return snap, nil
}

// records reads the purpose of an action and the extra item. A purpose that refused the
// round before is not read again: the refusal has brought it.
func (s *Store) records(ctx context.Context, on target, r change.Round) (*purpose, table.Item, error) {
	item, refused := r.Item(labelPurpose)
	var extra table.Item
	var err error
	switch {
	case on.extra != (table.Key{}):
		var items []table.Item
		if items, err = s.db.BatchGet(ctx, []table.Key{Key(on.purposeID), on.extra}); err == nil {
			item = items[0]
			extra = items[1]
		}
	case !refused:
		item, err = s.db.Get(ctx, Key(on.purposeID))
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := table.As[purpose](item)
	if err == nil && p == nil {
		err = notFound(on.purposeID)
	}
	return p, extra, err
}

// relation is the consumer and the e-service that the facts of an action are about.
func (s snapshot) relation(on target) relation {
	r := relation{consumerID: s.caller, eserviceID: on.eserviceID}
	if s.purpose != nil {
		r.consumerID = s.purpose.ConsumerID
		r.eserviceID = cmp.Or(r.eserviceID, s.purpose.EServiceID)
	}
	return r
}

// titleConflict returns PurposeTitleDuplicate when a title in use alone refused the
// transaction. Where the purpose has changed as well, its title may have, too: then the
// action is decided again.
func (d decision) titleConflict(refused *table.Refused) error {
	if _, changed := refused.By(labelPurpose); changed {
		return nil
	}
	if !slices.ContainsFunc(refused.Steps, func(s table.RefusedStep) bool { return strings.HasPrefix(s.Label, labelTitle) }) {
		return nil
	}
	return problem.New(interop.PurposeTitleDuplicate, "Consumer %s has another purpose with the title %s on e-service %s.",
		d.after.ConsumerID, d.after.Title, d.after.EServiceID)
}
