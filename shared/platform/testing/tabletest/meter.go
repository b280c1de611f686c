package tabletest

import (
	"context"
	"strings"

	"ciclo/shared/platform/table"
)

// testMeter checks what every call consumes, by DynamoDB's rules: engines agree. The
// embedded engine's own test has what DynamoDB Local reports otherwise than DynamoDB bills:
// one item a table of a transaction, the check of an item as a read of it, and nothing for a
// query or a batch that finds nothing. Refused writes are priced by the embedded engine alone.
func testMeter(s suite) {
	large := attrs{"data": strings.Repeat("x", 5<<10)} // 5 KB and a bit
	small := attrs{"owner": s.pk, "rank": "r", "note": "n"}
	read := func(items int, units float64) table.Usage {
		return table.Usage{RoundTrips: 1, ItemsRead: items, ReadUnits: units}
	}
	written := func(units float64) table.Usage { return table.Usage{RoundTrips: 1, WriteUnits: units} }
	set := func(sk, name, v string) table.Step {
		return table.Update("u", s.key(sk), table.Changes{Set: map[string]any{name: v}})
	}
	for _, sk := range []string{"small", "deleted", "changed", "moved"} {
		s.put(s.key(sk), small)
	}
	for _, sk := range []string{"large", "large-over", "large-deleted", "range-1", "range-2"} {
		s.put(s.key(sk), large)
	}
	s.put(s.noteKey("large"), large)
	s.put(s.noteKey("small"), small)
	for name, c := range map[string]struct {
		call func(context.Context) error
		want table.Usage
	}{
		"get":                    {s.item("small"), read(1, 1)},
		"get large":              {s.item("large"), read(1, 2)},
		"get absent":             {s.item("none"), read(0, 1)},
		"batch-get":              {s.several(s.db.BatchGet), read(3, 5)},
		"snapshot":               {s.several(s.db.Snapshot), read(3, 10)},
		"query":                  {s.page(table.Query{From: "large", To: "large"}), read(1, 1)},
		"query consistent":       {s.page(table.Query{From: "large", To: "large", Consistent: true}), read(1, 2)},
		"query several":          {s.page(table.Query{From: "range-1", To: "range-2", Consistent: true}), read(2, 3)},
		"query index":            {s.page(table.Query{Index: byOwner, Limit: 2}), read(2, 0.5)},
		"put":                    {s.steps(table.Put("p", s.key("put"), nil)), written(1)},
		"put large":              {s.steps(table.Put("p", s.key("put-large"), large)), written(6)},
		"put indexed":            {s.steps(table.Put("p", s.key("put-indexed"), small)), written(2)},
		"put half indexed":       {s.steps(table.Put("p", s.key("put-half"), attrs{"rank": "r"})), written(1)},
		"put over large":         {s.steps(table.Put("p", s.key("large-over"), nil)), written(6)},
		"delete":                 {s.steps(table.Delete("d", s.key("deleted"))), written(2)},
		"delete large":           {s.steps(table.Delete("d", s.key("large-deleted"))), written(6)},
		"delete nothing":         {s.steps(table.Delete("d", s.key("none"))), written(1)},
		"update once":            {s.once(set("changed", "name", "x")), written(1)},
		"update once, index key": {s.once(set("moved", "rank", "x")), written(3)},
		"update":                 {s.steps(set("updated", "name", "x")), written(2)},
		"check":                  {s.steps(table.Check("c", s.key("small"), table.Exists())), written(2)},
		"transaction": {s.steps(
			table.Put("p", s.key("put-in-transaction"), large), table.Check("c", s.noteKey("small"), table.Exists()),
		), written(14)},
	} {
		s.sub(name, func(s suite) {
			ctx, meter := table.WithMeter(s.Context())
			if err := c.call(ctx); err != nil {
				s.Fatal(err)
			}
			if got := meter.Usage(); got != c.want {
				s.Errorf("consumed %+v, want %+v", got, c.want)
			}
		})
	}
}

func (s suite) item(sk string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.db.Get(ctx, s.key(sk))
		return err
	}
}

// several reads three items.
func (s suite) several(get func(context.Context, []table.Key) ([]table.Item, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := get(ctx, []table.Key{s.key("small"), s.key("large"), s.noteKey("large")})
		return err
	}
}

// page reads a page of the subtest's partition, or of its owner in an index.
func (s suite) page(q table.Query) func(context.Context) error {
	q.Table, q.PK = things, s.pk
	return func(ctx context.Context) error {
		_, err := s.db.Query(ctx, q)
		return err
	}
}

func (s suite) steps(steps ...table.Step) func(context.Context) error {
	return func(ctx context.Context) error { return s.db.Write(ctx, steps...) }
}

func (s suite) once(step table.Step) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := s.db.UpdateOnce(ctx, step)
		return err
	}
}
