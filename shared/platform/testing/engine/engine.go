// Package engine opens every storage engine at hand for a test: the embedded one
// always, DynamoDB Local when DYNAMODB_ENDPOINT names it.
package engine

import (
	"os"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/table/dynamo"
)

// Required names the variable that, set to 1, makes a missing DynamoDB Local a failure.
const Required = "REQUIRE_DYNAMODB_LOCAL"

// Each runs test on each engine, with empty tables that are the test's own.
func Each(t *testing.T, schemas []table.Schema, test func(t *testing.T, db table.DB)) {
	t.Helper()
	t.Run("bolt", func(t *testing.T) { test(t, Bolt(t, schemas)) })
	if config, ok := Config(t, schemas); ok {
		t.Run("dynamodb", func(t *testing.T) { test(t, Dynamo(t, config)) })
	}
}

// Bolt opens the embedded engine on a temporary file.
func Bolt(t testing.TB, schemas []table.Schema) *bolt.DB {
	t.Helper()
	db, err := bolt.Open("", schemas)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Config is how to reach DynamoDB Local with table names of the test's own;
// false when it is not running and need not be.
func Config(t testing.TB, schemas []table.Schema) (dynamo.Config, bool) {
	t.Helper()
	if os.Getenv("DYNAMODB_ENDPOINT") == "" {
		if os.Getenv(Required) == "1" {
			t.Fatal("DynamoDB Local is required, but DYNAMODB_ENDPOINT is not set")
		}
		return dynamo.Config{}, false
	}
	config, err := dynamo.ConfigFromEnv(os.Getenv, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	suffix := "-" + uuid.NewString()
	for _, s := range schemas {
		config.Names[s.Name] = s.Name + suffix
	}
	return config, true
}

// Dynamo creates the tables of config and opens the engine on them.
func Dynamo(t testing.TB, config dynamo.Config) *dynamo.DB {
	t.Helper()
	db := dynamo.New(config)
	if err := dynamo.CreateTables(t.Context(), db, config.Schemas...); err != nil {
		t.Fatal(err)
	}
	return db
}
