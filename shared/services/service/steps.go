package service

import (
	"slices"

	"ciclo/shared/platform/change"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
	"ciclo/shared/services/subscription"
)

// Labels of the steps of a transaction.
const (
	labelService     = "service"
	labelPublication = "publication"
	labelName        = "name"
)

// kind is one of the two records, as the history names it.
type kind struct{ name, rank string }

var (
	kindLifecycle   = kind{"lifecycle", "1"}
	kindPublication = kind{"publication", "2"}
)

// row is a row of the history: a record after one change.
type row struct {
	Kind    string          `dynamodbav:"kind"`
	State   lifecycle.State `dynamodbav:"state"`
	Reason  string          `dynamodbav:"reason,omitempty"`
	Code    string          `dynamodbav:"code,omitempty"`
	Group   string          `dynamodbav:"group,omitempty"`
	At      string          `dynamodbav:"at"`
	Version int64           `dynamodbav:"version"`
	Data    Data            `dynamodbav:"data"`
}

// steps returns the transaction that leads from before to after: records, history, lists, the
// queue of reviewers, the names in use and the keys. Each record is written under the
// condition that it is still in the version that was read. Nothing else writes these
// items, so they always agree. TestPairs proves it.
func steps(before, after snapshot) []table.Step {
	var conditions change.Conditions
	conditions.Require(otherRecordCheck(before, after)...)
	conditions.Require(otherNameChecks(before, after)...)
	return conditions.With(slices.Concat(
		serviceSteps(before.service, after.service),
		publicationSteps(before.publication, after.publication),
		nameSteps(before, after),
	)...)
}

// otherRecordCheck returns a check of the record that a change does not write, where what it
// writes follows from both records. The two are not read at one moment, so without the check
//
//   - a submission could be decided by comparing it with a copy that is no longer stored;
//   - a deletion could leave the publication of a deleted service;
//   - the end of a review and a release could each leave a claim to the other one, and none
//     frees it, where both records have the same claim (of an earlier release).
//
// TestTornReads and TestStagedNamesOfEarlierReleases prove it.
func otherRecordCheck(before, after snapshot) []table.Step {
	s := before.service
	switch {
	case s == nil:
		return nil
	case s == after.service:
		replaces := before.publication != after.publication && before.publication.Next != nil && after.publication.Next == nil
		if replaces {
			return []table.Step{table.Check(labelService, lifecycleKey(s.ID), s.unchanged())}
		}
	case before.publication == after.publication:
		entersOrLeavesReview := (s.State == Submitted) != (after.service.State == Submitted)
		if entersOrLeavesReview || after.service.State == Deleted {
			return []table.Step{table.Check(labelPublication, publicationKey(s.ID), before.publication.unchanged())}
		}
	}
	return nil
}

// unchanged is the condition that the record is still as it was read.
func (s *service) unchanged() table.Cond {
	if s == nil {
		return table.NotExists()
	}
	return table.Equals("version", s.Version)
}

// unchanged is the condition that the record is still as it was read.
func (p *publication) unchanged() table.Cond {
	if p == nil {
		return table.NotExists()
	}
	return table.Equals("version", p.Version)
}

// serviceSteps returns the steps that follow from a change of the service record.
func serviceSteps(before, after *service) []table.Step {
	if before == after {
		return nil
	}
	lists := listSteps(before, after)
	all := []table.Step{
		table.Put(labelService, lifecycleKey(after.ID), after, before.unchanged()),
		table.Put("history", historyKey(after.ID, after.ModifiedAt, kindLifecycle, after.Version), after.row(), table.NotExists()),
	}
	if after.State == Deleted {
		all = append(all, table.Delete("subscription", subscription.Key(after.ID)))
	}
	return slices.Concat(all, queueSteps(before, after), lists)
}

// queueSteps keeps the queue of reviewers, which has an entry for each submitted service.
func queueSteps(before, after *service) []table.Step {
	waited := before != nil && before.State == Submitted
	waits := after.State == Submitted
	switch {
	case waits && !waited:
		return []table.Step{table.Put("queue", queueKey(after), table.Item{}, table.NotExists())}
	case waited && !waits:
		return []table.Step{table.Delete("queue", queueKey(before), table.Exists())}
	}
	return nil
}

// publicationSteps returns the steps that follow from a change of the publication record.
func publicationSteps(before, after *publication) []table.Step {
	switch {
	case before == after:
		return nil
	case after == nil:
		return []table.Step{table.Delete(labelPublication, publicationKey(before.ID), before.unchanged())}
	}
	at := historyKey(after.ID, after.ModifiedAt, kindPublication, after.Version)
	return []table.Step{
		table.Put(labelPublication, publicationKey(after.ID), after, before.unchanged()),
		table.Put("history of the publication", at, after.row(before), table.NotExists()),
	}
}

// row returns the row of the history for the record.
func (s *service) row() row {
	return row{
		Kind: kindLifecycle.name, State: s.State, Reason: s.Reason, Code: s.Code, Group: s.Group,
		At: s.ModifiedAt, Version: s.Version, Data: s.Data,
	}
}

// row returns the row of the history for the copy that changed since before. A copy that
// waits for its release is recorded as unpublished, even where another one is visible.
func (p *publication) row(before *publication) row {
	r := row{Kind: kindPublication.name, State: p.State, At: p.ModifiedAt, Version: p.Version, Data: p.Data}
	if p.Next != nil && (before == nil || p.Next != before.Next) {
		r.State = Unpublished
		r.Data = *p.Next
	}
	return r
}
