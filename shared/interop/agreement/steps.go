package agreement

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
)

// Labels of the steps that the next round learns from when they refuse.
const (
	labelAgreement  = "agreement " // and its id
	labelNoneInUse  = "none in use"
	labelSubscribed = "claim " + subscribedSK
	labelRequested  = "claim " + requestedSK
)

// steps returns the transaction of an outcome: each agreement under the condition that it
// is still in the version that was read, and everything that follows from the agreements,
// which are history, lists, claims and the use of descriptors. There are no steps where
// nothing changes.
func (o *outcome) steps() []table.Step {
	if len(o.transitions) == 0 {
		return nil
	}
	var writes []table.Step
	for i := range o.transitions {
		writes = append(writes, o.transitions[i].steps()...)
	}
	writes = append(writes, o.claimSteps()...)
	writes = append(writes, o.usageSteps()...)
	return o.conditions.With(writes...)
}

// steps returns the steps that store one agreement with its history and its list entries.
func (t *transition) steps() []table.Step {
	unchanged := table.NotExists()
	if t.before != nil {
		unchanged = table.Equals("version", t.before.Version)
	}
	id := t.agreement().ID
	all, listed := entries.Steps(id, t.before.listedAt(), t.before.listed(), t.after.listed())
	all = append(all, t.memberSteps()...)
	if t.Action != "" {
		all = append(all, table.Put("history "+id, historyKey(id, t.version()), t.event, table.NotExists()))
	}
	if t.after == nil {
		return append(all, table.Delete(labelAgreement+id, agreementKey(id), unchanged))
	}
	t.after.Listed = listed
	return append(all, table.Put(labelAgreement+id, agreementKey(id), t.after, unchanged))
}

// memberSteps returns the steps that make the agreement known to its e-service.
func (t *transition) memberSteps() []table.Step {
	before, after := t.before.member(), t.after.member()
	switch {
	case after == before:
		return nil
	case t.after == nil:
		return []table.Step{table.Delete("leave", memberKey(t.before))}
	}
	return []table.Step{table.Put("member "+t.after.ID, memberKey(t.after), after)}
}

// claimSteps returns the steps that move the claims. A consumer has at most one agreement
// in use for an e-service and one on its way there, because each of them is claimed by an
// item whose key both would have. Without the condition on that item two drafts that are
// submitted at the same time would both come into use (TestCrowdOfCreates, TestPairsOfUpgrades).
func (o *outcome) claimSteps() []table.Step {
	before := map[table.Key]Subscription{}
	after := map[table.Key]Subscription{}
	for _, t := range o.transitions {
		addClaim(before, t.before)
		addClaim(after, t.after)
	}
	var all []table.Step
	for key, next := range after {
		holder, claimed := before[key]
		switch {
		case !claimed:
			all = append(all, table.Put("claim "+key.SK, key, next, table.NotExists()))
		case holder != next:
			all = append(all, table.Put("claim "+key.SK, key, next, table.Equals("agreementId", holder.AgreementID)))
		}
	}
	for key, holder := range before {
		if _, stays := after[key]; !stays {
			all = append(all, table.Delete("free "+key.SK, key, table.Equals("agreementId", holder.AgreementID)))
		}
	}
	return all
}

// addClaim adds what an agreement claims in its state. The agreement may be nil.
func addClaim(claims map[table.Key]Subscription, a *agreement) {
	if a == nil {
		return
	}
	if key, ok := claimKey(a); ok {
		claims[key] = a.subscription()
	}
}

// usageSteps returns the steps that count the agreements in use on each descriptor.
func (o *outcome) usageSteps() []table.Step {
	type descriptor struct {
		eserviceID string
		number     int64
	}
	counts := map[descriptor]int64{}
	count := func(a *agreement, n int64) {
		if a != nil && a.isInUse() {
			counts[descriptor{a.EServiceID, a.DescriptorNumber}] += n
		}
	}
	for _, t := range o.transitions {
		count(t.before, -1)
		count(t.after, 1)
	}
	var all []table.Step
	for d, n := range counts {
		if n != 0 {
			all = append(all, eservice.UsageStep(d.eserviceID, d.number, n))
		}
	}
	return all
}
