// Package kms makes the client with which secrets are wrapped and tokens are
// signed by AWS KMS.
package kms

import (
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"ciclo/shared/platform/aws"
)

// EnvEndpoint names the environment variable with an endpoint other than the
// region's own, for [aws.FromEnv].
const EnvEndpoint = "AWS_ENDPOINT_URL_KMS"

const maxAnswer = 64 << 10

// New returns a client that makes one attempt, to be repeated by
// [aws.Config.Repeat].
func New(c aws.Config) *kms.Client {
	o := kms.Options{
		Region:      c.Region,
		Credentials: c.Credentials,
		HTTPClient:  aws.NewWire(c, maxAnswer),
		Retryer:     sdk.NopRetryer{},
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = sdk.String(c.Endpoint)
	}
	return kms.New(o)
}
