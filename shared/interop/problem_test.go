package interop_test

import (
	"encoding/json"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// TestInteropProblem: refusals are written as PDND writes them.
func TestInteropProblem(t *testing.T) {
	t.Parallel()
	fields := problem.New(interop.BadRequest, "two fields")
	fields.Fields = []problem.Field{
		{Name: "body.name", Code: "017-9999", Detail: "too short"},
		{Name: "body.mode", Code: "017-9999", Detail: "unknown"},
	}
	state := problem.New(interop.DescriptorNotValid, "%s is ARCHIVED", "X")
	state.State = "ARCHIVED"
	state.AllowedActions = []string{}
	for _, tc := range []struct {
		problem *problem.Problem
		want    string
	}{
		{
			problem.New(interop.EServiceNotFound, "EService X not found"),
			`{"type":"about:blank","title":"EService not found","status":404,"detail":"EService X not found","correlationId":"c",` +
				`"errors":[{"code":"001-0005","detail":"EService X not found"}]}`,
		},
		{
			fields,
			`{"type":"about:blank","title":"Bad request","status":400,"detail":"two fields","correlationId":"c",` +
				`"errors":[{"code":"017-9999","detail":"body.name: too short"},{"code":"017-9999","detail":"body.mode: unknown"}]}`,
		},
		{
			state,
			`{"type":"about:blank","title":"Descriptor is not in the expected state","status":400,"detail":"X is ARCHIVED",` +
				`"correlationId":"c","errors":[{"code":"001-0003","detail":"X is ARCHIVED"}],"state":"ARCHIVED","allowedActions":[]}`,
		},
	} {
		got, err := json.Marshal(interop.Product.Body(tc.problem, "c"))
		if err != nil || string(got) != tc.want {
			t.Errorf("%v is written\n%s, want\n%s", tc.problem, got, tc.want)
		}
	}
}
