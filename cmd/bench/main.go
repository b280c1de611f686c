// Command bench prints what each operation costs (round trips, items, capacity, allocations)
// and how functions start, with the goal beside each figure. It fails when a figure is over
// its goal. Counts come from the embedded engine, which computes capacity from the sizes of
// items as DynamoDB bills it; ratios come from pairs measured in the same run, so that they
// hold on a noisy machine. It needs DYNAMODB_ENDPOINT, for what depends on conflicts between
// requests and for the answers that functions start with.
//
// # Adding a row
//
// The output has sections, each made by a function with the signature of [part.bench]:
//
//	func benchPurge(ctx context.Context, b *bench, s *section) error {
//		s.reach(goalPurge, purged/raw)                          // a goal of goals.go
//		s.row("purge: write units a row", 1.02, "", atMost(1.1)) // a goal of this section alone
//		s.info("purge: rows a second", purged, "/s")             // a figure without a goal
//		s.note("%d rows in %d partitions", rows, partitions)     // a line of text
//		return nil
//	}
//
// The section is one line of [parts], which also lists the goals of goals.go that it reaches.
// At the end all goals are printed once more; one that no section has reached is a failure.
// Write each section into a file of its own. b.db is an embedded engine with empty tables of
// the section's own, b.local returns one on DynamoDB Local, and b.handler serves all
// operations on b.db. b.all is true when everything is to be measured, and not only what fits
// into three minutes. To run one section: make bench ONLY=purge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"testing"
	"time"
)

// part is a section of the output.
type part struct {
	title string
	goals []*goal // that it reaches
	bench func(ctx context.Context, b *bench, s *section) error
}

var parts = []part{
	{"Operations", []*goal{goalTransitions, goalAgreements}, benchOperations},
	{"Lists", []*goal{goalListUnits, goalListFlat}, benchLists},
	{"Purge", []*goal{goalPurge}, benchPurge},
	{"Signed answers", nil, benchAnswers},
	{"Front office", nil, benchPages},
	{"Contention", nil, benchContention},
	{"Vouchers of one client", []*goal{
		goalVoucherTrips, goalVoucherUnits, goalVoucherDPoP, goalVoucherItems, goalVoucherKMS, goalVoucherRate,
	}, benchOneClient},
	{"Embedded engine", []*goal{goalEngineOpen, goalEnginePurge}, benchEngine},
	{"Start-up", []*goal{goalInit, goalInitSigning}, benchFunctions},
	{"Start-up over TLS", []*goal{goalCold, goalColdPeers}, benchStartupTLS},
	{"Cost", []*goal{goalMonth, goalMonthMemory}, benchCost},
}

// benchTime is how long one thing is repeated whose time is measured.
const benchTime = "200ms"

// options are the flags of the command.
type options struct {
	all  bool
	only string // part of the title of a section, "" for all
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	testing.Init() // for the duration of a benchmark
	if err := flag.Set("test.benchtime", benchTime); err != nil {
		panic(err) // the flag is one of Go's
	}
	var o options
	flag.BoolVar(&o.all, "all", false, "measure everything, not only a sample")
	flag.StringVar(&o.only, "only", "", "only the sections with this in their title")
	flag.Parse()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

func run(ctx context.Context, o options) error {
	if os.Getenv("DYNAMODB_ENDPOINT") == "" {
		return errors.New("set DYNAMODB_ENDPOINT; make bench starts DynamoDB Local for it")
	}
	began := time.Now()
	r := newReport(os.Stdout)
	var failures []error
	for _, p := range parts {
		if !strings.Contains(strings.ToLower(p.title), strings.ToLower(o.only)) {
			continue
		}
		if err := r.run(ctx, o, p); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", p.title, err))
		}
	}
	if o.only == "" {
		r.summary(o, time.Since(began))
	}
	if len(r.over) > 0 {
		failures = append(failures, fmt.Errorf("over: %s", strings.Join(r.over, "; ")))
	}
	return errors.Join(failures...)
}
