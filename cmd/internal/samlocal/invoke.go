package samlocal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// Host is this machine's name in a container. SAM ignores `--docker-network host`.
const Host = "host.docker.internal"

// made are the beginnings of variables that name what replay makes up beside a function
// on this machine, out of reach of containers: a token issuer, KMS and S3.
var made = []string{"ISSUER_", "JWKS_", "SEAL_", "SIGN_", "LOGO_"}

// Variables of a function that signs its answers. Where there is no key of answers, as in
// tables made for one invocation, it does not ask KMS, and answers unsigned.
const (
	signsAnswers = "INTEGRITY_ISSUER"
	answersKey   = "SEAL_KEY_ID"
)

// ErrUnreachable is the error for a function that a container keeps from what it needs.
var ErrUnreachable = errors.New("a container does not reach the token issuer, KMS or S3 that are made up for it")

// Reachable returns ErrUnreachable for a function that cannot answer with tables alone.
func (f Function) Reachable() error {
	for _, name := range f.Variables {
		if name == answersKey && slices.Contains(f.Variables, signsAnswers) {
			continue
		}
		if slices.ContainsFunc(made, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			return fmt.Errorf("%w (%s)", ErrUnreachable, name)
		}
	}
	return nil
}

// Architecture returns Lambda's name for the processor of Docker, and Go's.
func Architecture(ctx context.Context) (lambda, goarch string, err error) {
	out, err := exec.CommandContext(ctx, "docker", "info", "--format", "{{.Architecture}}").Output()
	if err != nil {
		return "", "", errors.New("Docker is not running")
	}
	switch name := strings.TrimSpace(string(out)); name {
	case "aarch64", "arm64":
		return "arm64", "arm64", nil
	case "x86_64", "amd64":
		return "x86_64", "amd64", nil
	default:
		return "", "", fmt.Errorf("Lambda has no processor %q, which Docker is on", name)
	}
}

// Invocation is an event for a function.
type Invocation struct {
	SAM      string // the command
	Function Function
	Event    string   // file
	Env      []string // with DYNAMODB_ENDPOINT, AWS_REGION, credentials and TABLE_<NAME>
	Flags    []string // more flags for SAM
	Log      io.Writer
}

// Build copies the templates and compiles the function, for the processor of Docker.
func (f Function) Build(ctx context.Context, log io.Writer) error {
	lambda, goarch, err := Architecture(ctx)
	if err != nil {
		return err
	}
	if err := CopyTemplates(".", lambda); err != nil {
		return err
	}
	compile := exec.CommandContext(ctx, "make", "-s", path.Join(Copy, f.CodeURI, "bootstrap"), "SAM_GOARCH="+goarch)
	compile.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAKE") })
	compile.Stdout, compile.Stderr = log, log
	if err := compile.Run(); err != nil {
		return fmt.Errorf("compile %s: %w", f.CodeURI, err)
	}
	return nil
}

// Run returns the function's answer. The function must have been built.
func (i Invocation) Run(ctx context.Context) ([]byte, error) {
	args := append([]string{
		"local", "invoke", i.Function.ID, "--template", path.Join(Copy, RootTemplate), "--event", i.Event,
		"--add-host", Host + ":host-gateway",
	}, i.Flags...)
	var answer bytes.Buffer
	cmd := exec.CommandContext(ctx, i.SAM, args...)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
	for _, variable := range i.Env {
		cmd.Env = append(cmd.Env, fromContainer(variable))
	}
	cmd.Stdout, cmd.Stderr = &answer, i.Log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("sam %s: %w\n%s", strings.Join(args, " "), err, answer.Bytes())
	}
	return bytes.TrimSpace(answer.Bytes()), nil
}

// fromContainer is a variable with DynamoDB's endpoint as a container reaches it.
func fromContainer(variable string) string {
	name, value, _ := strings.Cut(variable, "=")
	endpoint, err := url.Parse(value)
	if name != "DYNAMODB_ENDPOINT" || err != nil {
		return variable
	}
	switch endpoint.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		endpoint.Host = Host + ":" + endpoint.Port()
	}
	return name + "=" + endpoint.String()
}
