package retention_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/retention"
)

// emf holds the members of a log line that CloudWatch reads (Embedded Metric Format).
type emf struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// TestMetrics: the log line of a run is a document of the Embedded Metric Format. Each metric
// that it names is a number at its top level.
func TestMetrics(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge.Add(-time.Hour)}, op{at: edge})
		late, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, want := range []struct {
			ctx    context.Context
			values map[string]any
		}{
			{late, map[string]any{"PurgeSucceeded": 1.0, "PurgeDeleted": 0.0, "PurgeOldestOverdueSeconds": 3600.0}},
			{t.Context(), map[string]any{"PurgeSucceeded": 1.0, "PurgeDeleted": 2.0, "PurgeOldestOverdueSeconds": 0.0}},
		} {
			if _, err := w.run(want.ctx, t, retention.Request{}); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want.values, w.metrics(t)); d != "" {
				t.Errorf("metrics (-want +got):\n%s", d)
			}
		}
	})
}

// metrics returns the metrics of the last log line. It fails unless the line is a document of
// the Embedded Metric Format.
func (w world) metrics(t *testing.T) map[string]any {
	t.Helper()
	lines := w.Log.Lines(t)
	line := lines[len(lines)-1]
	raw, err := json.Marshal(line)
	if err != nil {
		t.Fatal(err)
	}
	var doc emf
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.AWS.Timestamp != w.Clock.Now().UnixMilli() || len(doc.AWS.CloudWatchMetrics) != 1 {
		t.Fatalf("_aws = %+v", doc.AWS)
	}
	metrics := doc.AWS.CloudWatchMetrics[0]
	got := map[string]any{}
	for _, m := range metrics.Metrics {
		got[m.Name] = line[m.Name]
		unit := "Count"
		if m.Name == "PurgeOldestOverdueSeconds" {
			unit = "Seconds"
		}
		if m.Unit != unit {
			t.Errorf("%s is in %s", m.Name, m.Unit)
		}
	}
	// The logger of a function adds its name to every line.
	if d := cmp.Diff([][]string{{"functionName"}}, metrics.Dimensions); metrics.Namespace != "Ciclo" || d != "" {
		t.Errorf("namespace %q, dimensions (-want +got):\n%s", metrics.Namespace, d)
	}
	return got
}

// TestDryRunIsNoSuccess: a dry run is logged without metrics.
func TestDryRunIsNoSuccess(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge})
		if _, err := w.run(t.Context(), t, retention.Request{DryRun: true}); err != nil {
			t.Fatal(err)
		}
		line := w.Log.Lines(t)[0]
		if line["deleted"] != 1.0 || line["dryRun"] != true || line["done"] != true {
			t.Errorf("log: %v", line)
		}
		for _, name := range []string{"_aws", "PurgeSucceeded", "PurgeDeleted"} {
			if line[name] != nil {
				t.Errorf("%s = %v", name, line[name])
			}
		}
	})
}

// TestJob: the payload of the schedule and that of the sandbox start the same run.
func TestJob(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		w.record(t, op{at: edge})
		run, err := retention.PurgeOperations.Start(w.Deps())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ payload, want string }{
			{
				`{"dryRun": true}`,
				`{"scanned":1,"deleted":1,"skipped":0,"done":true,"dryRun":true,"oldestOverdueSeconds":0,"oldestUnfinishedDay":"2026-11-21"}`,
			},
			{
				`{"dryRun": false}`,
				`{"scanned":1,"deleted":1,"skipped":0,"done":true,"dryRun":false,"oldestOverdueSeconds":0,"oldestUnfinishedDay":"2026-11-21"}`,
			},
			{``, `{"scanned":0,"deleted":0,"skipped":0,"done":true,"dryRun":false,"oldestOverdueSeconds":0,"oldestUnfinishedDay":"2026-11-21"}`},
		} {
			report, err := run(t.Context(), json.RawMessage(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(report)
			if err != nil || string(got) != c.want {
				t.Errorf("%s: %s, %v; want %s", c.payload, got, err, c.want)
			}
		}
	})
}

// TestJobRefusesTooShortARetention: the job does not start.
func TestJobRefusesTooShortARetention(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, months := range []string{"2", "0", "-3", "many"} {
			w.Settings[retention.Setting] = months
			if _, err := retention.PurgeOperations.Start(w.Deps()); err == nil {
				t.Errorf("starts with %s=%s", retention.Setting, months)
			}
		}
	})
}
