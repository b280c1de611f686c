package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
)

const (
	ownIssuer   = "https://own.example"
	ownAudience = "https://own.example/m2m"
)

// ownKey signs for the own issuer, under a kid that the other issuer has too.
var ownKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

// ownClaims is the payload of a valid token of the own issuer, with changes.
func ownClaims(changes set) string {
	return object(set{
		"iss": ownIssuer, "aud": ownAudience, "sub": "client", "organizationId": organizationID, "role": "m2m",
		"iat": start.Unix(), "exp": start.Add(15 * time.Minute).Unix(),
	}, changes)
}

// by is a header with a token of RS256.
func by(key *rsa.PrivateKey, kid, payload string) string {
	return "Bearer " + sign("RS256", head(set{"alg": "RS256", "kid": kid}), payload, key)
}

// newOwning is a fixture of two issuers, the second of which is the deployment,
// with the key "own" of its own, and "rsa", which the first also calls one.
func newOwning(t *testing.T, own ...string) fixture {
	t.Helper()
	f := fixture{clock: &clock{t: start}, jwks: &endpoint{respond: answer(http.StatusOK, keys().published)}}
	second := auth.Issuer{URL: ownIssuer, JWKS: []byte(jwks(own...)), Audience: ownAudience, Kinds: []string{"organization"}}
	f.Bearer = must(auth.New(auth.Config{
		Issuers:   []auth.Issuer{configured, second},
		Kinds:     everybody(nil).Kinds,
		Now:       f.clock.Now,
		Transport: f.jwks,
	}))
	return f
}

func TestTwoIssuers(t *testing.T) {
	t.Parallel()
	own := []string{jwk("own", ownKey().Public(), `"use":"sig","alg":"RS256"`), jwk("rsa", ownKey().Public(), "")}
	f := newOwning(t, own...)
	id, err := f.Authenticate(t.Context(), by(ownKey(), "own", ownClaims(nil)))
	if err != nil || id.Subject != organizationID || id.Kind != "organization" || len(id.Scopes) != 1 || id.Scopes[0] != "m2m" {
		t.Errorf("got %+v, %v", id, err)
	}
	f.accepts(t, by(ownKey(), "rsa", ownClaims(nil)))
	f.fetched(t, 0) // the own keys are there
	f.accepts(t, by(keys().rsa, "rsa", payload(nil)))
	f.accepts(t, ofOrganization(nil))
	f.fetched(t, 1)

	for name, tc := range map[string]struct{ header, reason string }{
		"own token, key of the other":           {by(keys().rsa, "rsa", ownClaims(nil)), unsigned},
		"own token, key the other alone has":    {"Bearer " + es256(head(nil), ownClaims(nil)), unknown},
		"token of the other, own key":           {by(ownKey(), "rsa", payload(nil)), unsigned},
		"token of the other, key we alone have": {by(ownKey(), "own", payload(nil)), unknown},
		"own token for the other's audience":    {by(ownKey(), "own", ownClaims(set{"aud": audience})), notHere + ownAudience},
		"token of the other for our audience":   {by(keys().rsa, "rsa", payload(set{"aud": ownAudience})), notHere + audience},
		"own token expired": {
			by(ownKey(), "own", ownClaims(set{"exp": start.Add(-time.Minute).Unix()})),
			"expired at 2026-05-04T09:59:00Z, it is 2026-05-04T10:00:00Z",
		},
		"own token without expiry": {by(ownKey(), "own", ownClaims(set{"exp": absent})), missing},
		"own token issued later":   {by(ownKey(), "own", ownClaims(set{"iat": start.Add(61 * time.Second).Unix()})), notYet},
		"a voucher for an e-service": {
			by(ownKey(), "own", ownClaims(set{"organizationId": absent, "role": absent, "purposeId": organizationID})),
			"no usable organization id",
		},
		"own token that would name a card issuer": {
			by(ownKey(), "own", ownClaims(set{"organizationId": absent, "sub": tenant, "scope": "d1-api:consumer:full"})),
			"no usable organization id",
		},
		"a third issuer, own key": {by(ownKey(), "own", ownClaims(set{"iss": "https://third.example"})), "wrong issuer"},
		"no issuer, own key":      {by(ownKey(), "own", ownClaims(set{"iss": absent})), missing},
		"both issuers":            {by(ownKey(), "own", ownClaims(set{"iss": []string{ownIssuer, issuer}})), malformed},
	} {
		got, err := f.Authenticate(t.Context(), tc.header)
		if !errors.Is(err, auth.ErrUnauthorized) || err.Error() != "unauthorized: "+tc.reason || got.Subject != "" {
			t.Errorf("%s: got %+v, %v, want %s", name, got, err, tc.reason)
		}
	}
	f.fetched(t, 1) // an own token never makes us ask the other
}

// TestOwnKeysNeedNobody shows that keys that are configured serve on while those
// of the other issuer cannot be had, and as long as the process lives.
func TestOwnKeysNeedNobody(t *testing.T) {
	t.Parallel()
	f := newOwning(t, jwk("own", ownKey().Public(), ""))
	f.jwks.Set(func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") })
	f.cannotTell(t, by(keys().rsa, "rsa", payload(nil)))
	f.clock.Advance(100 * time.Hour)
	later := f.clock.Now().Add(time.Minute).Unix()
	f.accepts(t, by(ownKey(), "own", ownClaims(set{"exp": later})))
}

// TestRotatedOwnKey shows that a key ends with its publication.
func TestRotatedOwnKey(t *testing.T) {
	t.Parallel()
	token := by(ownKey(), "previous", ownClaims(nil))
	newOwning(t, jwk("own", keys().rsa.Public(), ""), jwk("previous", ownKey().Public(), "")).accepts(t, token)
	newOwning(t, jwk("own", keys().rsa.Public(), "")).refuses(t, token)
}

// ownFromEnv reads tokens of the configured issuer and of the deployment, and appends the
// ids of organizations to told.
func ownFromEnv(t *testing.T, told *[]string) *auth.Bearer {
	t.Helper()
	callers := everybody(func(_ context.Context, o interop.Organization) error {
		*told = append(*told, o.ID)
		return nil
	})
	b, err := auth.FromEnv(environment(owning(map[string]string{"SIGN_AUDIENCE": ownAudience})), callers, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFromEnvOwns(t *testing.T) {
	t.Parallel()
	var told []string
	b := ownFromEnv(t, &told)
	later := time.Now().Add(time.Minute).Unix()
	if _, err := b.Authenticate(t.Context(), by(keys().rsa, "rsa", ownClaims(set{"iat": absent, "exp": later}))); err != nil {
		t.Error(err)
	}
	voucher := by(keys().rsa, "rsa", ownClaims(set{"iat": absent, "exp": later, "organizationId": absent, "sub": tenant}))
	if _, err := b.Authenticate(t.Context(), voucher); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a token of no organization: %v", err)
	}
	if len(told) != 1 || told[0] != organizationID {
		t.Errorf("told of %v", told)
	}
}
