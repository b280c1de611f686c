package bolt

import (
	"context"

	"ciclo/shared/platform/table"
)

// DeleteAll removes the items in one transaction of the file; see table.DB. Counted are the write
// units of each item, at least one, and those of the index entries that go with it.
func (db *DB) DeleteAll(ctx context.Context, keys []table.Key) error {
	if err := table.ValidateDeletes(keys); err != nil || len(keys) == 0 {
		return err
	}
	steps := make([]table.Step, len(keys))
	for i, key := range keys {
		steps[i] = table.Delete("", key)
	}
	_, err := db.write(ctx, steps, itemUnits)
	return err
}
