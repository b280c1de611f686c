package aws

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	maxAttempts = 3
	firstDelay  = 50 * time.Millisecond
)

// Repeat calls attempt, at most three times while its error is Transient, with
// a random wait between two calls that is longer the second time. It returns
// the last error, without waiting when the wait would outlast ctx, and together
// with ctx's error when ctx has ended.
func (c Config) Repeat(ctx context.Context, attempt func(context.Context) error) error {
	for n := 1; ; n++ {
		err := attempt(ctx)
		if err == nil || !Transient(err) {
			return err
		}
		if ended := ctx.Err(); ended != nil {
			return fmt.Errorf("%w: %w", ended, err)
		}
		if n == maxAttempts || !Pause(ctx, jitter(c.FirstDelay<<(n-1))) {
			return err
		}
	}
}

// Transient reports whether err, of the SDK or of a Wire, means that there was no
// answer in time, or one that asks to try again.
func Transient(err error) bool {
	var (
		unsent      *smithyhttp.RequestSendError
		undecodable *smithy.DeserializationError
		coded       interface{ ErrorCode() string }
		answer      interface{ HTTPStatusCode() int }
	)
	switch {
	case errors.Is(err, ErrTooLarge):
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return true
	case errors.As(err, &unsent):
		return true
	case errors.As(err, &coded) && asksToWait(coded.ErrorCode()):
		return true
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusBadRequest:
		status := answer.HTTPStatusCode()
		return status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout
	}
	return errors.As(err, &undecodable)
}

// asksToWait reports whether an error code asks to try again although its HTTP status is
// 400.
func asksToWait(code string) bool {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	_, late := retry.DefaultRetryableErrorCodes[code]
	return throttled || late
}

// jitter returns a random wait below ceiling.
func jitter(ceiling time.Duration) time.Duration {
	if ceiling <= 0 {
		return 0
	}
	return rand.N(ceiling) //nolint:gosec // a wait is no secret
}

// Pause waits; false when ctx ends first or would.
func Pause(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
