package runtimeapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ciclo/shared/platform/testing/runtimeapi"
)

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

func start(t *testing.T, c runtimeapi.Config) *runtimeapi.Function {
	t.Helper()
	c.Binary = binary
	f, err := runtimeapi.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

type answer struct {
	Echo, RequestID, Parent, Name string
	PID                           int
	Left                          time.Duration
}

func invoke(t *testing.T, f *runtimeapi.Function, what string) answer {
	t.Helper()
	res, err := f.Invoke(t.Context(), []byte(`"`+what+`"`))
	if err != nil || res.FunctionError != "" {
		t.Fatalf("%s: %+v, %v", what, res, err)
	}
	var a answer
	if err := json.Unmarshal(res.Payload, &a); err != nil {
		t.Fatal(err)
	}
	if res.Duration <= 0 {
		t.Errorf("duration = %v", res.Duration)
	}
	return a
}

func TestInvoke(t *testing.T) {
	t.Setenv("PARENT", "1")
	var stdout, stderr bytes.Buffer
	f := start(t, runtimeapi.Config{Stdout: &stdout, Stderr: &stderr, Timeout: time.Hour, Env: []string{"AWS_LAMBDA_FUNCTION_NAME=thing"}})
	first, second := invoke(t, f, "a"), invoke(t, f, "b")
	if first.Echo != "a" || second.Echo != "b" || first.RequestID == "" || first.RequestID == second.RequestID {
		t.Errorf("answers = %+v, %+v", first, second)
	}
	if first.Parent != "" || first.Name != "thing" {
		t.Errorf("environment = %+v, want nothing inherited, and Config.Env to win", first)
	}
	if first.Left <= 0 || first.Left > time.Hour {
		t.Errorf("time left = %v, want at most the timeout", first.Left)
	}
	if f.InitDuration() <= 0 {
		t.Errorf("init = %v", f.InitDuration())
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if stdout.String() != "handling a\nhandling b\n" || !strings.Contains(stderr.String(), "hello from stderr") {
		t.Errorf("stdout = %q, stderr = %q", stdout.String(), stderr.String())
	}
	if err := syscall.Kill(first.PID, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there after Close: %v", first.PID, err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`"c"`)); !errors.Is(err, runtimeapi.ErrExited) {
		t.Errorf("error after Close = %v", err)
	}
}

func TestInvokeErrorKeepsTheProcess(t *testing.T) {
	t.Parallel()
	f := start(t, runtimeapi.Config{})
	before := invoke(t, f, "a").PID
	res, err := f.Invoke(t.Context(), []byte(`"error"`))
	if err != nil || res.FunctionError != "errorString: boom" || !strings.Contains(string(res.Payload), `"errorMessage":"boom"`) {
		t.Errorf("result = %+v, %v", res, err)
	}
	if res, err := f.Invoke(t.Context(), []byte(`{}`)); err != nil || !strings.HasPrefix(res.FunctionError, "UnmarshalTypeError: ") {
		t.Errorf("result = %+v, %v", res, err)
	}
	if after := invoke(t, f, "b").PID; after != before {
		t.Errorf("process %d, want %d still", after, before)
	}
}

func TestInvokeAfterWhichTheProcessIsGone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ functionError, lastWords string }{
		"panic": {"string: boom", ""},
		"exit":  {"", "exit status 4\nhello from stderr\nbye"},
		"large": {"", "413"}, // more than Lambda's 6 MB
	}
	for what, test := range tests {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			f := start(t, runtimeapi.Config{})
			res, err := f.Invoke(t.Context(), []byte(`"`+what+`"`))
			if test.functionError != "" && (err != nil || res.FunctionError != test.functionError) {
				t.Errorf("result = %+v, %v, want %s", res, err, test.functionError)
			}
			if test.lastWords != "" && (!errors.Is(err, runtimeapi.ErrExited) || !strings.Contains(err.Error(), test.lastWords)) {
				t.Errorf("error = %v, want ErrExited and %q", err, test.lastWords)
			}
			if _, err := f.Invoke(t.Context(), []byte(`"a"`)); !errors.Is(err, runtimeapi.ErrExited) {
				t.Errorf("next invocation: %v, want ErrExited", err)
			}
		})
	}
}

func TestInvokeOneAtATime(t *testing.T) {
	t.Parallel()
	f := start(t, runtimeapi.Config{})
	var group sync.WaitGroup
	for n := range 16 {
		group.Go(func() {
			what := fmt.Sprint(n)
			res, err := f.Invoke(t.Context(), []byte(`"`+what+`"`))
			if err != nil || !strings.Contains(string(res.Payload), `"Echo":"`+what+`"`) {
				t.Errorf("%s: %s, %v", what, res.Payload, err)
			}
		})
	}
	group.Wait()
}

// signal is closed by the first write.
type signal chan struct{}

func (s signal) Write(p []byte) (int, error) { close(s); return len(p), nil }

func TestInvokeEndsWithItsContext(t *testing.T) {
	t.Parallel()
	busy := make(signal)
	f := start(t, runtimeapi.Config{Stdout: busy})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-busy; cancel() }()
	if _, err := f.Invoke(ctx, []byte(`"hang"`)); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the context's", err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`"a"`)); !errors.Is(err, runtimeapi.ErrExited) {
		t.Errorf("next invocation: %v, want ErrExited", err)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	f := start(t, runtimeapi.Config{Timeout: 5 * time.Second})
	if _, err := f.Invoke(t.Context(), []byte(`"hang"`)); !errors.Is(err, runtimeapi.ErrTimeout) {
		t.Errorf("error = %v, want ErrTimeout", err)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config runtimeapi.Config
		want   error
		words  []string
	}{
		"exit": {
			runtimeapi.Config{Binary: binary, Env: []string{"INIT=exit"}},
			runtimeapi.ErrExited,
			[]string{"exit status 3", "cannot go on"},
		},
		"reported error": {
			runtimeapi.Config{Binary: binary, Env: []string{"INIT=error"}},
			runtimeapi.ErrExited,
			[]string{"Setting: is missing", "202 <nil>"},
		},
		"never ready": {runtimeapi.Config{Binary: binary, Env: []string{"INIT=hang"}, Timeout: time.Millisecond}, runtimeapi.ErrTimeout, nil},
		"no binary":   {runtimeapi.Config{Binary: filepath.Join(t.TempDir(), "bootstrap")}, os.ErrNotExist, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := runtimeapi.Start(t.Context(), test.config)
			if !errors.Is(err, test.want) || f != nil {
				t.Fatalf("Start = %v, %v, want %v", f, err, test.want)
			}
			for _, words := range test.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("error lacks %q: %v", words, err)
				}
			}
		})
	}
}
