// Package sqs sends messages to a queue of Amazon SQS, and counts those that are in it.
package sqs

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws"
)

// MaxMessage is how many bytes a message has at most.
const MaxMessage = 256 << 10

// Config selects a queue.
type Config struct {
	aws.Config

	URL string // of the queue
}

// Queue is a queue. Send takes the right sqs:SendMessage, Waiting sqs:GetQueueAttributes. It
// is safe for concurrent use.
type Queue struct {
	url   string
	calls *aws.JSON
}

// FromEnv returns the queue whose URL is in the variable of that name, with region and
// credentials as [aws.FromEnv] reads them. The error names what is missing or no URL.
func FromEnv(getenv func(string) string, name string) (*Queue, error) {
	// The host of a queue's URL is the endpoint of its region.
	common, err := aws.FromEnv(func(asked string) string {
		if asked != name {
			return getenv(asked)
		}
		u, err := url.Parse(getenv(name))
		if err != nil || u.Host == "" {
			return getenv(name) // which is refused
		}
		return u.Scheme + "://" + u.Host
	}, name, name)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return New(Config{Config: common, URL: getenv(name)}), nil
}

// New returns the queue of c.
func New(c Config) *Queue {
	return &Queue{url: c.URL, calls: aws.NewJSON(c.Config, aws.Service{Name: "sqs", Target: "AmazonSQS", Version: "1.0"})}
}

// Send puts a message into the queue.
func (q *Queue) Send(ctx context.Context, message string) error {
	err := q.calls.Call(ctx, "SendMessage", map[string]string{"QueueUrl": q.url, "MessageBody": message}, nil)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	return nil
}

// Attributes of a queue that count its messages: those that can be received, and those that
// were received and not deleted yet.
const (
	visible  = "ApproximateNumberOfMessages"
	inFlight = "ApproximateNumberOfMessagesNotVisible"
)

// Waiting returns about how many messages are in the queue, those included that were received
// and not deleted. The error wraps [api.ErrQueueUnavailable] when the call may be repeated.
func (q *Queue) Waiting(ctx context.Context) (int64, error) {
	in := map[string]any{"QueueUrl": q.url, "AttributeNames": []string{visible, inFlight}}
	var out struct{ Attributes map[string]string }
	err := q.calls.Call(ctx, "GetQueueAttributes", in, &out)
	switch {
	case err != nil && aws.Transient(err):
		return 0, fmt.Errorf("%w: %w", api.ErrQueueUnavailable, err)
	case err != nil:
		return 0, fmt.Errorf("queue: %w", err)
	}
	var sum int64
	for _, name := range []string{visible, inFlight} {
		n, err := strconv.ParseInt(out.Attributes[name], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("queue: %s: %w", name, err)
		}
		sum += n
	}
	return sum, nil
}
