package api

import (
	"context"
	"errors"
	"strings"
)

// DeadLettersVariable names the environment variable with the URL of a worker's queue of dead
// letters.
const DeadLettersVariable = "DEAD_LETTERS"

// QueueVariable returns the name of the environment variable with the URL of a queue that an
// operation names in Spec.Queues.
func QueueVariable(name string) string { return DeadLettersVariable + "_" + strings.ToUpper(name) }

// ErrQueueUnavailable is wrapped by the errors of a queue that is busy or out of reach.
var ErrQueueUnavailable = errors.New("the queue is unavailable")

// Queue is a queue of dead letters.
type Queue interface {
	// Waiting returns about how many messages are in the queue.
	Waiting(ctx context.Context) (int64, error)
}
