package purpose

import (
	"slices"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// entry is a purpose in the list of one of its sides.
type entry struct {
	Title      string `dynamodbav:"title"`
	EServiceID string `dynamodbav:"eserviceId"`
	OtherID    string `dynamodbav:"otherId"` // the other side
	States     states `dynamodbav:"states"`
	Load       int64  `dynamodbav:"load,omitempty"` // calls a day of the version that is ACTIVE
}

// row is an entry in memory.
type row struct {
	interop.Row // by the title

	eserviceID, otherID uuid.UUID

	states uint16 // a bit for each state of the machine
	load   int64
}

// entries are the lists of purposes, by title in any case, then by id.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		r := row{
			Row:        interop.RowOf(id, table.Text(item, "title")),
			eserviceID: interop.UUID(table.Text(item, "eserviceId")),
			otherID:    interop.UUID(table.Text(item, "otherId")),
		}
		for _, state := range table.Texts(item, "states") {
			r.states |= bit(lifecycle.State(state))
		}
		r.load = table.Number(item, "load")
		return r
	},
	Compare:    func(a, b *row) int { return a.Compare(&b.Row) },
	CompareIDs: func(a, b *row) int { return a.CompareIDs(&b.Row) },
}

// lists reads lists of purposes.
type lists = list.Lists[entry, row]

// bit returns the bit of a state in the states of a row; 0 for a state that is none.
func bit(state lifecycle.State) uint16 {
	return uint16(1) << (slices.Index(Machine.States, state) + 1) &^ 1
}

// bits returns the bits of several states; those of all states for none.
func bits(all []string) uint16 {
	if len(all) == 0 {
		return ^uint16(0)
	}
	var sum uint16
	for _, state := range all {
		sum |= bit(lifecycle.State(state))
	}
	return sum
}

// listed returns how a purpose is listed; nil for none. Both sides list it, the producer once
// it is no draft. One of a producer with itself is in its list as a consumer.
func (p *purpose) listed() list.Listed[entry] {
	if p == nil {
		return nil
	}
	e := entry{Title: p.Title, EServiceID: p.EServiceID, OtherID: p.ProducerID, States: p.listedStates()}
	if slices.Contains(e.States, Active) {
		e.Load = p.load()
	}
	all := list.Listed[entry]{consumerPK(p.ConsumerID): e}
	if !p.isDraft() && !p.isSelf() {
		e.OtherID = p.ConsumerID
		all[producerPK(p.ProducerID)] = e
	}
	return all
}

// listedAt returns the stamp of the entries of a purpose, which may be nil.
func (p *purpose) listedAt() list.Stamp {
	if p == nil {
		return ""
	}
	return p.Listed
}
