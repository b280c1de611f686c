package main

import "testing"

// TestFailure: the exit status is the function's success.
func TestFailure(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"statusCode":200,"body":"{}"}`:                                   "",
		`{"statusCode":404,"body":"{}"}`:                                   "",
		`{"statusCode":500,"body":"{}"}`:                                   "the function answered 500",
		`{"statusCode":503,"body":"{}"}`:                                   "the function answered 503",
		`{"errorType":"errorString","errorMessage":"boom"}`:                "the function failed: errorString boom",
		`{"errorMessage":"2026-11-30 Task timed out after 10.00 seconds"}`: "the function failed:  2026-11-30 Task timed out after 10.00 seconds",
		`{"batchItemFailures":[]}`:                                         "",
		`{"deleted":1}`:                                                    "",
		`null`:                                                             "",
		`"text"`:                                                           "",
	} {
		got := ""
		if err := failure([]byte(answer)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", answer, got, want)
		}
	}
}
