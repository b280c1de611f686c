package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// interopDoor are the credentials that the interop product refuses.
var interopDoor = append([]intruder{
	{name: "no credential", by: nobody},
	{name: "another scheme", by: with("Authorization", "Basic dXNlcjpwYXNzd29yZA==")},
	{name: "a scheme without a token", by: with("Authorization", "Bearer")},
	{name: "a token that is none", by: with("Authorization", "Bearer x")},
	{name: "a token that nobody signed", by: with("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl")},
	{name: "DPoP without a proof", by: func(p *crowd, _ call) *caller {
		return &caller{name: "DPoP", authorize: header("Authorization", "DPoP "+p.token)}
	}},
	{name: "DPoP with a token that is bound to no key", by: func(p *crowd, _ call) *caller {
		return &caller{name: "DPoP", authorize: func(r *http.Request) error {
			r.Header.Set("Authorization", "DPoP "+p.token)
			r.Header.Set("DPoP", "x.y.z")
			return nil
		}}
	}},
	{name: "an API client without its admin", by: func(p *crowd, _ call) *caller { return p.orphan }},
	{name: "a deleted API client", by: func(p *crowd, _ call) *caller { return p.gone }},
	{name: "a role that may only read", reads: true, by: func(p *crowd, sample call) *caller {
		if sample.by == nil {
			return nil
		}
		return p.readers[sample.by.id]
	}},
}, proofDoor...)

// proofDoor are proofs that are refused, each with a token that they could go with.
var proofDoor = []intruder{
	{name: "a bound token as bearer", proves: true, by: boundly(func(c *apiClient, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+c.token)
		r.Header.Del("DPoP")
		return nil
	})},
	{name: "a proof that is none", proves: true, by: boundly(func(_ *apiClient, r *http.Request) error {
		r.Header.Set("DPoP", "x.y.z")
		return nil
	})},
	{name: "two proofs", proves: true, by: boundly(func(_ *apiClient, r *http.Request) error {
		r.Header.Add("DPoP", r.Header.Get("DPoP"))
		return nil
	})},
	{name: "a proof by another key", proves: true, by: boundly(func(c *apiClient, r *http.Request) error {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return err
		}
		proof, err := prove(key, r.Method, address(r), c.token)
		r.Header.Set("DPoP", proof)
		return err
	})},
	{name: "a proof with a broken signature", proves: true, by: boundly(func(_ *apiClient, r *http.Request) error {
		input, signature, _ := strings.Cut(strings.Replace(r.Header.Get("DPoP"), ".", " ", 1), ".")
		r.Header.Set("DPoP", strings.Replace(input, " ", ".", 1)+"."+strings.Repeat("A", len(signature)))
		return nil
	})},
	{name: "a proof of an hour ago", proves: true, by: claiming("iat", time.Now().Add(-time.Hour).Unix())},
	{name: "a proof of tomorrow", proves: true, by: claiming("iat", time.Now().Add(24*time.Hour).Unix())},
	{name: "a proof for another method", proves: true, by: claiming("htm", http.MethodTrace)},
	{name: "a proof for another address", proves: true, by: claiming("htu", "https://api.example.it/v3/agreements")},
	{name: "a proof for another token", proves: true, by: claiming("ath", strings.Repeat("A", 43))},
	{name: "a proof for no token", proves: true, by: claiming("ath", nil)},
	{name: "a proof with more claims", proves: true, by: claiming("nonce", "x")},
	{name: "a proof that was used", proves: true, by: used},
}

// boundly is the consumer's API client, whose request is changed.
func boundly(change func(*apiClient, *http.Request) error) func(*crowd, call) *caller {
	return func(p *crowd, _ call) *caller {
		return &caller{name: "API client", authorize: func(r *http.Request) error {
			if err := p.bound.authorize(r); err != nil {
				return err
			}
			return change(p.bound, r)
		}}
	}
}

// claiming sets a claim of the proof; nil leaves it out.
func claiming(name string, value any) func(*crowd, call) *caller {
	return func(p *crowd, _ call) *caller {
		return &caller{name: "API client", authorize: func(r *http.Request) error {
			return p.bound.authorizeWith(r, func(claims jwt.MapClaims) {
				if claims[name] = value; value == nil {
					delete(claims, name)
				}
			})
		}}
	}
}

// used uses a proof up and sends it again.
func used(p *crowd, _ call) *caller {
	return &caller{name: "API client", authorize: func(r *http.Request) error {
		if err := p.bound.authorize(r); err != nil {
			return err
		}
		first := r.Clone(r.Context())
		first.Body, first.ContentLength = http.NoBody, 0
		res, err := p.bound.world.client.Do(first)
		if err != nil {
			return err
		}
		return res.Body.Close()
	}}
}
