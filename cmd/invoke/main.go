// Command invoke answers an event with a function's real binary:
//
//	invoke -fn consumer/delete [-event events/consumers/consumer-delete.json] [-sam sam]
//
// It prints the function's log to stderr and its answer to stdout, as indented
// JSON. The tables are those at DYNAMODB_ENDPOINT; they are created and filled
// with sample data if need be. With -sam and Docker the function runs in Lambda's
// image, unless it needs more than tables, otherwise on this machine. The exit code is
// 1 when the function reports an error, answers with a 5xx or cannot be run, 2 for
// wrong arguments.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/replay"
	"ciclo/cmd/internal/samlocal"
)

// passed are the variables handed on to the function, besides TABLE_<NAME>.
var passed = []string{
	"DYNAMODB_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LOG_LEVEL", "PREWARM",
}

// options are the arguments.
type options struct {
	replay.Options
	sam      string
	samFlags string
	docker   bool // fail rather than run on this machine
}

func main() {
	var o options
	flag.StringVar(&o.Function, "fn", "", "the function, as <resource>/<operation>")
	flag.StringVar(&o.Event, "event", "", "the event file (default events/<product>/<resource>-<operation>.json)")
	flag.StringVar(&o.sam, "sam", "", "the command of SAM; without it the function runs on this machine")
	flag.StringVar(&o.samFlags, "sam-flags", "", "more flags for sam local invoke")
	flag.BoolVar(&o.docker, "docker", false, "fail when the function cannot run in Lambda's image")
	serve := flag.Bool("serve", false, "only make the tables that sam local invoke finds by itself and the sample data, until interrupted")
	flag.Parse()
	function, err := replay.Find(o.Function)
	if err != nil || flag.NArg() > 0 {
		flag.Usage()
		fmt.Fprintln(os.Stderr, "The functions are:", strings.Join(ids(), " "))
		os.Exit(2)
	}
	o.Event = cmp.Or(o.Event, function.Event())
	o.Log, o.Env = os.Stderr, handedOn(os.Environ())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	run := invoke
	if *serve {
		run = serveTables
	}
	err = run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}

// ids lists the functions.
func ids() []string {
	var all []string
	for _, f := range catalog.Functions() {
		all = append(all, f.ID)
	}
	return all
}

func invoke(ctx context.Context, o options) error {
	answer, err := answerOf(ctx, o)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, answer, "", "  "); err != nil {
		return fmt.Errorf("the function's answer is not JSON: %w\n%s", err, answer)
	}
	fmt.Println(pretty.String())
	return failure(answer)
}

// answerOf runs the function in Lambda's image where that can be had, otherwise on this
// machine.
func answerOf(ctx context.Context, o options) ([]byte, error) {
	f, err := containable(ctx, o)
	switch {
	case err == nil:
		return inContainer(ctx, o, f)
	case o.docker:
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "invoke: on this machine, not in Lambda's image: %v\n", err)
	res, err := replay.Run(ctx, o.Options)
	if err == nil && len(res.Payload) == 0 && res.FunctionError != "" {
		err = errors.New("the function failed: " + res.FunctionError)
	}
	return res.Payload, err
}

// containable returns the function, and why it cannot run in Lambda's image.
func containable(ctx context.Context, o options) (samlocal.Function, error) {
	f, err := samlocal.Find(".", o.Function)
	if err != nil {
		return f, err
	}
	if o.sam == "" {
		return f, errors.New("SAM is not installed")
	}
	if err := f.Reachable(); err != nil {
		return f, err
	}
	_, _, err = samlocal.Architecture(ctx)
	return f, err
}

func inContainer(ctx context.Context, o options, f samlocal.Function) ([]byte, error) {
	for _, s := range catalog.Schemas() {
		o.Env = append([]string{"TABLE_" + strings.ToUpper(s.Name) + "=" + s.Name}, o.Env...)
	}
	if err := f.Build(ctx, o.Log); err != nil {
		return nil, err
	}
	if err := replay.Prepare(ctx, o.Options); err != nil {
		return nil, err
	}
	return samlocal.Invocation{
		SAM: o.sam, Function: f, Event: o.Event, Env: o.Env, Flags: strings.Fields(o.samFlags), Log: o.Log,
	}.Run(ctx)
}

// failure returns an error for an answer that is none of success: an error that the
// function reports, or a 5xx.
func failure(answer []byte) error {
	var outcome struct {
		StatusCode   int    `json:"statusCode"`
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(answer, &outcome); err != nil {
		return nil //nolint:nilerr // an answer that is no object reports nothing
	}
	switch {
	case outcome.ErrorType != "" || outcome.ErrorMessage != "":
		return fmt.Errorf("the function failed: %s %s", outcome.ErrorType, outcome.ErrorMessage)
	case outcome.StatusCode >= 500:
		return fmt.Errorf("the function answered %d", outcome.StatusCode)
	}
	return nil
}

// serveTables makes tables with the names that sam local invoke resolves from the
// templates, the logical ids, and keeps them until it is interrupted. Where Docker is on
// another processor than the templates are for, it makes copies of these and the function.
func serveTables(ctx context.Context, o options) error {
	f, err := samlocal.Find(".", o.Function)
	if err != nil {
		return err
	}
	template := ""
	if lambda, _, err := samlocal.Architecture(ctx); err == nil && lambda != samlocal.Deployed {
		if err := f.Build(ctx, o.Log); err != nil {
			return err
		}
		template = " --template " + samlocal.Copy + "/" + samlocal.RootTemplate
	}
	for _, s := range catalog.Schemas() {
		id := strings.ToUpper(s.Name[:1]) + s.Name[1:] + "Table"
		o.Env = append(o.Env, "TABLE_"+strings.ToUpper(s.Name)+"="+id)
	}
	if err := replay.Prepare(ctx, o.Options); err != nil {
		return err
	}
	fmt.Printf("The tables are ready for:\n\nsam local invoke %s --event %s%s\n\nCtrl-C stops them.\n",
		f.ID, o.Event, template)
	<-ctx.Done()
	return nil
}

func handedOn(env []string) []string {
	return slices.DeleteFunc(env, func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return !slices.Contains(passed, name) && !strings.HasPrefix(name, "TABLE_")
	})
}
