package dynamo

import (
	"bytes"
	"errors"
	"maps"
	"math/big"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// errNotUTF8 stops what the SDK would silently send as another text.
var errNotUTF8 = errors.New("a text that is not UTF-8")

// validText tells whether every text within av is UTF-8.
func validText(av types.AttributeValue) bool {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return utf8.ValidString(av.Value)
	case *types.AttributeValueMemberSS:
		return !slices.ContainsFunc(av.Value, func(e string) bool { return !utf8.ValidString(e) })
	case *types.AttributeValueMemberL:
		return !slices.ContainsFunc(av.Value, func(e types.AttributeValue) bool { return !validText(e) })
	case *types.AttributeValueMemberM:
		return validTexts(av.Value)
	default:
		return true
	}
}

func validTexts(attrs map[string]types.AttributeValue) bool {
	for name, av := range attrs {
		if !utf8.ValidString(name) || !validText(av) {
			return false
		}
	}
	return true
}

// sameItem tells whether DynamoDB would hold a and b as the same item: numbers
// are compared by value and sets without order.
func sameItem(a, b table.Item) bool { return maps.EqualFunc(a, b, sameValue) }

func sameValue(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		b, ok := b.(*types.AttributeValueMemberS)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberN:
		b, ok := b.(*types.AttributeValueMemberN)
		return ok && number(a.Value) == number(b.Value)
	case *types.AttributeValueMemberB:
		b, ok := b.(*types.AttributeValueMemberB)
		return ok && bytes.Equal(a.Value, b.Value)
	case *types.AttributeValueMemberBOOL:
		b, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && a.Value == b.Value
	case *types.AttributeValueMemberL:
		b, ok := b.(*types.AttributeValueMemberL)
		return ok && slices.EqualFunc(a.Value, b.Value, sameValue)
	case *types.AttributeValueMemberM:
		b, ok := b.(*types.AttributeValueMemberM)
		return ok && maps.EqualFunc(a.Value, b.Value, sameValue)
	default:
		return sameSet(a, b)
	}
}

func sameSet(a, b types.AttributeValue) bool {
	switch a := a.(type) {
	case *types.AttributeValueMemberSS:
		b, ok := b.(*types.AttributeValueMemberSS)
		return ok && slices.Equal(slices.Sorted(slices.Values(a.Value)), slices.Sorted(slices.Values(b.Value)))
	case *types.AttributeValueMemberNS:
		b, ok := b.(*types.AttributeValueMemberNS)
		return ok && slices.Equal(numbers(a.Value), numbers(b.Value))
	case *types.AttributeValueMemberBS:
		b, ok := b.(*types.AttributeValueMemberBS)
		return ok && slices.EqualFunc(slices.SortedFunc(slices.Values(a.Value), bytes.Compare),
			slices.SortedFunc(slices.Values(b.Value), bytes.Compare), bytes.Equal)
	case *types.AttributeValueMemberNULL:
		_, ok := b.(*types.AttributeValueMemberNULL)
		return ok
	default:
		return false
	}
}

// number returns one spelling for all spellings of a number DynamoDB accepts.
func number(s string) string {
	// 38 digits is the precision of DynamoDB's numbers; 200 bits hold more.
	f, _, err := big.ParseFloat(s, 10, 200, big.ToNearestEven)
	if err != nil {
		return s
	}
	return f.Text('e', 40)
}

func numbers(values []string) []string {
	spelled := make([]string, len(values))
	for i, v := range values {
		spelled[i] = number(v)
	}
	slices.Sort(spelled)
	return spelled
}
