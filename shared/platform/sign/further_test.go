package sign_test

import (
	"context"
	"errors"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
)

// TestFurtherKeys checks an authorizer whose issuer has keys in a table besides that of KMS: it
// accepts tokens of both, asks neither for the other's, and does not take a failure for a wrong
// token. Tokens of card issuers are signed by KMS alone.
func TestFurtherKeys(t *testing.T) {
	t.Parallel()
	d := deploy(t, "")
	stored, failed := public(t, 1).JWKS(), error(nil)
	read := 0
	callers := interop.Callers(nil).WithKeys(func(context.Context) ([]byte, error) {
		read++
		return stored, failed
	}).And(consumers.Callers())
	open := func() *auth.Bearer {
		t.Helper()
		b, err := auth.FromEnv(d.getenv, callers, kms.JWKS)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	inMemory, ofKMS := sign.New(by(1), public(t, 1)), sign.New(by(0), public(t, 0))
	b := open()
	for range 3 {
		if _, err := b.Authenticate(t.Context(), "Bearer "+signed(t, inMemory, m2m())); err != nil {
			t.Errorf("a token of the key in the table: %v", err)
		}
	}
	if read != 1 || d.kms.Requests() != 0 {
		t.Errorf("the table is read %d times, KMS asked %d times", read, d.kms.Requests())
	}
	if _, err := b.Authenticate(t.Context(), "Bearer "+signed(t, ofKMS, m2m())); err != nil {
		t.Errorf("a token of KMS: %v", err)
	}
	if _, err := b.Authenticate(t.Context(), d1(t, inMemory)); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a card issuer's token of the key in the table: %v", err)
	}
	token := signed(t, sign.New(by(2), public(t, 2)), m2m())
	if _, err := b.Authenticate(t.Context(), "Bearer "+token); !errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a token of another key: %v", err)
	}
	stored, failed = nil, errors.New("the table is down")
	b = open()
	if _, err := b.Authenticate(t.Context(), "Bearer "+signed(t, ofKMS, m2m())); err != nil {
		t.Errorf("a token of KMS while the table is down: %v", err)
	}
	if _, err := b.Authenticate(t.Context(), "Bearer "+signed(t, inMemory, m2m())); err == nil || errors.Is(err, auth.ErrUnauthorized) {
		t.Errorf("a token of the key in the table while it is down: %v", err)
	}
}
