package eservice

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// snapshot is what a change is decided on: an e-service as it was read, and facts.
type snapshot struct {
	Catalogue
	caller     string // the organization, "" for the platform
	at         string // the time of the change, as table.Stamp writes it
	audiences  audienceSettings
	taken      map[string]bool                 // hashes of audiences that belong to another producer, as far as known
	attributes map[string]*attribute.Attribute // of the registry, by id
}

// outcome is what becomes of an e-service. Without an EService it is deleted.
type outcome struct {
	Catalogue
	conditions  change.Conditions               // what the decision relies on, other than the version of the e-service
	publishedID string                          // of the descriptor that is published
	planned     int                             // steps for descriptors that the action is not about
	isFull      bool                            // descriptors are left as they are because the transaction has no room
	attributes  map[string]*attribute.Attribute // of the snapshot
}

// decision returns what becomes of a snapshot, or the problem that refuses the action.
// It is pure.
type decision func(snapshot) (outcome, error)

// update changes an e-service of the caller. The decision may use the attributes of the
// registry that have the ids.
func (s *Store) update(ctx context.Context, id string, decide decision, attributeIDs ...string) (outcome, error) {
	return s.updateVisible(ctx, id, byProducer(decide), attributeIDs...)
}

// updateVisible changes an e-service that the caller may see.
func (s *Store) updateVisible(ctx context.Context, id string, decide decision, attributeIDs ...string) (outcome, error) {
	read := func(ctx context.Context) (Catalogue, error) { return s.getVisible(ctx, id) }
	return s.change(ctx, read, decide, attributeIDs...)
}

// byProducer refuses callers other than the producer.
func byProducer(decide decision) decision {
	return func(before snapshot) (outcome, error) {
		if before.EService.ProducerID != before.caller {
			return outcome{}, problem.New(interop.NotTheEServiceProducer, "The e-service belongs to another producer.")
		}
		return decide(before)
	}
}

// change decides on the e-service that read returns and writes the difference.
func (s *Store) change(
	ctx context.Context, read func(context.Context) (Catalogue, error), decide decision, attributeIDs ...string,
) (outcome, error) {
	var last snapshot
	after, err := change.Do(ctx, s.db, change.Change[snapshot, outcome]{
		Read: func(ctx context.Context, r change.Round) (snapshot, error) {
			next, err := last.update(r.Refused)
			if err != nil {
				return next, err
			}
			next.caller = interop.Caller(ctx)
			next.at = table.Stamp(s.now())
			next.audiences = s.audiences
			if _, changed := r.Item(LabelEService); changed || r.Refused == nil {
				if next.Catalogue, err = read(ctx); err != nil {
					return next, err
				}
			}
			if next.attributes == nil { // one read is enough: attributes never change
				next.attributes, err = attribute.Find(ctx, s.db, attributeIDs...)
			}
			last = next
			return next, err
		},
		Decide: decide,
		Steps:  steps,
		Lost:   lost,
	})
	after.attributes = last.attributes
	return after, err
}

// update returns the snapshot with what a refused transaction shows: the current use of
// descriptors, and audiences of other producers.
//
// A transaction that LabelEService did not refuse has proved that the e-service and its
// descriptors are still those of the snapshot, so the next round reads nothing.
func (s snapshot) update(refused *table.Refused) (snapshot, error) {
	s.taken = maps.Clone(s.taken)
	if s.taken == nil {
		s.taken = map[string]bool{}
	}
	if refused == nil {
		return s, nil
	}
	s.uses = maps.Clone(s.uses)
	for _, step := range refused.Steps {
		if hash, ok := strings.CutPrefix(step.Label, labelAudience); ok {
			s.taken[hash] = true
		}
		text, ok := strings.CutPrefix(step.Label, labelUse)
		if !ok {
			continue
		}
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return s, err
		}
		u, err := table.As[use](step.Current)
		switch {
		case err != nil:
			return s, err
		case u == nil:
			delete(s.uses, number)
		default:
			s.uses[number] = u.Count
		}
	}
	return s, nil
}

// lost returns the problem of a refused transaction. It is nil when the e-service was
// changed, or the use of a descriptor, or when only audiences of descriptors that are
// published already belong to another producer: then the next round decides again.
func lost(_ snapshot, after outcome, refused *table.Refused) error {
	if _, changed := refused.By(LabelEService); changed {
		return nil
	}
	for _, step := range refused.Steps {
		if strings.HasPrefix(step.Label, labelName) { // another e-service of the producer has it
			return problem.New(interop.EServiceNameDuplicate, "An EService with name %s already exists", after.EService.Name)
		}
	}
	return after.audienceTaken(refused)
}
