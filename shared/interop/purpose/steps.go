package purpose

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// Labels of the steps of a transaction. labelPurpose refuses when the purpose has
// changed since it was read.
const (
	labelPurpose = "purpose"
	labelTitle   = "unique-title " // and the key
)

// write makes what was decided, or nothing.
func (s *Store) write(ctx context.Context, d decision) error {
	if d.before == d.after {
		return nil
	}
	return s.db.Write(ctx, d.steps()...)
}

// steps is the transaction of a decision: the purpose under the condition that it is
// still as it was read. Everything else follows from it: its past versions, history,
// lists, title and the ledger.
func (d decision) steps() []table.Step {
	of := d.before
	if of == nil {
		of = d.after
	}
	all, change := d.checks, int64(1)
	unchanged := table.NotExists()
	if d.before != nil {
		change, unchanged = d.before.Version+1, table.Equals("version", d.before.Version)
	}
	if d.after == nil {
		all = append(all, table.Delete(labelPurpose, Key(of.ID), unchanged), table.Delete("form", formKey(of.ID)))
	} else {
		d.after.Version = change
		if d.before == nil || d.before.Title != d.after.Title {
			d.after.Folded = len(names.Claims(d.after.Title)) > 1
		}
		all = append(all, table.Put(labelPurpose, Key(of.ID), d.after, unchanged))
	}
	if d.form != nil {
		all = append(all, table.Put("form", formKey(of.ID), d.form))
	}
	for _, v := range d.past {
		all = append(all, table.Put("version "+v.ID, versionKey(of.ID, v.ID), v, table.NotExists()))
	}
	for i, e := range d.events {
		e.ConsumerID, e.ProducerID = of.ConsumerID, of.ProducerID
		e.Private = of.isDraft() && (d.after == nil || d.after.isDraft())
		all = append(all, table.Put(fmt.Sprint("history ", i), historyKey(of.ID, change, i), e, table.NotExists()))
	}
	all = append(all, d.deriving()...)
	return append(all, d.keeping()...)
}

// deriving brings lists and title to what follows from the purpose now.
func (d decision) deriving() []table.Step {
	before, after := d.before.derived(), d.after.derived()
	var all []table.Step
	for key := range before {
		if _, stays := after[key]; !stays {
			all = append(all, table.Delete("unlist "+key.PK+" "+key.SK, key))
		}
	}
	for key, e := range after {
		had, there := before[key]
		switch {
		case strings.HasPrefix(key.SK, titlePrefix):
			if !there {
				all = append(all, table.Put(labelTitle+key.SK, key, e, table.NotExists()))
			}
		case !there || !reflect.DeepEqual(had, e):
			all = append(all, table.Put("list "+key.PK+" "+key.SK, key, e))
		}
	}
	return all
}

// keeping brings the ledger to what the purpose counts now.
func (d decision) keeping() []table.Step {
	if d.ledger != nil {
		return d.ledger
	}
	more := d.after.load() - d.before.load()
	if more == 0 {
		return nil
	}
	of := d.before // a purpose that is made counts for nothing
	return keep(of.ConsumerID, of.EServiceID, more, nil, nil)
}

// taken tells whether a transaction was refused for the title alone.
func (d decision) taken(refused *table.Refused) bool {
	_, changed := refused.By(labelPurpose)
	taken := slices.ContainsFunc(refused.Steps, func(s table.RefusedStep) bool { return strings.HasPrefix(s.Label, labelTitle) })
	return taken && !changed
}
