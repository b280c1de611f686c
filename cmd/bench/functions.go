package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/coldstart"
	"ciclo/cmd/internal/replay"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table/dynamo"
)

// starts is how often each function is started, beside a bare one.
const starts = 15

// sampled are the functions that stand for all: a read, lists, a transition, what asks KMS,
// authorizers, a worker, a job and the site.
var sampled = []string{
	"consumer/get", "agreement/list", "operation/list", "purpose/activate", "service/create", "voucher/issue",
	"authorizer/bearer", "authorizer/subscription", "agreement/follow", "retention/purge", "office/page",
}

// benchFunctions tells how functions start beside a bare one and beside functions that are
// written with the SDK alone. One over its bar is measured once more, because on a shared
// machine one of many can be slow for no reason of its own.
func benchFunctions(ctx context.Context, b *bench, s *section) (err error) {
	set, err := newFunctions(ctx, b, chosen(b.all))
	defer func() { err = errors.Join(err, set.close()) }()
	if err != nil {
		return err
	}
	rows, err := coldstart.Measure(ctx, set.bare, starts, slices.Concat(set.functions, set.peers)...)
	if err != nil {
		return err
	}
	for i, f := range set.functions {
		if _, over := initGoal(f.Name).limit.verdict(rows[i].Init.Wall.Median); !over {
			continue
		}
		again, err := coldstart.Measure(ctx, set.bare, starts, f)
		if err != nil {
			return err
		}
		rows[i] = again[0]
	}
	s.note("%d pairs of starts; ratios to the bare function started right before: median (quartiles), processor time", starts)
	out := s.table()
	fmt.Fprintln(out, "function\tKiB\tinit\t: bare\tprocessor\tinit + first request\t: bare\tprocessor\t")
	for i, r := range rows {
		if i == len(set.functions) {
			fmt.Fprintln(out, "peers:\t\t\t\t\t\t\t\t")
		}
		fmt.Fprintf(out, "%s\t%d\t%s\t%s\t\n", r.Name, r.Size/1024, ratio(r.Init), ratio(r.Total))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for i, f := range set.functions {
		s.reach(initGoal(f.Name), rows[i].Init.Wall.Median, f.Name)
	}
	return nil
}

// ratio writes three columns.
func ratio(r coldstart.Ratio) string {
	return fmt.Sprintf("%.1f ms\t%.2f (%.2f–%.2f)\t%.2f", float64(r.Typical)/float64(time.Millisecond),
		r.Wall.Median, r.Wall.Low, r.Wall.High, r.CPU.Median)
}

// initGoal is the goal of a function's init. What asks KMS may take longer.
func initGoal(name string) *goal {
	f, _ := catalog.FunctionOf(name)
	for _, need := range []api.Need{api.NeedSign, api.NeedSeal, api.NeedDerive} {
		if slices.Contains(f.Needs, need) {
			return goalInitSigning
		}
	}
	return goalInit
}

// chosen lists the functions to measure.
func chosen(all bool) []catalog.Function {
	functions := catalog.Functions()
	if all {
		return functions
	}
	return slices.DeleteFunc(functions, func(f catalog.Function) bool { return !slices.Contains(sampled, f.ID) })
}

// functions are processes to start: built, and with what they need around them. Their stubs
// have the answers of DynamoDB Local to one event.
type functions struct {
	bare             coldstart.Function
	functions, peers []coldstart.Function

	around *sample.Surroundings
	folder string // of what is built and not kept
	stubs  []*coldstart.Stub
}

// newFunctions prepares functions. The result is to be closed, also after an error.
func newFunctions(ctx context.Context, b *bench, which []catalog.Function) (set *functions, err error) {
	set = &functions{}
	if set.folder, err = os.MkdirTemp("", "bench"); err != nil {
		return set, err
	}
	if set.around, err = sample.Surround(ctx); err != nil {
		return set, err
	}
	began := time.Now()
	if set.bare, err = coldstart.Bare(ctx, set.folder); err != nil {
		return set, err
	}
	binaries := map[string]string{}
	for _, f := range which {
		if binaries[f.Artifact.Name()], err = replay.Build(ctx, ".", f.Artifact); err != nil {
			return set, err
		}
	}
	peers := buildPeers(ctx, set.folder)
	b.built += time.Since(began)
	for _, f := range which {
		event, err := os.ReadFile(f.Event())
		if err != nil {
			return set, err
		}
		measured := coldstart.Function{Name: f.ID, Binary: binaries[f.Artifact.Name()], Handler: f.ID}
		if measured, err = set.recorded(ctx, measured, f.ID, event); err != nil {
			return set, err
		}
		set.functions = append(set.functions, measured)
	}
	for _, peer := range peers {
		if peer, err = set.recorded(ctx, peer, "consumer/get", []byte(`{"httpMethod":"GET"}`)); err != nil {
			return set, err
		}
		set.peers = append(set.peers, peer)
	}
	return set, nil
}

// recorded puts a function behind a stub of its own, which has the answers to the event with
// the sample data of one of ours.
func (set *functions) recorded(ctx context.Context, f coldstart.Function, of string, event []byte) (coldstart.Function, error) {
	tables, err := set.tables(ctx, of)
	if err != nil {
		return f, err
	}
	event = set.around.FillKey(event) // before another one is made
	f.Event = func() []byte { return set.around.Fill(event) }
	if f.Stub, err = coldstart.NewStub(ctx, os.Getenv("DYNAMODB_ENDPOINT")); err != nil {
		return f, err
	}
	set.stubs = append(set.stubs, f.Stub)
	f.Env = slices.Concat(set.around.Env, tables, []string{
		"DYNAMODB_ENDPOINT=" + f.Stub.URL, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "PREWARM=off",
		// A lease that was recorded is one of the present window when it is replayed.
		"RATE_INTERVAL_MS=86400000", "TOKEN_RATE_INTERVAL_MS=86400000",
	})
	return f, coldstart.Record(ctx, f)
}

// tables makes the tables of a function with what its event speaks of, and returns the
// environment that it finds them by.
func (set *functions) tables(ctx context.Context, function string) (env []string, err error) {
	config, err := dynamo.ConfigFromEnv(os.Getenv, sample.Tables(function)...)
	if err != nil {
		return nil, err
	}
	env = ownNames(config)
	db := dynamo.New(config)
	if err := dynamo.CreateTables(ctx, db, config.Schemas...); err != nil {
		return nil, err
	}
	return env, set.around.Seed(ctx, db, function)
}

// close ends what is around the functions.
func (set *functions) close() (err error) {
	for _, stub := range set.stubs {
		err = errors.Join(err, stub.Close())
	}
	if set.around != nil {
		set.around.Stop()
	}
	return errors.Join(err, os.RemoveAll(set.folder))
}

// peerModule has functions that are written with the SDK alone. It is a module of its own,
// since the product needs none of what they do.
const peerModule = "cmd/bench/peers"

// buildPeers builds the peers; where their modules cannot be had there are none.
func buildPeers(ctx context.Context, folder string) (peers []coldstart.Function) {
	for _, p := range []struct{ name, pkg string }{
		{"SDK, dynamodb.New(Options)", "./lean"},
		{"SDK, config.LoadDefaultConfig", "./config"},
	} {
		binary := filepath.Join(folder, filepath.Base(p.pkg), "bootstrap")
		if err := replay.Compile(ctx, peerModule, p.pkg, binary); err != nil {
			fmt.Fprintf(os.Stderr, "*** LEFT OUT: the peer %s: %v ***\n", p.name, err)
			continue
		}
		peers = append(peers, coldstart.Function{Name: p.name, Binary: binary})
	}
	return peers
}
