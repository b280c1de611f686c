package main

import (
	"os"
	"strings"
	"testing"
)

// TestFreshClone: as the project is, dev lacks nothing and prod says what.
func TestFreshClone(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := check(string(raw), "default", nil); err != nil {
		t.Error(err)
	}
	dev, _, _ := strings.Cut(string(raw), "[prod.")
	if !strings.Contains(string(raw), "[default.deploy.parameters]\n") || strings.Contains(dev, "confirm_changeset = true") {
		t.Error("the deployment to dev asks")
	}
	err = check(string(raw), "prod", nil)
	for _, part := range []string{"lacks IssuerUrl and Audience.", "[prod.deploy.parameters]", file, "JwksUrl", "docs/deploy.md"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error is %v, want %s in it", err, part)
		}
	}
	if err := check(string(raw), "test", nil); err == nil || !strings.Contains(err.Error(), "no section [test.deploy.parameters]") {
		t.Errorf("error is %v", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const complete = "IssuerUrl=https://issuer.example Audience=api"
	for name, tc := range map[string]struct {
		overrides string
		flags     []string
		missing   string // empty for nothing
	}{
		"complete":              {`"Stage=prod ` + complete + `"`, nil, ""},
		"as --guided writes it": {`"Stage=\"prod\" IssuerUrl=\"https://issuer.example\" Audience=\"api\" JwksUrl=\"\""`, nil, ""},
		"left empty":            {`"Stage=\"prod\" IssuerUrl=\"\" Audience=\"api\""`, nil, "lacks IssuerUrl."},
		"a list":                {"[\n  \"Stage=prod\",\n  \"IssuerUrl=https://issuer.example\",\n]", nil, "lacks Audience."},
		"a whole list":          {"[\n  \"Stage=prod\",\n  \"IssuerUrl=https://issuer.example\", # ours\n  \"Audience=api\",\n]", nil, ""},
		"the long form": {
			`"ParameterKey=Stage,ParameterValue=prod ParameterKey=IssuerUrl,ParameterValue=https://issuer.example"`, nil, "lacks Audience.",
		},
		"dev":             {`"Stage=dev"`, nil, ""},
		"test":            {`"Stage=test"`, nil, ""},
		"services alone":  {`"Stage=prod Products=services"`, nil, ""},
		"services, too":   {`"Stage=prod Products=services,interop"`, nil, "lacks IssuerUrl and Audience."},
		"the office, too": {`"Stage=prod Products=services Office=true"`, nil, "lacks IssuerUrl and Audience."},
		"guided":          {`"Stage=prod"`, []string{"--guided"}, ""},
		"by flags": {`"Stage=prod"`, []string{
			"--no-confirm-changeset", "--parameter-overrides", "Stage=prod", "IssuerUrl=https://issuer.example", "Audience=api",
		}, ""},
		"by flags, not all": {`"Stage=prod ` + complete + `"`, []string{
			"--parameter-overrides", "Stage=prod IssuerUrl=https://issuer.example",
		}, "--parameter-overrides lacks Audience."},
		"another flag": {`"Stage=prod"`, []string{"--no-confirm-changeset"}, "lacks IssuerUrl and Audience."},
		"a file":       {`"Stage=prod file://parameters.json"`, nil, ""},
	} {
		settings := "version = 0.1\n\n[other.deploy.parameters]\nparameter_overrides = \"Stage=prod " + complete + "\"\n\n" +
			"[x.deploy.parameters]\n# Audience=none\nresolve_s3 = true\nparameter_overrides = " + tc.overrides + "\n" +
			"region = \"eu-south-1\"\n\n[x.validate.parameters]\nlint = true\n"
		err := check(settings, "x", tc.flags)
		if (err == nil) != (tc.missing == "") || err != nil && !strings.Contains(err.Error(), tc.missing) {
			t.Errorf("%s: %v, want %q", name, err, tc.missing)
		}
	}
}
