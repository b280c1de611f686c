// Command conformance drives sandboxes of its own through the operations of official
// OpenAPI documents, by good calls and by bad ones, and checks every answer against the
// document: its status, headers, content type and body.
//
//	conformance [-base /v3] document.yml …
//
// It prints how many of the document's operations are offered, the statuses that were
// reached and each mismatch. The exit code is 1 when there is one, or when an operation
// that is offered was not driven.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"

	"ciclo/cmd/internal/sandbox"
)

func main() {
	binary := flag.String("sandbox", sandbox.Binary, "the sandbox's binary")
	verbose := flag.Bool("v", false, "print an example of every mismatch")
	var base *string
	flag.Func("base", "base path of the sandbox, / for none (default that of the document)", func(path string) error {
		base = &path
		return nil
	})
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	failed := false
	for _, file := range flag.Args() {
		well, err := run(ctx, *binary, file, base, *verbose)
		if err != nil {
			fmt.Fprintln(os.Stderr, "conformance:", err)
		}
		failed = failed || err != nil || !well
	}
	if failed {
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

// run drives the operations of a document and prints the report; well tells that all
// answers are as the document says.
func run(ctx context.Context, binary, file string, base *string, verbose bool) (well bool, err error) {
	c, err := load(file, base)
	if err != nil {
		return false, err
	}
	own, err := sandbox.Start(ctx, binary)
	if err != nil {
		return false, err
	}
	defer own.Stop()
	report := newReport(c)
	w := newWorld(own.URL, c, report)
	if err := w.probe(ctx); err != nil {
		return false, err
	}
	people, err := w.gather(ctx)
	if err != nil {
		return false, err
	}
	for _, one := range c.profile.stories {
		if failed := w.tell(ctx, people, one); failed != nil {
			report.broken = append(report.broken, failed.Error())
		}
	}
	if err := w.breaks(ctx, people); err != nil {
		return false, err
	}
	if err := w.exhaust(ctx, binary); err != nil {
		return false, err
	}
	return report.print(os.Stdout, verbose), nil
}

var variableName = regexp.MustCompile(`\{[^}]*\}`)

// probe finds out which operations of the document are offered: those that our own
// documents have, too.
func (w *world) probe(ctx context.Context) error {
	offered := map[string]string{} // ids of operations
	text, err := w.text(ctx, "/openapi.json")
	if err != nil {
		return err
	}
	var ours struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text), &ours); err != nil {
		return fmt.Errorf("/openapi.json: %w", err)
	}
	for path, methods := range ours.Paths {
		for method, operation := range methods {
			offered[method+" "+variableName.ReplaceAllString(path, "{}")] = operation.OperationID
		}
	}
	for _, o := range w.contract.operations {
		path := variableName.ReplaceAllString(o.path, "{}")
		if b := w.contract.profile.base; b != nil {
			path = *b + path
		}
		var id string
		if id, o.offered = offered[strings.ToLower(o.method)+" "+path]; o.offered && id != o.id {
			w.report.blame(o, answer{}, []finding{{"operationId", "is " + id + " in our document"}})
		}
	}
	return nil
}
