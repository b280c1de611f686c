package kms_test

import (
	"crypto/rsa"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/kmslocal"
)

// environment is that of a function whose key is "current", with jwks as SIGN_JWKS; steps
// are what KMS answers first.
func environment(t *testing.T, jwks string, steps ...http.HandlerFunc) (func(string) string, *awslocal.Script) {
	t.Helper()
	script := awslocal.NewScript(kmslocal.New("sealing").WithSigner("current", private()[0]), steps...)
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	env := map[string]string{"SIGN_KEY_ID": "current", "SIGN_JWKS": jwks, "AWS_ENDPOINT_URL_KMS": server.URL}
	return func(name string) string { return env[name] }, script
}

func published(t *testing.T, keys ...*rsa.PublicKey) string {
	t.Helper()
	all, err := sign.NewKeys(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return string(all.JWKS())
}

// TestAskedOnce: without SIGN_JWKS a function publishes the public half of its key, which
// KMS is asked for once. With SIGN_JWKS nothing is asked.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	own, both := published(t, &private()[0].PublicKey), published(t, &private()[0].PublicKey, &private()[1].PublicKey)
	for name, c := range map[string]struct {
		jwks, want string
		asked      int
	}{"asked": {"", own, 1}, "configured": {both, both, 0}} {
		getenv, script := environment(t, c.jwks)
		keys, err := kms.Keys(getenv)
		if err != nil || string(keys.JWKS()) != c.want || script.Requests() != c.asked {
			t.Errorf("%s: %v, %v, %d requests, want %d", name, keys, err, script.Requests(), c.asked)
		}
		signer, err := kms.FromEnv(getenv)
		if err != nil || string(signer.Keys().JWKS()) != c.want || script.Requests() != 2*c.asked {
			t.Fatalf("%s: %v, %v, %d requests, want %d", name, signer, err, script.Requests(), 2*c.asked)
		}
		for n := range 3 {
			if _, err := signer.Sign(t.Context(), "at+jwt", struct{}{}); err != nil || script.Requests() != 2*c.asked+n+1 {
				t.Errorf("%s: signature %d: %v, %d requests", name, n+1, err, script.Requests())
			}
		}
	}
}

// TestAskedInVain: the error says what was asked and why. It is no reason to give up when
// KMS has a bad moment.
func TestAskedInVain(t *testing.T) {
	t.Parallel()
	oops := refusal(500, "KMSInternalException")
	for name, c := range map[string]struct {
		steps       []http.HandlerFunc
		want        string // in the error; empty for none
		unavailable bool
	}{
		"down for a moment": {steps: []http.HandlerFunc{oops, awslocal.HangUp}},
		"down":              {[]http.HandlerFunc{oops, oops, oops}, "SIGN_JWKS is empty, so the key in SIGN_KEY_ID", true},
		"no right":          {[]http.HandlerFunc{refusal(400, "AccessDeniedException")}, "AccessDeniedException", false},
	} {
		getenv, _ := environment(t, "", c.steps...)
		keys, err := kms.Keys(getenv)
		if (c.want == "") != (err == nil) || (keys == nil) != (err != nil) {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
		if c.want != "" && (!strings.Contains(err.Error(), c.want) || errors.Is(err, sign.ErrUnavailable) != c.unavailable) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	getenv, script := environment(t, "")
	if ask, err := kms.JWKS(getenv); ask == nil || err != nil || script.Requests() != 0 {
		t.Errorf("JWKS itself asks: %v, %d requests", err, script.Requests())
	}
	if ask, err := kms.JWKS(func(string) string { return "" }); ask != nil || err == nil || !strings.Contains(err.Error(), "SIGN_KEY_ID") {
		t.Errorf("nothing is set: %v", err)
	}
}
