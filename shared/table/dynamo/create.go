package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/awscall"
	"ciclo/shared/table"
)

// pollEvery is how often CreateTables looks whether a table is ready.
const pollEvery = 50 * time.Millisecond

// CreateTables creates the tables of schemas that do not exist yet and waits
// until all can be used. It is for local endpoints; in AWS the template owns
// the tables. Every schema must be one of db's.
func CreateTables(ctx context.Context, db *DB, schemas ...table.Schema) error {
	for _, s := range schemas {
		if _, known := db.tables[s.Name]; !known {
			return reject("create", "unknown table %q", s.Name)
		}
		_, err := db.client.CreateTable(ctx, db.createInput(s), newRetryer(ctx).use)
		var exists *types.ResourceInUseException
		if err != nil && !errors.As(err, &exists) {
			return fail(ctx, "create", fmt.Errorf("table %q: %w", s.Name, err))
		}
	}
	for _, s := range schemas {
		if err := db.awaitActive(ctx, db.tables[s.Name].name); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) awaitActive(ctx context.Context, name string) error {
	for {
		out, err := db.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name}, newRetryer(ctx).use)
		if err != nil {
			return fail(ctx, "create", fmt.Errorf("table %q: %w", name, err))
		}
		if out.Table.TableStatus == types.TableStatusActive {
			return nil
		}
		if !awscall.Pause(ctx, pollEvery) {
			return fail(ctx, "create", fmt.Errorf("table %q is %s", name, out.Table.TableStatus))
		}
	}
}

func (db *DB) createInput(s table.Schema) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(db.tables[s.Name].name),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(table.PK, table.SK),
	}
	keys := map[string]bool{table.PK: true, table.SK: true}
	for _, index := range s.Indexes {
		keys[index.PK], keys[index.SK] = true, true
		projection := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		if len(index.Project) > 0 {
			projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: index.Project}
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(index.Name),
			KeySchema:  keySchema(index.PK, index.SK),
			Projection: projection,
		})
	}
	for attr := range keys {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(attr), AttributeType: types.ScalarAttributeTypeS,
		})
	}
	if s.Stream {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		}
	}
	return in
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sk), KeyType: types.KeyTypeRange},
	}
}

// StreamARN returns the name of the table's current stream, for the feed of a
// local endpoint. A table without one is Invalid.
func (db *DB) StreamARN(ctx context.Context, schema string) (string, error) {
	out, err := db.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{
		TableName: aws.String(db.tables[schema].name),
	}, newRetryer(ctx).use)
	switch {
	case err != nil:
		return "", fail(ctx, "feed", err)
	case out.Table.LatestStreamArn == nil:
		return "", reject("feed", "table %q has no stream", schema)
	}
	return *out.Table.LatestStreamArn, nil
}
