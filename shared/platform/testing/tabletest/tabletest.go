// Package tabletest is the contract of table.DB and table.Feed as tests. Every
// engine runs it, so code that works on one works on the others.
//
// It expects an engine with consistent index reads, like DynamoDB Local and the embedded
// engine.
package tabletest

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/platform/table"
)

// Open returns a new engine with the tables of schemas, empty, and releases it when t
// ends.
type Open func(t *testing.T, schemas ...table.Schema) table.DB

// The tables and indexes of the suite. Attribute names include reserved words
// of DynamoDB's expressions.
const (
	things  = "things"
	notes   = "notes"
	byOwner = "by-owner" // owner, rank; note is projected
	byState = "by-state" // state, rank; keys only
)

func schemas() []table.Schema {
	return []table.Schema{
		{Name: things, Indexes: []table.Index{
			{Name: byOwner, PK: "owner", SK: "rank", Project: []string{"note"}},
			{Name: byState, PK: "state", SK: "rank"},
		}},
		{Name: notes},
	}
}

// Run runs the contract of table.DB. One engine serves all subtests, in
// parallel; each keeps to partitions of its own.
func Run(t *testing.T, open Open) {
	db := open(t, schemas()...)
	for _, group := range []struct {
		name string
		test func(suite)
	}{
		{"get", testGet},
		{"batch-get", testBatchGet},
		{"snapshot", testSnapshot},
		{"snapshot-is-one", testSnapshotIsOne},
		{"values", testValues},
		{"numbers", testNumbers},
		{"done", testDone},
		{"meter", testMeter},
		{"conditions", testConditions},
		{"conditions-on-absent", testConditionsOnAbsent},
		{"put", testPut},
		{"update", testUpdate},
		{"update-creates", testUpdateCreates},
		{"update-once", testUpdateOnce},
		{"delete", testDelete},
		{"delete-all", testDeleteAll},
		{"check", testCheck},
		{"refusal", testRefusal},
		{"atomic", testAtomic},
		{"encoded-once", testEncodedOnce},
		{"query-ranges", testQueryRanges},
		{"query-order", testQueryOrder},
		{"query-cursor", testQueryCursor},
		{"query-page-size", testQueryPageSize},
		{"index", testIndex},
		{"index-follows", testIndexFollows},
		{"index-ties", testIndexTies},
		{"limits-write", testWriteLimits},
		{"limits-read", testReadLimits},
		{"limits-met", testLimitsMet},
		{"race-counter", testCounter},
		{"race-bound", testBoundedCounter},
		{"race-create", testOneWinner},
		{"race-transfer", testTransfer},
	} {
		t.Run(group.name, func(t *testing.T) {
			t.Parallel()
			group.test(suite{T: t, db: db, pk: t.Name()})
		})
	}
}

// suite is one subtest: the engine and the partition it may use.
type suite struct {
	*testing.T
	db table.DB
	pk string
}

// sub is s within a subtest of its own, in the same partition.
func (s suite) sub(name string, test func(suite)) {
	s.Helper()
	s.T.Run(name, func(t *testing.T) { test(suite{T: t, db: s.db, pk: s.pk}) })
}

// key names an item in the subtest's partition of things.
func (s suite) key(sk string) table.Key { return table.Key{Table: things, PK: s.pk, SK: sk} }

// noteKey names an item in the subtest's partition of notes.
func (s suite) noteKey(sk string) table.Key { return table.Key{Table: notes, PK: s.pk, SK: sk} }

// attrs are the attributes of an item without its key, as Go values.
type attrs map[string]any

// put stores an item unconditionally.
func (s suite) put(key table.Key, a attrs) {
	s.Helper()
	s.write(table.Put("put", key, map[string]any(a)))
}

// write runs a transaction that must succeed.
func (s suite) write(steps ...table.Step) {
	s.Helper()
	if err := s.db.Write(s.Context(), steps...); err != nil {
		s.Fatalf("write: %v", err)
	}
}

// refuse runs a transaction that must be refused by the steps with these labels.
func (s suite) refuse(labels []string, steps ...table.Step) *table.Refused {
	s.Helper()
	err := s.db.Write(s.Context(), steps...)
	refused := table.AsRefused(err)
	if refused == nil {
		s.Fatalf("write: %v, want a refusal", err)
	}
	var got []string
	for _, step := range refused.Steps {
		got = append(got, step.Label)
	}
	if d := gocmp.Diff(labels, got); d != "" {
		s.Fatalf("refused by (-want +got):\n%s", d)
	}
	return refused
}

// invalid checks that err is a failure of kind Invalid.
func (s suite) invalid(err error) {
	s.Helper()
	if !table.IsKind(err, table.Invalid) {
		s.Errorf("got %v, want an Invalid error", err)
	}
}

// get reads an item that can be read.
func (s suite) get(key table.Key) table.Item {
	s.Helper()
	item, err := s.db.Get(s.Context(), key)
	if err != nil {
		s.Fatalf("get %v: %v", key, err)
	}
	return item
}

// holds compares what is stored at key; nil attrs mean nothing.
func (s suite) holds(key table.Key, want attrs) {
	s.Helper()
	s.same(itemOf(s, key, want), s.get(key))
}

// same compares two items.
func (s suite) same(want, got table.Item) {
	s.Helper()
	if d := diff(want, got); d != "" {
		s.Errorf("item (-want +got):\n%s", d)
	}
}

// itemOf is the item that storing a at key leaves, nil for nil attrs.
func itemOf(t fataler, key table.Key, a attrs) table.Item {
	t.Helper()
	if a == nil {
		return nil
	}
	item, err := attributevalue.MarshalMap(map[string]any(a))
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	item[table.PK] = &types.AttributeValueMemberS{Value: key.PK}
	item[table.SK] = &types.AttributeValueMemberS{Value: key.SK}
	return item
}

// fataler is what itemOf needs of a *testing.T or *rapid.T.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// diff shows how two items differ; the order in a set does not count.
func diff(want, got any) string {
	return gocmp.Diff(want, got,
		cmpopts.EquateEmpty(),
		cmpopts.SortSlices(cmp.Less[string]),
		cmpopts.SortSlices(func(a, b []byte) bool { return string(a) < string(b) }),
		cmpopts.IgnoreUnexported(
			types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberBS{},
			types.AttributeValueMemberL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberN{},
			types.AttributeValueMemberNS{}, types.AttributeValueMemberNULL{}, types.AttributeValueMemberS{},
			types.AttributeValueMemberSS{},
		),
	)
}

// raw is an attribute as it is, where Go has no type that is encoded so.
type raw struct{ types.AttributeValue }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (r raw) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return r.AttributeValue, nil
}

func number(s string) attributevalue.Number { return attributevalue.Number(s) }

func stringSet(s ...string) raw { return raw{&types.AttributeValueMemberSS{Value: s}} }

func numberSet(s ...string) raw { return raw{&types.AttributeValueMemberNS{Value: s}} }

func binarySet(b ...[]byte) raw { return raw{&types.AttributeValueMemberBS{Value: b}} }

// numbered returns n short names in order.
func numbered(prefix string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%03d", prefix, i)
	}
	return names
}
