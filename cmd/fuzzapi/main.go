// Command fuzzapi starts a sandbox and lets schemathesis send it requests that it makes
// up from the OpenAPI document:
//
//	fuzzapi [-requests 5000] [-seed 1]
//
// All checks of schemathesis are on: no 5xx, no status, header, media type or body that
// the document does not have, no request accepted that the document forbids. The
// exit code is 1 when one fails.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"ciclo/cmd/internal/sandbox"
)

// coverageRequests is about how many requests the coverage phase sends, which tries
// every keyword of every schema, however few are asked for. Shorter runs leave it out.
const coverageRequests = 5000

// mintedBy has the routes of the sandbox that give the variables of schemathesis.toml.
var mintedBy = map[string]string{ //nolint:gosec // routes, no secrets
	"ISSUER_TOKEN":       "/_local/token?issuerId=ISSUER-001",
	"OPERATOR_TOKEN":     "/_local/token?role=operator",
	"ORGANIZATION_TOKEN": "/_local/token?organizationId=69e2865e-65ab-4e48-a638-2037a9ee2ee7&role=m2m-admin",
	"OWNER_KEY":          "/_local/key?owner=comune",
	"REVIEWER_KEY":       "/_local/key?owner=platform&role=reviewer",
}

func main() {
	requests := flag.Int("requests", coverageRequests, "how many requests to send, about")
	seed := flag.Int("seed", 1, "another seed makes up other requests")
	flag.Parse()
	if flag.NArg() > 0 || *requests < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := fuzz(ctx, *requests, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuzzapi:", err)
		os.Exit(1)
	}
}

// fuzz runs schemathesis against a sandbox of its own.
func fuzz(ctx context.Context, requests, seed int) error {
	own, err := sandbox.Start(ctx, sandbox.Binary)
	if err != nil {
		return err
	}
	defer own.Stop()
	url := own.URL
	operations, err := countOperations(ctx, url)
	if err != nil {
		return err
	}
	env := os.Environ()
	for name, path := range mintedBy {
		credential, err := get(ctx, url+path)
		if err != nil {
			return err
		}
		env = append(env, name+"="+string(credential))
	}
	config, err := filepath.Abs("cmd/fuzzapi/schemathesis.toml")
	if err != nil {
		return err
	}
	tool, err := filepath.Abs(".cache/schemathesis/bin/schemathesis")
	if err != nil {
		return err
	}
	phases := "examples,fuzzing,stateful"
	if requests >= coverageRequests {
		phases += ",coverage"
	}
	examples := (requests + operations - 1) / operations
	cmd := exec.CommandContext(ctx, tool, "--config-file", config, "run", url+"/openapi.json",
		"--phases", phases, "--max-examples", strconv.Itoa(examples), "--seed", strconv.Itoa(seed))
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = ".build", env, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("schemathesis: %w", err)
	}
	return nil
}

// countOperations returns how many operations the sandbox's OpenAPI document has.
func countOperations(ctx context.Context, url string) (int, error) {
	raw, err := get(ctx, url+"/openapi.json")
	if err != nil {
		return 0, err
	}
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return 0, err
	}
	operations := 0
	for _, methods := range document.Paths {
		for _, operation := range methods {
			if operation.OperationID != "" {
				operations++
			}
		}
	}
	if operations == 0 {
		return 0, fmt.Errorf("%s/openapi.json has no operations", url)
	}
	return operations, nil
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s = %d: %s", url, res.StatusCode, body)
	}
	return body, err
}
