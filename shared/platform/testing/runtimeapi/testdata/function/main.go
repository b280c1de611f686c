// Command function takes the action that the payload of an invocation names.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	fmt.Fprintln(os.Stderr, "hello from stderr")
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Fprintln(os.Stderr, "cannot go on")
		os.Exit(3)
	case "error":
		url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
		res, err := http.Post(url, "application/json", strings.NewReader(`{"errorType":"Setting","errorMessage":"is missing"}`))
		fmt.Fprintln(os.Stderr, res.StatusCode, err)
		os.Exit(1)
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.Start(handle)
}

type answer struct {
	Echo, RequestID, Parent, Name string
	PID                           int
	Left                          time.Duration
}

func handle(ctx context.Context, what string) (answer, error) {
	switch what {
	case "error":
		return answer{}, errors.New("boom")
	case "panic":
		panic("boom")
	case "exit":
		fmt.Fprintln(os.Stderr, "bye")
		os.Exit(4)
	case "hang":
		fmt.Println("hanging")
		time.Sleep(time.Hour)
	case "large":
		return answer{Echo: strings.Repeat("x", 7<<20)}, nil
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	fmt.Println("handling", what)
	return answer{
		Echo: what, RequestID: lc.AwsRequestID, Parent: os.Getenv("PARENT"), Name: lambdacontext.FunctionName,
		PID: os.Getpid(), Left: time.Until(deadline),
	}, nil
}
