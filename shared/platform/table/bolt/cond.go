package bolt

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// maxIn is how many values DynamoDB takes in one IN.
const maxIn = 100

// condition is a table.Cond with its values encoded.
type condition struct {
	op     table.CondOp
	attr   string
	values []types.AttributeValue
	oneOf  []condition
}

// compileConds encodes conditions; the error tells what DynamoDB would refuse.
func compileConds(conds []table.Cond) ([]condition, error) {
	out := make([]condition, len(conds))
	for i, c := range conds {
		var err error
		if out[i], err = compileCond(c); err != nil {
			return nil, fmt.Errorf("condition on %q: %w", c.Attr, err)
		}
	}
	return out, nil
}

func compileCond(c table.Cond) (condition, error) {
	out := condition{op: c.Op, attr: c.Attr}
	if err := checkShape(c); err != nil {
		return out, err
	}
	for _, v := range c.Values {
		av, err := encodeValue(v)
		if err != nil {
			return out, err
		}
		if _, ordered := compare(av, av); !ordered && isOrdering(c.Op) {
			return out, fmt.Errorf("%T has no order", av)
		}
		out.values = append(out.values, av)
	}
	var err error
	out.oneOf, err = compileConds(c.Any)
	return out, err
}

// checkShape tells whether a condition has the parts its operator needs.
func checkShape(c table.Cond) error {
	switch c.Op {
	case table.OpExists, table.OpNotExists:
		return nil
	case table.OpAny:
		if len(c.Any) == 0 {
			return errors.New("no alternatives")
		}
		return nil
	case table.OpHas, table.OpLacks:
	case table.OpIn:
		if n := len(c.Values); n == 0 || n > maxIn {
			return fmt.Errorf("%d values, want 1 to %d", n, maxIn)
		}
	case table.OpEquals, table.OpNotEquals, table.OpBelow, table.OpAtMost, table.OpAtLeast:
		if len(c.Values) != 1 {
			return fmt.Errorf("%d values, want 1", len(c.Values))
		}
	default:
		return fmt.Errorf("unknown operator %d", c.Op)
	}
	if c.Attr == "" {
		return errors.New("no attribute")
	}
	return nil
}

func isOrdering(op table.CondOp) bool {
	return op == table.OpBelow || op == table.OpAtMost || op == table.OpAtLeast
}

// allHold tells whether every condition holds for item, nil when absent.
func allHold(conds []condition, item table.Item) bool {
	return !slices.ContainsFunc(conds, func(c condition) bool { return !c.holds(item) })
}

func (c condition) holds(item table.Item) bool {
	v, has := item[c.attr]
	switch c.op {
	case table.OpExists:
		return item != nil
	case table.OpNotExists:
		return item == nil
	case table.OpHas:
		return has
	case table.OpLacks:
		return !has
	case table.OpAny:
		return slices.ContainsFunc(c.oneOf, func(c condition) bool { return c.holds(item) })
	default:
		return has && c.compares(v)
	}
}

// compares tells whether v, which the item has, stands to the condition's
// values as its operator says.
func (c condition) compares(v types.AttributeValue) bool {
	switch c.op {
	case table.OpIn:
		return slices.ContainsFunc(c.values, func(w types.AttributeValue) bool { return equal(v, w) })
	case table.OpEquals:
		return equal(v, c.values[0])
	case table.OpNotEquals:
		return !equal(v, c.values[0])
	default: // an order
	}
	order, ok := compare(v, c.values[0])
	switch {
	case !ok:
		return false
	case c.op == table.OpBelow:
		return order < 0
	case c.op == table.OpAtMost:
		return order <= 0
	default:
		return order >= 0
	}
}
