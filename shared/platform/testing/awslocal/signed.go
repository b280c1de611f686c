// Package awslocal is what the local stand-ins for AWS services share.
package awslocal

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

var signature = regexp.MustCompile(
	`^AWS4-HMAC-SHA256 Credential=[^/, ]+/(\d{8})/[a-z0-9-]+/([a-z0-9-]+)/aws4_request, ?` +
		`SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$`)

// CheckSigned returns an error unless r bears the form of a SigV4 signature for
// service that covers the headers host, x-amz-date and those named by headers.
// The signature itself is not verified: a stand-in knows no secrets.
func CheckSigned(r *http.Request, service string, headers ...string) error {
	parts := signature.FindStringSubmatch(r.Header.Get("Authorization"))
	if parts == nil {
		return errors.New("no SigV4 signature")
	}
	if parts[2] != service {
		return fmt.Errorf("signed for service %s, want %s", parts[2], service)
	}
	if !strings.HasPrefix(r.Header.Get("X-Amz-Date"), parts[1]+"T") {
		return errors.New("signed for another day than X-Amz-Date")
	}
	signed := strings.Split(parts[3], ";")
	for _, name := range append(headers, "host", "x-amz-date") {
		if !slices.Contains(signed, name) {
			return fmt.Errorf("header %s is not signed", name)
		}
	}
	return nil
}
