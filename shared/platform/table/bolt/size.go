package bolt

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// Overheads by which DynamoDB's published size rule charges documents.
const (
	documentBytes = 3 // a list or a map
	elementBytes  = 1 // each of its elements
)

// itemSize is the size of an item as DynamoDB counts it: the UTF-8 bytes of its
// attribute names and values.
func itemSize(item table.Item) int {
	n := 0
	for name, v := range item {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	n := 0
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		n = len(v.Value)
	case *types.AttributeValueMemberN:
		n = numberSize(v.Value)
	case *types.AttributeValueMemberB:
		n = len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		n = 1
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += len(s)
		}
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			n += numberSize(s)
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			n += len(b)
		}
	case *types.AttributeValueMemberL:
		n = documentBytes
		for _, e := range v.Value {
			n += elementBytes + valueSize(e)
		}
	case *types.AttributeValueMemberM:
		n = documentBytes
		for name, e := range v.Value {
			n += elementBytes + len(name) + valueSize(e)
		}
	}
	return n
}

// numberSize is one byte for every two significant digits, one for the number
// and one for a minus.
func numberSize(s string) int {
	n := (significantDigits(s)+1)/2 + 1
	if s[0] == '-' {
		n++
	}
	return n
}

// Capacity units, by DynamoDB's rules: a read unit is 4 KB read with strong
// consistency, a write unit 1 KB written.
const (
	readUnitBytes  = 4 << 10
	writeUnitBytes = 1 << 10
)

// units is how many units of unit bytes size bytes take, at least one.
func units(size, unit int) float64 {
	return float64(max(1, (size+unit-1)/unit))
}

// Size returns the size of an item as DynamoDB counts it.
func Size(item table.Item) int { return itemSize(item) }
