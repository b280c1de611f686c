// Package aws is what the clients of AWS services share: settings from the
// environment, one HTTP attempt that ends with a whole answer, and the rule for
// repeating it.
package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Settings for a local endpoint when the environment names none.
const (
	localRegion = "us-east-1"
	localSecret = "local"
)

// Config has the address of a service, the credentials, and the limits of calls.
type Config struct {
	Region      string
	Credentials aws.CredentialsProvider
	Endpoint    string        // an absolute URL; empty means the region's own
	Client      *http.Client  // nil means one of NewClient
	Roots       []byte        // of NewClient
	FirstDelay  time.Duration // the longest wait before a second attempt; 0 never waits
	Limit       time.Duration // of one attempt; 0 means 5 seconds
}

// FromEnv reads AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
// AWS_SESSION_TOKEN and, in the variable named endpoint, an endpoint other than
// the region's, which is optional, as is AWS_CA_BUNDLE. With an endpoint, region and
// credentials default to made-up ones. The error names every variable that is missing, also
// of those named by required.
func FromEnv(getenv func(string) string, endpoint string, required ...string) (Config, error) {
	roots, err := readRoots(getenv(EnvRoots))
	if err != nil {
		return Config{}, err
	}
	c := Config{Region: getenv("AWS_REGION"), Endpoint: getenv(endpoint), FirstDelay: firstDelay, Roots: roots}
	who := aws.Credentials{
		AccessKeyID:     getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    getenv("AWS_SESSION_TOKEN"),
	}
	if c.Endpoint != "" {
		if err := checkURL(c.Endpoint); err != nil {
			return Config{}, fmt.Errorf("%s: %w", endpoint, err)
		}
		if who.AccessKeyID == "" && who.SecretAccessKey == "" {
			who.AccessKeyID = localSecret
			who.SecretAccessKey = localSecret
		}
		if c.Region == "" {
			c.Region = localRegion
		}
	}
	var missing []string
	for _, name := range required {
		if getenv(name) == "" {
			missing = append(missing, name)
		}
	}
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
	return c, nil
}

func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return errors.New("not an absolute http or https URL")
	}
	return nil
}
