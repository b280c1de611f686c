// Command dynamodb-local runs a command with DynamoDB Local beside it:
//
//	dynamodb-local [-cache DIR] [-port N] -- go test ./...
//
// It fetches DynamoDB Local into the cache folder if need be, starts it in
// memory, runs the command with DYNAMODB_ENDPOINT set (and made-up credentials
// and region where the environment has none), and stops it afterwards. Its exit
// code is the command's, or 3 when DynamoDB Local can't be had, with the reason
// in one sentence. Without a command it serves until interrupted. With -check it
// only says "ready" or, with exit code 3, what is missing; it does not try
// whether the jars can be fetched.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"ciclo/shared/platform/testing/dynamodblocal"
)

// Exit codes of its own; 128 + n is a command that signal n ended.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitMissing = 3
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	o := dynamodblocal.Options{Progress: say}
	flags := flag.NewFlagSet("dynamodb-local", flag.ContinueOnError)
	flags.StringVar(&o.Cache, "cache", dynamodblocal.DefaultCache, "folder of the jars")
	flags.IntVar(&o.Port, "port", 0, "port to serve on, 0 for a free one")
	check := flags.Bool("check", false, "only tell whether DynamoDB Local can be run")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *check {
		return report(dynamodblocal.Check(ctx, o))
	}
	server, err := dynamodblocal.Start(ctx, o)
	if err != nil {
		return report(err)
	}
	code := serve(server, signals, flags.Args())
	if err := server.Stop(); err != nil {
		say(err.Error())
		return max(code, exitFailed)
	}
	return code
}

func report(err error) int {
	if err != nil {
		say(err.Error())
		return exitMissing
	}
	fmt.Println("ready")
	return 0
}

// serve runs the command, or waits for a signal when there is none.
func serve(server *dynamodblocal.Server, signals <-chan os.Signal, command []string) int {
	if len(command) > 0 {
		return execute(server.Endpoint, signals, command)
	}
	fmt.Println(server.Endpoint)
	select {
	case <-signals:
		return 0
	case <-server.Ended():
		say("DynamoDB Local ended unexpectedly")
		return exitFailed
	}
}

func execute(endpoint string, signals <-chan os.Signal, command []string) int {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = environment(endpoint)
	if err := cmd.Start(); err != nil {
		say(err.Error())
		return exitFailed
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // it fails when the command has just ended
		case err := <-done:
			return exitCode(err)
		}
	}
}

// environment is this process's with what a DynamoDB client needs.
func environment(endpoint string) []string {
	env := append(os.Environ(), "DYNAMODB_ENDPOINT="+endpoint)
	for _, v := range []struct{ name, value string }{
		{"AWS_ACCESS_KEY_ID", "local"}, {"AWS_SECRET_ACCESS_KEY", "local"}, {"AWS_REGION", "us-east-1"},
	} {
		if os.Getenv(v.name) == "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	return env
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		say(err.Error())
		return exitFailed
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

func say(line string) { fmt.Fprintln(os.Stderr, "dynamodb-local:", line) }
