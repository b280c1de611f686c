package problem_test

import (
	"errors"
	"testing"

	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/problemtest"
)

func TestAsFindsWrappedProblems(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk")
	p := problem.New(problemtest.Internal, "sorry").Because(cause)
	if got := problem.As(errors.Join(errors.New("other"), p)); got != p {
		t.Errorf("As = %v, want %v", got, p)
	}
	if !errors.Is(p, cause) || problem.As(cause) != nil {
		t.Error("a problem must unwrap to its cause, and a plain error is no problem")
	}
}
