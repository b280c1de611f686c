package kms_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/kmslocal"
)

var private = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

// config returns a Config that does not wait between attempts.
func config(endpoint string) kms.Config {
	return kms.Config{
		Config: aws.Config{
			Region: "eu-west-1",
			Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
				return sdk.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hush", SessionToken: "session"}, nil
			}),
			Endpoint: endpoint,
		},
		KeyID: "current",
	}
}

// scripted returns a key that is answered first by steps.
func scripted(t *testing.T, change func(*kms.Config), steps ...http.HandlerFunc) (*kms.Key, *awslocal.Script) {
	t.Helper()
	script := awslocal.NewScript(kmslocal.New("sealing").WithSigner("current", private()[0]).WithSigner("next", private()[1]), steps...)
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	c := config(server.URL)
	if change != nil {
		change(&c)
	}
	return kms.New(c), script
}

// signer publishes the current key.
func signer(t *testing.T, key sign.Key) *sign.Signer {
	t.Helper()
	keys, err := sign.NewKeys(&private()[0].PublicKey, &private()[1].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return sign.New(key, keys)
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
	oops, busy := refusal(500, "KMSInternalException"), refusal(400, "ThrottlingException")
	for name, c := range map[string]struct {
		steps       []http.HandlerFunc
		requests    int
		fails       bool
		unavailable bool
	}{
		"at once":            {requests: 1},
		"500 twice":          {steps: []http.HandlerFunc{oops, oops}, requests: 3},
		"busy":               {steps: []http.HandlerFunc{busy, refusal(503, "DependencyTimeoutException")}, requests: 3},
		"key out of reach":   {steps: []http.HandlerFunc{refusal(500, "KeyUnavailableException")}, requests: 2},
		"500 without a word": {steps: []http.HandlerFunc{awslocal.Answer(500, "")}, requests: 2},
		"cut short":          {steps: []http.HandlerFunc{awslocal.CutShort}, requests: 2},
		"hung up":            {steps: []http.HandlerFunc{awslocal.HangUp}, requests: 2},
		"not JSON":           {steps: []http.HandlerFunc{awslocal.Answer(200, "{")}, requests: 2},
		"500 thrice":         {steps: []http.HandlerFunc{oops, oops, oops}, requests: 3, fails: true, unavailable: true},
		"busy all the time":  {steps: []http.HandlerFunc{busy, busy, busy}, requests: 3, fails: true, unavailable: true},
		"denied":             {steps: []http.HandlerFunc{refusal(400, "AccessDeniedException")}, requests: 1, fails: true},
		"403 without a word": {steps: []http.HandlerFunc{awslocal.Answer(403, "")}, requests: 1, fails: true},
		"no such key":        {steps: []http.HandlerFunc{refusal(400, "NotFoundException")}, requests: 1, fails: true},
		"disabled key":       {steps: []http.HandlerFunc{refusal(400, "DisabledException")}, requests: 1, fails: true},
		"key to be deleted":  {steps: []http.HandlerFunc{refusal(400, "KMSInvalidStateException")}, requests: 1, fails: true},
		"key of another use": {steps: []http.HandlerFunc{refusal(400, "InvalidKeyUsageException")}, requests: 1, fails: true},
		"too large":          {steps: []http.HandlerFunc{awslocal.Answer(200, strings.Repeat(" ", 64<<10+1))}, requests: 1, fails: true},
		"nothing in it":      {steps: []http.HandlerFunc{awslocal.Answer(200, `{}`)}, requests: 1, fails: true},
		"something else": {
			steps:    []http.HandlerFunc{awslocal.Answer(200, `{"Signature":"AAAA","PublicKey":"AAAA"}`)},
			requests: 1, fails: true,
		},
		"redirect": {steps: []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}}, requests: 1, fails: true},
	} {
		check := func(t *testing.T, script *awslocal.Script, got bool, err error) {
			t.Helper()
			if (err != nil) != c.fails || errors.Is(err, sign.ErrUnavailable) != c.unavailable || got == c.fails {
				t.Errorf("got an answer: %v, %v", got, err)
			}
			if n := script.Requests(); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the error has a secret: %v", err)
			}
		}
		t.Run("sign "+name, func(t *testing.T) {
			t.Parallel()
			key, script := scripted(t, nil, c.steps...)
			token, err := signer(t, key).Sign(t.Context(), "at+jwt", map[string]string{"sub": "hush"})
			check(t, script, token != "", err)
		})
		t.Run("public key "+name, func(t *testing.T) {
			t.Parallel()
			key, script := scripted(t, nil, c.steps...)
			public, err := key.Public(t.Context())
			check(t, script, public != nil, err)
			if public != nil && !public.Equal(&private()[0].PublicKey) {
				t.Error("it is another key")
			}
		})
	}
}

// TestKeyThatIsNotPublishedFirst is a deployment whose key and JWKS disagree.
func TestKeyThatIsNotPublishedFirst(t *testing.T) {
	t.Parallel()
	key, script := scripted(t, func(c *kms.Config) { c.KeyID = "next" })
	token, err := signer(t, key).Sign(t.Context(), "at+jwt", struct{}{})
	if token != "" || !errors.Is(err, sign.ErrMismatch) || script.Requests() != 1 {
		t.Errorf("got %q, %v after %d requests", token, err, script.Requests())
	}
	key, _ = scripted(t, func(c *kms.Config) { c.KeyID = "sealing" })
	if _, err := signer(t, key).Sign(t.Context(), "at+jwt", struct{}{}); err == nil {
		t.Error("a key for secrets signs")
	}
	if _, err := key.Public(t.Context()); err == nil {
		t.Error("a key for secrets has a public half")
	}
}

func TestPublicKeysOfAnotherKind(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	answer := func(public any, use string) http.HandlerFunc {
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return awslocal.Answer(200, `{"PublicKey":"`+base64.StdEncoding.EncodeToString(der)+`","KeyUsage":"`+use+`"}`)
	}
	for what, c := range map[string]struct {
		step  http.HandlerFunc
		wants bool
	}{
		"for signatures": {answer(private()[0].Public(), "SIGN_VERIFY"), true},
		"for secrets":    {answer(private()[0].Public(), "ENCRYPT_DECRYPT"), false},
		"elliptic curve": {answer(ec.Public(), "SIGN_VERIFY"), false},
	} {
		key, _ := scripted(t, nil, c.step)
		if public, err := key.Public(t.Context()); (err == nil) != c.wants || (public != nil) != c.wants {
			t.Errorf("%s: got %v, %v", what, public, err)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(nil)
	server.Close()
	if _, err := signer(t, kms.New(config(server.URL))).Sign(t.Context(), "at+jwt", struct{}{}); !errors.Is(err, sign.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestHangingAttemptIsRepeated(t *testing.T) {
	t.Parallel()
	key, script := scripted(t, func(c *kms.Config) { c.Limit = time.Second }, awslocal.Hang)
	if _, err := signer(t, key).Sign(t.Context(), "at+jwt", struct{}{}); err != nil {
		t.Error(err)
	}
	if n := script.Requests(); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	key, script := scripted(t, nil, awslocal.Hang)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := signer(t, key).Sign(ctx, "at+jwt", struct{}{})
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, sign.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if n := script.Requests(); n > 1 {
		t.Errorf("%d requests", n)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := key.Public(gone); !errors.Is(err, context.Canceled) || !errors.Is(err, sign.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	jwks := string(signer(t, nil).Keys().JWKS())
	for name, c := range map[string]struct {
		env  map[string]string
		want string // in the error; empty for none
	}{
		"in Lambda": {env: map[string]string{
			"SIGN_KEY_ID": "k", "SIGN_JWKS": jwks, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		}},
		"local":   {env: map[string]string{"SIGN_KEY_ID": "k", "SIGN_JWKS": jwks, "AWS_ENDPOINT_URL_KMS": "http://localhost:1"}},
		"no key":  {env: map[string]string{"SIGN_JWKS": jwks, "AWS_ENDPOINT_URL_KMS": "http://localhost:1"}, want: "SIGN_KEY_ID"},
		"nothing": {env: map[string]string{"AWS_ENDPOINT_URL_KMS": "http://localhost:1"}, want: "missing in the environment: SIGN_KEY_ID"},
		"odd JWKS": {
			env:  map[string]string{"SIGN_KEY_ID": "k", "SIGN_JWKS": "{", "AWS_ENDPOINT_URL_KMS": "http://localhost:1"},
			want: "SIGN_JWKS: sign: no JWKS",
		},
		"no credentials": {
			env:  map[string]string{"SIGN_KEY_ID": "k", "SIGN_JWKS": jwks, "AWS_REGION": "eu-west-1"},
			want: "AWS_SECRET_ACCESS_KEY",
		},
		"no endpoint": {
			env:  map[string]string{"SIGN_KEY_ID": "k", "SIGN_JWKS": jwks, "AWS_ENDPOINT_URL_KMS": "x"},
			want: "AWS_ENDPOINT_URL_KMS",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := kms.FromEnv(func(v string) string { return c.env[v] })
			if c.want == "" {
				if err != nil || string(s.Keys().JWKS()) != jwks {
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
	key := kms.New(c)
	digest := sha256.Sum256([]byte("text"))
	_, _ = key.SignDigest(t.Context(), digest[:])
	_, _ = key.Public(t.Context())
	if len(calls) != 2 {
		t.Fatalf("%d calls", len(calls))
	}
	for i, target := range []string{"TrentService.Sign", "TrentService.GetPublicKey"} {
		got := calls[i]
		if got.target != target || got.host != "https://kms.eu-west-1.amazonaws.com/" {
			t.Errorf("sent %+v", got)
		}
		if !strings.Contains(got.body, `"KeyId":"current"`) {
			t.Errorf("sent %+v", got)
		}
	}
	for _, part := range []string{
		`"Message":"` + base64.StdEncoding.EncodeToString(digest[:]) + `"`,
		`"MessageType":"DIGEST"`,
		`"SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_256"`,
	} {
		if !strings.Contains(calls[0].body, part) {
			t.Errorf("sent %s, want %s in it", calls[0].body, part)
		}
	}
}

// transport is a RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
