package agreement_test

import (
	"errors"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// TestFollowBesideWhatCannotBeRead makes one agreement unreadable. The worker
// updates all other agreements and returns an error that is not worth a retry, unless a
// call was interrupted, too.
func TestFollowBesideWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		declared := w.attribute(attribute.Declared)
		w.assign(attribute.Declared, declared, "")
		ids := w.subscribed(4, declared)
		w.damage(interop.Key("AGREEMENT#"+ids[1], "AGREEMENT"))
		w.revoke(attribute.Declared, declared, "")
		change, _ := w.NextChange()
		for change.Key.SK != "ATTRIBUTES" {
			change, _ = w.NextChange()
		}
		w.Tap.Set(hooked.Broken(3, false))
		if err := w.deliver(change); err == nil || table.Permanent(err) {
			t.Errorf("interrupted: %v, want an error that is worth a retry", err)
		}
		w.Tap.Set(nil)
		if err := w.deliver(change); !table.Permanent(err) {
			t.Errorf("%v, want an error that is not worth a retry", err)
		}
		for i, id := range ids {
			if i != 1 {
				interoptest.Equal(t, "another agreement", w.state(id), "SUSPENDED Platform")
			}
		}
		w.repair()
		if err := w.deliver(change); err != nil {
			t.Errorf("repaired: %v", err)
		}
		interoptest.Equal(t, "the agreement, repaired", w.state(ids[1]), "SUSPENDED Platform")
	})
}

// TestChangesThatCannotBeRead delivers changes with unreadable images. The worker does not
// depend on them.
func TestChangesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		good, err := table.Encode(object{"name": "a", "state": "PUBLISHED", "number": 1})
		if err != nil {
			t.Fatal(err)
		}
		bad, err := table.Encode(object{"name": object{}, "state": object{}, "number": object{}})
		if err != nil {
			t.Fatal(err)
		}
		for _, sk := range []string{"ESERVICE", "DESCRIPTOR#000001", "USE#1"} {
			for _, change := range []table.Change{{Old: good, New: bad}, {Old: bad, New: good}} {
				change.Key = interop.Key("ESERVICE#x", sk)
				if err := w.deliver(change); !table.Permanent(err) {
					t.Errorf("a change of %s: %v", sk, err)
				}
			}
		}
	})
}

// damage makes an item unreadable until repair is called.
func (w *world) damage(key table.Key) {
	w.Helper()
	item, err := w.Engine().Get(w.Context(), key)
	if err != nil || item == nil {
		w.Fatal(key, errors.Join(err, errors.New("no item")))
	}
	w.broken = map[table.Key]table.Item{key: item}
	next := object{"id": object{}, "version": object{}}
	if err := w.Engine().Write(w.Context(), table.Put("broken", key, next)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) repair() {
	w.Helper()
	for key, item := range w.broken {
		if err := w.Engine().Write(w.Context(), table.Put("repaired", key, item)); err != nil {
			w.Fatal(err)
		}
	}
}
