package agreement

import (
	"slices"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// entry is an agreement in the list of one of its sides.
type entry struct {
	State        lifecycle.State `dynamodbav:"state"`
	EServiceID   string          `dynamodbav:"eserviceId"`
	EServiceName string          `dynamodbav:"eserviceName"`
	DescriptorID string          `dynamodbav:"descriptorId"`
	OtherID      string          `dynamodbav:"otherId"` // the other side
}

// row is an entry in memory.
type row struct {
	interop.Row // by the name of the e-service

	eserviceID, descriptorID, otherID uuid.UUID

	state lifecycle.State
}

// entries are the lists of agreements, by the name of the e-service in any case, then by id.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{
			Row:          interop.RowOf(id, table.Text(item, "eserviceName")),
			eserviceID:   interop.UUID(table.Text(item, "eserviceId")),
			descriptorID: interop.UUID(table.Text(item, "descriptorId")),
			otherID:      interop.UUID(table.Text(item, "otherId")),
			state:        Machine.State(table.Text(item, "state")),
		}
	},
	Compare:    func(a, b *row) int { return a.Compare(&b.Row) },
	CompareIDs: func(a, b *row) int { return a.CompareIDs(&b.Row) },
}

// listed returns how an agreement is listed; nil for none. Both sides list it, the producer
// once it is no draft. One of a producer with itself is in its list as a consumer.
func (a *agreement) listed() list.Listed[entry] {
	if a == nil {
		return nil
	}
	e := entry{State: a.State, EServiceID: a.EServiceID, EServiceName: a.EServiceName, DescriptorID: a.DescriptorID, OtherID: a.ProducerID}
	all := list.Listed[entry]{consumerPK(a.ConsumerID): e}
	if a.State != Draft && !a.isSelf() {
		e.OtherID = a.ConsumerID
		all[producerPK(a.ProducerID)] = e
	}
	return all
}

// listedAt returns the stamp of the entries of an agreement, which may be nil.
func (a *agreement) listedAt() list.Stamp {
	if a == nil {
		return ""
	}
	return a.Listed
}

// member is what an e-service knows of an agreement on it.
type member struct {
	ID         string `dynamodbav:"id"`
	ConsumerID string `dynamodbav:"consumerId"`
	Ended      bool   `dynamodbav:"ended,omitempty"`
}

// member returns what its e-service knows of an agreement; nothing of none.
func (a *agreement) member() member {
	if a == nil {
		return member{}
	}
	return member{ID: a.ID, ConsumerID: a.ConsumerID, Ended: slices.Contains(Machine.Final, a.State)}
}
