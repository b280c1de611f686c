package bolt_test

import (
	"context"
	"strings"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
)

// TestMeter: what calls consume by DynamoDB's rules where DynamoDB Local reports something
// else; the rest is in the contract of all engines. The items "small" and
// "large" have less than 1 KB and 5 KB and a bit; only the first is indexed.
func TestMeter(t *testing.T) {
	t.Parallel()
	small := map[string]any{"owner": "o", "rank": "r", "note": "n"}
	large := map[string]any{"data": strings.Repeat("x", 5<<10)}
	read := func(items int, units float64) table.Usage {
		return table.Usage{RoundTrips: 1, ItemsRead: items, ReadUnits: units}
	}
	written := func(units float64) table.Usage { return table.Usage{RoundTrips: 1, WriteUnits: units} }
	set := func(name, v string) table.Step {
		return table.Update("u", order("small"), table.Changes{Set: map[string]any{name: v}})
	}
	for name, c := range map[string]struct {
		call func(context.Context, *bolt.DB) error
		want table.Usage
	}{
		"batch-get": {func(ctx context.Context, db *bolt.DB) error {
			_, err := db.BatchGet(ctx, []table.Key{order("small"), order("none"), order("large")})
			return err
		}, read(2, 4)},
		"query nothing":    {page(table.Query{From: "z"}), read(0, 0.5)},
		"delete all":       {deleteAll(order("small"), order("none"), order("large")), written(9)},
		"update projected": {steps(set("note", "x")), written(3)},
		"update index key": {steps(set("rank", "x")), written(4)},
		"transaction":      {steps(table.Put("p", order("new"), nil), table.Delete("d", order("large"))), written(14)},
		"refused":          {steps(table.Put("p", order("large"), nil, table.NotExists())), written(6)},
		"invalid":          {steps(set("rank", "")), table.Usage{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, "", ordersSchema())
			write(t, db, table.Put("s", order("small"), small), table.Put("l", order("large"), large))
			ctx, meter := table.WithMeter(t.Context())
			err := c.call(ctx, db)
			if err != nil && table.AsRefused(err) == nil && !table.IsKind(err, table.Invalid) {
				t.Fatal(err)
			}
			if got := meter.Usage(); got != c.want {
				t.Errorf("consumed %+v, want %+v", got, c.want)
			}
		})
	}
}

func get(sk string) func(context.Context, *bolt.DB) error {
	return func(ctx context.Context, db *bolt.DB) error {
		_, err := db.Get(ctx, order(sk))
		return err
	}
}

// page reads a page of the orders, or of the index's only partition.
func page(q table.Query) func(context.Context, *bolt.DB) error {
	q.Table, q.PK = "orders", "p"
	if q.Index != "" {
		q.PK = "o"
	}
	return func(ctx context.Context, db *bolt.DB) error {
		_, err := db.Query(ctx, q)
		return err
	}
}

func deleteAll(keys ...table.Key) func(context.Context, *bolt.DB) error {
	return func(ctx context.Context, db *bolt.DB) error { return db.DeleteAll(ctx, keys) }
}

func steps(s ...table.Step) func(context.Context, *bolt.DB) error {
	return func(ctx context.Context, db *bolt.DB) error { return db.Write(ctx, s...) }
}
