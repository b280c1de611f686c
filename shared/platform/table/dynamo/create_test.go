package dynamo_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/table/dynamo/streams"
)

// TestExistingTableGetsItsStream: several processes find a table that was made without a
// stream; each can use it, and a change reaches the feed.
func TestExistingTableGetsItsStream(t *testing.T) {
	t.Parallel()
	if !running(t) {
		return
	}
	schema := table.Schema{Name: "things"}
	c := config(t, schema)
	if err := dynamo.CreateTables(t.Context(), dynamo.New(c), schema); err != nil {
		t.Fatal(err)
	}
	schema.Stream = true
	c.Schemas = []table.Schema{schema}
	var starting sync.WaitGroup
	for range 4 {
		starting.Go(func() {
			if err := dynamo.CreateTables(t.Context(), dynamo.New(c), schema); err != nil {
				t.Error(err)
			}
		})
	}
	starting.Wait()
	if t.Failed() {
		return
	}
	key := table.Key{Table: "things", PK: "p", SK: "s"}
	if err := dynamo.New(c).Write(t.Context(), table.Put("put", key, table.Item{})); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := streams.New(c).Run(ctx, "things", func(_ context.Context, changes []table.Change) error {
		if len(changes) != 1 || changes[0].Key != key {
			t.Errorf("changes = %+v", changes)
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestExistingTableThatDiffers: it is refused, with what differs and what to do.
func TestExistingTableThatDiffers(t *testing.T) {
	t.Parallel()
	if !running(t) {
		return
	}
	made := table.Schema{Name: "things", Indexes: []table.Index{{Name: "byOwner", PK: "owner", SK: "rank"}}}
	c := config(t, made)
	if err := dynamo.CreateTables(t.Context(), dynamo.New(c), made); err != nil {
		t.Fatal(err)
	}
	for want, index := range map[string]table.Index{
		"lacks the index byColour":        {Name: "byColour", PK: "colour", SK: "rank"},
		"its index byOwner has other key": {Name: "byOwner", PK: "colour", SK: "rank"},
	} {
		asked := table.Schema{Name: "things", Indexes: []table.Index{index}}
		c.Schemas = []table.Schema{asked}
		err := dynamo.CreateTables(t.Context(), dynamo.New(c), asked)
		remedy := "delete-table --table-name " + c.TableName("things")
		if !table.IsKind(err, table.Invalid) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	none := table.Schema{Name: "things"}
	if err := dynamo.CreateTables(t.Context(), dynamo.New(c), none); err != nil {
		t.Errorf("an index more: %v", err)
	}
}
