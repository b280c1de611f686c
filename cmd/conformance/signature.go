package main

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/jose"
)

// signatures checks the headers by which an answer can be proven.
type signatures struct {
	keys map[string]*rsa.PublicKey // by kid
}

// check checks Digest and Agid-JWT-Signature, where they are sent and declared, against
// the body, the headers and the published keys.
func (s *signatures) check(ctx context.Context, w *world, o *operation, a answer) []finding {
	declared := o.response(a.status)
	if declared == nil || declared.Headers["Digest"] == nil {
		return nil
	}
	digest, token := a.header.Get("Digest"), a.header.Get("Agid-JWT-Signature")
	var found []finding
	sum := sha256.Sum256(a.raw)
	if want := "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:]); digest != "" && digest != want {
		found = append(found, finding{"header Digest", "is not that of the body"})
	}
	if token == "" {
		return found
	}
	if s.keys == nil {
		if err := s.fetch(ctx, w); err != nil {
			return append(found, finding{"header Agid-JWT-Signature", err.Error()})
		}
	}
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		key := s.keys[kid]
		if key == nil {
			return nil, errors.New("its key is not published")
		}
		return key, nil
	}, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		return append(found, finding{"header Agid-JWT-Signature", err.Error()})
	}
	signed, _ := claims["signed_headers"].([]any)
	for _, one := range signed {
		header, _ := one.(object)
		for name, value := range header {
			if got := a.header.Get(name); got != value {
				found = append(found, finding{"header Agid-JWT-Signature", "it signs another " + name})
			}
		}
	}
	if len(signed) < len([]string{"digest", "x-correlation-id"}) {
		found = append(found, finding{"header Agid-JWT-Signature", "it signs too few headers"})
	}
	return found
}

// fetch reads the published keys.
func (s *signatures) fetch(ctx context.Context, w *world) error {
	text, err := w.text(ctx, "/.well-known/jwks.json")
	if err != nil {
		return errors.New("the published keys cannot be read")
	}
	var set struct {
		Keys []jose.JWK `json:"keys"`
	}
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&set); err != nil {
		return errors.New("the published keys cannot be read")
	}
	s.keys = map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		if key, ok := k.Public().(*rsa.PublicKey); ok {
			s.keys[k.ID] = key
		}
	}
	return nil
}
