package eservice

import (
	"context"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
)

// IsVisibleTo tells whether an organization may see the e-service: its producer, and
// everybody once a descriptor was published.
func (c Catalogue) IsVisibleTo(organization string) bool {
	return c.EService.ProducerID == organization || c.isPublic()
}

// EachPublished hands every e-service that was published to yield.
func EachPublished(ctx context.Context, db table.DB, yield func(*EService) error) error {
	for _, technology := range technologies {
		for _, mode := range modes {
			q := table.Query{Table: interop.Table.Name, PK: publicPK(technology, mode), Consistent: true}
			err := table.All(ctx, db, q, func(item table.Item) error {
				e, err := table.As[EService](item)
				if err != nil {
					return err
				}
				return yield(e)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// ListByIDs returns e-services by their ids, without their descriptors; those there
// are not are missing in the answer. At most 100 distinct ids.
func ListByIDs(ctx context.Context, db table.DB, ids []string) (map[string]*EService, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = Key(id)
	}
	found := make(map[string]*EService, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if item == nil {
			continue
		}
		if found[ids[i]], err = table.As[EService](item); err != nil {
			return nil, err
		}
	}
	return found, nil
}
