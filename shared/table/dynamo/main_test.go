package dynamo_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/table"
	"ciclo/shared/table/dynamo"
	"ciclo/shared/table/dynamo/streams"
	"ciclo/shared/table/tabletest"
)

// endpoints are the services to test against: the one in the environment. It
// may only be missing where nobody requires it.
func endpoints(t *testing.T) []string {
	t.Helper()
	endpoint := os.Getenv("DYNAMODB_ENDPOINT")
	switch {
	case endpoint != "":
		return []string{endpoint}
	case os.Getenv("REQUIRE_DYNAMODB_LOCAL") == "1":
		t.Fatal("DYNAMODB_ENDPOINT is not set: run this through cmd/dynamodb-local")
	}
	return nil
}

// config names an endpoint and new table names for schemas.
func config(t *testing.T, endpoint string, schemas ...table.Schema) dynamo.Config {
	t.Helper()
	c, err := dynamo.ConfigFromEnv(func(name string) string {
		switch {
		case name == "DYNAMODB_ENDPOINT":
			return endpoint
		case strings.HasPrefix(name, "TABLE_"):
			return "test-" + uuid.NewString()
		}
		return ""
	}, schemas...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// create creates c's tables, through a client of its own.
func create(t *testing.T, c dynamo.Config) {
	t.Helper()
	c.HTTPClient = &http.Client{}
	if err := dynamo.CreateTables(t.Context(), dynamo.New(c), c.Schemas...); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	for _, endpoint := range endpoints(t) {
		tabletest.Run(t, engine(endpoint))
	}
}

func TestModel(t *testing.T) {
	t.Parallel()
	for _, endpoint := range endpoints(t) {
		tabletest.RunModel(t, engine(endpoint), 3)
	}
}

func engine(endpoint string) tabletest.Open {
	return func(t *testing.T, schemas ...table.Schema) table.DB {
		c := config(t, endpoint, schemas...)
		create(t, c)
		return dynamo.New(c)
	}
}

func TestFeedContract(t *testing.T) {
	t.Parallel()
	for _, endpoint := range endpoints(t) {
		tabletest.RunFeed(t, func(t *testing.T, schemas ...table.Schema) (table.DB, table.Feed) {
			c := config(t, endpoint, schemas...)
			create(t, c)
			return dynamo.New(c), streams.New(c)
		})
	}
}
