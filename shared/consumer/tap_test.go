package consumer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"ciclo/shared/table"
)

// tap lies between the operations and an engine, where a test can see, fail and
// falsify calls. Its DB is the way around it.
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
	query *table.Query // nil for another call
	page  table.Page   // a query's answer
	steps []table.Step // of a write
	run   func() error // carries it out
}

var errDown = &table.Error{Kind: table.Unavailable, Op: "tap", Err: errors.New("the engine is down")}

// set makes h see every call from now on; nil lets them through.
func (t *tap) set(h hook) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hook, t.calls = h, 0
}

// seen is how many calls were made since set.
func (t *tap) seen() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.calls
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

var _ table.DB = (*tap)(nil)

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

func (t *tap) Query(ctx context.Context, q table.Query) (table.Page, error) {
	c := &call{query: &q}
	c.run = func() (err error) {
		c.page, err = t.DB.Query(ctx, q)
		return err
	}
	err := t.do(c)
	return c.page, err
}

func (t *tap) Write(ctx context.Context, steps ...table.Step) error {
	return t.do(&call{steps: steps, run: func() error { return t.DB.Write(ctx, steps...) }})
}

// indexed tells whether the call reads an index.
func (c *call) indexed() bool { return c.query != nil && c.query.Index != "" }

// removes tells whether the call removes items of that kind: ACCOUNT, CARD or DIG.
func (c *call) removes(kind string) bool {
	return slices.ContainsFunc(c.steps, func(s table.Step) bool {
		return s.Verb == table.DeleteItem && strings.HasPrefix(s.Key.SK, kind)
	})
}

// pass lets every call through.
func pass(c *call) error { return c.run() }

// blind is an index that shows nothing yet.
func blind(c *call) error {
	if c.indexed() {
		return nil
	}
	return c.run()
}

// down is an engine that answers nothing.
func down(*call) error { return errDown }

// unremovable is an engine that can never remove items of that kind.
func unremovable(kind string) hook {
	return func(c *call) error {
		if c.removes(kind) {
			return &table.Error{Kind: table.Invalid, Op: "write", Err: errors.New("the item cannot be removed")}
		}
		return c.run()
	}
}
