// Command clients shows that clients which were not made for Ciclo work with it. It starts
// a sandbox of its own and runs programs there, which are next to this file:
//   - OAuth libraries get tokens, and raise on a refusal with its reason: openid-client
//     (npm), Authlib (PyPI) and golang.org/x/oauth2;
//   - clients that are generated from the official document of PDND's API v3 tell the story
//     of an e-service, with DPoP: openapi-typescript with openapi-fetch,
//     openapi-python-client, and the default Java client of OpenAPI Generator.
//
// Libraries and generated clients are put into a folder. A language that is not here is
// left out, loudly, as are the stories without the official document.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	sandbox := flag.String("sandbox", ".build/bin/local", "the sandbox's binary")
	folder := flag.String("cache", ".cache/clients", "where libraries and generated clients are put")
	contract := flag.String("contract", "../shared/contracts/pdnd-m2m-v3.yml", "the official document of the API v3")
	languages := flag.String("languages", "", "which of node, python, go and java (all)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *sandbox, *folder, *contract, strings.Fields(strings.ReplaceAll(*languages, ",", " "))); err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

func run(ctx context.Context, sandbox, folder, contract string, languages []string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	programs := libraries(folder)
	if _, err := os.Stat(contract); err == nil {
		told, err := stories(folder, contract)
		if err != nil {
			return err
		}
		programs = append(programs, told...)
	} else {
		fmt.Printf("*** LEFT OUT: clients generated from the official document, for %s is not here; name it with CONTRACT. ***\n", contract)
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
	for _, p := range programs {
		if len(languages) != 0 && !slices.Contains(languages, p.language) {
			continue
		}
		if err := p.run(ctx, env); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
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
