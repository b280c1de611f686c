package samconfig_test

import (
	"testing"

	"ciclo/cmd/internal/samconfig"
)

const settings = `version = 0.1

[default.global.parameters]
stack_name = "ciclo-dev" # ours
[prod.global.parameters]
stack_name = 'ciclo-prod'
region = "eu-west-1"

[prod.deploy.parameters]
region = "eu-south-1"
`

// TestDeployment: flags come before the section of sam deploy, which comes before the
// section of all commands.
func TestDeployment(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		environment string
		flags       []string
		name, want  string
	}{
		{"default", nil, "stack_name", "ciclo-dev"},
		{"prod", nil, "stack_name", "ciclo-prod"},
		{"prod", nil, "region", "eu-south-1"},
		{"default", nil, "region", ""},
		{"none", nil, "stack_name", ""},
		{"default", []string{"--guided", "--stack-name", "mine"}, "stack_name", "mine"},
		{"prod", []string{"--region=us-east-1"}, "region", "us-east-1"},
		{"default", []string{"--stack-name"}, "stack_name", "ciclo-dev"},
	} {
		if got := samconfig.Deployment(settings, tc.environment, tc.flags, tc.name); got != tc.want {
			t.Errorf("%s %v: %s is %q, want %q", tc.environment, tc.flags, tc.name, got, tc.want)
		}
	}
}
