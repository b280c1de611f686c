package awslocal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/platform/testing/awslocal"
)

func TestCheckSigned(t *testing.T) {
	t.Parallel()
	good := "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature=" +
		strings.Repeat("0a", 32)
	for name, c := range map[string]struct {
		authorization, date string
		headers             []string
		want                string // in the error; empty for none
	}{
		"signed":         {authorization: good},
		"absent":         {authorization: "", want: "no SigV4"},
		"bearer":         {authorization: "Bearer x", want: "no SigV4"},
		"short":          {authorization: good[:len(good)-1], want: "no SigV4"},
		"trailing":       {authorization: good + "0", want: "no SigV4"},
		"other service":  {authorization: strings.Replace(good, "/kms/", "/s3/", 1), want: "service s3"},
		"other day":      {authorization: good, date: "20260103T000000Z", want: "another day"},
		"no date":        {authorization: good, date: "-", want: "another day"},
		"no host":        {authorization: strings.Replace(good, "host;", "", 1), want: "header host"},
		"unsigned date":  {authorization: strings.Replace(good, ";x-amz-date", "", 1), want: "header x-amz-date"},
		"header demands": {authorization: good, headers: []string{"x-amz-content-sha256"}, want: "header x-amz-content-sha256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Authorization", c.authorization)
			if c.date == "" {
				c.date = "20260102T030405Z"
			}
			r.Header.Set("X-Amz-Date", c.date)
			err := awslocal.CheckSigned(r, "kms", c.headers...)
			switch {
			case c.want == "" && err != nil:
				t.Fatal(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Fatalf("error is %v, want one with %q", err, c.want)
			}
		})
	}
}
