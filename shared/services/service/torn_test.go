package service_test

import (
	"testing"

	"ciclo/shared/platform/testing/hooked"
)

// TestTornReads hides the publication from the first read of a change, as a batch of reads
// between two transactions may. The change is made as if the read had been complete.
func TestTornReads(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, c := range []struct {
			name      string
			submitted bool
			do        func(path string)
			want      string
		}{
			{"submit", false, func(path string) { w.submit(path, true) }, "approved submit | published submit | submit"},
			{"withdraw", true, func(path string) {
				w.Want(w.call("DELETE", path+"/review", ""), 204)
			}, "draft withdraw | published withdraw | withdraw"},
			{"reject", true, func(path string) { w.decide(path, "reject") }, "rejected reject because R | published reject | reject"},
			{"delete", false, func(path string) { w.Want(w.call("DELETE", path, ""), 204) }, "deleted delete | 404 | nothing"},
		} {
			path := w.create(named("%s", c.name))
			w.submit(path, true)
			w.decide(path, "approve")
			// The name stays the published one; the description needs a reviewer.
			w.Want(w.call("PUT", path, complete(map[string]any{"name": c.name})), 200)
			if c.submitted {
				w.Want(w.call("PUT", path, complete(map[string]any{"name": c.name, "description": "Altro"})), 200)
				w.submit(path, true)
			}
			torn := false
			w.Tap.Set(func(call *hooked.Call) error {
				err := call.Run()
				if len(call.Items) == 2 && !torn {
					call.Items[1] = nil
					torn = true
				}
				return err
			})
			c.do(path)
			w.Tap.Set(nil)
			if got := w.visible(path); got != c.want || !torn {
				t.Errorf("seen %q, want %q", got, c.want)
			}
			w.audit(path)
		}
	})
}
