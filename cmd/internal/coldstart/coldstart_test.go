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

// build compiles the bare function and the artifact that shared/platform/host is tested with.
func build(t *testing.T) (bare coldstart.Function, binary string) {
	t.Helper()
	bare, err := coldstart.Bare(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(t.TempDir(), "bootstrap")
	if err := replay.Compile(t.Context(), "", "ciclo/shared/platform/host/testdata/function", binary); err != nil {
		t.Fatal(err)
	}
	return bare, binary
}

// TestMeasure: DynamoDB is asked while the answers are recorded and never again.
func TestMeasure(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(storage.Close)
	stub, err := coldstart.NewStub(t.Context(), storage.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stub.Close() })
	bare, binary := build(t)
	thing := coldstart.Function{
		Name: "thing/get", Handler: "thing/get", Binary: binary, Stub: stub, Env: []string{"DYNAMODB_ENDPOINT=" + stub.URL},
		Event: func() []byte {
			return []byte(`{"httpMethod":"GET","path":"/things/7","requestContext":{"authorizer":{"subject":"s","scopes":"read"}}}`)
		},
	}
	if err := coldstart.Record(t.Context(), thing); err != nil {
		t.Fatal(err)
	}
	recorded := asked.Load()
	if recorded == 0 || stub.Recorded() != int(recorded) {
		t.Errorf("%d answers of %d are recorded", stub.Recorded(), recorded)
	}
	rows, err := coldstart.Measure(t.Context(), bare, 3, thing, bare)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Name != "thing/get" || rows[1].Name != "bare" {
		t.Fatalf("rows = %+v", rows)
	}
	for _, row := range rows {
		for name, r := range map[string]coldstart.Ratio{"init": row.Init, "total": row.Total} {
			for _, q := range []coldstart.Quartiles{r.Wall, r.CPU} {
				if r.Typical <= 0 || q.Low <= 0 || q.Median < q.Low || q.High < q.Median {
					t.Errorf("%s: %s = %+v", row.Name, name, r)
				}
			}
		}
	}
	if rows[0].Size <= rows[1].Size {
		t.Errorf("sizes = %d, %d", rows[0].Size, rows[1].Size)
	}
	if n := asked.Load(); n != recorded {
		t.Errorf("storage was asked %d times more", n-recorded)
	}
}

func TestFailsWithTheFunction(t *testing.T) {
	t.Parallel()
	bare, binary := build(t)
	tests := map[string]struct{ handler, event, want string }{
		"function error": {"thing/job", `"x"`, "payload"},
		"server error": {
			"thing/get",
			`{"httpMethod":"GET","path":"/things/panic","requestContext":{"authorizer":{"subject":"s","scopes":"read"}}}`,
			"problem:INTERNAL",
		},
		"refused": {"thing/get", `{"httpMethod":"GET","path":"/things/7","requestContext":{}}`, `"statusCode":401`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := coldstart.Function{
				Name: "thing", Binary: binary, Event: func() []byte { return []byte(test.event) }, Handler: test.handler,
				Env: []string{"DYNAMODB_ENDPOINT=http://127.0.0.1:1"},
			}
			_, measured := coldstart.Measure(t.Context(), bare, 1, f)
			for what, err := range map[string]error{"record": coldstart.Record(t.Context(), f), "measure": measured} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "thing") {
					t.Errorf("%s: error = %v, want one with %q", what, err, test.want)
				}
			}
		})
	}
}
