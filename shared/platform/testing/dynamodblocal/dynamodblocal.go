// Package dynamodblocal starts DynamoDB Local, in memory, for the sandbox and
// for tests. Its licence forbids redistribution, so it is fetched into a cache
// folder on first use and never part of the repository.
package dynamodblocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// DefaultCache is the folder of the jars unless Options names another.
const DefaultCache = ".cache/dynamodb-local"

// startLimit is how long the process may take to answer; a laptop needs two seconds.
const startLimit = time.Minute

// Options are the settings of Start.
type Options struct {
	Cache string // folder of the jars; "" for DefaultCache
	Port  int    // 0 for a free one
	// Progress gets one line for each step that takes long. It may be nil.
	Progress func(line string)
}

func (o Options) progress(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

func (o Options) cache() string {
	if o.Cache == "" {
		return DefaultCache
	}
	return o.Cache
}

// Server is a running DynamoDB Local. It keeps the data of each access key and
// region apart.
type Server struct {
	Endpoint string // http://127.0.0.1:<port>

	cmd    *exec.Cmd
	output *tail
	end    func() error // ends the process
	ended  chan struct{}
}

// Start fetches DynamoDB Local if need be, starts it and returns once it
// answers. The error names in one sentence what is missing or failed. ctx
// bounds the start only; the server runs until Stop, or until this process dies
// where the system can tie the two.
func Start(ctx context.Context, o Options) (*Server, error) {
	launch, err := prepare(ctx, o)
	if err != nil {
		return nil, err
	}
	port, err := freePort(ctx, o.Port)
	if err != nil {
		return nil, fmt.Errorf("no port for DynamoDB Local: %w", err)
	}
	s := &Server{
		Endpoint: "http://127.0.0.1:" + strconv.Itoa(port),
		output:   &tail{},
		ended:    make(chan struct{}),
	}
	s.cmd, s.end = launch(port)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	confine(s.cmd)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start DynamoDB Local: %w", err)
	}
	go func() {
		_ = s.cmd.Wait() // the output explains more than the exit code
		close(s.ended)
	}()
	if err := s.awaitAnswer(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// Ended is closed when the process is gone.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Stop ends the process and waits until it is gone. It may be called again.
func (s *Server) Stop() error {
	select {
	case <-s.ended:
		return nil
	default:
	}
	if err := s.end(); err != nil {
		return fmt.Errorf("stop DynamoDB Local: %w", err)
	}
	<-s.ended
	return nil
}

func (s *Server) awaitAnswer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("DynamoDB Local ended at once: %s", s.output)
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local does not answer on %s: %w: %s", s.Endpoint, ctx.Err(), s.output)
		case <-retry.C:
		}
	}
}

// answers reports whether the endpoint answers a request, with any status.
func (s *Server) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil
}

// freePort returns port if it is free, and any free port for 0. Without this check another
// process that listens on the port would be taken for the server.
func freePort(ctx context.Context, port int) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		return 0, err
	}
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		port = addr.Port
	}
	return port, l.Close()
}

// tailBytes is how much of a process's output an error quotes.
const tailBytes = 2 << 10

// tail is a writer that keeps the end of what is written to it. Safe for
// concurrent use.
type tail struct {
	mu  sync.Mutex
	end []byte
}

// Write implements [io.Writer].
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = append(t.end, p...)
	if extra := len(t.end) - tailBytes; extra > 0 {
		t.end = bytes.Clone(t.end[extra:])
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.end))
}
