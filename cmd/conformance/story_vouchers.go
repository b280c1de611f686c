package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
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

// voucherStories are told in this order.
var voucherStories = []story{
	{"the status", (*scene).tellStatus},
	{"vouchers", (*scene).tellVouchers},
}

const tokenPath = "/token.oauth2" //nolint:gosec // a path

// holder is a client that asks for vouchers.
type holder struct {
	id, purpose string
	key         *rsa.PrivateKey
}

// holder makes a client with a key that is linked to an active purpose.
func (s *scene) holder() holder {
	purpose := strings.TrimPrefix(s.plan(s.agreed(), 100), "/purposes/")
	id := s.create(s.consumer, "/clients", clientSeed(s.consumer))
	seed, key := s.keySeed()
	s.post(s.consumer, "/clients/"+id+"/keys", seed)
	s.post(s.consumer, "/clients/"+id+"/purposes", object{"purposeId": purpose})
	return holder{id: id, purpose: purpose, key: key}
}

// form is the request of a client, with changes to the assertion's claims.
func (s *scene) form(h holder, changes ...func(claims jwt.MapClaims)) url.Values {
	if s.err != nil {
		return url.Values{}
	}
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": h.id, "sub": h.id, "aud": s.url, "jti": uuid.NewString(), "purposeId": h.purpose,
		"iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
	for _, change := range changes {
		change(claims)
	}
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = jose.Thumbprint(h.key.Public())
	signed, err := t.SignedString(h.key)
	s.err = err
	return url.Values{
		"client_id": {h.id}, "client_assertion": {signed}, "client_assertion_type": {assertion.Type}, "grant_type": {assertion.Grant},
	}
}

// ask sends a request for a voucher.
func (s *scene) ask(want int, form url.Values, proofs ...string) {
	if s.err != nil {
		return
	}
	c := call{method: http.MethodPost, path: tokenPath, body: []byte(form.Encode()), header: http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"},
	}}
	if len(proofs) > 0 {
		c.header["DPoP"] = proofs
	}
	a, err := s.send(s.ctx, c)
	s.err = err
	if err == nil && a.status != want {
		s.report.blame(s.contract.find(c.method, c.path), a, []finding{{"story", fmt.Sprintf("is answered with %d, want %d", a.status, want)}})
	}
}

// tellVouchers asks for vouchers in every way.
func (s *scene) tellVouchers() {
	h := s.holder()
	s.ask(http.StatusOK, s.form(h))
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.err = err
		return
	}
	proof, err := prove(key, http.MethodPost, s.url+tokenPath, "")
	if err != nil {
		s.err = err
		return
	}
	s.ask(http.StatusOK, s.form(h), proof)
	s.ask(http.StatusBadRequest, s.form(h), proof) // once
	s.ask(http.StatusBadRequest, s.form(h), "x.y.z")
	s.ask(http.StatusBadRequest, s.form(h), proof, proof)
	for _, name := range []string{"client_id", "client_assertion", "client_assertion_type", "grant_type"} {
		without, empty, wrong := s.form(h), s.form(h), s.form(h)
		without.Del(name)
		empty.Set(name, "")
		wrong.Set(name, "something")
		want := http.StatusBadRequest
		if name == "client_id" { // it is optional, and one without a value is none (RFC 6749 §3.2)
			want = http.StatusOK
		}
		s.ask(want, without)
		s.ask(want, empty)
		s.ask(http.StatusBadRequest, wrong)
	}
	for _, name := range []string{"iss", "sub", "aud", "jti", "purposeId", "iat", "exp"} {
		s.ask(http.StatusBadRequest, s.form(h, func(claims jwt.MapClaims) { delete(claims, name) }))
		s.ask(http.StatusBadRequest, s.form(h, func(claims jwt.MapClaims) { claims[name] = []int{1} }))
	}
	other := h
	if other.key, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
		s.err = err
		return
	}
	s.ask(http.StatusBadRequest, s.form(other))
	s.post(s.producer, "/purposes/"+h.purpose+"/suspend", nil)
	s.ask(http.StatusBadRequest, s.form(h))
}
