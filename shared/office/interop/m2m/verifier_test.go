package m2m

import (
	"testing"
	"time"
)

// TestVerifierValid: a verification is valid until it expires, and without a time for good.
func TestVerifierValid(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.May, 10, 12, 0, 0, 0, time.UTC)
	for at, want := range map[string]bool{
		"": true, "2026-05-10T12:00:00.001Z": true, "2026-05-10T14:00:01+02:00": true,
		"2026-05-10T12:00:00Z": false, "2026-05-10T13:59:59+02:00": false, "2025-01-01T00:00:00Z": false,
	} {
		if got := (Verifier{ExpiresAt: at}).Valid(now); got != want {
			t.Errorf("valid until %q: %t", at, got)
		}
	}
}
