package interop

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ciclo/shared/platform/list"
	"ciclo/shared/platform/table"
)

// Row is what lists that are ordered by a name keep in memory of every entry.
type Row struct {
	ID    uuid.UUID
	Order string // see [OrderOf]; names.Filter finds in it what it finds in the name
}

// RowOf returns the row of a record with an id and a name.
func RowOf(id, name string) Row { return Row{UUID(id), OrderOf(name)} }

// Compare is the order of lists: by name in any case, then by id.
func (r *Row) Compare(other *Row) int {
	return cmp.Or(strings.Compare(r.Order, other.Order), r.CompareIDs(other))
}

// CompareIDs orders rows by their ids.
func (r *Row) CompareIDs(other *Row) int { return bytes.Compare(r.ID[:], other.ID[:]) }

// Named is the entry of a record that is listed by nothing but its name.
type Named struct {
	Name string `dynamodbav:"name"`
}

// NamedLists are the lists of such records.
var NamedLists = list.Kind[Named, Row]{
	Table:      Table.Name,
	Row:        func(id string, item table.Item) Row { return RowOf(id, table.Text(item, "name")) },
	Compare:    (*Row).Compare,
	CompareIDs: (*Row).CompareIDs,
}

// NamedPage reads a page of the records in a partition of NamedLists, by their keys. Records
// that were deleted since their list was read are left out.
func NamedPage[T any](
	ctx context.Context, db table.DB, lists *list.Lists[Named, Row], pk string, p Paged, key func(id string) table.Key,
) ([]*T, Pagination, error) {
	rows, err := lists.Rows(ctx, list.Part[Row]{PK: pk})
	page, pagination := Page(p, rows)
	if err != nil {
		return nil, pagination, err
	}
	all, err := table.GetAll[T](ctx, db, RowKeys(page, key))
	return all, pagination, err
}

// RowKeys returns the keys of the records of rows.
func RowKeys[R interface{ RowID() string }](rows []R, key func(id string) table.Key) []table.Key {
	keys := make([]table.Key, len(rows))
	for i, r := range rows {
		keys[i] = key(r.RowID())
	}
	return keys
}

// RowID returns the id of the record.
func (r *Row) RowID() string { return r.ID.String() }

// Others returns the ids of a filter other than the caller's, and whether the filter allows
// anybody else. An empty filter allows everybody.
func Others(filter []string, caller string) (others []uuid.UUID, allowed bool) {
	ids := slices.DeleteFunc(slices.Clone(filter), func(id string) bool { return id == caller })
	return UUIDs(ids), len(filter) == 0 || len(ids) > 0
}
