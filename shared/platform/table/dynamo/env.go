package dynamo

import (
	"strings"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/table"
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
//	AWS_CA_BUNDLE        a file of certificates that are trusted in place of Amazon's, optional
//	TABLE_<SCHEMA NAME>  the table's name in DynamoDB, when it differs
//
// With DYNAMODB_ENDPOINT set, region and credentials default to made-up ones.
// The error names every variable that is missing.
func ConfigFromEnv(getenv func(string) string, schemas ...table.Schema) (Config, error) {
	common, err := aws.FromEnv(getenv, "DYNAMODB_ENDPOINT")
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Region: common.Region, Credentials: common.Credentials, Endpoint: common.Endpoint, Roots: common.Roots,
		Schemas: schemas, Names: make(map[string]string, len(schemas)),
	}
	for _, s := range schemas {
		c.Names[s.Name] = getenv("TABLE_" + strings.ToUpper(s.Name))
	}
	return c, nil
}
