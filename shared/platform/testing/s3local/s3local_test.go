package s3local_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/testing/s3local"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(s3local.New("logos"))
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		method, path, body string
		change             func(*http.Request) // after it was signed
		status             int
		code               string
	}{
		"put":          {method: "PUT", path: "/logos/a/b.png", body: "x", status: 200},
		"absent":       {method: "GET", path: "/logos/b.png", status: 404, code: "NoSuchKey"},
		"other bucket": {method: "GET", path: "/others/b.png", status: 404, code: "NoSuchBucket"},
		"list":         {method: "GET", path: "/logos/", status: 501, code: "NotImplemented"},
		"delete":       {method: "DELETE", path: "/logos/a/b.png", status: 501, code: "NotImplemented"},
		"unsigned": {
			method: "PUT", path: "/logos/c.png", body: "x", status: 403, code: "AccessDenied",
			change: func(r *http.Request) { r.Header.Del("Authorization") },
		},
		"hash not signed": {
			method: "PUT", path: "/logos/c.png", body: "x", status: 403, code: "AccessDenied",
			change: func(r *http.Request) {
				r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "x-amz-content-sha256;", "", 1))
			},
		},
		"other body": {
			method: "PUT", path: "/logos/c.png", body: "x", status: 400, code: "XAmzContentSHA256Mismatch",
			change: func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("y")) },
		},
		"body of no hash": {
			method: "PUT", path: "/logos/c.png", body: "x", status: 400, code: "XAmzContentSHA256Mismatch",
			change: func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
		},
		"too large": {method: "PUT", path: "/logos/c.png", body: strings.Repeat("x", blob.MaxBytes+1), status: 400, code: "IncompleteBody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, c.method, server.URL+c.path, c.body)
			if c.change != nil {
				c.change(r)
			}
			status, body := do(t, r)
			if status != c.status || !strings.Contains(body, c.code) {
				t.Errorf("got %d %s, want %d %s", status, body, c.status, c.code)
			}
			if status, _ := do(t, signed(t, "GET", server.URL+"/logos/c.png", "")); status != http.StatusNotFound {
				t.Errorf("what was refused is kept: %d", status)
			}
		})
	}
}

func signed(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	credentials := aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret"}
	if err := v4.NewSigner().SignHTTP(context.Background(), credentials, r, hash, "s3", "eu-west-1", time.Unix(1e9, 0)); err != nil {
		t.Fatal(err)
	}
	return r
}

func do(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}
