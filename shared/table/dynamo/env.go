package dynamo

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/table"
)

// Settings for a local endpoint when the environment names none. DynamoDB
// Local accepts letters and digits only and checks neither.
const (
	localRegion = "us-east-1"
	localSecret = "local"
)

// FromEnv returns an engine configured by [ConfigFromEnv].
func FromEnv(getenv func(string) string, schemas ...table.Schema) (*DB, error) {
	c, err := ConfigFromEnv(getenv, schemas...)
	if err != nil {
		return nil, err
	}
	return New(c), nil
}

// ConfigFromEnv reads the variables that Lambda and the template set:
//
//	AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//	DYNAMODB_ENDPOINT    an endpoint other than the region's, optional
//	TABLE_<SCHEMA NAME>  the table's name in DynamoDB, when it differs
//
// With DYNAMODB_ENDPOINT set, region and credentials default to made-up ones.
// The error names every variable that is missing.
func ConfigFromEnv(getenv func(string) string, schemas ...table.Schema) (Config, error) {
	c := Config{
		Region:   getenv("AWS_REGION"),
		Endpoint: getenv("DYNAMODB_ENDPOINT"),
		Schemas:  schemas,
		Names:    make(map[string]string, len(schemas)),
	}
	who := aws.Credentials{
		AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    getenv("AWS_SESSION_TOKEN"),
	}
	if c.Endpoint != "" {
		if who.AccessKeyID == "" && who.SecretAccessKey == "" {
			who.AccessKeyID, who.SecretAccessKey = localSecret, localSecret
		}
		if c.Region == "" {
			c.Region = localRegion
		}
	}
	var missing []string
	for _, v := range []struct{ name, value string }{
		{"AWS_REGION", c.Region},
		{"AWS_ACCESS_KEY_ID", who.AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", who.SecretAccessKey},
	} {
		if v.value == "" {
			missing = append(missing, v.name)
		}
	}
	if len(missing) > 0 {
		return Config{}, fmt.Errorf("missing in the environment: %s", strings.Join(missing, ", "))
	}
	// Lambda never rotates the credentials of a running process.
	c.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return who, nil })
	for _, s := range schemas {
		c.Names[s.Name] = getenv("TABLE_" + strings.ToUpper(s.Name))
	}
	return c, nil
}
