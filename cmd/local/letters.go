package main

import (
	"context"
	"path"
	"sync/atomic"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/api"
)

// letters counts what workers gave up on since the sandbox started, by the ids of the workers.
// It stands for the queues of dead letters that a deployment has. The purge has none here: it
// runs in this process.
type letters map[string]*letterCount

func newLetters() letters {
	return letters{consumer.Cascade.ID: {}, agreement.Follow.ID: {}}
}

// queues returns the queues by name, for the operations that count them.
func (l letters) queues() map[string]api.Queue {
	all := map[string]api.Queue{}
	for id, count := range l {
		all[path.Base(id)] = count
	}
	return all
}

// letterCount is a number of dead letters.
type letterCount struct{ atomic.Int64 }

// Waiting implements [api.Queue].
func (c *letterCount) Waiting(context.Context) (int64, error) { return c.Load(), nil }
