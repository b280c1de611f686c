package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// maxDepth is how deep DynamoDB lets documents nest.
const maxDepth = 32

// encodeValue turns a Go value into the attribute that DynamoDB would store.
func encodeValue(v any) (types.AttributeValue, error) {
	av, err := attributevalue.Marshal(v)
	if err != nil {
		return nil, err
	}
	return clean(av, 1)
}

// cleanItem is clean for every attribute of an item.
func cleanItem(item table.Item) (table.Item, error) {
	m, err := cleanMap(item, 1)
	return table.Item(m), err
}

// clean copies v into the one form in which DynamoDB returns it (numbers
// without superfluous zeros, sets sorted), so that equal values are deeply
// equal. The error tells what DynamoDB would refuse; depth is v's own level,
// one for an attribute of an item.
func clean(v types.AttributeValue, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		s, err := cleanString(v.Value)
		return &types.AttributeValueMemberS{Value: s}, err
	case *types.AttributeValueMemberN:
		n, err := cleanNumber(v.Value)
		return &types.AttributeValueMemberN{Value: n}, err
	case *types.AttributeValueMemberB:
		b, err := cleanBytes(v.Value)
		return &types.AttributeValueMemberB{Value: b}, err
	case *types.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}, nil
	case *types.AttributeValueMemberNULL:
		if !v.Value {
			return nil, errors.New("a null that is not true")
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case *types.AttributeValueMemberSS:
		set, err := cleanSet(v.Value, cleanString, strings.Compare)
		return &types.AttributeValueMemberSS{Value: set}, err
	case *types.AttributeValueMemberNS:
		set, err := cleanSet(v.Value, cleanNumber, compareNumbers)
		return &types.AttributeValueMemberNS{Value: set}, err
	case *types.AttributeValueMemberBS:
		set, err := cleanSet(v.Value, cleanBytes, bytes.Compare)
		return &types.AttributeValueMemberBS{Value: set}, err
	case *types.AttributeValueMemberL:
		list, err := cleanList(v.Value, depth+1)
		return &types.AttributeValueMemberL{Value: list}, err
	case *types.AttributeValueMemberM:
		m, err := cleanMap(v.Value, depth+1)
		return &types.AttributeValueMemberM{Value: m}, err
	default:
		return nil, fmt.Errorf("%T is not an attribute value", v)
	}
}

func cleanString(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", errors.New("a string that is not UTF-8")
	}
	return s, nil
}

func cleanNumber(s string) (string, error) {
	r, err := parseNumber(s)
	if err != nil {
		return "", err
	}
	return formatNumber(r)
}

func cleanBytes(b []byte) ([]byte, error) {
	if b == nil {
		return nil, errors.New("a binary without a value")
	}
	return bytes.Clone(b), nil
}

// cleanSet cleans the elements and sorts them; a set is never empty and holds
// nothing twice.
func cleanSet[T any](set []T, each func(T) (T, error), order func(a, b T) int) ([]T, error) {
	if len(set) == 0 {
		return nil, errors.New("an empty set")
	}
	out := make([]T, len(set))
	for i, e := range set {
		var err error
		if out[i], err = each(e); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, order)
	for i := range out[1:] {
		if order(out[i], out[i+1]) == 0 {
			return nil, errors.New("a set with duplicates")
		}
	}
	return out, nil
}

func cleanList(list []types.AttributeValue, depth int) ([]types.AttributeValue, error) {
	out := make([]types.AttributeValue, len(list))
	for i, e := range list {
		var err error
		if out[i], err = clean(e, depth); err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return out, nil
}

func cleanMap(m map[string]types.AttributeValue, depth int) (map[string]types.AttributeValue, error) {
	out := make(map[string]types.AttributeValue, len(m))
	for name, e := range m {
		if name == "" || !utf8.ValidString(name) {
			return nil, fmt.Errorf("attribute name %q is empty or not UTF-8", name)
		}
		var err error
		if out[name], err = clean(e, depth); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// equal tells whether two cleaned values are the same.
func equal(a, b types.AttributeValue) bool { return reflect.DeepEqual(a, b) }

// same tells whether two cleaned items are, nil being an absent one.
func same(a, b table.Item) bool { return reflect.DeepEqual(a, b) }

// compare orders two cleaned values of one ordered type (numbers by value,
// strings and binaries by bytes); ok is false when they have none in common.
func compare(a, b types.AttributeValue) (order int, ok bool) {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			return compareNumbers(a.Value, b.Value), true
		}
	case *types.AttributeValueMemberB:
		if b, ok := b.(*types.AttributeValueMemberB); ok {
			return bytes.Compare(a.Value, b.Value), true
		}
	}
	return 0, false
}

// compareNumbers orders two numbers that cleanNumber returned.
func compareNumbers(a, b string) int {
	var x, y big.Rat
	x.SetString(a)
	y.SetString(b)
	return x.Cmp(&y)
}
