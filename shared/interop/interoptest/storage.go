package interoptest

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
)

// recorder remembers at which keys something was written and, with stream, the changes
// that the stream of the table would deliver.
type recorder struct {
	table.DB
	stream bool

	writing sync.Mutex // held during a write with stream: what it reads before is what the last one left
	mu      sync.Mutex
	keys    map[table.Key]bool
	changes []table.Change
}

// Write implements [table.DB].
func (r *recorder) Write(ctx context.Context, steps ...table.Step) error {
	r.mu.Lock()
	for _, step := range steps {
		r.keys[step.Key] = true
	}
	r.mu.Unlock()
	if !r.stream {
		return r.DB.Write(ctx, steps...)
	}
	return r.record(ctx, steps)
}

// UpdateOnce implements [table.DB].
func (r *recorder) UpdateOnce(ctx context.Context, step table.Step) (table.Item, error) {
	r.mu.Lock()
	r.keys[step.Key] = true
	r.mu.Unlock()
	return r.DB.UpdateOnce(ctx, step)
}

// DeleteAll implements [table.DB].
func (r *recorder) DeleteAll(ctx context.Context, keys []table.Key) error {
	r.mu.Lock()
	for _, key := range keys {
		r.keys[key] = true
	}
	r.mu.Unlock()
	return r.DB.DeleteAll(ctx, keys)
}

// record writes steps and records the changes they make.
func (r *recorder) record(ctx context.Context, steps []table.Step) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	keys := make([]table.Key, len(steps))
	for i, step := range steps {
		keys[i] = step.Key
	}
	uncounted, _ := table.WithMeter(context.WithoutCancel(ctx)) // a stream costs the request nothing
	before, err := r.DB.BatchGet(uncounted, keys)
	if err != nil {
		return err
	}
	failed := r.DB.Write(ctx, steps...)
	after, err := r.DB.BatchGet(uncounted, keys)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, step := range steps {
		// A write whose answer is lost may have been carried out.
		if step.Verb != table.CheckItem && (failed == nil || !reflect.DeepEqual(before[i], after[i])) {
			r.changes = append(r.changes, table.Change{Key: step.Key, Old: before[i], New: after[i]})
		}
	}
	return failed
}

// NextChange takes the oldest change that was not taken yet; false when there is none.
// The suite has to be one with Stream.
func (w *World) NextChange() (table.Change, bool) {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	if len(w.store.changes) == 0 {
		return table.Change{}, false
	}
	change := w.store.changes[0]
	w.store.changes = w.store.changes[1:]
	return change, true
}

// Items returns what is stored in a partition of the table of the product, by sort key.
func (w *World) Items(pk string) map[string]Object {
	w.Helper()
	found := map[string]Object{}
	err := table.All(w.Context(), w.Tap.DB, table.Query{Table: interop.Table.Name, PK: pk, Consistent: true}, func(item table.Item) error {
		var attributes Object
		err := table.Decode(item, &attributes)
		found[fmt.Sprint(attributes[table.SK])] = attributes
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// Stored returns every stored item with a key that is picked; nil picks all.
func (w *World) Stored(picked func(table.Key) bool) map[table.Key]Object {
	w.Helper()
	found := map[table.Key]Object{}
	for key, item := range w.StoredItems(picked) {
		attributes, err := table.As[Object](item)
		if err != nil {
			w.Fatal(err)
		}
		found[key] = *attributes
	}
	return found
}

// StoredItems is [World.Stored] of items that are not decoded.
func (w *World) StoredItems(picked func(table.Key) bool) map[table.Key]table.Item {
	w.Helper()
	w.store.mu.Lock()
	var keys []table.Key
	for key := range w.store.keys {
		if picked == nil || picked(key) {
			keys = append(keys, key)
		}
	}
	w.store.mu.Unlock()
	found := map[table.Key]table.Item{}
	for some := range slices.Chunk(keys, table.MaxBatch) {
		items, err := w.store.DB.BatchGet(w.Context(), some)
		if err != nil {
			w.Fatal(err)
		}
		for i, item := range items {
			if item != nil {
				found[some[i]] = item
			}
		}
	}
	return found
}

// Engine returns the engine itself. What a test writes to it is in no stream.
func (w *World) Engine() table.DB { return w.store.DB }

// Reset deletes every stored item with a key that is picked, past the stream, and forgets
// all keys: [World.Stored] begins with what is written next.
func (w *World) Reset(picked func(table.Key) bool) {
	w.Helper()
	for some := range slices.Chunk(slices.Collect(maps.Keys(w.StoredItems(picked))), table.MaxSteps) {
		var steps []table.Step
		for _, key := range some {
			steps = append(steps, table.Delete(key.String(), key))
		}
		if err := w.store.DB.Write(w.Context(), steps...); err != nil {
			w.Fatal(err)
		}
	}
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	clear(w.store.keys)
}

// Age makes the entries of lists a day older and starts the functions anew, so that what a list
// costs does not depend on what has just been written.
func (w *World) Age() {
	w.Helper()
	for some := range slices.Chunk(listtest.Age(w.StoredItems(nil)), table.MaxSteps) {
		for _, step := range some {
			w.store.keys[step.Key] = true
		}
		if err := w.store.DB.Write(w.Context(), some...); err != nil {
			w.Fatal(err)
		}
	}
	w.Restart()
}

// Unchanged checks that what is stored now is what was stored before; what names what
// may not have changed it.
func (w *World) Unchanged(what string, before, now map[table.Key]Object) {
	w.Helper()
	if diff := cmp.Diff(before, now); diff != "" {
		w.Errorf("%s changed what is stored (-before +now):\n%s", what, diff)
	}
}
