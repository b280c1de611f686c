package lifecycle_test

import (
	"testing"

	"ciclo/shared/platform/lifecycle"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	m := &lifecycle.Machine{
		States: []lifecycle.State{"DRAFT", "WAITING", "OVER"}, Roles: []lifecycle.Role{"owner", "judge", "platform"},
		Rules: []lifecycle.Rule{
			{Action: "send", From: []lifecycle.State{"DRAFT"}, To: "WAITING", By: []lifecycle.Role{"owner"}},
			{Action: "approve", From: []lifecycle.State{"WAITING"}, To: "OVER", By: []lifecycle.Role{"judge"}, When: []lifecycle.Guard{"fine"}},
			{Action: "refuse", From: []lifecycle.State{"WAITING"}, To: "OVER", By: []lifecycle.Role{"judge", "platform"}},
		},
	}
	for _, tc := range []struct {
		state  lifecycle.State
		except []lifecycle.Role
		want   string
	}{
		{"DRAFT", []lifecycle.Role{"judge"}, "It is up to the owner (send) now."},
		{"WAITING", []lifecycle.Role{"owner"}, "It is up to the judge (approve, refuse) or the platform (refuse) now."},
		{"WAITING", []lifecycle.Role{"owner", "judge"}, "It is up to the platform (refuse) now."},
		{"WAITING", nil, "It is up to the judge (approve, refuse) or the platform (refuse) now."},
		{"OVER", []lifecycle.Role{"owner"}, "No further change is possible."},
	} {
		if got := lifecycle.WhoseTurn(m.Turns(tc.state, tc.except...)...); got != tc.want {
			t.Errorf("%s without %v: %s, want %s", tc.state, tc.except, got, tc.want)
		}
	}
}
