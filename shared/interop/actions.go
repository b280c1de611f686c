package interop

import "ciclo/shared/platform/lifecycle"

// Allowed is what the state of an item allows the caller. Refusals for a state say it too.
type Allowed struct {
	State          string   `json:"state" doc:"The state of the item"`
	AllowedActions []string `json:"allowedActions" nullable:"false" doc:"What the caller's organization may do in this state"`
	Detail         string   `json:"detail,omitempty" doc:"Who may act, where the caller may not"`
}

// AllowedOutput is what the state of an item allows the caller.
type AllowedOutput struct{ Body Allowed }

// Allowing returns the output for a state, the actions that it allows the caller, and what
// it allows others.
func Allowing(state lifecycle.State, actions []lifecycle.Action, others ...lifecycle.Turn) *AllowedOutput {
	out := &AllowedOutput{Body: Allowed{State: string(state), AllowedActions: lifecycle.Words(actions)}}
	if len(actions) == 0 {
		out.Body.Detail = lifecycle.WhoseTurn(others...)
	}
	return out
}
