// Package runtimeapi runs a Lambda function's binary on this machine: it starts
// the binary as a child process and plays the Lambda Runtime API to it, the four
// endpoints at which a function gets invocations and answers them. It is for
// tests, benchmarks and `make invoke`; it measures the time of the function,
// not that of Lambda.
package runtimeapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"
)

// DefaultTimeout is the limit of an initialisation or invocation that sets none.
const DefaultTimeout = 30 * time.Second

// stderrKept is the part of a function's last output that its errors repeat, in bytes.
const stderrKept = 4 << 10

// Config is the function to run and its environment.
type Config struct {
	Binary  string   // the function's executable
	Handler string   // what the executable serves, the function's property Handler
	Env     []string // "NAME=value", in addition to the variables of Lambda; nothing is inherited
	Dir     string   // working directory, "" for the binary's
	// Stdout and Stderr get what the function prints, until Close returns; nil
	// discards it. They may be the same and are never written at the same time.
	Stdout, Stderr io.Writer
	// Timeout is the function's: it limits the initialisation and each
	// invocation, and ends the process when it passes. 0 for DefaultTimeout.
	Timeout time.Duration
}

// Result is the answer to one invocation.
type Result struct {
	Payload []byte // what the function returned, or its error document
	// FunctionError is "type: message" when the function reported an error, else "".
	FunctionError string
	Duration      time.Duration // from the invocation's hand-over to its answer
}

// Function is a running function. Its methods are safe for concurrent use.
type Function struct {
	config Config
	server *http.Server
	kill   context.CancelFunc
	exited chan struct{} // closed once the process is gone and exit is set
	pid    int
	exit   error
	used   time.Duration // processor time
	stderr []byte        // its end; complete once exited is closed

	first sync.Once
	ready chan time.Time   // filled by the first request for an invocation
	queue chan *invocation // from Invoke to the function
	init  time.Duration

	mu        sync.Mutex
	pending   map[string]*invocation // handed out and not answered, by id
	initError string
}

// ErrExited is the error of an invocation of a process that is gone; it comes
// wrapped with its exit status and last output.
var ErrExited = errors.New("the function's process has ended")

// ErrTimeout is the error of an initialisation or invocation that took longer
// than Config.Timeout; the process is ended, as Lambda does.
var ErrTimeout = errors.New("the function timed out")

// Start runs the function's initialisation and returns when it requests its first
// invocation. Otherwise the error wraps ErrExited or ErrTimeout, and no process is left. The function ends with ctx or Close.
func Start(ctx context.Context, c Config) (*Function, error) {
	binary, err := filepath.Abs(c.Binary)
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	c.Binary, c.Dir = binary, cmp.Or(c.Dir, filepath.Dir(binary))
	c.Timeout = cmp.Or(c.Timeout, DefaultTimeout)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("runtime API: %w", err)
	}
	f := &Function{
		config: c, exited: make(chan struct{}),
		ready: make(chan time.Time, 1), queue: make(chan *invocation), pending: map[string]*invocation{},
	}
	f.server = &http.Server{Handler: f.routes(), ReadHeaderTimeout: c.Timeout}
	go func() { _ = f.server.Serve(listener) }() // ends with Close
	ctx, f.kill = context.WithCancel(ctx)
	begin := time.Now()
	if err := f.run(ctx, listener.Addr().String()); err != nil {
		f.kill()
		_ = f.server.Close()
		return nil, err
	}
	if err := f.await(ctx, begin); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// run starts the process and watches over it.
func (f *Function) run(ctx context.Context, address string) error {
	cmd := exec.CommandContext(ctx, f.config.Binary)
	cmd.Dir = f.config.Dir
	cmd.Env = append(environment(address, f.config), f.config.Env...)
	var turns sync.Mutex
	cmd.Stdout = &output{mu: &turns, next: f.config.Stdout}
	cmd.Stderr = &output{mu: &turns, next: f.config.Stderr, last: &f.stderr}
	// A grandchild that keeps the pipes open must not keep us.
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("runtime API: start function: %w", err)
	}
	f.pid = cmd.Process.Pid
	go func() {
		f.exit = cmd.Wait()
		f.used = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		close(f.exited)
	}()
	return nil
}

// await returns when the function requests its first invocation.
func (f *Function) await(ctx context.Context, begin time.Time) error {
	timeout := time.NewTimer(f.config.Timeout)
	defer timeout.Stop()
	select {
	case at := <-f.ready:
		f.init = at.Sub(begin)
		return nil
	case <-f.exited:
		return f.ended("initialisation")
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout.C:
		return fmt.Errorf("initialisation: %w", ErrTimeout)
	}
}

// InitDuration is the time from the start of the process to its first request
// for an invocation.
func (f *Function) InitDuration() time.Duration { return f.init }

// PID is the process's id, as long as it runs.
func (f *Function) PID() int { return f.pid }

// CPUTime is the processor time, of user and system, that the process took. It is known
// after Close.
func (f *Function) CPUTime() time.Duration {
	<-f.exited
	return f.used
}

// Invoke sends payload, a JSON document, to the function when it requests one, and
// returns its answer; an error that the function reports is in the Result.
// Simultaneous calls wait for each other, because a function requests the next
// invocation after the last. The error wraps ErrExited or
// ErrTimeout, after which a new Start is needed, or is ctx's; an invocation that
// ctx cuts short ends the process too.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	i := &invocation{id: uuid.NewString(), payload: payload, answer: make(chan Result, 1)}
	select {
	case f.queue <- i:
	case <-f.exited:
		return Result{}, f.ended("invocation")
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
	timeout := time.NewTimer(f.config.Timeout)
	defer timeout.Stop()
	select {
	case result := <-i.answer:
		return result, nil
	case <-f.exited:
		return f.last(i)
	case <-ctx.Done():
		f.kill()
		return Result{}, ctx.Err()
	case <-timeout.C:
		f.kill()
		return Result{}, fmt.Errorf("invocation: %w after %v", ErrTimeout, f.config.Timeout)
	}
}

// last returns the answer that the function gave just before it exited, as it
// does after a panic, or the error that there is none.
func (f *Function) last(i *invocation) (Result, error) {
	select {
	case result := <-i.answer:
		return result, nil
	default:
		return Result{}, f.ended("invocation")
	}
}

// ended returns the error of a process that ended. Call it only after f.exited.
func (f *Function) ended(during string) error {
	how := "exit status 0"
	if f.exit != nil {
		how = f.exit.Error()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.initError != "" {
		how += ", initialisation error " + f.initError
	}
	return fmt.Errorf("%s: %w: %s\n%s", during, ErrExited, how, bytes.TrimSpace(f.stderr))
}

// Close ends the process, waits until it is gone and closes the API. Closing
// again does nothing.
func (f *Function) Close() error {
	f.kill()
	<-f.exited
	if err := f.server.Close(); err != nil {
		return fmt.Errorf("runtime API: %w", err)
	}
	return nil
}

// output is one of the function's outputs.
type output struct {
	mu   *sync.Mutex // shared with the other one
	next io.Writer   // may be nil
	last *[]byte     // keeps the end of what was written; may be nil
}

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last != nil {
		*o.last = append(*o.last, p...)
		*o.last = (*o.last)[max(0, len(*o.last)-stderrKept):]
	}
	if o.next == nil {
		return len(p), nil
	}
	return o.next.Write(p)
}
