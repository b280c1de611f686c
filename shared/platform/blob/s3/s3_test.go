package s3_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/s3"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/s3local"
)

var (
	logo = blob.Blob{Type: "image/png", Bytes: []byte("logo")}
	who  = sdk.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "session"}
)

// config returns a Config that does not wait between attempts.
func config(endpoint string) s3.Config {
	return s3.Config{
		Config: aws.Config{
			Region:      "eu-west-1",
			Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) { return who, nil }),
			Endpoint:    endpoint,
		},
		Bucket: "logos",
		Now:    func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
}

func newStore(t *testing.T, c s3.Config) *s3.Store {
	t.Helper()
	s, err := s3.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// scripted returns a bucket that has logo as a.png, and answers its next
// requests by steps.
func scripted(t *testing.T, change func(*s3.Config), steps ...http.HandlerFunc) (*s3.Store, *awslocal.Script) {
	t.Helper()
	script := awslocal.NewScript(s3local.New("logos"), append([]http.HandlerFunc{nil}, steps...)...)
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	c := config(server.URL)
	if change != nil {
		change(&c)
	}
	s := newStore(t, c)
	if err := s.Put(t.Context(), "a.png", logo); err != nil {
		t.Fatal(err)
	}
	return s, script
}

func TestFailures(t *testing.T) {
	t.Parallel()
	oops := awslocal.Answer(500, "<Error><Code>InternalError</Code></Error>")
	slow := awslocal.Answer(503, "<Error><Code>SlowDown</Code></Error>")
	late := awslocal.Answer(400, "<Error><Code>RequestTimeout</Code></Error>")
	for name, c := range map[string]struct {
		steps       []http.HandlerFunc
		requests    int
		fails       bool
		unavailable bool
	}{
		"500 twice":          {steps: []http.HandlerFunc{oops, oops}, requests: 3},
		"503 then 400":       {steps: []http.HandlerFunc{slow, late}, requests: 3},
		"500 without a word": {steps: []http.HandlerFunc{awslocal.Answer(500, "")}, requests: 2},
		"429":                {steps: []http.HandlerFunc{awslocal.Answer(429, "")}, requests: 2},
		"cut short":          {steps: []http.HandlerFunc{awslocal.CutShort}, requests: 2},
		"500 thrice":         {steps: []http.HandlerFunc{oops, oops, oops}, requests: 3, fails: true, unavailable: true},
		"cut short thrice": {
			steps:    []http.HandlerFunc{awslocal.CutShort, awslocal.CutShort, awslocal.CutShort},
			requests: 3, fails: true, unavailable: true,
		},
		"403": {
			steps:    []http.HandlerFunc{awslocal.Answer(403, "<Error><Code>AccessDenied</Code></Error>")},
			requests: 1, fails: true,
		},
		"404 of something": {
			steps:    []http.HandlerFunc{awslocal.Answer(404, "<Error><Code>NoSuchBucket</Code></Error>")},
			requests: 1, fails: true,
		},
		"404 without a word":  {steps: []http.HandlerFunc{awslocal.Answer(404, "")}, requests: 1, fails: true},
		"204":                 {steps: []http.HandlerFunc{awslocal.Answer(204, "")}, requests: 1, fails: true},
		"more than one takes": {steps: []http.HandlerFunc{awslocal.Answer(200, strings.Repeat("x", blob.MaxBytes+1))}, requests: 1, fails: true},
		"redirect": {steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/logos/a.png", http.StatusTemporaryRedirect)
		}}, requests: 1, fails: true},
	} {
		check := func(t *testing.T, script *awslocal.Script, err error) {
			t.Helper()
			if (err != nil) != c.fails || errors.Is(err, blob.ErrUnavailable) != c.unavailable {
				t.Errorf("error is %v", err)
			}
			if n := script.Requests() - 1; n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		}
		t.Run("get "+name, func(t *testing.T) {
			t.Parallel()
			s, script := scripted(t, nil, c.steps...)
			b, ok, err := s.Get(t.Context(), "a.png")
			check(t, script, err)
			if ok == c.fails || !c.fails && string(b.Bytes) != "logo" {
				t.Errorf("got %.40q, %t", b, ok)
			}
		})
		t.Run("put "+name, func(t *testing.T) {
			t.Parallel()
			s, script := scripted(t, nil, c.steps...)
			check(t, script, s.Put(t.Context(), "b.png", blob.Blob{Type: "image/png", Bytes: []byte("new")}))
			b, ok, err := s.Get(t.Context(), "b.png")
			if err != nil || ok == c.fails || ok && string(b.Bytes) != "new" {
				t.Errorf("kept %q, %t, %v", b, ok, err)
			}
		})
	}
}

func TestErrorsKeepWhatS3SaysToThemselves(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"<Error><Code>AccessDenied</Code><Message>arn:aws:sts::1:who</Message></Error>": "403 AccessDenied",
		"<Code>" + strings.Repeat("x", 65) + "</Code>":                                  "403 ",
		"<Code>Half": "403 ",
	} {
		s, _ := scripted(t, nil, awslocal.Answer(403, body))
		_, _, err := s.Get(t.Context(), "a.png")
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("error is %v, want %q at its end", err, want)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	s := newStore(t, config(server.URL))
	if _, _, err := s.Get(t.Context(), "a.png"); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	if err := s.Put(t.Context(), "a.png", logo); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
}

func TestConnectionLost(t *testing.T) {
	t.Parallel()
	// net/http itself sends once more what got no answer on a used connection.
	s, _ := scripted(t, nil, awslocal.HangUp)
	if b, ok, err := s.Get(t.Context(), "a.png"); err != nil || !ok || string(b.Bytes) != "logo" {
		t.Errorf("got %q, %t, %v", b, ok, err)
	}
}

func TestHangingAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	s, script := scripted(t, func(c *s3.Config) { c.Limit = time.Second }, awslocal.Hang)
	if b, ok, err := s.Get(t.Context(), "a.png"); err != nil || !ok || string(b.Bytes) != "logo" {
		t.Errorf("got %q, %t, %v", b, ok, err)
	}
	if n := script.Requests() - 1; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	s, script := scripted(t, nil, awslocal.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := s.Get(ctx, "a.png"); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if n := script.Requests() - 1; n > 1 {
		t.Errorf("%d requests", n)
	}
}

func TestNoCredentials(t *testing.T) {
	t.Parallel()
	c := config("http://localhost:1")
	c.Credentials = sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
		return sdk.Credentials{}, errors.New("none")
	})
	if _, _, err := newStore(t, c).Get(t.Context(), "a.png"); err == nil || errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bucket, endpoint string
		want             string // in the error; empty for none
	}{
		"good":           {bucket: "logos.of-us1", endpoint: "http://localhost:1"},
		"no bucket":      {endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"no credentials": {bucket: "logos", want: "AWS_ACCESS_KEY_ID"},
		"no endpoint":    {bucket: "logos", endpoint: "localhost:1", want: "AWS_ENDPOINT_URL_S3"},
		"a path":         {bucket: "logos/x", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"a host":         {bucket: "evil.example/", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"short":          {bucket: "ab", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"long":           {bucket: strings.Repeat("a", 64), endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"dots":           {bucket: "a..b", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"dot last":       {bucket: "abc.", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
		"a slash within": {bucket: "a/../b", endpoint: "http://localhost:1", want: "LOGO_BUCKET"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := s3.FromEnv(func(v string) string {
				return map[string]string{"LOGO_BUCKET": c.bucket, "AWS_ENDPOINT_URL_S3": c.endpoint}[v]
			})
			if c.want == "" {
				if s == nil || err != nil {
					t.Fatal(s, err)
				}
				return
			}
			if s != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want an error with %s", s, err, c.want)
			}
		})
	}
}
