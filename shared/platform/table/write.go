package table

import "fmt"

// Verb is what a step does to its item.
type Verb int

// The verbs. PutItem replaces, UpdateItem changes (and creates an absent item),
// DeleteItem removes (and ignores an absent one), CheckItem only tests.
const (
	PutItem Verb = iota + 1
	UpdateItem
	DeleteItem
	CheckItem
)

func (v Verb) String() string {
	return [...]string{"?", "put", "update", "delete", "check"}[v]
}

// Step is one action of a transaction. Label names the step in a refusal and is unique
// within the transaction.
type Step struct {
	Label string
	Verb  Verb
	Key   Key
	Value any     // PutItem: a struct with dynamodbav tags or an Item; pk and sk are taken from Key
	Do    Changes // UpdateItem
	If    []Cond  // all must hold
}

// Changes is what an update does to the attributes of an item. Values are
// encoded like struct fields; Add creates a missing number from zero.
type Changes struct {
	Set         map[string]any
	SetIfAbsent map[string]any
	Add         map[string]int64
	Remove      []string
}

// Put replaces the item at key with value.
func Put(label string, key Key, value any, conds ...Cond) Step {
	return Step{Label: label, Verb: PutItem, Key: key, Value: value, If: conds}
}

// Update changes attributes of the item at key, creating it when absent.
func Update(label string, key Key, do Changes, conds ...Cond) Step {
	return Step{Label: label, Verb: UpdateItem, Key: key, Do: do, If: conds}
}

// Delete removes the item at key.
func Delete(label string, key Key, conds ...Cond) Step {
	return Step{Label: label, Verb: DeleteItem, Key: key, If: conds}
}

// Check tests the item at key and changes nothing.
func Check(label string, key Key, conds ...Cond) Step {
	return Step{Label: label, Verb: CheckItem, Key: key, If: conds}
}

// Cond is a condition on the item of a step as it was before the transaction.
// A comparison with a missing attribute or one of another type does not hold,
// except NotEquals, which holds for another type.
type Cond struct {
	Op     CondOp
	Attr   string
	Values []any
	Any    []Cond // OpAny: one must hold
}

// CondOp names a condition.
type CondOp int

// The condition operators, made by the functions of the same name.
const (
	OpExists CondOp = iota + 1
	OpNotExists
	OpHas
	OpLacks
	OpEquals
	OpNotEquals
	OpIn
	OpBelow
	OpAtMost
	OpAtLeast
	OpAny
)

// Exists holds when the item exists.
func Exists() Cond { return Cond{Op: OpExists} }

// NotExists holds when the item does not exist.
func NotExists() Cond { return Cond{Op: OpNotExists} }

// Has holds when the item has the attribute.
func Has(attr string) Cond { return Cond{Op: OpHas, Attr: attr} }

// Lacks holds when the item lacks the attribute or does not exist.
func Lacks(attr string) Cond { return Cond{Op: OpLacks, Attr: attr} }

// Equals holds when attr = v.
func Equals(attr string, v any) Cond { return Cond{Op: OpEquals, Attr: attr, Values: []any{v}} }

// NotEquals holds when attr is there and differs from v.
func NotEquals(attr string, v any) Cond { return Cond{Op: OpNotEquals, Attr: attr, Values: []any{v}} }

// Below holds when attr < v; numbers by value, strings by their UTF-8 bytes.
func Below(attr string, v any) Cond { return Cond{Op: OpBelow, Attr: attr, Values: []any{v}} }

// AtMost holds when attr <= v.
func AtMost(attr string, v any) Cond { return Cond{Op: OpAtMost, Attr: attr, Values: []any{v}} }

// AtLeast holds when attr >= v.
func AtLeast(attr string, v any) Cond { return Cond{Op: OpAtLeast, Attr: attr, Values: []any{v}} }

// Any holds when at least one of conds does.
func Any(conds ...Cond) Cond { return Cond{Op: OpAny, Any: conds} }

// In holds when attr equals one of values (at most 100).
func In[T any](attr string, values ...T) Cond {
	c := Cond{Op: OpIn, Attr: attr, Values: make([]any, len(values))}
	for i, v := range values {
		c.Values[i] = v
	}
	return c
}

// Validate returns an error of kind Invalid unless the steps form a transaction that
// DynamoDB accepts, as far as that can be checked without encoding: count, labels, distinct
// items, keys, verbs. Engines call it first.
func Validate(steps []Step) error {
	bad := func(format string, args ...any) error {
		return &Error{Kind: Invalid, Op: "write", Err: fmt.Errorf(format, args...)}
	}
	if len(steps) == 0 || len(steps) > MaxSteps {
		return bad("%d steps, want 1 to %d", len(steps), MaxSteps)
	}
	labels := make(map[string]bool, len(steps))
	keys := make(map[Key]bool, len(steps))
	for _, s := range steps {
		switch {
		case s.Label == "" || labels[s.Label]:
			return bad("label %q is empty or used twice", s.Label)
		case keys[s.Key]:
			return bad("step %q: item %v has two steps", s.Label, s.Key)
		case s.Verb < PutItem || s.Verb > CheckItem:
			return bad("step %q: unknown verb", s.Label)
		case s.Verb == CheckItem && len(s.If) == 0:
			return bad("step %q: a check without a condition", s.Label)
		}
		if err := ValidateKey(s.Key); err != nil {
			return err
		}
		labels[s.Label] = true
		keys[s.Key] = true
	}
	return nil
}

// ValidateUpdate returns an error of kind Invalid unless step can be given to UpdateOnce, as
// far as that can be checked without encoding. Engines call it first.
func ValidateUpdate(step Step) error {
	if step.Verb != UpdateItem {
		return &Error{Kind: Invalid, Op: "write", Err: fmt.Errorf("step %q is %v, want an update", step.Label, step.Verb)}
	}
	return Validate([]Step{step})
}

// ValidateDeletes returns an error of kind Invalid unless keys can be given to DeleteAll.
// Engines call it first.
func ValidateDeletes(keys []Key) error {
	if len(keys) > MaxDeletes {
		return &Error{Kind: Invalid, Op: "delete-all", Err: fmt.Errorf("%d keys, want at most %d", len(keys), MaxDeletes)}
	}
	seen := make(map[Key]bool, len(keys))
	for _, key := range keys {
		if seen[key] {
			return &Error{Kind: Invalid, Op: "delete-all", Err: fmt.Errorf("key %v is there twice", key)}
		}
		if err := ValidateKey(key); err != nil {
			return err
		}
		seen[key] = true
	}
	return nil
}

// ValidateKey returns an error of kind Invalid unless the table and both values of the key
// are there and the values are within DynamoDB's sizes.
func ValidateKey(k Key) error {
	if k.Table == "" || k.PK == "" || k.SK == "" || len(k.PK) > MaxPKBytes || len(k.SK) > MaxSKBytes {
		return &Error{Kind: Invalid, Op: "key", Err: fmt.Errorf("key %v: empty or too long", k)}
	}
	return nil
}
