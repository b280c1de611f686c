// Package awskms makes the client with which secrets are wrapped and tokens are
// signed by AWS KMS.
package awskms

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"ciclo/shared/platform/awscall"
)

// EnvEndpoint names the environment variable with an endpoint other than the
// region's own, for [awscall.FromEnv].
const EnvEndpoint = "AWS_ENDPOINT_URL_KMS"

const maxAnswer = 64 << 10

// New returns a client that makes one attempt, to be repeated by
// [awscall.Config.Repeat].
func New(c awscall.Config) *kms.Client {
	o := kms.Options{
		Region:      c.Region,
		Credentials: c.Credentials,
		HTTPClient:  awscall.NewWire(c, maxAnswer),
		Retryer:     aws.NopRetryer{},
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = aws.String(c.Endpoint)
	}
	return kms.New(o)
}
