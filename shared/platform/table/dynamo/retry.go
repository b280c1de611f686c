package dynamo

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// How often and how patiently a call is repeated: at most 775 ms of waiting,
// half of it on average.
const (
	maxAttempts = 6
	firstDelay  = 25 * time.Millisecond
	maxDelay    = 400 * time.Millisecond
)

// retryer repeats one call. It knows the call's deadline, waits with full
// jitter and never past it: when the next wait would not fit, the call ends
// with what it failed of. It has no token bucket, which would let one burst of
// throttling fail unrelated calls.
type retryer struct {
	aws.NopRetryer
	deadline time.Time // zero for none
	// unsure is true once an attempt ended without telling whether it was
	// carried out.
	unsure bool
}

func newRetryer(ctx context.Context) *retryer {
	r := &retryer{}
	r.deadline, _ = ctx.Deadline()
	return r
}

// use makes r the retryer of one call.
func (r *retryer) use(o *dynamodb.Options) { o.Retryer = r }

// MaxAttempts implements [aws.Retryer].
func (r *retryer) MaxAttempts() int { return maxAttempts }

// IsErrorRetryable implements [aws.Retryer].
func (r *retryer) IsErrorRetryable(err error) bool {
	v := judge(err)
	r.unsure = r.unsure || v.unsure
	return v.again
}

// RetryDelay implements [aws.Retryer].
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	delay := jitter(attempt)
	if !r.deadline.IsZero() && time.Until(r.deadline) <= delay {
		return 0, err
	}
	return delay, nil
}

// jitter returns a random wait after the given number of failed attempts.
func jitter(attempts int) time.Duration {
	ceiling := maxDelay
	if attempts <= 4 {
		ceiling = min(maxDelay, firstDelay<<max(attempts-1, 0))
	}
	return rand.N(ceiling) //nolint:gosec // nobody gains by guessing a wait
}
