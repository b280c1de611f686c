package aws_test

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/platform/aws"
)

type vars map[string]string

func (v vars) get(name string) string { return v[name] }

func TestFromEnv(t *testing.T) {
	t.Parallel()
	lambda := vars{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_SESSION_TOKEN": "session", "BUCKET": "b",
	}
	c, err := aws.FromEnv(lambda.get, "ENDPOINT", "BUCKET")
	if err != nil {
		t.Fatal(err)
	}
	who, err := c.Credentials.Retrieve(t.Context())
	want := sdk.Credentials{AccessKeyID: "id", SecretAccessKey: "secret", SessionToken: "session"}
	if err != nil || who != want || c.Region != "eu-west-1" || c.Endpoint != "" || c.FirstDelay <= 0 {
		t.Errorf("got %+v as %+v, %v", c, who, err)
	}

	c, err = aws.FromEnv(vars{"ENDPOINT": "http://localhost:1"}.get, "ENDPOINT")
	if err != nil {
		t.Fatal(err)
	}
	if who, err := c.Credentials.Retrieve(t.Context()); err != nil || !who.HasKeys() || c.Region == "" || c.Endpoint != "http://localhost:1" {
		t.Errorf("got %+v as %+v, %v", c, who, err)
	}
}

func TestFromEnvNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  vars
		want []string
	}{
		"all":         {env: vars{}, want: []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "BUCKET"}},
		"required":    {env: vars{"ENDPOINT": "http://localhost"}, want: []string{"BUCKET"}},
		"half a pair": {env: vars{"ENDPOINT": "http://localhost", "AWS_ACCESS_KEY_ID": "id"}, want: []string{"AWS_SECRET_ACCESS_KEY"}},
		"no host":     {env: vars{"ENDPOINT": "localhost:4566"}, want: []string{"ENDPOINT"}},
		"no scheme":   {env: vars{"ENDPOINT": "//localhost"}, want: []string{"ENDPOINT"}},
		"path only":   {env: vars{"ENDPOINT": "http:///a"}, want: []string{"ENDPOINT"}},
		"no URL":      {env: vars{"ENDPOINT": "http://a b"}, want: []string{"ENDPOINT"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := aws.FromEnv(c.env.get, "ENDPOINT", "BUCKET")
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error is %v, want it to name %s", err, part)
				}
			}
		})
	}
}
