package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/table"
)

// pollEvery is how often CreateTables looks whether a table is ready.
const pollEvery = 50 * time.Millisecond

// CreateTables creates the tables of schemas that do not exist yet and waits
// until all can be used. A table that was made without its stream gets it: the
// workers behind it would never hear of a change otherwise. One that differs from
// its schema in keys, indexes or kind of stream is Invalid, and the error says
// how to get rid of it. It is for local endpoints; in AWS the template owns
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
		if err := db.adjust(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// adjust waits for a table and switches its stream on where the schema has one
// and the table does not.
func (db *DB) adjust(ctx context.Context, s table.Schema) error {
	in := db.createInput(s)
	found, err := db.awaitActive(ctx, *in.TableName)
	if err != nil {
		return err
	}
	if difference := differs(in, found); difference != "" {
		return reject("create", "table %q was made otherwise: %s. %s", *in.TableName, difference, cure(*in.TableName))
	}
	if !s.Stream || streams(found.StreamSpecification) {
		return nil
	}
	_, failure := db.client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName: in.TableName, StreamSpecification: in.StreamSpecification,
	}, newRetryer(ctx).use)
	if found, err = db.awaitActive(ctx, *in.TableName); err != nil {
		return err
	}
	if !streams(found.StreamSpecification) {
		name := *in.TableName
		return fail(ctx, "create", fmt.Errorf("table %q has no stream and it cannot be switched on; %s: %w", name, cure(name), failure))
	}
	return nil // on now, by this process or by another one
}

// streams reports whether a table has a stream that is on.
func streams(spec *types.StreamSpecification) bool {
	return spec != nil && sdk.ToBool(spec.StreamEnabled)
}

// cure returns advice for a table that cannot be used as it is.
func cure(name string) string {
	return "Delete it (aws dynamodb delete-table --table-name " + name + " --endpoint-url …), which loses its items, " +
		"or name another one in TABLE_<SCHEMA>"
}

// differs returns how a table differs from the one that in would create, "" if the
// difference does not matter. Additional indexes are allowed, and a missing stream is
// switched on.
func differs(in *dynamodb.CreateTableInput, found *types.TableDescription) string {
	if !sameKeys(in.KeySchema, found.KeySchema) {
		return "it has other keys"
	}
	for _, index := range in.GlobalSecondaryIndexes {
		i := slices.IndexFunc(found.GlobalSecondaryIndexes, func(g types.GlobalSecondaryIndexDescription) bool {
			return sdk.ToString(g.IndexName) == *index.IndexName
		})
		switch {
		case i < 0:
			return "it lacks the index " + *index.IndexName
		case !sameKeys(index.KeySchema, found.GlobalSecondaryIndexes[i].KeySchema):
			return "its index " + *index.IndexName + " has other keys"
		}
	}
	wanted := in.StreamSpecification
	has := found.StreamSpecification
	if wanted != nil && streams(has) && has.StreamViewType != wanted.StreamViewType {
		return fmt.Sprintf("its stream has %s, not %s", has.StreamViewType, wanted.StreamViewType)
	}
	return ""
}

func sameKeys(a, b []types.KeySchemaElement) bool {
	return slices.EqualFunc(a, b, func(x, y types.KeySchemaElement) bool {
		return sdk.ToString(x.AttributeName) == sdk.ToString(y.AttributeName) && x.KeyType == y.KeyType
	})
}

// awaitActive returns a table's description once it can be used.
func (db *DB) awaitActive(ctx context.Context, name string) (*types.TableDescription, error) {
	for {
		out, err := db.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name}, newRetryer(ctx).use)
		if err != nil {
			return nil, fail(ctx, "create", fmt.Errorf("table %q: %w", name, err))
		}
		if out.Table.TableStatus == types.TableStatusActive {
			return out.Table, nil
		}
		if !aws.Pause(ctx, pollEvery) {
			return nil, fail(ctx, "create", fmt.Errorf("table %q is %s", name, out.Table.TableStatus))
		}
	}
}

func (db *DB) createInput(s table.Schema) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   sdk.String(db.tables[s.Name].name),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   keySchema(table.PK, table.SK),
	}
	keys := map[string]bool{table.PK: true, table.SK: true}
	for _, index := range s.Indexes {
		keys[index.PK] = true
		keys[index.SK] = true
		projection := &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		if len(index.Project) > 0 {
			projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: index.Project}
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  sdk.String(index.Name),
			KeySchema:  keySchema(index.PK, index.SK),
			Projection: projection,
		})
	}
	for attr := range keys {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: sdk.String(attr), AttributeType: types.ScalarAttributeTypeS,
		})
	}
	if s.Stream {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled: sdk.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages,
		}
	}
	return in
}

func keySchema(pk, sk string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: sdk.String(pk), KeyType: types.KeyTypeHash},
		{AttributeName: sdk.String(sk), KeyType: types.KeyTypeRange},
	}
}

// StreamARN returns the name of the table's current stream, for the feed of a
// local endpoint. A table without one is Invalid.
func (db *DB) StreamARN(ctx context.Context, schema string) (string, error) {
	out, err := db.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{
		TableName: sdk.String(db.tables[schema].name),
	}, newRetryer(ctx).use)
	switch {
	case err != nil:
		return "", fail(ctx, "feed", err)
	case out.Table.LatestStreamArn == nil:
		return "", reject("feed", "table %q has no stream", schema)
	}
	return *out.Table.LatestStreamArn, nil
}
