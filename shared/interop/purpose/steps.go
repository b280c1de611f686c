package purpose

import (
	"fmt"
	"slices"

	"ciclo/shared/platform/table"
)

// Labels of the steps of a transaction. labelPurpose refuses when the purpose has
// changed since it was read.
const (
	labelPurpose = "purpose"
	labelCreated = "new purpose"
	labelTitle   = "unique-title " // and the key
)

// steps is the transaction of a decision, none when nothing changes: the purpose, under
// the condition that it is in the version that was read, and everything that follows from
// it: past versions, history, lists, title and ledger.
//
// Only these steps write these items, and all of them follow from the purpose before and
// after. So they cannot disagree with it, and a new action needs no steps of its own
// (TestModel).
func (d decision) steps() []table.Step {
	if d.before == d.after {
		return nil
	}
	id := d.record().ID
	writes, listed := entries.Steps(id, d.before.listedAt(), d.before.listed(), d.after.listed())
	if d.after != nil {
		d.after.Listed = listed
	}
	writes = append(writes, d.purposeSteps(id)...)
	writes = append(writes, d.historySteps()...)
	writes = append(writes, d.titleSteps()...)
	writes = append(writes, ledgerSteps(d.record().relation(), d.after.load()-d.before.load())...)
	return d.conditions.With(writes...)
}

// record is the purpose, before the change unless it is new.
func (d decision) record() *purpose {
	if d.before == nil {
		return d.after
	}
	return d.before
}

// purposeSteps are the purpose, its risk analysis and the versions that left it.
func (d decision) purposeSteps(id string) []table.Step {
	var steps []table.Step
	switch {
	case d.before == nil:
		steps = append(steps, table.Put(labelCreated, Key(id), d.after, table.NotExists()))
	case d.after == nil:
		steps = append(steps, table.Delete(labelPurpose, Key(id), d.before.sameVersion()), table.Delete("form", formKey(id)))
	default:
		steps = append(steps, table.Put(labelPurpose, Key(id), d.after, d.before.sameVersion()))
	}
	if d.form != nil {
		steps = append(steps, table.Put("form", formKey(id), d.form))
	}
	for _, v := range d.past {
		steps = append(steps, table.Put("version "+v.ID, versionKey(id, v.ID), v, table.NotExists()))
	}
	return steps
}

// sameVersion is the condition that the purpose is in the version that was read.
func (p *purpose) sameVersion() table.Cond { return table.Equals("version", p.Version) }

// historySteps append the events to the history, below the number of the change.
func (d decision) historySteps() []table.Step {
	p := d.record()
	change := int64(1)
	if d.before != nil {
		change = d.before.Version + 1
	}
	var steps []table.Step
	for i, e := range d.events {
		e.ConsumerID = p.ConsumerID
		e.ProducerID = p.ProducerID
		e.Private = p.isDraft() && (d.after == nil || d.after.isDraft())
		steps = append(steps, table.Put(fmt.Sprint("history ", i), historyKey(p.ID, change, i), e, table.NotExists()))
	}
	return steps
}

// titleSteps claim the title of the purpose as it is afterwards, and release that of before.
func (d decision) titleSteps() []table.Step {
	before := d.before.titles()
	after := d.after.titles()
	var steps []table.Step
	for _, key := range before {
		if !slices.Contains(after, key) {
			steps = append(steps, table.Delete("release "+key.SK, key))
		}
	}
	for _, key := range after {
		if !slices.Contains(before, key) {
			steps = append(steps, table.Put(labelTitle+key.SK, key, title{ID: d.after.ID}, table.NotExists()))
		}
	}
	return steps
}

// title is the claim of a purpose on its title.
type title struct {
	ID string `dynamodbav:"id"`
}

// titles returns the keys of the titles that a purpose claims; none for no purpose.
func (p *purpose) titles() []table.Key {
	if p == nil || p.isArchived() {
		return nil
	}
	return titleKeys(p)
}
