package kms_test

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
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/kmslocal"
)

// config returns a Config that does not wait between attempts.
func config(endpoint string) kms.Config {
	return kms.Config{
		Config: aws.Config{
			Region: "eu-west-1",
			Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
				return sdk.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "session"}, nil
			}),
			Endpoint: endpoint,
		},
		KeyID: "master",
	}
}

// scripted returns a Sealer that has made a key about "a", and is answered next
// by steps.
func scripted(t *testing.T, change func(*kms.Config), steps ...http.HandlerFunc) (*kms.Sealer, *seal.DataKey, *awslocal.Script) {
	t.Helper()
	script := awslocal.NewScript(kmslocal.New("master", "other"), append([]http.HandlerFunc{nil}, steps...)...)
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	c := config(server.URL)
	if change != nil {
		change(&c)
	}
	s := kms.New(c)
	k, err := s.NewKey(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	return s, k, script
}

func refusal(status int, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"__type":"` + kind + `"}`))
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	oops := refusal(500, "KMSInternalException")
	throttled := refusal(400, "ThrottlingException")
	for name, c := range map[string]struct {
		steps       []http.HandlerFunc
		requests    int
		fails       bool
		unavailable bool
		damaged     bool
	}{
		"500 twice":          {steps: []http.HandlerFunc{oops, oops}, requests: 3},
		"busy":               {steps: []http.HandlerFunc{throttled, refusal(503, "DependencyTimeoutException")}, requests: 3},
		"500 without a word": {steps: []http.HandlerFunc{awslocal.Answer(500, "")}, requests: 2},
		"cut short":          {steps: []http.HandlerFunc{awslocal.CutShort}, requests: 2},
		"not JSON":           {steps: []http.HandlerFunc{awslocal.Answer(200, "{")}, requests: 2},
		"500 thrice":         {steps: []http.HandlerFunc{oops, oops, oops}, requests: 3, fails: true, unavailable: true},
		"busy all the time":  {steps: []http.HandlerFunc{throttled, throttled, throttled}, requests: 3, fails: true, unavailable: true},
		"denied":             {steps: []http.HandlerFunc{refusal(400, "AccessDeniedException")}, requests: 1, fails: true},
		"403 without a word": {steps: []http.HandlerFunc{awslocal.Answer(403, "")}, requests: 1, fails: true},
		"no such key":        {steps: []http.HandlerFunc{refusal(400, "NotFoundException")}, requests: 1, fails: true},
		"disabled key":       {steps: []http.HandlerFunc{refusal(400, "DisabledException")}, requests: 1, fails: true},
		"too large":          {steps: []http.HandlerFunc{awslocal.Answer(200, strings.Repeat(" ", 64<<10+1))}, requests: 1, fails: true},
		"key of no length": {
			steps:    []http.HandlerFunc{awslocal.Answer(200, `{"Plaintext":"AAAA","CiphertextBlob":"AAAA"}`)},
			requests: 1, fails: true,
		},
		"no key":           {steps: []http.HandlerFunc{awslocal.Answer(200, `{}`)}, requests: 1, fails: true},
		"other ciphertext": {steps: []http.HandlerFunc{refusal(400, "InvalidCiphertextException")}, requests: 1, fails: true, damaged: true},
		"other key":        {steps: []http.HandlerFunc{refusal(400, "IncorrectKeyException")}, requests: 1, fails: true, damaged: true},
		"redirect": {steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}}, requests: 1, fails: true},
	} {
		check := func(t *testing.T, script *awslocal.Script, k *seal.DataKey, err error) {
			t.Helper()
			if (err != nil) != c.fails || errors.Is(err, seal.ErrUnavailable) != c.unavailable || (k == nil) != c.fails {
				t.Errorf("got %v, %v", k, err)
			}
			if n := script.Requests() - 1; n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
		}
		if !c.damaged { // which is no answer to GenerateDataKey
			t.Run("new key "+name, func(t *testing.T) {
				t.Parallel()
				s, _, script := scripted(t, nil, c.steps...)
				k, err := s.NewKey(t.Context(), "a")
				check(t, script, k, err)
			})
		}
		t.Run("open key "+name, func(t *testing.T) {
			t.Parallel()
			s, k, script := scripted(t, nil, c.steps...)
			again, err := s.OpenKey(t.Context(), "a", k.Wrapped)
			check(t, script, again, err)
			if errors.Is(err, seal.ErrDamaged) != c.damaged {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	if _, err := kms.New(config(server.URL)).NewKey(t.Context(), "a"); !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestHangingAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	s, k, script := scripted(t, func(c *kms.Config) { c.Limit = time.Second }, awslocal.Hang)
	if _, err := s.OpenKey(t.Context(), "a", k.Wrapped); err != nil {
		t.Error(err)
	}
	if n := script.Requests() - 1; n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	s, k, script := scripted(t, nil, awslocal.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.OpenKey(ctx, "a", k.Wrapped); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if n := script.Requests() - 1; n > 1 {
		t.Errorf("%d requests", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.NewKey(gone, "a"); !errors.Is(err, context.Canceled) || !errors.Is(err, seal.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env  map[string]string
		want string // in the error; empty for none
	}{
		"in Lambda": {env: map[string]string{
			"SEAL_KEY_ID": "k", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		}},
		"local":          {env: map[string]string{"SEAL_KEY_ID": "k", "AWS_ENDPOINT_URL_KMS": "http://localhost:1"}},
		"no key":         {env: map[string]string{"AWS_ENDPOINT_URL_KMS": "http://localhost:1"}, want: "SEAL_KEY_ID"},
		"no credentials": {env: map[string]string{"SEAL_KEY_ID": "k", "AWS_REGION": "eu-west-1"}, want: "AWS_SECRET_ACCESS_KEY"},
		"no endpoint":    {env: map[string]string{"SEAL_KEY_ID": "k", "AWS_ENDPOINT_URL_KMS": "x"}, want: "AWS_ENDPOINT_URL_KMS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := kms.FromEnv(func(v string) string { return c.env[v] })
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

// TestRequests looks at what is sent, for the stand-in would not miss a name
// that both sides get wrong.
func TestRequests(t *testing.T) {
	t.Parallel()
	type call struct{ target, host, body string }
	var calls []call
	c := config("")
	c.Client = &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		var body strings.Builder
		if err := r.Write(&body); err != nil {
			return nil, err
		}
		_, sent, _ := strings.Cut(body.String(), "\r\n\r\n")
		calls = append(calls, call{r.Header.Get("X-Amz-Target"), r.URL.String(), sent})
		return nil, aws.ErrTooLarge // not repeated
	})}
	s := kms.New(c)
	_, _ = s.NewKey(t.Context(), "sub-1")
	_, _ = s.OpenKey(t.Context(), "sub-1", []byte("wrapped"))
	if len(calls) != 2 {
		t.Fatalf("%d calls", len(calls))
	}
	for i, target := range []string{"TrentService.GenerateDataKey", "TrentService.Decrypt"} {
		got := calls[i]
		if got.target != target || got.host != "https://kms.eu-west-1.amazonaws.com/" ||
			!strings.Contains(got.body, `"EncryptionContext":{"subscription":"sub-1"}`) || !strings.Contains(got.body, `"KeyId":"master"`) {
			t.Errorf("sent %+v", got)
		}
	}
	if !strings.Contains(calls[0].body, `"KeySpec":"AES_256"`) || !strings.Contains(calls[1].body, `"CiphertextBlob":"d3JhcHBlZA=="`) {
		t.Errorf("sent %+v", calls)
	}
}

// transport is a RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
