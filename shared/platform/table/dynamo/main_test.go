package dynamo_test

import (
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/table/dynamo/streams"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/tabletest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	if running(t) {
		tabletest.Run(t, open)
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	if running(t) {
		tabletest.RunModel(t, open, 3)
	}
}

func TestFeedContract(t *testing.T) {
	t.Parallel()
	if !running(t) {
		return
	}
	tabletest.RunFeed(t, func(t *testing.T, schemas ...table.Schema) (table.DB, table.Feed) {
		c := config(t, schemas...)
		return engine.Dynamo(t, c), streams.New(c)
	})
}

// running tells whether there is a DynamoDB Local to test against; it fails the
// test when there has to be one.
func running(t *testing.T) bool {
	t.Helper()
	_, ok := engine.Config(t, nil)
	return ok
}

func config(t *testing.T, schemas ...table.Schema) dynamo.Config {
	t.Helper()
	c, _ := engine.Config(t, schemas)
	return c
}

func open(t *testing.T, schemas ...table.Schema) table.DB {
	t.Helper()
	return engine.Dynamo(t, config(t, schemas...))
}
