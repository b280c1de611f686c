// Package dynamo is the table engine for DynamoDB and for any endpoint that
// speaks its protocol, such as DynamoDB Local. It is the only engine linked
// into functions, so it stays free of the SDK's configuration chain.
//
// Every call is retried inside the deadline of its context (see retryer) and
// every failure ends as a [table.Error], a [table.Refused] or the context's
// error.
package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"ciclo/shared/platform/table"
)

// Config says where the tables are and who asks.
type Config struct {
	Region      string
	Endpoint    string // "" for the region's own endpoint
	Credentials aws.CredentialsProvider
	// Schemas are the tables this engine serves; a call for another one is Invalid.
	Schemas []table.Schema
	// Names maps a schema's name to the table's name in DynamoDB; a missing one is the same.
	Names map[string]string
	// HTTPClient sends the requests; nil for one tuned for Lambda.
	HTTPClient dynamodb.HTTPClient
	Roots      []byte // by which that one verifies the endpoint, in PEM; nil for Amazon's
}

// TableName returns the name in DynamoDB of the table with that schema name.
func (c Config) TableName(schema string) string {
	if name := c.Names[schema]; name != "" {
		return name
	}
	return schema
}

// DB is a [table.DB] on DynamoDB. Safe for concurrent use.
type DB struct {
	client *dynamodb.Client
	tables map[string]layout
	warm   string // the table Prewarm reads, "" when there is none
}

var _ table.DB = (*DB)(nil)

// layout is a table as requests need it: its name in DynamoDB and the key
// attributes of each index, "" being the table itself.
type layout struct {
	name string
	keys map[string]keyNames
}

// New returns an engine for c. It sends nothing.
func New(c Config) *DB {
	db := &DB{client: newClient(c), tables: make(map[string]layout, len(c.Schemas))}
	for _, schema := range c.Schemas {
		l := layout{
			name: c.TableName(schema.Name),
			keys: map[string]keyNames{"": {pk: table.PK, sk: table.SK}},
		}
		for _, index := range schema.Indexes {
			l.keys[index.Name] = keyNames{pk: index.PK, sk: index.SK}
		}
		db.tables[schema.Name] = l
	}
	if len(c.Schemas) > 0 {
		db.warm = c.Schemas[0].Name
	}
	return db
}

// Prewarm key, the item of which never exists. A function's policy that
// restricts leading keys must allow it.
const (
	PrewarmPK = "#prewarm"
	PrewarmSK = "#"
)

// Prewarm opens the connection that requests will use and runs the code of a
// read once, for the initialisation of a function. It reads one absent item of
// the first schema's table, once, takes a second at most and ignores failures.
func (db *DB) Prewarm(ctx context.Context) {
	if db.warm == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	in := db.getInput(table.Key{Table: db.warm, PK: PrewarmPK, SK: PrewarmSK})
	_, _ = db.client.GetItem(ctx, in, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
}
