package streams_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/table/dynamo/streams"
)

// newFeed returns the feed of table "things" of s.
func newFeed(t *testing.T, s *service) *streams.Feed {
	t.Helper()
	c, err := dynamo.ConfigFromEnv(func(name string) string {
		if name == "DYNAMODB_ENDPOINT" {
			return "http://service"
		}
		return ""
	}, table.Schema{Name: "things", Stream: true}, table.Schema{Name: "others"})
	if err != nil {
		t.Fatal(err)
	}
	c.HTTPClient = s
	return streams.New(c)
}

// deliver runs the feed until the change of item last arrived, and returns the
// items in the order of their changes. take may refuse a batch.
func deliver(t *testing.T, feed table.Feed, last string, take func() error) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []string
	err := feed.Run(ctx, "things", func(_ context.Context, batch []table.Change) error {
		if err := take(); err != nil {
			return err
		}
		for _, c := range batch {
			if c.Key.Table != "things" || c.Old != nil || c.New == nil {
				t.Errorf("change %+v, want the creation of a thing", c)
			}
			got = append(got, c.Key.SK)
			if c.Key.SK == last {
				cancel()
			}
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("run: %v, want %v", err, context.Canceled)
	}
	return got
}

func takeAll() error { return nil }

// family is a shard that was split twice, described in the worst order.
func family() []shard {
	return []shard{
		{id: "child", parent: "mother", changes: []string{"6", "7"}, open: true},
		{id: "mother", parent: "grandmother", changes: []string{"4", "5"}},
		{id: "grandmother", parent: "forgotten", changes: []string{"1", "2", "3"}},
	}
}

var inOrder = []string{"1", "2", "3", "4", "5", "6", "7"}

func TestParentsFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		got := deliver(t, newFeed(t, &service{shards: family()}), "7", takeAll)
		if d := cmp.Diff(inOrder, got); d != "" {
			t.Errorf("changes (-want +got):\n%s", d)
		}
	})
}

// TestFailuresPass: whatever fails for a while, every change arrives, in order
// but for repetitions.
func TestFailuresPass(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"DescribeTable", "DescribeStream", "GetShardIterator", "GetRecords"} {
		for _, failure := range []string{
			"lost", "InternalServerError", "LimitExceededException",
			"ExpiredIteratorException", "TrimmedDataAccessException",
		} {
			if operation == "DescribeTable" && failure != "lost" {
				continue // it has retries of its own
			}
			t.Run(operation+"/"+failure, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { checkPasses(t, operation, failure) })
			})
		}
	}
}

// checkPasses checks that all changes arrive in order while some calls of operation fail.
// Only a trimmed shard, which is read from its beginning again, may repeat some.
func checkPasses(t *testing.T, operation, failure string) {
	t.Helper()
	s := &service{shards: family(), failures: map[string][]string{operation: {"", failure, failure, "", failure}}}
	got := deliver(t, newFeed(t, s), "7", takeAll)
	var once []string
	for _, sk := range got {
		if !slices.Contains(once, sk) {
			once = append(once, sk)
		}
	}
	if d := cmp.Diff(inOrder, once); d != "" {
		t.Errorf("changes %q (-want +got):\n%s", got, d)
	}
	if failure != "TrimmedDataAccessException" && len(got) != len(inOrder) {
		t.Errorf("changes %q, want none repeated", got)
	}
}

// TestRefusedBatches: a batch that is refused comes again, whatever the error
// is, and a later Run goes on where the one before stopped.
func TestRefusedBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		feed := newFeed(t, &service{shards: family()})
		batches := 0
		got := deliver(t, feed, "4", func() error {
			if batches++; batches > 1 && batches < 6 {
				return &table.Error{Kind: table.Invalid, Op: "handler", Err: errors.New("refused")}
			}
			return nil
		})
		got = append(got, deliver(t, feed, "7", takeAll)...)
		if d := cmp.Diff(inOrder, got); d != "" {
			t.Errorf("changes (-want +got):\n%s", d)
		}
	})
}

func TestBroken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		table   string
		service *service
		kind    table.Kind
	}{
		"unknown table":      {"nowhere", &service{}, table.Invalid},
		"no stream declared": {"others", &service{}, table.Invalid},
		"no stream there":    {"things", &service{unnamed: true}, table.Unavailable},
		"no table": {"things", &service{failures: map[string][]string{
			"DescribeTable": {"ResourceNotFoundException"},
		}}, table.Unavailable},
		"stream gone": {"things", &service{shards: family(), failures: map[string][]string{
			"GetRecords": {"", "ResourceNotFoundException"},
		}}, table.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				err := newFeed(t, c.service).Run(t.Context(), c.table, func(context.Context, []table.Change) error { return nil })
				if !table.IsKind(err, c.kind) {
					t.Errorf("error %v, want kind %v", err, c.kind)
				}
			})
		})
	}
}
