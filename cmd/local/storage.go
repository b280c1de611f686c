package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/table"
	"ciclo/shared/table/bolt"
	"ciclo/shared/table/dynamo"
	"ciclo/shared/table/dynamo/streams"
	"ciclo/shared/table/dynamodblocal"
)

// storage is an open engine with its change feed.
type storage struct {
	name  string // for the greeting
	db    table.DB
	feed  table.Feed
	close func() error
}

// openStorage opens the engine that the environment asks for.
func openStorage(ctx context.Context, getenv func(string) string) (*storage, error) {
	endpoint, engine := getenv("DYNAMODB_ENDPOINT"), getenv("ENGINE")
	switch {
	case endpoint != "":
		return openDynamo(ctx, getenv, "DynamoDB at "+endpoint, func() error { return nil })
	case engine == "dynamodb-local":
		server, err := dynamodblocal.Start(ctx, dynamodblocal.Options{Progress: func(line string) { fmt.Fprintln(os.Stderr, "ciclo:", line) }})
		if err != nil {
			return nil, err
		}
		here := func(name string) string {
			if name == "DYNAMODB_ENDPOINT" {
				return server.Endpoint
			}
			return getenv(name)
		}
		store, err := openDynamo(ctx, here, "DynamoDB Local at "+server.Endpoint, server.Stop)
		if err != nil {
			_ = server.Stop() // the first error says more
		}
		return store, err
	case engine == "" || engine == "embedded":
		return openEmbedded(getenv("DATA_DIR"))
	}
	return nil, fmt.Errorf("ENGINE=%s is unknown: use embedded or dynamodb-local", engine)
}

func openEmbedded(dir string) (*storage, error) {
	path, name := "", "embedded engine, temporary"
	if dir != "" {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return nil, fmt.Errorf("DATA_DIR: %w", err)
		}
		path = filepath.Join(dir, "ciclo.db")
		name = "embedded engine, " + path
	}
	db, err := bolt.Open(path, catalog.Schemas())
	if err != nil {
		return nil, err
	}
	return &storage{name: name, db: db, feed: db, close: db.Close}, nil
}

func openDynamo(ctx context.Context, getenv func(string) string, name string, stop func() error) (*storage, error) {
	config, err := dynamo.ConfigFromEnv(getenv, catalog.Schemas()...)
	if err != nil {
		return nil, err
	}
	db := dynamo.New(config)
	if err := dynamo.CreateTables(ctx, db, config.Schemas...); err != nil {
		return nil, fmt.Errorf("creating the tables: %w", err)
	}
	return &storage{name: name, db: db, feed: streams.New(config), close: stop}, nil
}
