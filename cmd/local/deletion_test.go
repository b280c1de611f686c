package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/engine"
)

// TestLargeDeletion goes through the engine's own change feed.
func TestLargeDeletion(t *testing.T) {
	t.Parallel()
	each(t, deleteLarge)
}

// TestTablesWithoutStreams starts the sandbox on tables that were made without a stream: a
// large deletion ends there too.
func TestTablesWithoutStreams(t *testing.T) {
	t.Parallel()
	config, ok := engine.Config(t, catalog.Schemas())
	if !ok {
		return
	}
	bare := slices.Clone(config.Schemas)
	for i := range bare {
		bare[i].Stream = false
	}
	if err := dynamo.CreateTables(t.Context(), dynamo.New(config), bare...); err != nil {
		t.Fatal(err)
	}
	store, err := openStorage(t.Context(), func(name string) string {
		if schema, ok := strings.CutPrefix(name, "TABLE_"); ok {
			return config.TableName(strings.ToLower(schema))
		}
		return os.Getenv(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.close()
	deleteLarge(t, open(t, store))
}

func deleteLarge(t *testing.T, c client) {
	t.Helper()
	c.call(t, 204, "PUT", ann+"/cards", `{"cards":[{"cardId":"c1"}]}`)
	for i := range 110 {
		c.call(t, 204, "PUT", fmt.Sprintf("/issuers/ISSUER-001/cards/c1/digitalCards/d%d", i), "")
	}
	if body := c.call(t, 200, "POST", ann+"/operations:delete", ""); !strings.Contains(body, "PENDING") {
		t.Fatalf("delete = %s", body)
	}
	for !strings.Contains(c.call(t, 200, "GET", ann+"/operations?limit=1", ""), "SUCCESSFUL") {
		if err := <-c.handled; err != nil {
			t.Fatal(err)
		}
	}
	c.call(t, 404, "GET", ann, "")
	c.call(t, 404, "GET", "/issuers/ISSUER-001/cards/c1", "")
}
