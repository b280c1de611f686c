// Command invoke answers an event with a function's real binary:
//
//	invoke -fn consumer/delete [-event events/consumer-delete.json]
//
// It prints the function's log to stderr and its answer to stdout, as indented
// JSON. The tables are those at DYNAMODB_ENDPOINT; they are created and filled
// with sample data if need be. The exit code is 1 when the function reports an
// error or cannot be run, 2 for wrong arguments.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"ciclo/cmd/internal/replay"
)

// passed are the variables handed on to the function, besides TABLE_<NAME>.
var passed = []string{
	"DYNAMODB_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LOG_LEVEL", "PREWARM",
}

func main() {
	var o replay.Options
	flag.StringVar(&o.Function, "fn", "", "the function, as <resource>/<operation>")
	flag.StringVar(&o.Event, "event", "", "the event file (default events/<resource>-<operation>.json)")
	prepare := flag.Bool("prepare", false, "only make the tables and the sample data")
	flag.Parse()
	if o.Function == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	o.Log, o.Env = os.Stderr, handedOn(os.Environ())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := invoke
	if *prepare {
		run = replay.Prepare
	}
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}

func invoke(ctx context.Context, o replay.Options) error {
	res, err := replay.Run(ctx, o)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, res.Payload, "", "  "); err != nil {
		return fmt.Errorf("the function's answer is not JSON: %w", err)
	}
	fmt.Println(pretty.String())
	if res.FunctionError != "" {
		return fmt.Errorf("the function failed: %s", res.FunctionError)
	}
	return nil
}

func handedOn(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains(passed, name) && !strings.HasPrefix(name, "TABLE_")
	})
}
