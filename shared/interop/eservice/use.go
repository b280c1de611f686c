package eservice

import (
	"context"
	"slices"
	"strconv"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// use counts the agreements on a descriptor that are active or suspended.
type use struct {
	Number int64 `dynamodbav:"number"`
	Count  int64 `dynamodbav:"count"`
}

func useLabel(number int64) string { return labelUse + strconv.FormatInt(number, 10) }

// UsageStep returns the step that adds by to the count of agreements on a descriptor
// that are active or suspended; a negative number subtracts.
func UsageStep(eserviceID string, number, by int64) table.Step {
	return table.Update(useLabel(number), useKey(eserviceID, number), table.Changes{
		SetIfAbsent: map[string]any{"number": number},
		Add:         map[string]int64{"count": by},
	})
}

// IsInUse tells whether a descriptor has agreements that are active or suspended.
func (c Catalogue) IsInUse(d *Descriptor) bool { return c.uses[d.Number] > 0 }

// useCheck returns the step that refuses when the use of a descriptor has changed since
// it was read.
func (c Catalogue) useCheck(number int64) table.Step {
	unchanged := table.NotExists()
	if count, counted := c.uses[number]; counted {
		unchanged = table.Equals("count", count)
	}
	return table.Check(useLabel(number), useKey(c.EService.ID, number), unchanged)
}

// maxPlanned bounds the steps for descriptors that an action is not about. A publication
// has five more, and a transaction 100 at most.
const maxPlanned = 90

// settle takes an action of the platform on each of the descriptors, the newest first,
// by the use that before has of them. Where a use leads to another state, the outcome is
// conditional on it; where it does not, the use may change meanwhile.
func (o outcome) settle(before snapshot, descriptors []*Descriptor, action lifecycle.Action) outcome {
	for _, d := range slices.Backward(descriptors) {
		rule, err := Machine.Plan(d.State, action, Platform, lifecycle.Facts{InUse: before.IsInUse(d)})
		if err != nil || rule.To == d.State {
			continue
		}
		cost := 2 // the descriptor, and the check of its use
		if d.AudienceClaimed && rule.To == Archived {
			cost += len(d.audienceHashes())
		}
		if o.planned+cost > maxPlanned {
			o.isFull = true
			break
		}
		o.planned += cost
		o.Catalogue = o.with(d.inState(rule.To, before.at))
		o.conditions.Require(before.useCheck(d.Number))
	}
	return o
}

// retire archives the deprecated descriptors that no agreement uses.
func retire(before snapshot) (outcome, error) {
	return outcome{Catalogue: before.Catalogue}.settle(before, before.Descriptors, actionRetire), nil
}

// Retire archives the deprecated descriptors of an e-service that no agreement uses any
// more (PDND, automatic archiving). Repeating it changes nothing. It takes several
// transactions where one has no room for all descriptors.
func (s *Store) Retire(ctx context.Context, eserviceID string) error {
	read := func(ctx context.Context) (Catalogue, error) { return Load(ctx, s.db, eserviceID) }
	for {
		after, err := s.change(ctx, read, retire)
		if err != nil || !after.isFull {
			return err
		}
	}
}
