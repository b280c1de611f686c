package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/platform/testing/runtimeapi"
)

// binary is an artifact that does nothing but call Start.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "function")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(context.Background(), "go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/function")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// function runs what handler names of the binary; lines returns what it has logged.
func function(t *testing.T, handler string) (f *runtimeapi.Function, lines func() []map[string]any) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	f, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
		Binary: binary, Handler: handler, Stdout: &stdout, Stderr: &stderr, Timeout: time.Minute,
		// Nothing listens there: storage is not what is tested here.
		Env: []string{"DYNAMODB_ENDPOINT=http://127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, func() []map[string]any {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if stderr.Len() > 0 {
			t.Errorf("stderr, which Lambda would not parse: %s", stderr.String())
		}
		return parseLog(t, stdout.String())
	}
}

func parseLog(t *testing.T, log string) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for text := range strings.Lines(log) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("not a JSON line: %s", text)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestStartServesAndOutlivesPanics(t *testing.T) {
	t.Parallel()
	f, lines := function(t, "thing/get")
	for id, want := range map[string]int{"panic": 500, "7": 200} {
		e := `{"httpMethod":"GET","path":"/things/` + id + `","requestContext":{"requestId":"gw","authorizer":{"subject":"s","scopes":"read"}}}`
		res, err := f.Invoke(t.Context(), []byte(e))
		var answer struct {
			StatusCode int
			Body       string
		}
		if err != nil || res.FunctionError != "" || json.Unmarshal(res.Payload, &answer) != nil || answer.StatusCode != want {
			t.Fatalf("%s: %+v %s, %v, want %d", id, answer, res.Payload, err, want)
		}
	}
	log := lines()
	if len(log) != 2 || log[0]["coldStart"] != true || log[1]["coldStart"] != false {
		t.Fatalf("log = %v, want one line per request, the first marked", log)
	}
	for _, name := range []string{"timestamp", "lambdaRequestId", "requestId", "functionName", "status", "latencyMs"} {
		if log[0][name] == nil {
			t.Errorf("log line lacks %s: %v", name, log[0])
		}
	}
}

func TestStartWorker(t *testing.T) {
	t.Parallel()
	f, lines := function(t, "thing/worker")
	res, err := f.Invoke(t.Context(), []byte(`{"Records":[
		{"dynamodb":{"SequenceNumber":"1","Keys":{"pk":{"S":"p"},"sk":{"S":"s"}}}},
		{"dynamodb":{"SequenceNumber":"2","Keys":{"pk":{"S":"p"},"sk":{"S":"other"}}}}]}`))
	if err != nil || string(res.Payload) != `{"batchItemFailures":[{"itemIdentifier":"2"}]}` {
		t.Errorf("answer = %s, %v", res.Payload, err)
	}
	if log := lines(); len(log) != 2 || log[0]["worker"] != "thing/worker" || log[1]["error"] != "unexpected key" {
		t.Errorf("log = %v", log)
	}
}

func TestStartJob(t *testing.T) {
	t.Parallel()
	f, lines := function(t, "thing/job")
	if res, err := f.Invoke(t.Context(), []byte(`41`)); err != nil || string(res.Payload) != `42` {
		t.Errorf("answer = %s, %v", res.Payload, err)
	}
	if res, err := f.Invoke(t.Context(), []byte(`"x"`)); err != nil || !strings.Contains(res.FunctionError, "job thing/job: payload") {
		t.Errorf("answer = %+v, %v", res, err)
	}
	if log := lines(); len(log) < 2 || log[0]["result"] != 42.0 || log[1]["outcome"] != "failed" {
		t.Errorf("log = %v", log)
	}
}

func TestStartSaysWhyItCannot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  []string
		want string
	}{
		"store":    {[]string{"DYNAMODB_ENDPOINT=http://127.0.0.1:1", "PREWARM=off", "REFUSE=1"}, "operation thing/get: REFUSE is set"},
		"settings": {nil, "operation thing/get: missing in the environment"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout bytes.Buffer
			_, err := runtimeapi.Start(t.Context(), runtimeapi.Config{Binary: binary, Handler: "thing/get", Env: test.env, Stdout: &stdout})
			if !errors.Is(err, runtimeapi.ErrExited) || !strings.Contains(err.Error(), "exit status 1") {
				t.Errorf("error = %v", err)
			}
			log := parseLog(t, stdout.String())
			if len(log) != 1 || log[0]["level"] != "ERROR" || !strings.HasPrefix(fmt.Sprint(log[0]["error"]), test.want) {
				t.Errorf("log = %v, want one line with %q", log, test.want)
			}
		})
	}
}

// TestStartPrewarms counts the connections that the initialisation opens.
func TestStartPrewarms(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]bool{"": true, "off": false} {
		endpoint := newEndpoint(t)
		f, err := runtimeapi.Start(t.Context(), runtimeapi.Config{
			Binary: binary, Handler: "thing/get", Env: []string{"DYNAMODB_ENDPOINT=" + endpoint.URL, "PREWARM=" + setting},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := endpoint.asked.Load() > 0; got != want {
			t.Errorf("PREWARM=%q: storage asked: %v, want %v", setting, got, want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// endpoint counts its requests and answers that there is no item.
type endpoint struct {
	*httptest.Server
	asked atomic.Int32
}

func newEndpoint(t *testing.T) *endpoint {
	t.Helper()
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		e.asked.Add(1)
		_, _ = io.WriteString(w, `{}`)
	}))
	t.Cleanup(e.Close)
	return e
}
