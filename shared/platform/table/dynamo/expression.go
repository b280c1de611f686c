package dynamo

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// terms are the names and values of one request's expressions. Every name and
// value is a placeholder, so reserved words and dots in names mean nothing.
// (The SDK's expression builder reads a dot as a path into a document.)
type terms struct {
	names  map[string]string
	values map[string]types.AttributeValue
	seen   map[string]string // attribute → placeholder
	err    error             // the first failure; what follows it is discarded
}

func (t *terms) name(attr string) string {
	if placeholder, ok := t.seen[attr]; ok {
		return placeholder
	}
	switch {
	case attr == "":
		t.fail(errors.New("an attribute without a name"))
	case !utf8.ValidString(attr):
		t.fail(errNotUTF8)
	}
	if t.names == nil {
		t.names = map[string]string{}
		t.seen = map[string]string{}
	}
	placeholder := "#" + strconv.Itoa(len(t.names))
	t.names[placeholder] = attr
	t.seen[attr] = placeholder
	return placeholder
}

func (t *terms) value(v any) string {
	av, err := attributevalue.Marshal(v)
	switch {
	case err != nil:
		t.fail(err)
	case !validText(av):
		t.fail(errNotUTF8)
	}
	if t.values == nil {
		t.values = map[string]types.AttributeValue{}
	}
	placeholder := ":" + strconv.Itoa(len(t.values))
	t.values[placeholder] = av
	return placeholder
}

func (t *terms) fail(err error) { t.err = cmp.Or(t.err, err) }

// all returns the condition expression of conds, nil when there are none.
func (t *terms) all(conds []table.Cond) *string {
	if len(conds) == 0 {
		return nil
	}
	s := t.join(conds, " AND ")
	return &s
}

func (t *terms) join(conds []table.Cond, with string) string {
	parts := make([]string, len(conds))
	for i, c := range conds {
		parts[i] = t.cond(c)
	}
	return strings.Join(parts, with)
}

func (t *terms) cond(c table.Cond) string {
	switch c.Op {
	case table.OpExists:
		return "attribute_exists(" + t.name(table.PK) + ")"
	case table.OpNotExists:
		return "attribute_not_exists(" + t.name(table.PK) + ")"
	case table.OpHas:
		return "attribute_exists(" + t.name(c.Attr) + ")"
	case table.OpLacks:
		return "attribute_not_exists(" + t.name(c.Attr) + ")"
	case table.OpIn:
		return t.in(c)
	case table.OpAny:
		return t.any(c.Any)
	default:
		return t.compare(c)
	}
}

func (t *terms) any(conds []table.Cond) string {
	switch len(conds) {
	case 0:
		t.fail(errors.New("any of no conditions"))
		return ""
	case 1: // DynamoDB refuses parentheses around parentheses
		return t.cond(conds[0])
	default:
		return "(" + t.join(conds, " OR ") + ")"
	}
}

func (t *terms) in(c table.Cond) string {
	if len(c.Values) == 0 {
		t.fail(fmt.Errorf("%q in no values", c.Attr))
	}
	values := make([]string, len(c.Values))
	for i, v := range c.Values {
		values[i] = t.value(v)
	}
	return t.name(c.Attr) + " IN (" + strings.Join(values, ", ") + ")"
}

var comparators = map[table.CondOp]string{
	table.OpEquals:    " = ",
	table.OpNotEquals: " <> ",
	table.OpBelow:     " < ",
	table.OpAtMost:    " <= ",
	table.OpAtLeast:   " >= ",
}

func (t *terms) compare(c table.Cond) string {
	comparator, known := comparators[c.Op]
	if !known || len(c.Values) != 1 {
		t.fail(fmt.Errorf("condition %d on %q with %d values", c.Op, c.Attr, len(c.Values)))
		return ""
	}
	name := t.name(c.Attr)
	test := name + comparator + t.value(c.Values[0])
	if c.Op == table.OpNotEquals { // which alone also holds for a missing attribute
		return "(attribute_exists(" + name + ") AND " + test + ")"
	}
	return test
}

// update returns the update expression of do. Each attribute may be changed
// once and the key never, or the request is discarded.
func (t *terms) update(do table.Changes) *string {
	var set, add, remove []string
	touched := map[string]bool{table.PK: true, table.SK: true}
	touch := func(attr string) string {
		if touched[attr] {
			t.fail(fmt.Errorf("attribute %q is changed twice or is the key", attr))
		}
		touched[attr] = true
		return t.name(attr)
	}
	for _, attr := range slices.Sorted(maps.Keys(do.Set)) {
		set = append(set, touch(attr)+" = "+t.value(do.Set[attr]))
	}
	for _, attr := range slices.Sorted(maps.Keys(do.SetIfAbsent)) {
		name := touch(attr)
		set = append(set, name+" = if_not_exists("+name+", "+t.value(do.SetIfAbsent[attr])+")")
	}
	for _, attr := range slices.Sorted(maps.Keys(do.Add)) {
		add = append(add, touch(attr)+" "+t.value(do.Add[attr]))
	}
	for _, attr := range do.Remove {
		remove = append(remove, touch(attr))
	}
	var b strings.Builder
	for _, clause := range []struct {
		verb  string
		parts []string
	}{{"SET ", set}, {" ADD ", add}, {" REMOVE ", remove}} {
		if len(clause.parts) > 0 {
			b.WriteString(clause.verb + strings.Join(clause.parts, ", "))
		}
	}
	if b.Len() == 0 {
		t.fail(errors.New("an update that changes nothing"))
	}
	s := strings.TrimSpace(b.String())
	return &s
}
