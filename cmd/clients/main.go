// Command clients shows that OAuth libraries, unmodified, get tokens from a sandbox and
// raise on a refusal with its reason: openid-client (npm), Authlib (PyPI) and
// golang.org/x/oauth2. It starts a sandbox of its own, makes there what a voucher and an
// access token need, and runs a program of each library, which are next to this file. The
// libraries are installed into a folder; a language that is not here is left out, loudly.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	sandbox := flag.String("sandbox", ".build/bin/local", "the sandbox's binary")
	folder := flag.String("cache", ".cache/clients", "where the libraries are installed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *sandbox, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

func run(ctx context.Context, sandbox, folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	keys, err := os.MkdirTemp("", "ciclo-clients-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(keys)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // which ends the sandbox
	url, ended, err := start(ctx, sandbox)
	if err != nil {
		return err
	}
	defer func() {
		cancel()
		<-ended
	}()
	env, err := prepare(ctx, url, keys)
	if err != nil {
		return err
	}
	for _, l := range libraries(folder) {
		if err := l.run(ctx, env); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

var address = regexp.MustCompile(`http://localhost:[0-9]+`)

// start starts the sandbox on a free port and returns its URL, and what is closed when it
// has ended.
func start(ctx context.Context, binary string) (url string, ended chan struct{}, err error) {
	c := exec.CommandContext(ctx, binary)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.Env = append(os.Environ(), "PORT=0", "DATA_DIR=", "ENGINE=", "DYNAMODB_ENDPOINT=", "LOG_LEVEL=ERROR")
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, fmt.Errorf("the sandbox does not start: %w", err)
	}
	ended = make(chan struct{})
	lines := bufio.NewScanner(out)
	for url == "" && lines.Scan() {
		url = address.FindString(lines.Text())
	}
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, out)
		_ = c.Wait() // it is interrupted
	}()
	if url == "" {
		return "", nil, fmt.Errorf("the sandbox %s does not say where it is", binary)
	}
	return url, ended, nil
}

// library is an OAuth library and how a program that uses it is run.
type library struct {
	name    string
	needs   string     // the command without which it is left out
	install [][]string // commands
	program []string
}

// run installs the library and runs its program.
func (l library) run(ctx context.Context, env []string) error {
	if _, err := exec.LookPath(l.needs); err != nil {
		fmt.Printf("*** LEFT OUT: %s, for %s is not here. ***\n", l.name, l.needs)
		return nil //nolint:nilerr // said, and not a failure
	}
	for _, line := range append(l.install, l.program) {
		c := exec.CommandContext(ctx, line[0], line[1:]...)
		c.Env = append(os.Environ(), env...)
		var out, complaints bytes.Buffer
		c.Stdout, c.Stderr = &out, &complaints
		if err := c.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s%s", strings.Join(line, " "), err, &out, &complaints)
		}
		if fmt.Sprint(line) == fmt.Sprint(l.program) {
			fmt.Printf("%s\n%s", l.name, &out)
		}
	}
	return nil
}

// Versions of the libraries.
const (
	openIDClient = "openid-client@6.9.0"
	authlib      = "Authlib==1.9.10"
	requests     = "requests==2.32.5"
)

// libraries are all there are. Programs of Node find libraries beside them alone, so that
// one is copied.
func libraries(folder string) []library {
	node, venv := filepath.Join(folder, "node"), filepath.Join(folder, "python")
	return []library{
		{
			name: openIDClient, needs: "npm",
			install: [][]string{
				{"npm", "install", "--prefix", node, "--no-save", "--no-audit", "--no-fund", "--silent", openIDClient},
				{"cp", "cmd/clients/openid-client.mjs", filepath.Join(node, "program.mjs")},
			},
			program: []string{"node", filepath.Join(node, "program.mjs")},
		},
		{
			name: authlib, needs: "python3",
			install: [][]string{
				{"python3", "-m", "venv", venv},
				{filepath.Join(venv, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", authlib, requests},
			},
			program: []string{filepath.Join(venv, "bin", "python"), "cmd/clients/authlib_client.py"},
		},
		{
			name: "golang.org/x/oauth2", needs: "go",
			program: []string{"go", "run", "-C", "cmd/clients/go", "-mod=readonly", "."},
		},
	}
}
