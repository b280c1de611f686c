package coldstart_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ciclo/cmd/internal/coldstart"
	"ciclo/cmd/internal/replay"
)

// build compiles the artifact that shared/platform/host is tested with.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	if err := replay.Compile(t.Context(), "", "ciclo/shared/platform/host/testdata/function", binary); err != nil {
		t.Fatal(err)
	}
	return binary
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(storage.Close)
	thing := coldstart.Function{
		Name: "thing/get", Handler: "thing/get", Binary: build(t), Env: []string{"DYNAMODB_ENDPOINT=" + storage.URL},
		Event: []byte(`{"httpMethod":"GET","path":"/things/7","requestContext":{"authorizer":{"subject":"s","scopes":"read"}}}`),
	}
	rows, err := coldstart.Measure(t.Context(), coldstart.Options{Functions: []coldstart.Function{thing}, Starts: 3, Warm: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Name != "bare" || rows[1].Name != "thing/get" {
		t.Fatalf("rows = %+v", rows)
	}
	for _, row := range rows {
		for name, m := range map[string]coldstart.Time{
			"off init": row.Off.Init, "off first": row.Off.First, "off warm": row.Off.Warm,
			"on init": row.On.Init, "on first": row.On.First, "on warm": row.On.Warm,
		} {
			if m.Typical <= 0 || m.Ratio <= 0 || row.Name == "bare" && m.Ratio != 1 {
				t.Errorf("%s: %s = %+v", row.Name, name, m)
			}
		}
	}
	if rows[0].SizeRatio != 1 || rows[1].SizeRatio <= 1 || rows[1].Size <= rows[0].Size {
		t.Errorf("sizes = %+v", rows)
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("storage was asked %d times, want once for each of 3 starts that prewarm", n)
	}
}

func TestMeasureFailsWithTheFunction(t *testing.T) {
	t.Parallel()
	binary := build(t)
	tests := map[string]struct{ handler, event, want string }{
		"function error": {"thing/job", `"x"`, "payload"},
		"server error": {
			"thing/get",
			`{"httpMethod":"GET","path":"/things/panic","requestContext":{"authorizer":{"subject":"s","scopes":"read"}}}`,
			"problem:INTERNAL",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := coldstart.Function{
				Name: "thing", Binary: binary, Event: []byte(test.event), Handler: test.handler, Env: []string{"DYNAMODB_ENDPOINT=http://127.0.0.1:1"},
			}
			_, err := coldstart.Measure(t.Context(), coldstart.Options{Functions: []coldstart.Function{f}, Starts: 1, Warm: 1})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "thing") {
				t.Errorf("error = %v, want one with %q", err, test.want)
			}
		})
	}
}
