// Package sqs sends messages to a queue of Amazon SQS. The SDK's client for SQS would
// make a function's binary larger; one call needs little of it.
package sqs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"ciclo/shared/platform/aws"
)

// MaxMessage is how many bytes a message has at most.
const MaxMessage = 256 << 10

const maxAnswer = 64 << 10

// Config selects a queue.
type Config struct {
	aws.Config

	URL string           // of the queue
	Now func() time.Time // the clock that requests are signed by
}

// Queue is a queue. The caller may sqs:SendMessage to it. It is safe for concurrent use.
type Queue struct {
	config Config
	signer *v4.Signer
	wire   aws.Wire
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
	return New(Config{Config: common, URL: getenv(name), Now: time.Now}), nil
}

// New returns the queue of c.
func New(c Config) *Queue {
	return &Queue{config: c, signer: v4.NewSigner(), wire: aws.NewWire(c.Config, maxAnswer)}
}

// Send puts a message into the queue.
func (q *Queue) Send(ctx context.Context, message string) error {
	body, err := json.Marshal(map[string]string{"QueueUrl": q.config.URL, "MessageBody": message})
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	err = q.config.Repeat(ctx, func(ctx context.Context) error { return q.attempt(ctx, body) })
	if err != nil {
		return fmt.Errorf("queue: send: %w", err)
	}
	return nil
}

func (q *Queue) attempt(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, q.config.Endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS.SendMessage")
	who, err := q.config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if err := q.signer.SignHTTP(ctx, who, req, hex.EncodeToString(sum[:]), "sqs", q.config.Region, q.config.Now()); err != nil {
		return err
	}
	res, err := q.wire.Do(req)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		var refusal struct {
			Type string `json:"__type"`
		}
		_ = json.NewDecoder(res.Body).Decode(&refusal) // without a body the status is enough
		return &answerError{status: res.StatusCode, code: refusal.Type}
	}
	return nil
}

// answerError is an answer other than success.
type answerError struct {
	status int
	code   string
}

func (e *answerError) Error() string       { return fmt.Sprintf("SQS answers %d %s", e.status, e.code) }
func (e *answerError) HTTPStatusCode() int { return e.status }
func (e *answerError) ErrorCode() string   { return e.code }
