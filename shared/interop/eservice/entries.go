package eservice

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

const technologySOAP = "SOAP" // the other one is REST

// entry is an e-service in a list.
type entry struct {
	ProducerID            string `dynamodbav:"producerId"`
	Name                  string `dynamodbav:"name"`
	Technology            string `dynamodbav:"technology"`
	Mode                  string `dynamodbav:"mode"`
	SignalHub             bool   `dynamodbav:"signalHub,omitempty"`
	ConsumerDelegable     bool   `dynamodbav:"consumerDelegable,omitempty"`
	ClientAccessDelegable bool   `dynamodbav:"clientAccessDelegable,omitempty"`
}

// row is an entry in memory.
type row struct {
	interop.Row

	producerID uuid.UUID

	isSOAP, isReceive                                   bool
	signalHub, consumerDelegable, clientAccessDelegable bool
}

// entries are the lists of e-services, by name in any case, then by id.
var entries = list.Kind[entry, row]{
	Table: interop.Table.Name,
	Row: func(id string, item table.Item) row {
		return row{
			Row:                   interop.RowOf(id, table.Text(item, "name")),
			producerID:            interop.UUID(table.Text(item, "producerId")),
			isSOAP:                table.Text(item, "technology") == technologySOAP,
			isReceive:             table.Text(item, "mode") == modeReceive,
			signalHub:             table.Flag(item, "signalHub"),
			consumerDelegable:     table.Flag(item, "consumerDelegable"),
			clientAccessDelegable: table.Flag(item, "clientAccessDelegable"),
		}
	},
	Compare:    func(a, b *row) int { return a.Compare(&b.Row) },
	CompareIDs: compareIDs,
}

func compareIDs(a, b *row) int { return a.CompareIDs(&b.Row) }

// listed returns how an e-service is listed; nil for none. Its producer lists it, and the
// catalogue once it was published.
func (c Catalogue) listed() list.Listed[entry] {
	if c.EService == nil {
		return nil
	}
	e := entry{
		ProducerID:            c.EService.ProducerID,
		Name:                  c.EService.Name,
		Technology:            c.EService.Technology,
		Mode:                  c.EService.Mode,
		SignalHub:             isTrue(c.EService.SignalHub),
		ConsumerDelegable:     isTrue(c.EService.ConsumerDelegable),
		ClientAccessDelegable: isTrue(c.EService.ClientAccessDelegable),
	}
	all := list.Listed[entry]{ownPK(c.EService.ProducerID): e}
	if c.isPublic() {
		all[cataloguePK] = e
	}
	return all
}

// listSteps returns the steps that change how an e-service is listed, and the stamp of its
// entries after that.
func listSteps(before, after Catalogue) ([]table.Step, list.Stamp) {
	if before.EService == nil {
		return entries.Steps(after.EService.ID, "", nil, after.listed())
	}
	return entries.Steps(before.EService.ID, before.EService.Listed, before.listed(), after.listed())
}

// EachPublished hands every e-service that was published to yield, in the order of their ids,
// after that one; "" for all. Of an e-service it has the id and the producer.
func EachPublished(ctx context.Context, db table.DB, after string, yield func(*EService) error) error {
	rows, err := entries.New(db).Rows(ctx, list.Part[row]{PK: cataloguePK})
	if err != nil {
		return err
	}
	slices.SortFunc(rows, compareIDs)
	last := row{Row: interop.RowOf(after, "")}
	for _, r := range rows {
		if compareIDs(r, &last) <= 0 {
			continue
		}
		if err := yield(&EService{ID: r.RowID(), ProducerID: r.producerID.String()}); err != nil {
			return err
		}
	}
	return nil
}
