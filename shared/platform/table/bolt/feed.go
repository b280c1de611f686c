package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

const (
	maxDelivery = 100 // changes in one batch
	minPause    = 10 * time.Millisecond
	maxPause    = time.Second
)

// change is how a change waits in the feed bucket, under the number of its
// place in the order of commits. An image is empty when the item was absent.
type change struct {
	Old json.RawMessage `json:"old,omitempty"`
	New json.RawMessage `json:"new,omitempty"`
}

// Run delivers changes in the order of their commits, up to 100 at a time; see
// table.Feed. A delivered change is removed, one not delivered is kept, however
// long, also when the file is closed. At most one Run per table: a second one,
// like an unknown table or one without a stream, is Invalid. After Close it
// returns Unavailable.
func (db *DB) Run(ctx context.Context, name string, handle func(context.Context, []table.Change) error) error {
	t, err := db.table("feed", name)
	switch {
	case err != nil:
		return err
	case !t.Stream:
		return invalid("feed", fmt.Errorf("table %s has no stream", name))
	case !t.running.CompareAndSwap(false, true):
		return invalid("feed", fmt.Errorf("changes of table %s are already being delivered", name))
	}
	defer t.running.Store(false)
	pause := minPause
	for {
		batch, last, err := db.waiting(ctx, name)
		if err != nil {
			return err
		}
		switch {
		case len(batch) == 0:
			err = await(ctx, db.closed, t.changed)
		case handle(ctx, batch) != nil: // the handler's error is its own to report
			err = await(ctx, db.closed, time.After(pause))
			pause = min(2*pause, maxPause)
		default:
			// What the handler did is done, even if ctx ended meanwhile.
			err = db.delivered(context.WithoutCancel(ctx), name, last)
			pause = minPause
		}
		if err != nil {
			return err
		}
	}
}

// enqueue appends a change to the feed of the table whose bucket root is.
func enqueue(root *bbolt.Bucket, before, now table.Item) error {
	var c change
	var err error
	if c.Old, err = image(before); err != nil {
		return err
	}
	if c.New, err = image(now); err != nil {
		return err
	}
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	feed := root.Bucket(feedBucket)
	number, err := feed.NextSequence()
	if err != nil {
		return err
	}
	return feed.Put(binary.BigEndian.AppendUint64(nil, number), value)
}

func image(item table.Item) (json.RawMessage, error) {
	if item == nil {
		return nil, nil
	}
	return attributevalue.MarshalMapJSON(item)
}

// waiting returns the oldest changes not delivered yet and the number of the last.
func (db *DB) waiting(ctx context.Context, name string) (batch []table.Change, last []byte, err error) {
	err = db.view(ctx, "feed", func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(name)).Bucket(feedBucket).Cursor()
		for number, value := c.First(); number != nil && len(batch) < maxDelivery; number, value = c.Next() {
			ch, err := decodeChange(name, value)
			if err != nil {
				return err
			}
			batch = append(batch, ch)
			last = append(last[:0], number...)
		}
		return nil
	})
	return batch, last, err
}

func decodeChange(name string, value []byte) (out table.Change, err error) {
	var c change
	if err := json.Unmarshal(value, &c); err != nil {
		return out, err
	}
	if out.Old, err = unmarshal(c.Old); err != nil {
		return out, err
	}
	if out.New, err = unmarshal(c.New); err != nil {
		return out, err
	}
	either := out.New
	if either == nil {
		either = out.Old
	}
	out.Key = table.Key{Table: name, PK: stringAt(either, table.PK), SK: stringAt(either, table.SK)}
	return out, nil
}

// delivered removes the changes up to the one with number last.
func (db *DB) delivered(ctx context.Context, name string, last []byte) error {
	return db.update(ctx, "feed", func(tx *bbolt.Tx) error {
		c := tx.Bucket([]byte(name)).Bucket(feedBucket).Cursor()
		for number, _ := c.First(); number != nil && bytes.Compare(number, last) <= 0; number, _ = c.First() {
			if err := c.Delete(); err != nil {
				return err
			}
		}
		return nil
	})
}

// wake tells the table's Run that there are changes.
func (t *tableState) wake() {
	select {
	case t.changed <- struct{}{}:
	default: // it has not looked since the last token
	}
}

// await returns nil when woken; the error says that ctx ended or the file was closed.
func await[T any](ctx context.Context, closed <-chan struct{}, woken <-chan T) error {
	select {
	case <-woken:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-closed:
		return &table.Error{Kind: table.Unavailable, Op: "feed", Err: errors.New("closed")}
	}
}
