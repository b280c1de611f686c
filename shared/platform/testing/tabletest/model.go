package tabletest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ciclo/shared/platform/table"
)

// RunModel compares an engine with a model of it that fits in a map, on random
// transactions: -rapid.checks times (100 unless given) up to transactions of
// them, with what both hold compared after each. On the network choose few.
func RunModel(t *testing.T, open Open, transactions int) {
	db := open(t, schemas()...)
	var checks atomic.Int64 // each check has its own partition
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{
			T: rt, db: db, items: make(map[table.Key]attrs),
			pk: fmt.Sprintf("%s-%d", t.Name(), checks.Add(1)),
		}
		for range rapid.IntRange(1, transactions).Draw(rt, "transactions") {
			m.transaction()
			m.compareItems()
		}
		m.compareQueries()
	})
}

// model is what the partition pk of an engine must hold. Attributes are int64
// or string.
type model struct {
	*rapid.T
	db    table.DB
	pk    string
	items map[table.Key]attrs
}

// keys are all items that transactions use.
func (m *model) keys() []table.Key {
	var keys []table.Key
	for _, name := range []string{things, notes} {
		for _, sk := range []string{"a", "b", "c"} {
			keys = append(keys, table.Key{Table: name, PK: m.pk, SK: sk})
		}
	}
	return keys
}

// Attributes by the type they have; owner and rank are index keys.
var (
	numbersOf = []string{"count", "size"}
	stringsOf = []string{"name", "note", "rank"}
)

func (m *model) value(attr string) any {
	if slices.Contains(numbersOf, attr) {
		return rapid.Int64Range(-2, 2).Draw(m.T, attr)
	}
	return m.text(attr)
}

func (m *model) text(attr string) any {
	if attr == "owner" {
		return m.pk
	}
	return rapid.SampledFrom([]string{"x", "y", "yy", "é"}).Draw(m.T, attr)
}

// some draws a part of all attribute names, in no particular order.
func (m *model) some(label string) []string {
	names := slices.Concat(numbersOf, stringsOf, []string{"owner"})
	n := rapid.IntRange(0, len(names)).Draw(m.T, label)
	return rapid.Permutation(names).Draw(m.T, label+" names")[:n]
}

func (m *model) cond(depth int) table.Cond {
	attr := rapid.SampledFrom(slices.Concat(numbersOf, stringsOf)).Draw(m.T, "attr")
	// Now and then a value of the other type.
	of := rapid.SampledFrom([]string{attr, attr, attr, "name", "count"}).Draw(m.T, "value of")
	conds := []func() table.Cond{
		table.Exists,
		table.NotExists,
		func() table.Cond { return table.Has(attr) },
		func() table.Cond { return table.Lacks(attr) },
		func() table.Cond { return table.Equals(attr, m.value(of)) },
		func() table.Cond { return table.NotEquals(attr, m.value(of)) },
		func() table.Cond { return table.In(attr, m.value(of), m.value(attr)) },
		func() table.Cond { return table.Below(attr, m.value(of)) },
		func() table.Cond { return table.AtMost(attr, m.value(of)) },
		func() table.Cond { return table.AtLeast(attr, m.value(of)) },
		func() table.Cond { return table.Any(m.cond(depth-1), m.cond(depth-1)) },
	}
	if depth == 0 {
		conds = conds[:len(conds)-1]
	}
	return rapid.SampledFrom(conds).Draw(m.T, "condition")()
}

func (m *model) step(i int, key table.Key) table.Step {
	label := strconv.Itoa(i)
	var conds []table.Cond
	// Mostly none, or long transactions would hardly ever be applied.
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(m.T, "conditions") {
		conds = append(conds, m.cond(1))
	}
	verbs := []table.Verb{table.PutItem, table.UpdateItem, table.UpdateItem, table.DeleteItem, table.CheckItem}
	switch rapid.SampledFrom(verbs).Draw(m.T, "verb") {
	case table.PutItem:
		a := attrs{}
		for _, name := range m.some("put") {
			a[name] = m.value(name)
		}
		return table.Put(label, key, map[string]any(a), conds...)
	case table.UpdateItem:
		return table.Update(label, key, m.changes(), conds...)
	case table.DeleteItem:
		return table.Delete(label, key, conds...)
	default:
		return table.Check(label, key, append(conds, m.cond(1))...)
	}
}

func (m *model) changes() table.Changes {
	do := table.Changes{Set: map[string]any{"state": "S"}, SetIfAbsent: map[string]any{}, Add: map[string]int64{}}
	for _, name := range m.some("update") {
		switch kind := rapid.IntRange(0, 3).Draw(m.T, "kind"); {
		case kind == 0:
			do.SetIfAbsent[name] = m.value(name)
		case kind == 1:
			do.Remove = append(do.Remove, name)
		case kind == 2 && slices.Contains(numbersOf, name):
			do.Add[name] = rapid.Int64Range(-2, 2).Draw(m.T, "by")
		default:
			do.Set[name] = m.value(name)
		}
	}
	return do
}

// transaction runs a random transaction on engine and model and compares the outcomes.
func (m *model) transaction() {
	keys := rapid.Permutation(m.keys()).Draw(m.T, "items")
	var steps []table.Step
	var want []table.RefusedStep
	for i := range rapid.IntRange(1, len(keys)).Draw(m.T, "steps") {
		step := m.step(i, keys[i])
		steps = append(steps, step)
		item := m.items[step.Key]
		if slices.ContainsFunc(step.If, func(c table.Cond) bool { return !holds(c, item) }) {
			want = append(want, table.RefusedStep{Label: step.Label, Current: itemOf(m, step.Key, item)})
		}
	}
	err := m.db.Write(m.Context(), steps...)
	var got []table.RefusedStep
	if refused := table.AsRefused(err); refused != nil {
		got = refused.Steps
	} else if err != nil {
		m.Fatalf("write %+v: %v", steps, err)
	}
	if d := diff(want, got); d != "" {
		m.Fatalf("write %+v refused by (-want +got):\n%s", steps, d)
	}
	if want == nil {
		for _, step := range steps {
			m.apply(step)
		}
	}
}

// holds is the model's reading of a condition.
func holds(c table.Cond, item attrs) bool {
	v, has := item[c.Attr]
	order := func(w any) (int, bool) {
		if a, ok := v.(int64); ok {
			b, ok := w.(int64)
			return cmp.Compare(a, b), ok
		}
		a, _ := v.(string)
		b, ok := w.(string)
		return cmp.Compare(a, b), ok && has
	}
	switch c.Op {
	case table.OpExists:
		return item != nil
	case table.OpNotExists:
		return item == nil
	case table.OpHas:
		return has
	case table.OpLacks:
		return !has
	case table.OpEquals, table.OpIn:
		return has && slices.Contains(c.Values, v)
	case table.OpNotEquals:
		return has && v != c.Values[0]
	case table.OpAny:
		return slices.ContainsFunc(c.Any, func(c table.Cond) bool { return holds(c, item) })
	default: // an order
	}
	n, ok := order(c.Values[0])
	return ok && (c.Op == table.OpBelow && n < 0 || c.Op == table.OpAtMost && n <= 0 || c.Op == table.OpAtLeast && n >= 0)
}

// apply carries out a step on the model.
func (m *model) apply(step table.Step) {
	switch step.Verb {
	case table.PutItem:
		a, _ := step.Value.(map[string]any)
		m.items[step.Key] = a
	case table.DeleteItem:
		delete(m.items, step.Key)
	case table.UpdateItem:
		a := attrs{}
		maps.Copy(a, step.Do.SetIfAbsent)
		maps.Copy(a, m.items[step.Key])
		maps.Copy(a, step.Do.Set)
		for name, by := range step.Do.Add {
			n, _ := a[name].(int64)
			a[name] = n + by
		}
		for _, name := range step.Do.Remove {
			delete(a, name)
		}
		m.items[step.Key] = a
	case table.CheckItem: // changes nothing
	}
}

// compareItems compares all items with the model's.
func (m *model) compareItems() {
	keys := m.keys()
	want := make([]table.Item, len(keys))
	for i, key := range keys {
		want[i] = itemOf(m, key, m.items[key])
	}
	got, err := m.db.BatchGet(m.Context(), keys)
	if err != nil {
		m.Fatal(err)
	}
	if d := diff(want, got); d != "" {
		m.Fatalf("items (-want +got):\n%s", d)
	}
}

// compareQueries compares random ranges of the table and of the index with the model's.
func (m *model) compareQueries() {
	for _, index := range []string{"", byOwner} {
		bound := rapid.SampledFrom([]string{"", "a", "b", "c", "y", "z"})
		q := table.Query{
			Table: things, Index: index, PK: m.pk, From: bound.Draw(m.T, "from"), To: bound.Draw(m.T, "to"),
			Descending: rapid.Bool().Draw(m.T, "descending"), Limit: rapid.IntRange(0, 4).Draw(m.T, "limit"),
		}
		if q.To != "" && q.From > q.To {
			q.From, q.To = q.To, q.From
		}
		if d := gocmp.Diff(m.found(q), m.query(q)); d != "" {
			m.Fatalf("query %+v (-want +got):\n%s", q, d)
		}
	}
}

// found is what the model finds: the sort key in the table or index of q and
// the item's own; among equal ones the latter decides.
func (m *model) found(q table.Query) []string {
	found := []string{}
	for key, a := range m.items {
		sk := key.SK
		if q.Index != "" {
			sk, _ = a["rank"].(string)
		}
		if key.Table != q.Table || sk == "" || q.Index != "" && a["owner"] == nil || sk < q.From || q.To != "" && sk > q.To {
			continue
		}
		found = append(found, sk+" "+key.SK)
	}
	slices.Sort(found)
	if q.Descending {
		slices.Reverse(found)
	}
	return found
}

// query is what the engine finds, with ties in the model's order.
func (m *model) query(q table.Query) []string {
	type row struct{ SK, Rank string }
	rows := []row{}
	err := table.All(m.Context(), m.db, q, func(item table.Item) error {
		var r row
		err := table.Decode(item, &r)
		if q.Index == "" {
			r.Rank = r.SK
		}
		rows = append(rows, r)
		return err
	})
	if err != nil {
		m.Fatalf("query %+v: %v", q, err)
	}
	byRank := func(a, b row) int { return cmp.Compare(a.Rank, b.Rank) }
	byAll := func(a, b row) int { return cmp.Or(byRank(a, b), cmp.Compare(a.SK, b.SK)) }
	if q.Descending {
		slices.Reverse(rows)
	}
	if !slices.IsSortedFunc(rows, byRank) {
		m.Fatalf("query %+v: %v is not in order", q, rows)
	}
	slices.SortFunc(rows, byAll)
	if q.Descending {
		slices.Reverse(rows)
	}
	found := []string{}
	for _, r := range rows {
		found = append(found, r.Rank+" "+r.SK)
	}
	return found
}
