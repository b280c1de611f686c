package purpose

import (
	"fmt"
	"reflect"
	"strings"

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
	writes := d.purposeSteps()
	writes = append(writes, d.historySteps()...)
	writes = append(writes, d.derivedSteps()...)
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
func (d decision) purposeSteps() []table.Step {
	id := d.record().ID
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

// derivedSteps bring the entries in lists and the claims of the title to what the purpose
// is afterwards.
func (d decision) derivedSteps() []table.Step {
	before := d.before.derived()
	after := d.after.derived()
	var steps []table.Step
	for key := range before {
		if _, kept := after[key]; !kept {
			steps = append(steps, table.Delete("unlist "+key.PK+" "+key.SK, key))
		}
	}
	for key, e := range after {
		old, exists := before[key]
		switch {
		case strings.HasPrefix(key.SK, titlePrefix):
			if !exists {
				steps = append(steps, table.Put(labelTitle+key.SK, key, e, table.NotExists()))
			}
		case !exists || !reflect.DeepEqual(old, e):
			steps = append(steps, table.Put("list "+key.PK+" "+key.SK, key, e))
		}
	}
	return steps
}
