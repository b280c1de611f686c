package purpose

import (
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Summary is what clients and vouchers take from a purpose.
type Summary struct {
	ID         string
	EServiceID string
	ProducerID string
	ConsumerID string
	State      lifecycle.State // of the version in use, otherwise of the newest one

	SuspendedByConsumer bool
	SuspendedByProducer bool

	version int64
}

// DecodeSummary returns the summary of an item that was read by its [Key]; nil for an
// absent one.
func DecodeSummary(item table.Item) (*Summary, error) {
	p, err := table.As[purpose](item)
	if err != nil || p == nil {
		return nil, err
	}
	return &Summary{
		ID: p.ID, EServiceID: p.EServiceID, ProducerID: p.ProducerID, ConsumerID: p.ConsumerID, State: p.state(),
		SuspendedByConsumer: isTrue(p.SuspendedByConsumer), SuspendedByProducer: isTrue(p.SuspendedByProducer), version: p.Version,
	}, nil
}

// IsInUse reports whether the purpose is active or suspended.
func (s *Summary) IsInUse() bool { return s.State == Active || s.State == Suspended }

// VersionCheck is the condition that the purpose has not changed since it was read.
func (s *Summary) VersionCheck() table.Step {
	return table.Check(labelPurpose, Key(s.ID), table.Equals("version", s.version))
}

// Suspenders names the sides that suspend the purpose: "the consumer and the producer".
func (s *Summary) Suspenders() string {
	var by []string
	if s.SuspendedByConsumer {
		by = append(by, "the consumer")
	}
	if s.SuspendedByProducer {
		by = append(by, "the producer")
	}
	return strings.Join(by, " and ")
}

// ListByIDs returns the purposes of those ids that are not archived, by title: those on
// one of the e-services and with a version in one of the states. An empty filter matches
// everything.
func ListByIDs(ctx context.Context, db table.DB, ids, eserviceIDs, states []string) ([]View, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = Key(id)
	}
	all := []View{}
	err := eachPurpose(ctx, db, keys, func(p *purpose) {
		if !p.isArchived() && matches(eserviceIDs, p.EServiceID) && p.isListedIn(states) {
			all = append(all, p.view())
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b View) int { return interop.CompareNames(a.Title, a.ID, b.Title, b.ID) })
	return all, nil
}

// isListedIn reports whether lists find the purpose by one of the states; an empty filter
// matches everything.
func (p *purpose) isListedIn(filter []string) bool {
	return slices.ContainsFunc(p.listedStates(), func(s lifecycle.State) bool { return matches(filter, string(s)) })
}
