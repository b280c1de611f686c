package bolt

import (
	"errors"
	"fmt"
	"maps"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// changes is a table.Changes with its values encoded.
type changes struct {
	set, setIfAbsent map[string]types.AttributeValue
	add              map[string]int64
	remove           []string
}

// compileChanges encodes changes; the error tells what DynamoDB would refuse.
func compileChanges(do table.Changes) (changes, error) {
	out := changes{add: maps.Clone(do.Add), remove: do.Remove}
	if err := checkNames(do); err != nil {
		return out, err
	}
	var err error
	if out.set, err = encodeValues(do.Set); err != nil {
		return out, err
	}
	out.setIfAbsent, err = encodeValues(do.SetIfAbsent)
	return out, err
}

// checkNames tells whether do changes anything, each attribute once and no key.
func checkNames(do table.Changes) error {
	var names []string
	for name := range do.Set {
		names = append(names, name)
	}
	for name := range do.SetIfAbsent {
		names = append(names, name)
	}
	for name := range do.Add {
		names = append(names, name)
	}
	names = append(names, do.Remove...)
	if len(names) == 0 {
		return errors.New("an update without a change")
	}
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		switch {
		case name == "":
			return errors.New("an attribute without a name")
		case name == table.PK || name == table.SK:
			return fmt.Errorf("%s is part of the key", name)
		case seen[name]:
			return fmt.Errorf("%s is changed twice", name)
		}
		seen[name] = true
	}
	return nil
}

func encodeValues(values map[string]any) (map[string]types.AttributeValue, error) {
	out := make(map[string]types.AttributeValue, len(values))
	for name, v := range values {
		var err error
		if out[name], err = encodeValue(v); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// apply returns old with the changes made and leaves old alone. The error
// tells what DynamoDB would refuse.
func (c changes) apply(old table.Item) (table.Item, error) {
	item := make(table.Item, len(old)+len(c.set)+len(c.setIfAbsent)+len(c.add))
	maps.Copy(item, c.setIfAbsent)
	maps.Copy(item, old)
	maps.Copy(item, c.set)
	for name, by := range c.add {
		sum, err := add(old[name], by)
		if err != nil {
			return nil, fmt.Errorf("add to %s: %w", name, err)
		}
		item[name] = sum
	}
	for _, name := range c.remove {
		delete(item, name)
	}
	return item, nil
}

// add returns v + by, taking a missing v for zero.
func add(v types.AttributeValue, by int64) (types.AttributeValue, error) {
	sum := new(big.Rat).SetInt64(by)
	if v != nil {
		n, ok := v.(*types.AttributeValueMemberN)
		if !ok {
			return nil, fmt.Errorf("%T is not a number", v)
		}
		old, err := parseNumber(n.Value)
		if err != nil {
			return nil, err
		}
		sum.Add(sum, old)
	}
	s, err := formatNumber(sum)
	return &types.AttributeValueMemberN{Value: s}, err
}
