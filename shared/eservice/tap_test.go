package eservice_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"ciclo/shared/table"
)

// tap lies between the operations and an engine, where a test can see calls,
// hold them and fail them. Its DB is the way around it.
type tap struct {
	table.DB

	mu    sync.Mutex
	hook  hook
	calls int
}

// hook is run in place of a call; it may carry the call out.
type hook func(*call) error

// call is one call of the engine.
type call struct {
	n     int          // how many came before it since the hook was set
	steps []table.Step // of a write
	page  *table.Page  // of a query that was run
	run   func() error // carries it out
}

func (c *call) writes() bool { return len(c.steps) > 0 }

var errDown = &table.Error{Kind: table.Unavailable, Op: "tap", Err: errors.New("the engine is down")}

// set makes h see every call from now on; nil lets them through.
func (t *tap) set(h hook) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hook, t.calls = h, 0
}

func (t *tap) do(c *call) error {
	t.mu.Lock()
	h := t.hook
	c.n = t.calls
	t.calls++
	t.mu.Unlock()
	if h == nil {
		return c.run()
	}
	return h(c)
}

func (t *tap) Get(ctx context.Context, key table.Key) (item table.Item, err error) {
	err = t.do(&call{run: func() error {
		item, err = t.DB.Get(ctx, key)
		return err
	}})
	return item, err
}

func (t *tap) BatchGet(ctx context.Context, keys []table.Key) (items []table.Item, err error) {
	err = t.do(&call{run: func() error {
		items, err = t.DB.BatchGet(ctx, keys)
		return err
	}})
	return items, err
}

func (t *tap) Query(ctx context.Context, q table.Query) (page table.Page, err error) {
	err = t.do(&call{page: &page, run: func() error {
		page, err = t.DB.Query(ctx, q)
		return err
	}})
	return page, err
}

func (t *tap) Write(ctx context.Context, steps ...table.Step) error {
	return t.do(&call{steps: steps, run: func() error { return t.DB.Write(ctx, steps...) }})
}

// during is a hook that runs act, past itself, right before the n-th call that
// picked picks, counted from 0; all calls are carried out.
func (t *tap) during(n int, picked func(*call) bool, act func()) {
	var mu sync.Mutex
	t.set(func(c *call) error {
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
		return c.run()
	})
}

// gate is a hook that holds the first n writes until all of them are there.
func gate(n int) hook {
	var missing sync.WaitGroup
	missing.Add(n)
	var writes atomic.Int64
	return func(c *call) error {
		if c.writes() && writes.Add(1) <= int64(n) {
			missing.Done()
			missing.Wait()
		}
		return c.run()
	}
}

// broken fails call k, before or after it is carried out.
func broken(k int, after bool) hook {
	return func(c *call) error {
		if c.n != k {
			return c.run()
		}
		if after {
			_ = c.run() // its answer is lost
		}
		return errDown
	}
}
