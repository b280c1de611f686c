package purpose

import (
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// Standing is what clients and vouchers need to know of a purpose.
type Standing struct {
	ID, EServiceID, ProducerID, ConsumerID string

	State      lifecycle.State // of what is in use; otherwise of what there is
	ByConsumer bool            // who holds it
	ByProducer bool
	version    int64
}

// StandingOf is the standing of a purpose that was read by its [Key], nil when there
// is none.
func StandingOf(item table.Item) (*Standing, error) {
	p, err := table.As[purpose](item)
	if err != nil || p == nil {
		return nil, err
	}
	return &Standing{p.ID, p.EServiceID, p.ProducerID, p.ConsumerID, p.state(), holds(p.ByConsumer), holds(p.ByProducer), p.Version}, nil
}

// InUse tells whether the purpose is active or suspended.
func (s *Standing) InUse() bool { return s.State == Active || s.State == Suspended }

// Unchanged is the step that refuses when the purpose has changed since it was read.
func (s *Standing) Unchanged() table.Step {
	return table.Check(labelPurpose, Key(s.ID), table.Equals("version", s.version))
}

// Linked shows the purposes of those ids that are not archived, for those e-services
// and with a version in one of those states, by title; where nothing is named, all.
func Linked(ctx context.Context, db table.DB, ids, eserviceIDs, states []string) ([]View, error) {
	all := []View{}
	for some := range slices.Chunk(ids, table.MaxBatch) {
		keys := make([]table.Key, len(some))
		for i, id := range some {
			keys[i] = Key(id)
		}
		items, err := db.BatchGet(ctx, keys)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			p, err := table.As[purpose](item)
			if err != nil {
				return nil, err
			}
			if p != nil && !p.isOver() && (len(eserviceIDs) == 0 || slices.Contains(eserviceIDs, p.EServiceID)) && p.in(states) {
				all = append(all, p.view())
			}
		}
	}
	slices.SortFunc(all, func(a, b View) int { return interop.CompareNames(a.Title, a.ID, b.Title, b.ID) })
	return all, nil
}

// in tells whether lists find the purpose by one of the states, or none is named.
func (p *purpose) in(states []string) bool {
	return len(states) == 0 || slices.ContainsFunc(p.listed(), func(s lifecycle.State) bool { return slices.Contains(states, string(s)) })
}

// Held says who holds a purpose that is suspended.
func (s *Standing) Held() string {
	var by []string
	if s.ByConsumer {
		by = append(by, "the consumer")
	}
	if s.ByProducer {
		by = append(by, "the producer")
	}
	return strings.Join(by, " and ")
}
