package aws_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"ciclo/shared/platform/aws"
)

// status is the error of an answer.
type status int

func (s status) Error() string       { return fmt.Sprint(int(s)) }
func (s status) HTTPStatusCode() int { return int(s) }

func TestTransient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{errors.New("something"), false},
		{status(http.StatusBadRequest), false},
		{status(http.StatusForbidden), false},
		{status(http.StatusNotFound), false},
		{status(http.StatusTemporaryRedirect), false},
		{status(http.StatusRequestTimeout), true},
		{status(http.StatusTooManyRequests), true},
		{status(http.StatusInternalServerError), true},
		{status(http.StatusServiceUnavailable), true},
		{&smithy.GenericAPIError{Code: "ThrottlingException"}, true},
		{&smithy.GenericAPIError{Code: "RequestTimeout"}, true},
		{&smithy.GenericAPIError{Code: "AccessDeniedException"}, false},
		{&smithyhttp.RequestSendError{Err: errors.New("refused")}, true},
		{&smithyhttp.RequestSendError{Err: aws.ErrTooLarge}, false},
		{&smithy.DeserializationError{Err: errors.New("half")}, true},
		{fmt.Errorf("%w: %w", status(http.StatusForbidden), &smithy.DeserializationError{Err: errors.New("half")}), false},
		{context.DeadlineExceeded, true},
		{&smithy.CanceledError{Err: context.Canceled}, true},
	} {
		if got := aws.Transient(c.err); got != c.want {
			t.Errorf("%T %v: %t, want %t", c.err, c.err, got, c.want)
		}
	}
}

// attempts returns an attempt that fails with each of errs once, and how often
// it was called.
func attempts(errs ...error) (func(context.Context) error, *int) {
	n := 0
	return func(context.Context) error {
		n++
		if n > len(errs) {
			return nil
		}
		return errs[n-1]
	}, &n
}

func TestRepeat(t *testing.T) {
	t.Parallel()
	const down, denied = status(503), status(403)
	for name, c := range map[string]struct {
		errs []error
		want error
		n    int
	}{
		"at once":         {n: 1},
		"third time":      {errs: []error{down, down}, n: 3},
		"never":           {errs: []error{down, down, down, down}, want: down, n: 3},
		"refused":         {errs: []error{denied}, want: denied, n: 1},
		"refused in time": {errs: []error{down, denied}, want: denied, n: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempt, n := attempts(c.errs...)
			err := aws.Config{}.Repeat(t.Context(), attempt)
			if !errors.Is(err, c.want) || *n != c.n {
				t.Errorf("got %v after %d attempts, want %v after %d", err, *n, c.want, c.n)
			}
		})
	}
}

func TestRepeatWaitsLongerEachTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var longest [3]time.Duration
		for range 200 {
			n, last := 0, time.Now()
			_ = aws.Config{FirstDelay: time.Second}.Repeat(t.Context(), func(context.Context) error {
				longest[n] = max(longest[n], time.Since(last))
				n, last = n+1, time.Now()
				return status(500)
			})
		}
		if longest[0] != 0 ||
			longest[1] <= time.Second/2 || longest[1] >= time.Second ||
			longest[2] <= time.Second || longest[2] >= 2*time.Second {
			t.Errorf("longest waits are %v", longest)
		}
	})
}

func TestRepeatEndsWithItsContext(t *testing.T) {
	t.Parallel()
	const down = status(500)
	t.Run("before the wait", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		patient := aws.Config{FirstDelay: 1 << 62} // longer than a minute, all but surely
		n := 0
		err := patient.Repeat(ctx, func(context.Context) error { n++; return down })
		if !errors.Is(err, down) || n != 1 || ctx.Err() != nil {
			t.Errorf("got %v after %d attempts", err, n)
		}
	})
	t.Run("while it waits", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Nanosecond, cancel)
			n := 0
			err := aws.Config{FirstDelay: 1 << 62}.Repeat(ctx, func(context.Context) error { n++; return down })
			if !errors.Is(err, down) || n != 1 {
				t.Errorf("got %v after %d attempts", err, n)
			}
		})
	})
	t.Run("in an attempt", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err := aws.Config{}.Repeat(ctx, func(context.Context) error { n++; cancel(); return down })
		if !errors.Is(err, context.Canceled) || !errors.Is(err, down) || n != 1 {
			t.Errorf("got %v after %d attempts", err, n)
		}
	})
}
