// Package get is what all peers do: they read one item and answer with it.
package get

import (
	"context"
	"encoding/json"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item reads an item of the table TABLE_CONSUMERS.
func Item(ctx context.Context, client *dynamodb.Client) (answer events.APIGatewayProxyResponse, err error) {
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(os.Getenv("TABLE_CONSUMERS")),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "PEER"}, "sk": &types.AttributeValueMemberS{Value: "PEER"},
		},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return answer, err
	}
	var item map[string]any
	if err := attributevalue.UnmarshalMap(out.Item, &item); err != nil {
		return answer, err
	}
	body, err := json.Marshal(item)
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK, Body: string(body)}, err
}
