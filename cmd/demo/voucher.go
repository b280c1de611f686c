package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

// enroll makes a client with a key, links it to the purpose and gets a voucher.
func (s *story) enroll(ctx context.Context) error {
	id, err := s.consumer.id(ctx, "/clients", `{"name":"Portal of the municipality","members":[]}`)
	if err != nil {
		return err
	}
	s.client = "/clients/" + id
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		return err
	}
	public, err := jose.PublicPEM(s.key.Public())
	if err != nil {
		return err
	}
	key := fmt.Sprintf(`{"key":%q,"use":"SIG","alg":"RS256","name":"Key of the portal"}`, base64.StdEncoding.EncodeToString(public))
	if _, err := s.consumer.call(ctx, http.MethodPost, s.client+"/keys", key); err != nil {
		return err
	}
	if err := s.voucher(ctx, "3. A client of the consumer, with a key, asks for a voucher:"); err != nil {
		return err
	}
	link := fmt.Sprintf(`{"purposeId":%q}`, strings.TrimPrefix(s.purpose, "/purposes/"))
	if _, err := s.consumer.call(ctx, http.MethodPost, s.client+"/purposes", link); err != nil {
		return err
	}
	return s.voucher(ctx, "   Linked to the purpose:")
}

// form is a request for a voucher.
func (s *story) form(ctx context.Context) (string, error) {
	clock, err := s.call(ctx, http.MethodGet, "/_local/clock", "")
	if err != nil {
		return "", err
	}
	now, err := time.Parse(time.RFC3339, fmt.Sprint(clock["now"]))
	if err != nil {
		return "", err
	}
	metadata, err := s.call(ctx, http.MethodGet, "/.well-known/oauth-authorization-server", "")
	if err != nil {
		return "", err
	}
	id := strings.TrimPrefix(s.client, "/clients/")
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": id, "sub": id, "aud": metadata["issuer"], "jti": uuid.NewString(), "purposeId": strings.TrimPrefix(s.purpose, "/purposes/"),
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	})
	t.Header["kid"] = jose.Thumbprint(s.key.Public())
	signed, err := t.SignedString(s.key)
	return url.Values{
		"client_id": {id}, "client_assertion": {signed}, "client_assertion_type": {assertion.Type}, "grant_type": {assertion.Grant},
	}.Encode(), err
}

// voucher asks for a voucher and says what came of it.
func (s *story) voucher(ctx context.Context, when string) error {
	form, err := s.form(ctx)
	if err != nil {
		return err
	}
	res, err := s.consumer.post(ctx, "/token.oauth2", form)
	if err != nil {
		return err
	}
	if res.status == http.StatusOK {
		s.say("%s a %v voucher for %v seconds.", when, res.body["token_type"], res.body["expires_in"])
		return nil
	}
	s.say("%s %d,", when, res.status)
	all, _ := res.body["errors"].([]any)
	for _, one := range all {
		entry, _ := one.(object)
		s.say("   %v: %v", entry["code"], entry["detail"])
	}
	return nil
}

// examine has the debug tool look at a request.
func (s *story) examine(ctx context.Context) error {
	form, err := s.form(ctx)
	if err != nil {
		return err
	}
	res, err := s.consumer.post(ctx, "/tools/validateTokenGeneration", form)
	if err != nil {
		return err
	}
	steps := of(res.body, "steps")
	s.say("   The debug tool says the same: signature %v, link %v, states %v.", of(steps, "clientAssertionSignatureVerification")["result"],
		of(steps, "purposeLinkedToClient")["result"], of(steps, "platformStatesVerification")["result"])
	return nil
}

// events lists what became of the client's requests.
func (s *story) events(ctx context.Context) error {
	page, err := s.consumer.call(ctx, http.MethodGet, s.client+"/tokenEvents", "")
	if err != nil {
		return err
	}
	all, _ := page["results"].([]any)
	var said []string
	for _, one := range all {
		e, _ := one.(object)
		what := fmt.Sprint(e["decision"])
		if reasons, ok := e["reasons"].([]any); ok {
			what += fmt.Sprint(" ", reasons)
		}
		said = append(said, what)
	}
	s.say("   The client's log of vouchers, newest first: %s.", strings.Join(said, ", "))
	return nil
}
