// Package table is Ciclo's storage: named DynamoDB-shaped tables, read by key
// or by index and changed by one conditional transaction at a time.
//
// Resource packages depend on [DB] alone. Two engines stand behind it and pass
// one contract suite (testing/tabletest): table/dynamo for DynamoDB and any
// endpoint that speaks its protocol, table/bolt for a laptop.
package table

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names of the attributes every table uses as its primary key.
const (
	PK = "pk"
	SK = "sk"
)

// Limits of DynamoDB that both engines enforce.
const (
	MaxSteps      = 100       // actions in one transaction
	MaxBatch      = 100       // keys in one BatchGet
	MaxDeletes    = 25        // keys in one DeleteAll
	MaxItemBytes  = 400 << 10 // one item, names and values
	MaxWriteBytes = 4 << 20   // one transaction
	MaxPageBytes  = 1 << 20   // one page of a Query
	MaxPKBytes    = 2048      // partition key value
	MaxSKBytes    = 1024      // sort key value
	TTL           = "ttl"     // attribute with the Unix second after which DynamoDB may remove an item
)

// Item is one stored item, as DynamoDB holds it. A nil Item means "absent".
type Item map[string]types.AttributeValue

// Key names one item of one table.
type Key struct{ Table, PK, SK string }

func (k Key) String() string { return fmt.Sprintf("%s(%s, %s)", k.Table, k.PK, k.SK) }

// DB is a set of tables that one transaction may span.
//
// Every method honours the context's deadline and returns, besides ctx errors,
// only *Error (see its Kind) and, from Write, *Refused.
type DB interface {
	// Get reads one item with strong consistency; it is nil when absent.
	Get(ctx context.Context, key Key) (Item, error)
	// BatchGet reads up to MaxBatch distinct keys with strong consistency.
	// The result has the order and length of keys, nil where absent.
	BatchGet(ctx context.Context, keys []Key) ([]Item, error)
	// Snapshot is BatchGet of items as they were at one moment: a Write is in all of
	// them or in none. It costs twice as much as BatchGet, and fails with Conflict
	// where writes keep holding an item.
	Snapshot(ctx context.Context, keys []Key) ([]Item, error)
	// Query reads one page of one partition of a table or index, in sort-key order.
	Query(ctx context.Context, q Query) (Page, error)
	// Write applies all steps or none. At most MaxSteps steps, each on another item.
	// When conditions do not hold it returns *Refused naming every step that refused.
	// A write whose answer was lost and that is repeated inside Write is
	// recognised as done: it never refuses itself.
	Write(ctx context.Context, steps ...Step) error
	// UpdateOnce applies one step of Update and returns the item as it is then. It is not a
	// transaction: it costs half of a Write and never conflicts with another UpdateOnce. It
	// is sent once, so that after an error other than *Refused the step may have been applied.
	UpdateOnce(ctx context.Context, step Step) (Item, error)
	// DeleteAll removes up to MaxDeletes distinct items, whatever they hold; it ignores absent
	// ones. It is not a transaction: it costs half of a Write, and after an error any of the
	// items may be removed and any may be left.
	DeleteAll(ctx context.Context, keys []Key) error
}

// Query describes one page of a partition.
type Query struct {
	Table string
	Index string // "" for the table itself
	PK    string // value of the partition key of Table or Index
	// From and To bound the sort key, both inclusive; "" leaves that side open.
	From, To   string
	Descending bool
	Limit      int    // most items in the page; 0 for as many as 1 MB holds
	Cursor     string // Page.Next of the page before, "" for the first
	// Consistent asks for a strongly consistent read; refused on an index.
	Consistent bool
}

// Page is a part of a query's answer. Next is "" on the last page; a page may
// be empty and still have a Next.
type Page struct {
	Items []Item
	Next  string
}

// Schema is a table's shape, as template.yaml declares it and the engines create it.
type Schema struct {
	Name    string
	Indexes []Index
	Stream  bool // changes are fed to workers, old and new image
	Expires bool // items may have the attribute TTL
}

// Index is a global secondary index: items that carry both key attributes, ordered by SK.
type Index struct {
	Name   string
	PK, SK string
	// Project lists the non-key attributes copied into the index;
	// empty means keys only.
	Project []string
}

// Change is one committed change of a table with Stream set, delivered at least
// once and in order per item.
type Change struct {
	Key      Key
	Old, New Item // nil when created or removed
}

// Encode turns a struct with dynamodbav tags into an item.
func Encode(v any) (Item, error) {
	m, err := attributevalue.MarshalMap(v)
	if err != nil {
		return nil, &Error{Kind: Invalid, Op: "encode", Err: err}
	}
	return m, nil
}

// Decode fills *v, a struct with dynamodbav tags, from an item.
func Decode(item Item, v any) error {
	if err := attributevalue.UnmarshalMap(item, v); err != nil {
		return &Error{Kind: Invalid, Op: "decode", Err: err}
	}
	return nil
}

// As decodes an item into a new T, a struct with dynamodbav tags; nil for an absent
// one, which to many records is a state of its own.
func As[T any](item Item) (*T, error) {
	if item == nil {
		return nil, nil //nolint:nilnil // see above
	}
	record := new(T)
	if err := Decode(item, record); err != nil {
		return nil, err
	}
	return record, nil
}

// Text returns an attribute of an item that is a string; "" where there is none.
func Text(item Item, attr string) string {
	if s, ok := item[attr].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// Flag reports whether an attribute of an item is true.
func Flag(item Item, attr string) bool {
	b, ok := item[attr].(*types.AttributeValueMemberBOOL)
	return ok && b.Value
}

// Texts returns an attribute of an item that is a list of strings; nil where there is none.
func Texts(item Item, attr string) []string {
	l, ok := item[attr].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	var all []string
	for _, member := range l.Value {
		if s, ok := member.(*types.AttributeValueMemberS); ok {
			all = append(all, s.Value)
		}
	}
	return all
}

// Number returns an attribute of an item that is a whole number; 0 where there is none.
func Number(item Item, attr string) int64 {
	if n, ok := item[attr].(*types.AttributeValueMemberN); ok {
		i, _ := strconv.ParseInt(n.Value, 10, 64)
		return i
	}
	return 0
}

// GetAll reads the items at keys, 100 at most, and leaves out those that do not exist. It reads
// nothing for no keys.
func GetAll[T any](ctx context.Context, db DB, keys []Key) ([]*T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	items, err := db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var all []*T
	for _, item := range items {
		record, err := As[T](item)
		if err != nil {
			return nil, err
		}
		if record != nil {
			all = append(all, record)
		}
	}
	return all, nil
}

// All reads every page of q and hands each item to yield until it returns an
// error, which All returns. One page is in memory at a time.
func All(ctx context.Context, db DB, q Query, yield func(Item) error) error {
	for {
		page, err := db.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := yield(item); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
	}
}

// Feed delivers the committed changes of a table whose Schema has Stream set.
type Feed interface {
	// Run hands batches of changes to handle until ctx ends, at least once and
	// in order per item, from where the last Run stopped (a fresh feed starts
	// at the oldest change kept). A batch whose handler fails is delivered
	// again after a pause; Run returns only when ctx ends or the feed is broken.
	Run(ctx context.Context, table string, handle func(context.Context, []Change) error) error
}
