// Package sandbox starts a sandbox for a command that needs one to itself.
package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"
)

// Binary is where make builds the sandbox.
const Binary = ".build/bin/local"

// patience is how long a sandbox may take to end.
const patience = 30 * time.Second

// Sandbox is a sandbox that runs.
type Sandbox struct {
	URL string

	command *exec.Cmd
	read    chan struct{} // closed when its output has ended
}

var ready = regexp.MustCompile(`ready at (http://\S+)`)

// Start starts the binary with temporary data on a free port and returns when it is
// ready. The settings, NAME=value, are added to its environment. It ends with ctx.
func Start(ctx context.Context, binary string, settings ...string) (*Sandbox, error) {
	c := exec.CommandContext(ctx, binary)
	c.Env = append(os.Environ(), "PORT=0", "DATA_DIR=", "ENGINE=", "DYNAMODB_ENDPOINT=", "LOG_LEVEL=ERROR")
	c.Env = append(c.Env, settings...)
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = patience
	c.Stderr = os.Stderr
	output, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("the sandbox does not start: %w", err)
	}
	s := &Sandbox{command: c, read: make(chan struct{})}
	lines := bufio.NewScanner(output)
	for s.URL == "" && lines.Scan() {
		if found := ready.FindStringSubmatch(lines.Text()); found != nil {
			s.URL = found[1]
		}
	}
	go func() {
		defer close(s.read)
		_, _ = io.Copy(io.Discard, output)
	}()
	if s.URL == "" {
		s.Stop()
		return nil, fmt.Errorf("the sandbox %s did not start, see above", binary)
	}
	return s, nil
}

// Stop ends the sandbox and waits until it has ended.
func (s *Sandbox) Stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	<-s.read
	_ = s.command.Wait() // it was asked to end
}
