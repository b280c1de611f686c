// Package replay answers an event file with the real binary of its function's artifact: it
// builds the binary for this machine, prepares the storage and the issuer that
// the event speaks of, and invokes it through shared/platform/testing/runtimeapi.
package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/runtimeapi"
)

// endpoint is the variable that says where functions find their tables.
const endpoint = "DYNAMODB_ENDPOINT"

// ErrNoEndpoint is the error for a function that needs storage and has none.
var ErrNoEndpoint = errors.New("set " + endpoint + " to a server that speaks DynamoDB's protocol, " +
	"which `go run ./cmd/dynamodb-local -- <command>` does for the command it runs")

// Options says what to replay.
type Options struct {
	Root     string // the module's folder; "" for the one that holds the working directory
	Function string // "<resource>/<operation>", its handler
	Event    string // the event file; "" for the function's own below events/
	// Env is the function's environment as "NAME=value", what Lambda and the
	// event need aside. It is also how the tables are found: DYNAMODB_ENDPOINT,
	// and optionally AWS_REGION, credentials and TABLE_<NAME>.
	Env []string
	Log io.Writer // gets what the function prints; nil discards it
	// Streamless leaves the streams out of the tables that are made: the event stands
	// for them, and each keeps DynamoDB Local busy. Only for tables nobody uses later.
	Streamless bool
}

// Run returns the function's answer to the event; an error that the function
// reports is in the result. Missing tables are created and filled with the
// sample data. A token of an issuer made for the occasion, which the function
// trusts, replaces "<token>" in the event, and a subscription's key "<key>".
func Run(ctx context.Context, o Options) (res runtimeapi.Result, err error) {
	if o.Root == "" {
		if o.Root, err = root(ctx); err != nil {
			return res, err
		}
	}
	function, err := Find(o.Function)
	if err != nil {
		return res, err
	}
	binary, err := Build(ctx, o.Root, function.Artifact)
	if err != nil {
		return res, err
	}
	if o.Event == "" {
		o.Event = filepath.Join(o.Root, function.Event())
	}
	event, err := os.ReadFile(o.Event)
	if err != nil {
		return res, fmt.Errorf("event: %w", err)
	}
	around, err := sample.Surround(ctx)
	if err != nil {
		return res, fmt.Errorf("surroundings: %w", err)
	}
	defer around.Stop()
	if err := prepare(ctx, around, o); err != nil {
		return res, err
	}
	o.Env, event = append(around.Env, o.Env...), around.Fill(event)
	f, err := runtimeapi.Start(ctx, runtimeapi.Config{Binary: binary, Handler: function.ID, Env: o.Env, Stdout: o.Log, Stderr: o.Log})
	if err != nil {
		return res, err
	}
	res, err = f.Invoke(ctx, event)
	return res, errors.Join(err, f.Close())
}

// Prepare makes the tables of a function and fills them with the sample data, as
// Run does, and invokes nothing.
func Prepare(ctx context.Context, o Options) error {
	around, err := sample.Surround(ctx)
	if err != nil {
		return fmt.Errorf("surroundings: %w", err)
	}
	defer around.Stop()
	return prepare(ctx, around, o)
}

// prepare makes the tables and what is in them.
func prepare(ctx context.Context, around *sample.Surroundings, o Options) error {
	getenv := func(name string) string {
		for _, v := range slices.Backward(o.Env) { // as in a process, the last one counts
			if value, ok := strings.CutPrefix(v, name+"="); ok {
				return value
			}
		}
		return ""
	}
	if getenv(endpoint) == "" {
		return ErrNoEndpoint
	}
	tables := sample.Tables(o.Function)
	for i := range tables {
		tables[i].Stream = tables[i].Stream && !o.Streamless
	}
	db, err := dynamo.FromEnv(getenv, tables...)
	if err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	if err := dynamo.CreateTables(ctx, db, tables...); err != nil {
		return fmt.Errorf("create tables: %w", err)
	}
	if err := around.Seed(ctx, db, o.Function); err != nil {
		return fmt.Errorf("sample data: %w", err)
	}
	return nil
}
