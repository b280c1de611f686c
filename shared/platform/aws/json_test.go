package aws_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/platform/aws"
)

func caller(endpoint string) aws.Config {
	return aws.Config{
		Region: "eu-south-1", Endpoint: endpoint,
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
	}
}

var service = aws.Service{Name: "kms", Target: "TrentService", Version: "1.1"}

// TestAnswerError: services say what is wrong in several ways; what they say about the
// caller stays out.
func TestAnswerError(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status           int
		header, body     string
		code, text, hush string
	}{
		"in the body": {
			400, "", `{"__type":"DisabledException","message":"arn:1"}`,
			"DisabledException", "kms Sign: answered 400 DisabledException r-1", "arn:1",
		},
		"qualified": {
			400, "", `{"__type":"com.amazonaws.kms#DisabledException"}`,
			"DisabledException", "kms Sign: answered 400 DisabledException r-1", "amazonaws",
		},
		"in the header": {
			400, "DisabledException:http://internal.amazon.com/", `{"__type":"Other"}`,
			"DisabledException", "kms Sign: answered 400 DisabledException r-1", "internal",
		},
		"nothing": {403, "", "<html>", "", "kms Sign: answered 403  r-1", "html"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", tc.header)
				w.Header().Set("X-Amzn-Requestid", "r-1")
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			}))
			t.Cleanup(server.Close)
			err := aws.NewJSON(caller(server.URL), service).Call(t.Context(), "Sign", struct{}{}, nil)
			refused, ok := errors.AsType[*aws.AnswerError](err)
			if !ok || refused.Code != tc.code || refused.Status != tc.status || err.Error() != tc.text || strings.Contains(err.Error(), tc.hush) {
				t.Errorf("error %q, %+v, want %q with code %q", err, refused, tc.text, tc.code)
			}
		})
	}
}

// TestEndpoints: partitions have domains of their own.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-south-1": "https://kms.eu-south-1.amazonaws.com/", "us-gov-west-1": "https://kms.us-gov-west-1.amazonaws.com/",
		"cn-north-1": "https://kms.cn-north-1.amazonaws.com.cn/", "eusc-de-east-1": "https://kms.eusc-de-east-1.amazonaws.eu/",
		"us-iso-east-1": "https://kms.us-iso-east-1.c2s.ic.gov/", "us-isob-east-1": "https://kms.us-isob-east-1.sc2s.sgov.gov/",
	} {
		asked := ""
		c := caller("")
		c.Region = region
		c.Client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked = r.URL.String()
			return nil, aws.ErrTooLarge // not repeated
		})}
		if err := aws.NewJSON(c, service).Call(t.Context(), "Sign", struct{}{}, nil); err == nil || asked != want {
			t.Errorf("%s: %s, %v, want %s", region, asked, err, want)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
