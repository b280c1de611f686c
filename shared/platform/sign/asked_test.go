package sign_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/kmslocal"
)

// deployment is one that signs by KMS, between an issuer of its own choice and the
// authorizer of its API.
type deployment struct {
	kms    *awslocal.Script
	getenv func(string) string
}

// deploy makes a deployment whose SIGN_JWKS is jwks. KMS answers steps first.
func deploy(t *testing.T, jwks string, steps ...http.HandlerFunc) deployment {
	t.Helper()
	script := awslocal.NewScript(kmslocal.New().WithSigner("zero", private()[0]), steps...)
	server := httptest.NewServer(script)
	t.Cleanup(server.Close)
	configured := httptest.NewServer(awslocal.Answer(http.StatusOK, string(public(t, 2).JWKS())))
	t.Cleanup(configured.Close)
	env := map[string]string{
		"ISSUER_URL": "https://idp.example", "JWKS_URL": configured.URL, "AUDIENCE": "api", "PREWARM": "off",
		"SIGN_ISSUER": issuer, "SIGN_AUDIENCE": audience, "SIGN_KEY_ID": "zero", "SIGN_JWKS": jwks, "AWS_ENDPOINT_URL_KMS": server.URL,
	}
	return deployment{script, func(name string) string { return env[name] }}
}

func (d deployment) authorizer(t *testing.T) *auth.Bearer {
	t.Helper()
	b, err := auth.FromEnv(d.getenv, interop.Callers(nil).And(consumers.Callers()), kms.JWKS)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ofConfigured is a token of the configured issuer.
func ofConfigured(t *testing.T) string {
	t.Helper()
	claims := m2m()
	claims["iss"], claims["aud"] = "https://idp.example", "api"
	return "Bearer " + signed(t, sign.New(by(2), public(t, 2)), claims)
}

// d1 is a token that the deployment issues to a card issuer.
func d1(t *testing.T, s *sign.Signer) string {
	t.Helper()
	return "Bearer " + signed(t, s, map[string]any{
		"iss": issuer + "/oauth2", "aud": "api", "sub": "ISSUER0001", "scope": "x", "exp": time.Now().Add(time.Minute).Unix(),
	})
}

// TestFirstDeployment has no JWKS yet: what it signs its authorizer accepts all the same,
// and asks for the key once, with the first token that needs it.
func TestFirstDeployment(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		jwks  string
		asked int
	}{"first": {"", 1}, "with SIGN_JWKS": {string(public(t, 0, 1).JWKS()), 0}} {
		d := deploy(t, tc.jwks)
		signer, err := kms.FromEnv(d.getenv)
		if err != nil {
			t.Fatal(err)
		}
		voucher, d1Token := "Bearer "+signed(t, signer, m2m()), d1(t, signer)
		forged := "Bearer " + signed(t, sign.New(by(1), public(t, 1)), m2m())
		before, b := d.kms.Requests(), d.authorizer(t)
		for _, step := range []struct {
			what, header string
			asked        int // from then on
			accepted     bool
		}{
			{"configured issuer", ofConfigured(t), 0, true},
			{"voucher", voucher, tc.asked, true},
			{"card issuer", d1Token, tc.asked, true},
			{"voucher again", voucher, tc.asked, true},
		} {
			if _, err := b.Authenticate(t.Context(), step.header); (err == nil) != step.accepted || d.kms.Requests()-before != step.asked {
				t.Errorf("%s, %s: %v, KMS was asked %d times, want %d", name, step.what, err, d.kms.Requests()-before, step.asked)
			}
		}
		if tc.jwks != "" {
			continue // the forged token's key is the second one that is published
		}
		for range 3 { // strangers cannot make the authorizer ask
			if _, err := b.Authenticate(t.Context(), forged); !errors.Is(err, auth.ErrUnauthorized) || d.kms.Requests()-before != 1 {
				t.Errorf("forged: %v, KMS was asked %d times", err, d.kms.Requests()-before)
			}
		}
	}
}

// TestKMSDown: callers with tokens of the configured issuer do not notice; tokens of the
// deployment are neither accepted nor refused.
func TestKMSDown(t *testing.T) {
	t.Parallel()
	oops := awslocal.Answer(http.StatusInternalServerError, `{"__type":"KMSInternalException"}`)
	for name, steps := range map[string][]http.HandlerFunc{
		"failing":   {oops, oops, oops},
		"no right":  {awslocal.Answer(http.StatusBadRequest, `{"__type":"AccessDeniedException"}`)},
		"cut short": {awslocal.CutShort, awslocal.CutShort, awslocal.CutShort},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t, "", steps...)
			b, voucher := d.authorizer(t), "Bearer "+signed(t, sign.New(by(0), public(t, 0)), m2m())
			asking := make(chan error)
			go func() {
				_, err := b.Authenticate(t.Context(), voucher)
				asking <- err
			}()
			for range 3 {
				if _, err := b.Authenticate(t.Context(), ofConfigured(t)); err != nil {
					t.Error(err)
				}
			}
			if err := <-asking; err == nil || errors.Is(err, auth.ErrUnauthorized) {
				t.Errorf("voucher: %v", err)
			}
			if _, err := b.Authenticate(t.Context(), ofConfigured(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestNothingToAsk: a deployment that names no key, or an authorizer that cannot ask, has
// no tokens of its own.
func TestNothingToAsk(t *testing.T) {
	t.Parallel()
	d := deploy(t, "")
	unnamed := func(name string) string { return strings.TrimSuffix(d.getenv(name), "zero") }
	voucher := "Bearer " + signed(t, sign.New(by(0), public(t, 0)), m2m())
	for name, open := range map[string]func() (*auth.Bearer, error){
		"no key": func() (*auth.Bearer, error) {
			return auth.FromEnv(unnamed, interop.Callers(nil).And(consumers.Callers()), kms.JWKS)
		},
		"cannot ask": func() (*auth.Bearer, error) {
			return auth.FromEnv(d.getenv, interop.Callers(nil).And(consumers.Callers()), nil)
		},
	} {
		b, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Authenticate(t.Context(), voucher); !errors.Is(err, auth.ErrUnauthorized) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := b.Authenticate(t.Context(), ofConfigured(t)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
