package dynamo_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
)

// settings are what is read of a configuration.
type settings struct {
	Region, Endpoint string
	Who              aws.Credentials
	Table            string
}

// environments are what may be set, and the settings that follow or the variables missing.
var environments = map[string]struct {
	env     map[string]string
	want    settings
	missing []string
}{
	"Lambda": {
		env: map[string]string{
			"AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
			"TABLE_CONSUMERS": "stack-consumers-1",
		},
		want: settings{
			Region: "eu-south-1", Table: "stack-consumers-1",
			Who: aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: "token"},
		},
	},
	"endpoint alone": {
		env: map[string]string{"DYNAMODB_ENDPOINT": "http://localhost:8000"},
		want: settings{
			Region: "us-east-1", Endpoint: "http://localhost:8000", Table: "consumers",
			Who: aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"},
		},
	},
	"endpoint with credentials": {
		env: map[string]string{
			"DYNAMODB_ENDPOINT": "http://localhost:8000", "AWS_REGION": "eu-west-1",
			"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		},
		want: settings{
			Region: "eu-west-1", Endpoint: "http://localhost:8000", Table: "consumers",
			Who: aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"},
		},
	},
	"nothing": {missing: []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}},
	"half of the credentials": {
		env:     map[string]string{"DYNAMODB_ENDPOINT": "http://localhost:8000", "AWS_ACCESS_KEY_ID": "id"},
		missing: []string{"AWS_SECRET_ACCESS_KEY"},
	},
}

func TestConfigFromEnv(t *testing.T) {
	t.Parallel()
	for name, c := range environments {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			getenv := func(name string) string { return c.env[name] }
			got, err := dynamo.ConfigFromEnv(getenv, table.Schema{Name: "consumers"})
			if c.missing != nil {
				if err == nil || !strings.HasSuffix(err.Error(), ": "+strings.Join(c.missing, ", ")) {
					t.Errorf("error %v, want it to name %q", err, c.missing)
				}
				if _, err := dynamo.FromEnv(getenv); err == nil {
					t.Error("an engine without its settings")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			who, err := got.Credentials.Retrieve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, settings{got.Region, got.Endpoint, who, got.TableName("consumers")}); d != "" {
				t.Errorf("settings (-want +got):\n%s", d)
			}
		})
	}
}
