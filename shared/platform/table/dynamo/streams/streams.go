// Package streams is the change feed of tables on DynamoDB Local: it plays the
// part that Lambda's event source mapping plays in AWS, for the sandbox and for
// tests. Functions never link it.
package streams

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
)

const (
	idlePause     = 100 * time.Millisecond // between two looks at a stream without news
	maxPause      = time.Second            // the longest between two tries of what fails
	describeEvery = time.Second            // how often to look for new shards
	maxDelivery   = 100                    // changes in one batch
)

// Feed is a [table.Feed] over DynamoDB's streams. It remembers in memory how
// far each table was delivered, so a new Feed on an endpoint that outlived the
// old one delivers all that the stream still holds once more. Safe for
// concurrent use.
type Feed struct {
	client *dynamodbstreams.Client
	db     *dynamo.DB
	tables map[string]*stream
}

var _ table.Feed = (*Feed)(nil)

// New returns the feed of c's tables that have a stream. It sends nothing.
func New(c dynamo.Config) *Feed {
	o := dynamodbstreams.Options{
		Region:      c.Region,
		Credentials: c.Credentials,
		HTTPClient:  c.HTTPClient,
		Retryer:     aws.NopRetryer{}, // Run itself repeats
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.Endpoint)
	}
	f := &Feed{client: dynamodbstreams.New(o), db: dynamo.New(c), tables: make(map[string]*stream)}
	for _, schema := range c.Schemas {
		if schema.Stream {
			f.tables[schema.Name] = &stream{table: schema.Name, shards: map[string]*shard{}}
		}
	}
	return f
}

// stream is how far one table's changes are delivered. The Run that holds
// running owns it.
type stream struct {
	running   sync.Mutex
	table     string
	arn       string
	described time.Time // when shards was last brought up to date
	shards    map[string]*shard
}

// shard is how far one shard is delivered.
type shard struct {
	id, parent string
	iterator   *string // where to read on; nil when that must be asked for
	last       string  // sequence number of the last change delivered
	done       bool    // closed, and delivered to its end
}

// Run implements [table.Feed]. A table without a stream and a second Run of one
// table are Invalid; a stream that has disappeared is Unavailable.
func (f *Feed) Run(ctx context.Context, name string, handle func(context.Context, []table.Change) error) error {
	s := f.tables[name]
	switch {
	case s == nil:
		return failed(table.Invalid, fmt.Errorf("table %q has no stream", name))
	case !s.running.TryLock():
		return failed(table.Invalid, fmt.Errorf("the changes of table %q are already being delivered", name))
	}
	defer s.running.Unlock()
	pause := idlePause
	for {
		moved, err := f.round(ctx, s, handle)
		var gone *types.ResourceNotFoundException
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &gone), table.IsKind(err, table.Invalid), table.IsKind(err, table.Denied):
			return failed(table.Unavailable, err)
		case err != nil:
			pause = min(max(2*pause, idlePause), maxPause)
		case moved:
			pause = 0
		default:
			pause = idlePause
		}
		if err := wait(ctx, pause); err != nil {
			return err
		}
	}
}

// round delivers the next batch of every shard that may be read and tells
// whether there was any. A failing shard does not hold up the others; the
// error is the last one's.
func (f *Feed) round(ctx context.Context, s *stream, handle func(context.Context, []table.Change) error) (moved bool, err error) {
	if err := f.refresh(ctx, s); err != nil {
		return false, err
	}
	for _, sh := range s.shards {
		if sh.done || !s.delivered(sh.parent) {
			continue
		}
		n, failure := f.deliver(ctx, s, sh, handle)
		if failure != nil {
			err = failure
		}
		moved = moved || n > 0 || sh.done
	}
	return moved, err
}

// delivered tells whether nothing of a parent shard is left to deliver: an item
// that moved to its children would be out of order otherwise.
func (s *stream) delivered(parent string) bool {
	sh := s.shards[parent]
	return sh == nil || sh.done
}

// deliver hands the shard's next batch to handle and moves on if it was taken.
func (f *Feed) deliver(ctx context.Context, s *stream, sh *shard, handle func(context.Context, []table.Change) error) (int, error) {
	if sh.iterator == nil {
		if err := f.position(ctx, s, sh); err != nil {
			return 0, err
		}
	}
	out, err := f.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{
		ShardIterator: sh.iterator, Limit: aws.Int32(maxDelivery),
	})
	if err != nil {
		sh.lost(err)
		return 0, err
	}
	changes, err := decode(s.table, out.Records)
	if err != nil {
		return 0, err
	}
	if len(changes) > 0 {
		if handle(ctx, changes) != nil {
			return 0, errNotTaken
		}
		sh.last = aws.ToString(out.Records[len(changes)-1].Dynamodb.SequenceNumber)
	}
	sh.iterator = out.NextShardIterator
	sh.done = sh.iterator == nil
	return len(changes), nil
}

// lost makes the next delivery ask for a new iterator when err says that the
// old one is of no use.
func (sh *shard) lost(err error) {
	var expired *types.ExpiredIteratorException
	var trimmed *types.TrimmedDataAccessException
	switch {
	case errors.As(err, &trimmed):
		sh.iterator, sh.last = nil, ""
	case errors.As(err, &expired):
		sh.iterator = nil
	}
}

// errNotTaken hides the handler's own error, which says nothing about the feed.
var errNotTaken = errors.New("the handler failed")

func failed(kind table.Kind, err error) error {
	return &table.Error{Kind: kind, Op: "feed", Err: err}
}

// wait returns after d, or with ctx's error once it ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
