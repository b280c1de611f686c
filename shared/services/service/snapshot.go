package service

import (
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

// row is a history row: a record as a change left it.
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

// steps is the transaction that leads from before to after, each record under
// the condition that it is still as it was. Everything else follows from the
// records: history, the queue of reviewers, the names in use, the keys.
func steps(before, after snapshot) []table.Step {
	var all []table.Step
	if s := after.service; s != before.service {
		all = append(all, table.Put(labelService, lifecycleKey(s.ID), s, before.service.unchanged()),
			table.Put("history", historyKey(s.ID, s.ModifiedAt, kindLifecycle, s.Version), s.row(), table.NotExists()))
		if s.State == Deleted {
			all = append(all, table.Delete("subscription", subscription.Key(s.ID)))
		}
		all = append(all, queueing(before.service, s)...)
	}
	if before.publication != after.publication {
		all = append(all, publishing(before.publication, after.publication)...)
	}
	return append(append(all, holding(before, after)...), nameSteps(before, after)...)
}

// holding makes sure of the record that a change leaves as it is, where what is
// written follows from both of them, which no read shows at one moment: a
// submission and its end claim and free names, a deletion removes what is
// published, and a release may give up the name of the copy it replaces.
func holding(before, after snapshot) []table.Step {
	s := before.service
	switch {
	case s == nil:
	case s == after.service:
		if p := before.publication; p.Next != nil && after.publication.Next == nil {
			return []table.Step{table.Check("the service stays", lifecycleKey(s.ID), s.unchanged())}
		}
	case before.publication == after.publication:
		if (s.State == Submitted) != (after.service.State == Submitted) || after.service.State == Deleted {
			return []table.Step{table.Check("the publication stays", publicationKey(s.ID), before.publication.unchanged())}
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

func (p *publication) unchanged() table.Cond {
	if p == nil {
		return table.NotExists()
	}
	return table.Equals("version", p.Version)
}

func (s *service) row() row {
	return row{
		Kind: kindLifecycle.name, State: s.State, Reason: s.Reason, Code: s.Code, Group: s.Group,
		At: s.ModifiedAt, Version: s.Version, Data: s.Data,
	}
}

// row tells of the copy that the change was about: one that waits for its
// release is not visible, whatever else is.
func (p *publication) row(before *publication) row {
	r := row{Kind: kindPublication.name, State: p.State, At: p.ModifiedAt, Version: p.Version, Data: p.Data}
	if p.Next != nil && (before == nil || p.Next != before.Next) {
		r.State, r.Data = Unpublished, *p.Next
	}
	return r
}

func publishing(before, after *publication) []table.Step {
	if after == nil {
		return []table.Step{table.Delete(labelPublication, publicationKey(before.ID), before.unchanged())}
	}
	return []table.Step{
		table.Put(labelPublication, publicationKey(after.ID), after, before.unchanged()),
		table.Put("history of the publication", historyKey(after.ID, after.ModifiedAt, kindPublication, after.Version), after.row(before), table.NotExists()),
	}
}

// queueing keeps the queue of reviewers: what is submitted is in it.
func queueing(before, after *service) []table.Step {
	waited, waits := before != nil && before.State == Submitted, after.State == Submitted
	switch {
	case waits && !waited:
		return []table.Step{table.Put("queue", queueKey(after), table.Item{}, table.NotExists())}
	case waited && !waits:
		return []table.Step{table.Delete("queue", queueKey(before), table.Exists())}
	}
	return nil
}
