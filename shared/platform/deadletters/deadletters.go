// Package deadletters counts what workers and jobs gave up on, for the platform's operator.
package deadletters

import (
	"context"

	"ciclo/shared/platform/api"
)

// Counter counts the messages of one queue.
type Counter struct {
	name  string
	queue api.Queue // nil where there is none
}

// New makes the counter of a queue, which the operation names in Spec.Queues.
func New(deps api.Deps, name string) *Counter { return &Counter{name, deps.Queues[name]} }

// Count is the number of messages in a queue of dead letters.
type Count struct {
	Queue   string `json:"queue" example:"cascade" doc:"The queue, by what gives up on its messages"`
	Exists  bool   `json:"exists" doc:"Whether the deployment has the queue"`
	Waiting *int64 `json:"waiting,omitempty" minimum:"0" nullable:"false" doc:"About how many messages are in it; left out where there is no queue"`
}

// Output is the answer of an operation that counts.
type Output struct{ Body Count }

// Count returns how many messages are in the queue.
func (c *Counter) Count(ctx context.Context) (*Output, error) {
	out := &Output{Body: Count{Queue: c.name, Exists: c.queue != nil}}
	if c.queue == nil {
		return out, nil
	}
	n, err := c.queue.Waiting(ctx)
	if err != nil {
		return nil, err
	}
	out.Body.Waiting = &n
	return out, nil
}
