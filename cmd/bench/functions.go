package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/coldstart"
	"ciclo/cmd/internal/replay"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/platform/table/dynamo"
)

// The budgets of a function, as ratios.
const (
	maxInit  = 2.5 // init without prewarming : a bare function's (docs/decisions/0006)
	maxSite  = 3.0 // the same of a site, which also asks for its key (docs/decisions/0025)
	maxFirst = 2.0 // first request after prewarming : a warm one, or a bare function's first
)

// How often each function is started, and invoked after the first time.
const (
	starts = 9
	warm   = 20
)

func benchFunctions(ctx context.Context, _ *bench, _ *section) error {
	functions, stop, err := prepare(ctx)
	if err != nil {
		return err
	}
	defer stop()
	over, err := measureFunctions(ctx, functions)
	if err == nil && len(over) > 0 {
		// Once more: on a shared machine one of many is slow for no reason of its own.
		over, err = measureFunctions(ctx, over)
	}
	if err == nil && len(over) > 0 {
		names := make([]string, len(over))
		for i, f := range over {
			names[i] = f.Name
		}
		err = fmt.Errorf("functions over budget, twice: %s", strings.Join(names, ", "))
	}
	return err
}

// measureFunctions prints how functions start next to a bare one, and returns
// those over budget.
func measureFunctions(ctx context.Context, functions []coldstart.Function) (over []coldstart.Function, err error) {
	rows, err := coldstart.Measure(ctx, coldstart.Options{Functions: functions, Starts: starts, Warm: warm})
	if err != nil {
		return nil, err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(out, "\nfunction\tbytes\t: bare\tinit : bare\tinit, prewarmed : bare\t"+
		"first : warm\tfirst : warm, prewarmed\twarm : bare\tbudget (init %g, of a site %g, first %g)\t\n", maxInit, maxSite, maxFirst)
	for i, r := range rows {
		first, firstWarmed := ratio(r.Off), ratio(r.On)
		verdict := "ok"
		switch {
		case i == 0:
			verdict = "-" // the bare function is the measure
		case r.Off.Init.Ratio > budget(r.Name) || firstWarmed > maxFirst && r.On.First.Ratio > maxFirst:
			verdict = "OVER"
			over = append(over, functions[i-1])
		}
		fmt.Fprintf(out, "%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%s\t\n",
			r.Name, r.Size, r.SizeRatio, r.Off.Init.Ratio, r.On.Init.Ratio, first, firstWarmed, r.On.Warm.Ratio, verdict)
	}
	return over, out.Flush()
}

// budget is the greatest ratio of a function's init.
func budget(name string) float64 {
	if f, known := catalog.FunctionOf(name); known && f.Kind == "Site" {
		return maxSite
	}
	return maxInit
}

// ratio is how many times a warm invocation the first one takes.
func ratio(t coldstart.Times) float64 {
	return float64(t.First.Typical) / float64(t.Warm.Typical)
}

// prepare builds every artifact for this machine and makes the tables and the
// token issuer that their events speak of.
func prepare(ctx context.Context) (functions []coldstart.Function, stop func(), err error) {
	around, err := sample.Surround(ctx)
	if err != nil {
		return nil, nil, err
	}
	stop = around.Stop
	tables, err := sampleTables(ctx, around)
	if err != nil {
		stop()
		return nil, nil, err
	}
	binaries := map[string]string{}
	for _, a := range catalog.Artifacts() {
		if binaries[a.Name()], err = replay.Build(ctx, ".", a); err != nil {
			stop()
			return nil, nil, err
		}
	}
	for _, f := range catalog.Functions() {
		event, err := os.ReadFile(f.Event())
		if err != nil {
			stop()
			return nil, nil, err
		}
		functions = append(functions, coldstart.Function{
			Name: f.ID, Binary: binaries[f.Artifact.Name()], Handler: f.ID, Env: slices.Concat(around.Env, tables), Event: around.Fill(event),
		})
	}
	return functions, stop, nil
}

// sampleTables makes tables of this run's own and returns the environment that
// functions find them by.
func sampleTables(ctx context.Context, around *sample.Surroundings) ([]string, error) {
	var env []string
	for _, name := range []string{"DYNAMODB_ENDPOINT", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		env = append(env, name+"="+os.Getenv(name))
	}
	config, err := dynamo.ConfigFromEnv(os.Getenv, catalog.Schemas()...)
	if err != nil {
		return nil, err
	}
	for _, s := range config.Schemas {
		config.Names[s.Name] = "bench-" + s.Name + "-" + uuid.NewString()
		env = append(env, "TABLE_"+strings.ToUpper(s.Name)+"="+config.Names[s.Name])
	}
	db := dynamo.New(config)
	if err := dynamo.CreateTables(ctx, db, config.Schemas...); err != nil {
		return nil, err
	}
	for _, function := range []string{"consumer/get", "service/get", "eservice/get"} { // one of each product
		if err := around.Seed(ctx, db, function); err != nil {
			return nil, err
		}
	}
	return env, nil
}
