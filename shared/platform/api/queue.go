package api

import (
	"context"
	"errors"
)

// ErrQueueUnavailable is wrapped by the errors of a queue that is busy or out of reach.
var ErrQueueUnavailable = errors.New("the queue is unavailable")

// Queue is a queue of dead letters.
type Queue interface {
	// Waiting returns about how many messages are in the queue.
	Waiting(ctx context.Context) (int64, error)
}
