// Package sqs sends messages to a queue of Amazon SQS.
package sqs

import (
	"context"
	"fmt"
	"net/url"

	"ciclo/shared/platform/aws"
)

// MaxMessage is how many bytes a message has at most.
const MaxMessage = 256 << 10

// Config selects a queue.
type Config struct {
	aws.Config

	URL string // of the queue
}

// Queue is a queue. The caller may sqs:SendMessage to it. It is safe for concurrent use.
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
