package s3_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/platform/blob/s3"
)

// transport is a RoundTripper that keeps the request.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sent returns the request that put makes of logo, and its body.
func sent(t *testing.T, c s3.Config) (request *http.Request, body string) {
	t.Helper()
	c.Client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		b, err := io.ReadAll(r.Body)
		request, body = r, string(b)
		return nil, errors.Join(err, errors.New("kept"))
	})}
	if err := newStore(t, c).Put(t.Context(), "services/a-b_c.png", logo); err == nil {
		t.Fatal("no error")
	}
	return request, body
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]struct{ bucket, endpoint string }{
		"https://logos.s3.eu-west-1.amazonaws.com/services/a-b_c.png":   {bucket: "logos"},
		"https://s3.eu-west-1.amazonaws.com/lo.gos/services/a-b_c.png":  {bucket: "lo.gos"},
		"http://localhost:4566/logos/services/a-b_c.png":                {bucket: "logos", endpoint: "http://localhost:4566"},
		"http://localhost:4566/behind/it/logos/services/a-b_c.png":      {bucket: "logos", endpoint: "http://localhost:4566/behind/it/"},
		"https://s3.dualstack.example.com/lo.gos/services/a-b_c.png":    {bucket: "lo.gos", endpoint: "https://s3.dualstack.example.com"},
		"https://logos-2.s3.eu-west-1.amazonaws.com/services/a-b_c.png": {bucket: "logos-2"},
	} {
		config := config(c.endpoint)
		config.Bucket = c.bucket
		r, body := sent(t, config)
		if got := r.URL.String(); got != want || r.Method != http.MethodPut || body != "logo" || r.Header.Get("Content-Type") != "image/png" {
			t.Errorf("sent %s %s %v %q, want %s", r.Method, got, r.Header, body, want)
		}
	}
}

// TestSignature computes the signature once more, by the letter of the SigV4
// documentation, for the local stand-in does not verify it.
func TestSignature(t *testing.T) {
	t.Parallel()
	r, body := sent(t, config(""))
	authorization := r.Header.Get("Authorization")
	_, signed, _ := strings.Cut(authorization, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	names := strings.Split(signed, ";")
	for _, name := range []string{"content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} {
		if !slices.Contains(names, name) {
			t.Errorf("header %s is not signed", name)
		}
	}
	if r.Header.Get("X-Amz-Security-Token") != who.SessionToken || r.Header.Get("X-Amz-Content-Sha256") != hash(body) {
		t.Errorf("headers are %v", r.Header)
	}
	canonical := "PUT\n/services/a-b_c.png\n\n"
	for _, name := range names {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.URL.Host
		case "content-length":
			value = "4"
		}
		canonical += name + ":" + value + "\n"
	}
	canonical += "\n" + signed + "\n" + hash(body)
	const scope = "20260102/eu-west-1/s3/aws4_request"
	key := []byte("AWS4" + who.SecretAccessKey)
	for part := range strings.SplitSeq(scope, "/") {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n20260102T030405Z\n"+scope+"\n"+hash(canonical)))
	if want := "Credential=AKID/" + scope + ","; !strings.Contains(authorization, want) {
		t.Errorf("%s has no %s", authorization, want)
	}
	if !strings.HasSuffix(authorization, "Signature="+signature) {
		t.Errorf("%s, want signature %s", authorization, signature)
	}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
