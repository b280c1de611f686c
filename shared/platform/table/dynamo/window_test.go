package dynamo

import (
	"testing"
	"time"

	"ciclo/shared/platform/list"
)

// TestWritesEndInTime: the longest write leaves a part of the window of lists for what clocks
// differ.
func TestWritesEndInTime(t *testing.T) {
	t.Parallel()
	longest := maxAttempts*attemptLimit + (maxAttempts-1)*maxDelay
	if left := list.Window - longest; left < 20*time.Second {
		t.Errorf("a write lasts up to %v, which leaves %v", longest, left)
	}
}
