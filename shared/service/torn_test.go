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
		tap.Set(func(c *call) error {
			err := c.Run()
			if len(c.Items) == 2 && !torn {
				c.Items[1], torn = nil, true
			}
			return err
		})
		w.submit(path, true)
		tap.Set(nil)
		if got, want := w.seen(path), "approved Anagrafe | published Anagrafe | Anagrafe"; got != want || !torn {
			t.Errorf("seen %q, want %q", got, want)
		}
	})
}
