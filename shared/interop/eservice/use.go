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

func useLabel(number int64) string { return "use " + strconv.FormatInt(number, 10) }

// UsageStep is the step that counts agreements on a descriptor, by its number: by more
// that are active or suspended now, or fewer.
func UsageStep(eserviceID string, number, by int64) table.Step {
	return table.Update(useLabel(number), useKey(eserviceID, number), table.Changes{
		SetIfAbsent: map[string]any{"number": number}, Add: map[string]int64{"count": by},
	})
}

// IsInUse tells whether a descriptor has agreements that are active or suspended.
func (c Catalogue) IsInUse(d *Descriptor) bool { return c.uses[d.Number] > 0 }

// VersionCheck is the step that refuses, by the name LabelEService, when the
// e-service or one of its descriptors is no longer as it was read. Their use may be
// another.
func (c Catalogue) VersionCheck() table.Step { return c.EService.VersionCheck() }

// VersionCheck is the step that refuses, by the name LabelEService, when the e-service
// or one of its descriptors is no longer as it was read.
func (e *EService) VersionCheck() table.Step {
	return table.Check(LabelEService, Key(e.ID), table.Equals("version", e.Version))
}

// useUnchanged is the step that refuses when a descriptor's use is no longer what
// it was.
func (c Catalogue) useUnchanged(number int64) table.Step {
	same := table.NotExists()
	if count, counted := c.uses[number]; counted {
		same = table.Equals("count", count)
	}
	return table.Check(useLabel(number), useKey(c.EService.ID, number), same)
}

// maxPlanned bounds the steps that a change plans for descriptors other than the one
// it is about. A publication has five more, and a transaction 100 at most.
const maxPlanned = 90

// settled is the catalogue after the platform's action on each of those descriptors
// that it moves, by its use; the newest first, among which is the published one. A
// use that moves nothing need not stay what it is.
func (c Catalogue) settled(descriptors []*Descriptor, action lifecycle.Action, at string) Catalogue {
	for _, d := range slices.Backward(descriptors) {
		rule, err := Machine.Plan(d.State, action, Platform, lifecycle.Facts{InUse: c.IsInUse(d)})
		if err != nil || rule.To == d.State {
			continue
		}
		cost := 2 // the descriptor, and the check on its use
		if d.AudienceClaimed && rule.To == Archived {
			cost += len(d.audienceHashes())
		}
		if c.full = c.planned+cost > maxPlanned; c.full {
			break
		}
		c.planned += cost
		c = c.with(d.moved(rule.To, at))
		c.relied = append(c.relied, d.Number)
	}
	return c
}

// Retire archives the deprecated descriptors of an e-service that no agreement
// uses any more (PDND, automatic archiving). Doing it again changes nothing.
func (s *Store) Retire(ctx context.Context, eserviceID string) error {
	for {
		after, err := s.carryOut(ctx,
			func(before Catalogue, at string) (Catalogue, error) {
				return before.settled(before.Descriptors, actionRetire, at), nil
			},
			func() (Catalogue, error) { return Load(ctx, s.db, eserviceID) })
		if err != nil || !after.full {
			return err
		}
	}
}

// IDsByDescriptor returns the e-services' ids by those of their descriptors; those
// there are not are missing in the answer. At most 50 ids.
func IDsByDescriptor(ctx context.Context, db table.DB, ids ...string) (map[string]string, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = pointerKey(id)
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[string]string, len(ids))
	for i, item := range items {
		if item == nil {
			continue
		}
		p, err := table.As[pointer](item)
		if err != nil {
			return nil, err
		}
		found[ids[i]] = p.EServiceID
	}
	return found, nil
}
