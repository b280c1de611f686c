// Command samcheck uses the project as people with SAM and Docker do:
//
//	samcheck [-sam sam] [-build=false]
//
// `sam build` must compile every function; `make invoke` must answer the event of one
// function of each product in Docker, and so must README.md's `sam local invoke`. Where
// no Docker daemon runs it starts one, which takes root and dockerd; where Lambda's
// image cannot be pulled it makes a stand-in out of busybox. What cannot be had is left
// out and said.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"ciclo/cmd/internal/samlocal"
)

// invoked are functions that need no more than tables, one of each product.
var invoked = []string{"consumer/delete", "service/get", "eservice/get"}

// plain is the function of README.md's `sam local invoke`.
const plain = "consumer/delete"

// built is where `sam build` puts its output here, not to become the default of `sam`.
const built = ".build/sam-build"

// errLeftOut is the error for what this machine lacks.
var errLeftOut = errors.New("LEFT OUT")

func main() {
	sam := flag.String("sam", "sam", "the command of SAM")
	build := flag.Bool("build", true, "try sam build, which compiles every function")
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := check(ctx, *sam, *build)
	stop()
	if errors.Is(err, errLeftOut) {
		fmt.Fprintf(os.Stderr, "*** make sam-check: %v ***\n", err)
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "samcheck:", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, sam string, build bool) error {
	if build {
		if err := checkBuild(ctx, sam); err != nil {
			return err
		}
	}
	end, err := startDocker(ctx)
	if err != nil {
		return err
	}
	defer end()
	lambda, _, err := samlocal.Architecture(ctx)
	if err != nil {
		return err
	}
	flags, err := imageFlags(ctx, lambda)
	if err != nil {
		return err
	}
	for _, function := range invoked {
		if err := checkInvoke(ctx, sam, flags, function); err != nil {
			return fmt.Errorf("%s: %w", function, err)
		}
	}
	return checkPlain(ctx, sam, flags)
}

// checkBuild runs `sam build` and looks for the binary of every function.
func checkBuild(ctx context.Context, sam string) error {
	if err := os.RemoveAll(built); err != nil {
		return err
	}
	cmd := command(ctx, sam, "build", "--template", samlocal.RootTemplate, "--build-dir", built)
	cmd.Stdout = os.Stdout
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("sam build: %w", err)
	}
	functions, err := samlocal.Functions(built)
	if err != nil {
		return err
	}
	for id, f := range functions {
		if _, err := os.Stat(filepath.Join(built, f.CodeURI, "bootstrap")); err != nil {
			return fmt.Errorf("sam build left %s without its binary: %w", id, err)
		}
	}
	fmt.Printf("sam build: %d functions have their binaries\n", len(functions))
	return nil
}

// checkInvoke answers a function's event as `make invoke` does.
func checkInvoke(ctx context.Context, sam string, flags []string, function string) error {
	cmd := command(ctx, ".build/bin/dynamodb-local", "--", ".build/bin/invoke",
		"-fn", function, "-docker", "-sam", sam, "-sam-flags", strings.Join(flags, " "))
	answer, err := cmd.Output()
	if err != nil {
		return err
	}
	return checkAnswer("make invoke FN="+function, answer)
}

// checkPlain runs the `sam local invoke` that `make dynamodb` says it is ready for.
func checkPlain(ctx context.Context, sam string, flags []string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tables := command(ctx, ".build/bin/dynamodb-local", "-port", "8000", "--", ".build/bin/invoke", "-fn", plain, "-serve")
	tables.Cancel = func() error { return tables.Process.Signal(syscall.SIGTERM) }
	output, err := tables.StdoutPipe()
	if err == nil {
		err = tables.Start()
	}
	if err != nil {
		return err
	}
	defer func() {
		stop()
		_ = tables.Wait()
	}()
	for lines := bufio.NewScanner(output); lines.Scan(); {
		line, found := strings.CutPrefix(lines.Text(), "sam ")
		if !found {
			continue
		}
		args := append(strings.Fields(line), flags...)
		answer, err := command(ctx, sam, args...).Output()
		if err != nil {
			return err
		}
		return checkAnswer("sam "+strings.Join(args, " "), answer)
	}
	return errors.New("make dynamodb did not get ready, see above")
}

// checkAnswer wants a success.
func checkAnswer(what string, answer []byte) error {
	var outcome struct {
		StatusCode int `json:"statusCode"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(answer), &outcome); err != nil {
		return fmt.Errorf("%s: %w\n%s", what, err, answer)
	}
	if outcome.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s", what, answer)
	}
	fmt.Printf("%s: %d\n", what, outcome.StatusCode)
	return nil
}

// command is a command whose complaints are seen.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "SAM_CLI_TELEMETRY=0")
	cmd.Stderr = os.Stderr
	return cmd
}
