package agreement

import (
	"context"
	"fmt"
	"slices"

	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
)

// Labels of the steps of a transaction that others than the agreement's own
// changes may refuse.
const (
	labelNoneInUse  = "none in use"
	labelSubscribed = "claim " + subscribedSK
	labelRequested  = "claim " + requestedSK
)

// write makes what was decided, or nothing.
func (s *Store) write(ctx context.Context, d decision) error {
	if len(d.moves) == 0 {
		return nil
	}
	return s.db.Write(ctx, d.steps()...)
}

// steps is the transaction of a decision: each agreement under the condition that
// it is still as it was read. Everything else follows from them: history, lists,
// the claims and the use of descriptors.
func (d decision) steps() []table.Step {
	all := d.checks
	for i, m := range d.moves {
		all = append(all, m.steps(i)...)
	}
	all = append(all, d.claiming()...)
	return append(all, d.using()...)
}

// steps stores one agreement. Its history goes on where it was left, also when it
// is deleted.
func (m *move) steps(i int) []table.Step {
	id, version, unchanged := "", int64(1), table.NotExists()
	before, after := map[table.Key]entry{}, map[table.Key]entry{}
	if m.before != nil {
		id, version, unchanged = m.before.ID, m.before.Version+1, table.Equals("version", m.before.Version)
		m.ConsumerID, m.ProducerID = m.before.ConsumerID, m.before.ProducerID
		for _, key := range entryKeys(m.before) {
			before[key] = m.before.entry()
		}
	}
	var all []table.Step
	if m.after == nil {
		all = append(all, table.Delete(fmt.Sprint("agreement ", i), agreementKey(id), unchanged))
	} else {
		id, m.after.Version = m.after.ID, version
		m.ConsumerID, m.ProducerID = m.after.ConsumerID, m.after.ProducerID
		all = append(all, table.Put(fmt.Sprint("agreement ", i), agreementKey(id), m.after, unchanged))
		for _, key := range entryKeys(m.after) {
			after[key] = m.after.entry()
		}
	}
	for key := range before {
		if _, stays := after[key]; !stays {
			all = append(all, table.Delete("unlist "+key.PK+" "+key.SK, key))
		}
	}
	for key, e := range after {
		if before[key] != e {
			all = append(all, table.Put("list "+key.PK+" "+key.SK, key, e))
		}
	}
	if m.Action != "" { // the platform's own bookkeeping is no history
		all = append(all, table.Put(fmt.Sprint("history ", i), historyKey(id, version), m.event, table.NotExists()))
	}
	return all
}

// claiming moves the claims: that one agreement at most of a consumer and an
// e-service is in use, and one on its way there.
func (d decision) claiming() []table.Step {
	had, has := map[table.Key]Subscription{}, map[table.Key]Subscription{}
	for _, m := range d.moves {
		if m.before != nil {
			if key, ok := claimKey(m.before); ok {
				had[key] = m.before.subscription()
			}
		}
		if m.after != nil {
			if key, ok := claimKey(m.after); ok {
				has[key] = m.after.subscription()
			}
		}
	}
	var all []table.Step
	for key, next := range has {
		holder, held := had[key]
		switch {
		case !held:
			all = append(all, table.Put("claim "+key.SK, key, next, table.NotExists()))
		case holder != next:
			all = append(all, table.Put("claim "+key.SK, key, next, table.Equals("agreementId", holder.AgreementID)))
		}
	}
	for key, holder := range had {
		if _, stays := has[key]; !stays {
			all = append(all, table.Delete("free "+key.SK, key, table.Equals("agreementId", holder.AgreementID)))
		}
	}
	return all
}

// using counts the agreements on descriptors that are in use.
func (d decision) using() []table.Step {
	type descriptor struct {
		eserviceID string
		number     int64
	}
	by := map[descriptor]int64{}
	for _, m := range d.moves {
		if m.before != nil && m.before.inUse() {
			by[descriptor{m.before.EServiceID, m.before.DescriptorNumber}]--
		}
		if m.after != nil && m.after.inUse() {
			by[descriptor{m.after.EServiceID, m.after.DescriptorNumber}]++
		}
	}
	var all []table.Step
	for d, n := range by {
		if n != 0 {
			all = append(all, eservice.UsageStep(d.eserviceID, d.number, n))
		}
	}
	return all
}

// overtaken reads a refused transaction: the agreement that is in use instead, which
// the next round is to replace, and whether another one has what a new agreement
// claims, which the next round is to look at. Anything else has changed since it was
// read.
func (d decision) overtaken(refused *table.Refused) (otherID string, claimed bool, err error) {
	_, requested := refused.By(labelRequested)
	_, inUse := refused.By(labelNoneInUse)
	if requested || inUse {
		return "", true, nil
	}
	item, ok := refused.By(labelSubscribed)
	if !ok || item == nil {
		return "", false, nil
	}
	holder, err := table.As[Subscription](item)
	if err != nil || slices.ContainsFunc(d.moves, func(m move) bool { return m.before != nil && m.before.ID == holder.AgreementID }) {
		return "", false, err
	}
	return holder.AgreementID, false, nil
}
