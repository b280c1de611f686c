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

// TestFollowBesideWhatCannotBeRead makes records of one agreement unreadable. The worker
// updates all other agreements and returns an error that is not worth a retry, unless a
// call was interrupted, too.
func TestFollowBesideWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for name, broken := range map[string]func(id string) table.Key{
			"agreement":  func(id string) table.Key { return interop.Key("AGREEMENT#"+id, "AGREEMENT") },
			"list entry": func(id string) table.Key { return w.listKey(id) },
		} {
			declared := w.attribute(attribute.Declared)
			w.assign(attribute.Declared, declared, "")
			ids := w.subscribed(4, declared)
			w.damage(broken(ids[1]))
			w.revoke(attribute.Declared, declared, "")
			change, _ := w.NextChange()
			for change.Key.SK != "ATTRIBUTES" {
				change, _ = w.NextChange()
			}
			w.Tap.Set(hooked.Broken(3, false))
			if err := w.deliver(change); err == nil || table.Permanent(err) {
				t.Errorf("%s, interrupted: %v, want an error that is worth a retry", name, err)
			}
			w.Tap.Set(nil)
			if err := w.deliver(change); !table.Permanent(err) {
				t.Errorf("%s: %v, want an error that is not worth a retry", name, err)
			}
			for i, id := range ids {
				if i != 1 {
					interoptest.Equal(t, name+": another agreement", w.state(id), "SUSPENDED Platform")
				}
			}
			w.repair()
			if err := w.deliver(change); err != nil {
				t.Errorf("%s, repaired: %v", name, err)
			}
			interoptest.Equal(t, name+": the agreement, repaired", w.state(ids[1]), "SUSPENDED Platform")
		}
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

// listKey returns the key of an active agreement in the list of the consumer.
func (w *world) listKey(id string) table.Key {
	w.Helper()
	return interop.Key("AGREEMENTS#CONSUMER#"+consumer.Subject, "ACTIVE#"+producer.Subject+"#"+id)
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
