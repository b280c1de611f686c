package dynamo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/table"
)

// keyNames are the key attributes of a table or of one of its indexes.
type keyNames struct{ pk, sk string }

// attrs returns the attributes that identify a position: those of the table
// and, for an index, its own.
func (k keyNames) attrs() map[string]bool {
	return map[string]bool{table.PK: true, table.SK: true, k.pk: true, k.sk: true}
}

// cursor returns the position last as a text safe in URLs, "" when there is none.
func (k keyNames) cursor(last map[string]types.AttributeValue) (string, error) {
	if len(last) == 0 {
		return "", nil
	}
	position := make(map[string]string, len(last))
	for attr, av := range last {
		s, ok := av.(*types.AttributeValueMemberS)
		if !ok {
			return "", fmt.Errorf("key attribute %q is not a string", attr)
		}
		position[attr] = s.Value
	}
	text, err := json.Marshal(position)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

// position reads a cursor of partition pk. It refuses every text that cursor
// could not have made for that partition.
func (k keyNames) position(cursor, pk string) (map[string]types.AttributeValue, error) {
	if cursor == "" {
		return nil, nil //nolint:nilnil // from the first item on
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return nil, fmt.Errorf("cursor: %w", err)
	}
	var position map[string]string
	if err := json.Unmarshal(text, &position); err != nil {
		return nil, fmt.Errorf("cursor: %w", err)
	}
	attrs := k.attrs()
	if len(position) != len(attrs) || position[k.pk] != pk {
		return nil, fmt.Errorf("cursor of another query")
	}
	last := make(map[string]types.AttributeValue, len(attrs))
	for attr := range attrs {
		if position[attr] == "" {
			return nil, fmt.Errorf("cursor of another query")
		}
		last[attr] = &types.AttributeValueMemberS{Value: position[attr]}
	}
	return last, nil
}
