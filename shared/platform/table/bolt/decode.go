package bolt

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// unmarshal is the inverse of MarshalMapJSON, and nil for nothing. It does not keep value.
func unmarshal(value []byte) (table.Item, error) {
	if len(value) == 0 {
		return nil, nil //nolint:nilnil // an absent item
	}
	if item, ok := parse(value); ok {
		return item, nil
	}
	m, err := attributevalue.UnmarshalMapJSON(value) // says what is wrong
	return table.Item(m), err
}

// parse reads DynamoDB JSON in the form that MarshalMapJSON gives it, which is without
// spaces; ok is false for everything else. It takes a fraction of the time of
// UnmarshalMapJSON, which used to be most of what a read and a removal cost.
func parse(value []byte) (item table.Item, ok bool) {
	p := parser{rest: string(value)}
	item = p.members()
	return item, !p.failed && p.rest == "" && utf8.Valid(value)
}

// parser reads one item. The strings of the item share one piece of memory.
type parser struct {
	rest   string // what is not read yet
	failed bool
}

// skip reads token.
func (p *parser) skip(token string) {
	rest, has := strings.CutPrefix(p.rest, token)
	p.rest = rest
	p.failed = p.failed || !has
}

// has tells whether token is next, and reads it then.
func (p *parser) has(token string) bool {
	rest, has := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return has
}

// text reads a string.
func (p *parser) text() string {
	p.skip(`"`)
	escaped := false
	for i := 0; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '"':
			s := p.rest[:i]
			p.rest = p.rest[i+1:]
			if escaped {
				return p.unescape(s)
			}
			return s
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			p.failed = true
			return ""
		}
	}
	p.failed = true
	return ""
}

// unescape returns what is meant by s, which stands between quotes.
func (p *parser) unescape(s string) (meant string) {
	p.failed = json.Unmarshal([]byte(`"`+s+`"`), &meant) != nil || p.failed
	return meant
}

// members reads the attributes of an item or of a map.
func (p *parser) members() map[string]types.AttributeValue {
	p.skip("{")
	m := make(map[string]types.AttributeValue)
	if p.has("}") {
		return m
	}
	for !p.failed {
		name := p.text()
		p.skip(":")
		m[name] = p.value()
		if !p.has(",") {
			break
		}
	}
	p.skip("}")
	return m
}

// value reads a value with its type.
func (p *parser) value() (v types.AttributeValue) {
	p.skip("{")
	kind := p.text()
	p.skip(":")
	switch kind {
	case "S":
		v = &types.AttributeValueMemberS{Value: p.text()}
	case "N":
		v = &types.AttributeValueMemberN{Value: p.text()}
	case "B":
		v = &types.AttributeValueMemberB{Value: p.binary()}
	case "BOOL":
		v = &types.AttributeValueMemberBOOL{Value: p.boolean()}
	case "NULL":
		v = &types.AttributeValueMemberNULL{Value: p.boolean()}
	case "SS":
		v = &types.AttributeValueMemberSS{Value: list(p, p.text)}
	case "NS":
		v = &types.AttributeValueMemberNS{Value: list(p, p.text)}
	case "BS":
		v = &types.AttributeValueMemberBS{Value: list(p, p.binary)}
	case "L":
		v = &types.AttributeValueMemberL{Value: list(p, p.value)}
	case "M":
		v = &types.AttributeValueMemberM{Value: p.members()}
	default:
		p.failed = true
	}
	p.skip("}")
	return v
}

// list reads a list of what element reads.
func list[T any](p *parser, element func() T) []T {
	p.skip("[")
	all := []T{}
	if p.has("]") {
		return all
	}
	for !p.failed {
		all = append(all, element())
		if !p.has(",") {
			break
		}
	}
	p.skip("]")
	return all
}

func (p *parser) binary() []byte {
	b, err := base64.StdEncoding.DecodeString(p.text())
	p.failed = p.failed || err != nil
	return b
}

func (p *parser) boolean() bool {
	if p.has("true") {
		return true
	}
	p.skip("false")
	return false
}
