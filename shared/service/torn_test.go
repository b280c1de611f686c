package service_test

import "testing"

// TestTornReads lets the first read of a submission miss the publication, as a
// BatchGet between two transactions may: the service is not refused by its own name.
func TestTornReads(t *testing.T) {
	t.Parallel()
	eachTapped(t, func(w *world, tap *tap) {
		path := w.create(named("Anagrafe"))
		w.submit(path, true)
		w.decide(path, "approve")
		w.want(w.call("PUT", path, named("Anagrafe")), 200)
		torn := false
		tap.set(func(c *call) error {
			err := c.run()
			if len(c.items) == 2 && !torn {
				c.items[1], torn = nil, true
			}
			return err
		})
		w.submit(path, true)
		tap.set(nil)
		if got, want := w.seen(path), "approved Anagrafe | published Anagrafe | Anagrafe"; got != want || !torn {
			t.Errorf("seen %q, want %q", got, want)
		}
	})
}
