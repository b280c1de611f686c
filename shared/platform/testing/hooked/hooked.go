// Package hooked lies between operations and an engine in tests, where a test can
// see calls, hold them, fail them and falsify their answers.
package hooked

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"ciclo/shared/platform/table"
)

// DB is storage with a hook. The DB in it is the way around the hook.
type DB struct {
	table.DB

	mu    sync.Mutex
	hook  Hook
	calls int
}

// Hook is run in place of a call; it may carry the call out.
type Hook func(*Call) error

// Call is one call of the engine. A hook may change its answers.
type Call struct {
	N        int          // how many came before it since the hook was set
	Query    *table.Query // nil for another call
	Page     table.Page   // a query's answer
	Snapshot bool         // whether it reads a snapshot
	Items    []table.Item // a batch's or snapshot's answer
	Steps    []table.Step // of a write
	Once     bool         // an update that is no transaction
	Deletes  []table.Key  // of a DeleteAll
	Run      func() error // carries it out
}

// Writes reports whether the call is a write.
func (c *Call) Writes() bool { return len(c.Steps) > 0 || len(c.Deletes) > 0 }

// ErrDown is the failure of an engine that does not answer.
var ErrDown = &table.Error{Kind: table.Unavailable, Op: "hooked", Err: errors.New("the engine is down")}

// Set makes h handle every call from now on; nil removes the hook.
func (d *DB) Set(h Hook) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook, d.calls = h, 0
}

// Seen is how many calls were made since Set.
func (d *DB) Seen() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

func (d *DB) do(c *Call) error {
	d.mu.Lock()
	h := d.hook
	c.N = d.calls
	d.calls++
	d.mu.Unlock()
	if h == nil {
		return c.Run()
	}
	return h(c)
}

// Get implements [table.DB].
func (d *DB) Get(ctx context.Context, key table.Key) (item table.Item, err error) {
	err = d.do(&Call{Run: func() error {
		item, err = d.DB.Get(ctx, key)
		return err
	}})
	return item, err
}

// BatchGet implements [table.DB].
func (d *DB) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	c := &Call{}
	c.Run = func() (err error) {
		c.Items, err = d.DB.BatchGet(ctx, keys)
		return err
	}
	err := d.do(c)
	return c.Items, err
}

// Snapshot implements [table.DB].
func (d *DB) Snapshot(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	c := &Call{Snapshot: true}
	c.Run = func() (err error) {
		c.Items, err = d.DB.Snapshot(ctx, keys)
		return err
	}
	err := d.do(c)
	return c.Items, err
}

// Query implements [table.DB].
func (d *DB) Query(ctx context.Context, q table.Query) (table.Page, error) {
	c := &Call{Query: &q}
	c.Run = func() (err error) {
		c.Page, err = d.DB.Query(ctx, q)
		return err
	}
	err := d.do(c)
	return c.Page, err
}

// Write implements [table.DB].
func (d *DB) Write(ctx context.Context, steps ...table.Step) error {
	return d.do(&Call{Steps: steps, Run: func() error { return d.DB.Write(ctx, steps...) }})
}

// UpdateOnce implements [table.DB].
func (d *DB) UpdateOnce(ctx context.Context, step table.Step) (item table.Item, err error) {
	err = d.do(&Call{Steps: []table.Step{step}, Once: true, Run: func() error {
		item, err = d.DB.UpdateOnce(ctx, step)
		return err
	}})
	return item, err
}

// DeleteAll implements [table.DB].
func (d *DB) DeleteAll(ctx context.Context, keys []table.Key) error {
	return d.do(&Call{Deletes: keys, Run: func() error { return d.DB.DeleteAll(ctx, keys) }})
}

var _ table.DB = (*DB)(nil)

// During sets a hook that runs act, past itself, right before the n-th call that
// picked picks, counted from 0; all calls are carried out.
func (d *DB) During(n int, picked func(*Call) bool, act func()) {
	var mu sync.Mutex
	d.Set(func(c *Call) error {
		mu.Lock()
		now := false
		if picked(c) {
			now = n == 0
			n--
		}
		mu.Unlock()
		if now {
			act()
		}
		return c.Run()
	})
}

// Gate is a hook that holds the first n writes until all of them are there; next
// then sees every call, nil carries it out.
func Gate(n int, next Hook) Hook {
	var missing sync.WaitGroup
	missing.Add(n)
	var writes atomic.Int64
	return func(c *Call) error {
		if len(c.Steps) > 0 && !c.Once && writes.Add(1) <= int64(n) {
			missing.Done()
			missing.Wait()
		}
		if next != nil {
			return next(c)
		}
		return c.Run()
	}
}

// Broken is a hook that fails call k, before or after it is carried out.
func Broken(k int, after bool) Hook {
	return func(c *Call) error {
		if c.N != k {
			return c.Run()
		}
		if after {
			_ = c.Run() // its answer is lost
		}
		return ErrDown
	}
}
