package tabletest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/platform/table"
)

// OpenFeed is [Open] with the feed of the same engine.
type OpenFeed func(t *testing.T, schemas ...table.Schema) (table.DB, table.Feed)

// patience is when a change that never arrives fails a test that would wait for
// it forever; no result depends on it.
const patience = time.Minute

// RunFeed runs the contract of table.Feed, each subtest on an engine of its own.
func RunFeed(t *testing.T, open OpenFeed) {
	for _, group := range []struct {
		name string
		test func(feedSuite)
	}{
		{"images", testImages},
		{"no-change", testNoChange},
		{"transaction", testTransactionFed},
		{"redelivery", testRedelivery},
		{"resume", testResume},
		{"concurrent-writers", testConcurrentWriters},
		{"stop-idle", testStopIdle},
		{"stop-failing", testStopFailing},
		{"one-run", testOneRun},
		{"wrong-table", testWrongTable},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			db, feed := open(t,
				table.Schema{Name: things, Stream: true, Indexes: []table.Index{{Name: byOwner, PK: "owner", SK: "rank"}}},
				table.Schema{Name: notes})
			group.test(feedSuite{suite: suite{T: t, db: db, pk: t.Name()}, feed: feed})
		})
	}
}

type feedSuite struct {
	suite
	feed table.Feed
}

// deliver runs the feed until count different changes were delivered and
// returns all that were, in order. take may refuse a batch.
func (s feedSuite) deliver(count int, take func([]table.Change) error) []table.Change {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	var got []table.Change
	err := s.feed.Run(ctx, things, func(_ context.Context, batch []table.Change) error {
		if err := take(batch); err != nil {
			return err
		}
		got = append(got, batch...)
		different := 0
		for _, history := range s.histories(got) {
			different += len(history)
		}
		if different >= count {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		s.Fatalf("run: %v after %d changes, want %v after %d", err, len(got), context.Canceled, count)
	}
	return got
}

func takeAll([]table.Change) error { return nil }

// histories returns the changes of each item. Each must begin with the state that the one
// before it left, unless it was delivered before.
func (s feedSuite) histories(changes []table.Change) map[table.Key][]table.Change {
	s.Helper()
	all := make(map[table.Key][]table.Change)
	for _, c := range changes {
		history := all[c.Key]
		var state table.Item
		if len(history) > 0 {
			state = history[len(history)-1].New
		}
		switch {
		case diff(state, c.Old) == "":
			all[c.Key] = append(history, c)
		case !delivered(history, c):
			s.Errorf("change of %v starts at %v, the one before it ended at %v", c.Key, c.Old, state)
		}
	}
	return all
}

func delivered(history []table.Change, c table.Change) bool {
	for _, h := range history {
		if diff(h, c) == "" {
			return true
		}
	}
	return false
}

// history compares the changes of one item with the states it went through.
func (s feedSuite) history(changes []table.Change, key table.Key, states ...attrs) {
	s.Helper()
	var want []table.Change
	var old table.Item
	for _, state := range states {
		now := itemOf(s, key, state)
		want = append(want, table.Change{Key: key, Old: old, New: now})
		old = now
	}
	if d := diff(want, s.histories(changes)[key]); d != "" {
		s.Errorf("changes of %v (-want +got):\n%s", key, d)
	}
}

// testImages checks that changes from before the first Run are delivered, with the whole
// item before and after.
func testImages(s feedSuite) {
	key := s.key("a")
	s.put(key, attrs{"count": 1, "tags": stringSet("x"), "list": []any{1, nil}, "data": []byte{1}})
	s.write(table.Update("u", key, table.Changes{Add: map[string]int64{"count": 1}, Remove: []string{"tags", "list"}}))
	s.put(key, attrs{"owner": s.pk, "rank": "1", "count": 3})
	s.write(table.Delete("d", key))
	s.put(key, attrs{"count": 5})
	s.put(s.key("b"), attrs{"count": 1})
	got := s.deliver(6, takeAll)
	s.history(got, key,
		attrs{"count": 1, "tags": stringSet("x"), "list": []any{1, nil}, "data": []byte{1}},
		attrs{"count": 2, "data": []byte{1}},
		attrs{"owner": s.pk, "rank": "1", "count": 3},
		nil,
		attrs{"count": 5})
	s.history(got, s.key("b"), attrs{"count": 1})
}

// testNoChange checks that a write without an effect is not delivered.
func testNoChange(s feedSuite) {
	key := s.key("a")
	s.put(key, attrs{"count": 1})
	s.put(key, attrs{"count": number("1.0")})
	s.write(table.Update("u", key, table.Changes{Set: map[string]any{"count": 1}, Remove: []string{"name"}}))
	s.write(table.Check("c", key, table.Exists()))
	s.write(table.Delete("d", s.key("absent")))
	s.refuse([]string{"p"}, table.Put("p", key, attrs{"count": 9}, table.NotExists()))
	s.put(s.noteKey("a"), attrs{"count": 9}) // no stream
	s.put(key, attrs{"count": 2})
	got := s.deliver(2, takeAll)
	s.history(got, key, attrs{"count": 1}, attrs{"count": 2})
	if n := len(s.histories(got)); n != 1 {
		s.Errorf("changes of %d items, want 1", n)
	}
}

func testTransactionFed(s feedSuite) {
	s.put(s.key("b"), attrs{"count": 1})
	s.write(
		table.Put("a", s.key("a"), attrs{"count": 1}),
		table.Delete("b", s.key("b")),
		table.Check("c", s.key("c"), table.NotExists()),
		table.Update("d", s.key("d"), table.Changes{Add: map[string]int64{"count": 4}}),
		table.Put("n", s.noteKey("n"), attrs{"count": 1}),
	)
	got := s.deliver(4, takeAll)
	s.history(got, s.key("a"), attrs{"count": 1})
	s.history(got, s.key("b"), attrs{"count": 1}, nil)
	s.history(got, s.key("d"), attrs{"count": 4})
}

// testRedelivery checks that a batch comes again after its handler failed, and that no
// change is lost or reordered.
func testRedelivery(s feedSuite) {
	key := s.key("a")
	var states []attrs
	for i := range 5 {
		states = append(states, attrs{"count": i})
		s.put(key, states[i])
	}
	var failed []table.Change // of the batch before, when it failed
	attempts := 0
	got := s.deliver(len(states), func(batch []table.Change) error {
		if failed != nil {
			if d := diff(failed[0], batch[0]); d != "" {
				s.Errorf("after a failure (-failed +delivered):\n%s", d)
			}
		}
		if attempts++; attempts%3 != 0 {
			failed = batch
			return errors.New("not now")
		}
		failed = nil
		return nil
	})
	s.history(got, key, states...)
}

// testResume checks that a Run continues after the last one.
func testResume(s feedSuite) {
	s.put(s.key("a"), attrs{"count": 1})
	s.history(s.deliver(1, takeAll), s.key("a"), attrs{"count": 1})
	s.put(s.key("b"), attrs{"count": 1})
	s.put(s.key("c"), attrs{"count": 1})
	got := s.deliver(2, takeAll)
	for _, c := range got {
		if c.Key == s.key("a") {
			s.Error("a delivered change came again in the next Run")
		}
	}
	s.history(got, s.key("b"), attrs{"count": 1})
	s.history(got, s.key("c"), attrs{"count": 1})
}

// testConcurrentWriters checks that changes made during a Run arrive in the order of each
// item, also for an item that all writers change.
func testConcurrentWriters(s feedSuite) {
	const writers, each = 4, 40
	add := table.Changes{Add: map[string]int64{"count": 1}}
	group, ctx := errgroup.WithContext(s.Context())
	for w := range writers {
		group.Go(func() error {
			for range each {
				err := attempt(ctx, s.db, table.Update("own", s.key(fmt.Sprint(w)), add), table.Update("shared", s.key("shared"), add))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	got := s.histories(s.deliver(2*writers*each, takeAll))
	if err := group.Wait(); err != nil {
		s.Fatal(err)
	}
	for w := range writers {
		if n := len(got[s.key(fmt.Sprint(w))]); n != each {
			s.Errorf("writer %d: %d changes, want %d", w, n, each)
		}
	}
	if n := len(got[s.key("shared")]); n != writers*each {
		s.Errorf("shared item: %d changes, want %d", n, writers*each)
	}
}

// testStopIdle checks that a Run without changes ends with its context.
func testStopIdle(s feedSuite) {
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	handled, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.feed.Run(ctx, things, func(context.Context, []table.Change) error {
			close(handled)
			return nil
		})
	}()
	s.put(s.key("a"), attrs{"count": 1})
	select {
	case <-handled:
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			s.Errorf("run: %v, want %v", err, context.Canceled)
		}
	case err := <-ended:
		s.Errorf("run: %v before anything was delivered", err)
	}
}

// testStopFailing checks that a Run with a handler that always fails ends with its context,
// and that the next Run gets the changes.
func testStopFailing(s feedSuite) {
	s.put(s.key("a"), attrs{"count": 1})
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	attempts := 0
	err := s.feed.Run(ctx, things, func(context.Context, []table.Change) error {
		if attempts++; attempts == 3 {
			cancel()
		}
		return errors.New("not now")
	})
	if !errors.Is(err, context.Canceled) || attempts != 3 {
		s.Errorf("run: %v after %d attempts, want %v after 3", err, attempts, context.Canceled)
	}
	s.history(s.deliver(1, takeAll), s.key("a"), attrs{"count": 1})
}

// testOneRun checks that a table has one Run at a time.
func testOneRun(s feedSuite) {
	s.put(s.key("a"), attrs{"count": 1})
	s.deliver(1, func([]table.Change) error {
		s.invalid(s.feed.Run(s.Context(), things, func(context.Context, []table.Change) error { return nil }))
		return nil
	})
}

func testWrongTable(s feedSuite) {
	for _, name := range []string{notes, "nowhere", ""} {
		s.invalid(s.feed.Run(s.Context(), name, func(context.Context, []table.Change) error { return nil }))
	}
}
