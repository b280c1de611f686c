// Package purpose is what consumers use e-services for, with the calls a day that
// they plan (PDND M2M v3, purposes): how purposes are kept, shown and listed. The
// operations that make and change them follow.
package purpose

import (
	"context"
	"slices"

	"ciclo/shared/lifecycle"
	"ciclo/shared/pdnd"
	"ciclo/shared/table"
)

// The states of a version of a purpose (PDND, PurposeVersionState). A purpose has
// no state of its own.
const (
	Draft     lifecycle.State = "DRAFT"
	Waiting   lifecycle.State = "WAITING_FOR_APPROVAL"
	Active    lifecycle.State = "ACTIVE"
	Suspended lifecycle.State = "SUSPENDED"
	Rejected  lifecycle.State = "REJECTED"
	Archived  lifecycle.State = "ARCHIVED"
)

// Purpose is what a consumer uses an e-service for.
type Purpose struct {
	ID                 string `dynamodbav:"id"`
	EServiceID         string `dynamodbav:"eserviceId"`
	ConsumerID         string `dynamodbav:"consumerId"`
	Title              string `dynamodbav:"title"`
	Description        string `dynamodbav:"description"`
	FreeOfCharge       bool   `dynamodbav:"freeOfCharge"`
	FreeOfChargeReason string `dynamodbav:"freeOfChargeReason,omitempty"`
	ByConsumer         *bool  `dynamodbav:"suspendedByConsumer,omitempty"`
	ByProducer         *bool  `dynamodbav:"suspendedByProducer,omitempty"`
	CreatedAt          string `dynamodbav:"createdAt"`
	UpdatedAt          string `dynamodbav:"updatedAt,omitempty"`
	// Versions are those that may still change and those that are shown with the
	// purpose, oldest first.
	Versions []Version `dynamodbav:"versions"`
}

// Version is a load estimate of a purpose and what became of it.
type Version struct {
	ID                string          `dynamodbav:"id"`
	State             lifecycle.State `dynamodbav:"state"`
	DailyCalls        int64           `dynamodbav:"dailyCalls"`
	CreatedAt         string          `dynamodbav:"createdAt"`
	UpdatedAt         string          `dynamodbav:"updatedAt,omitempty"`
	SuspendedAt       string          `dynamodbav:"suspendedAt,omitempty"`
	FirstActivationAt string          `dynamodbav:"firstActivationAt,omitempty"`
	RejectionReason   string          `dynamodbav:"rejectionReason,omitempty"`
}

// newest returns the newest version in one of the states, nil when there is none.
func (p *Purpose) newest(in ...lifecycle.State) *Version {
	for i := range slices.Backward(p.Versions) {
		if slices.Contains(in, p.Versions[i].State) {
			return &p.Versions[i]
		}
	}
	return nil
}

// purpose        PURPOSE#<id>                          PURPOSE
// list entry     PURPOSES#OF#<consumer>#<eservice>     <title>#<id>
const purposeSK = "PURPOSE"

func purposeKey(id string) table.Key { return pdnd.Key("PURPOSE#"+id, purposeSK) }

// entry is a purpose in a list.
type entry struct {
	ID    string `dynamodbav:"id"`
	Title string `dynamodbav:"title"`
}

// Of returns a page of the purposes that a consumer uses an e-service for, in any
// state, by title whatever its case, then by id.
func Of(ctx context.Context, db table.DB, consumerID, eserviceID string, page pdnd.Paged) ([]View, pdnd.Pagination, error) {
	var entries []entry
	q := table.Query{Table: pdnd.Interop.Name, PK: "PURPOSES#OF#" + consumerID + "#" + eserviceID, Consistent: true}
	err := table.All(ctx, db, q, func(item table.Item) error {
		var e entry
		err := table.Decode(item, &e)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return nil, pdnd.Pagination{}, err
	}
	slices.SortFunc(entries, func(a, b entry) int { return pdnd.ByName(a.Title, a.ID, b.Title, b.ID) })
	part, pagination := pdnd.Page(page, entries)
	views, err := read(ctx, db, part)
	return views, pagination, err
}

// read returns the purposes of a page, in its order. One that was deleted since the
// entries were read is left out.
func read(ctx context.Context, db table.DB, page []entry) ([]View, error) {
	views := make([]View, 0, len(page))
	if len(page) == 0 {
		return views, nil
	}
	keys := make([]table.Key, len(page))
	for i, e := range page {
		keys[i] = purposeKey(e.ID)
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		p, err := table.As[Purpose](item)
		if err != nil {
			return nil, err
		}
		if p != nil {
			views = append(views, p.view())
		}
	}
	return views, nil
}
