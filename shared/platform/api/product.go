package api

import (
	"context"
	"log/slog"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/problem"
)

// Product is what the operations of one product have in common.
type Product struct {
	*problem.Product // its error responses

	// Base is what the paths of its operations begin with, "" for nothing in
	// common. What has no route is answered as the product with the longest
	// matching Base does.
	Base   string
	Scheme Scheme
	// Enter refuses a caller before the request is read; nil refuses no caller.
	Enter func(Spec, Identity) *problem.Problem
	// Pass refuses a caller whose request is valid; in is the operation's input.
	// nil refuses no caller.
	Pass func(ctx context.Context, s Spec, id Identity, in any) *problem.Problem
	// Lists makes a repeated query parameter one list, as commas do, and an empty
	// one none; offset and limit are never lists. Parameters are known by their names
	// in any case, and with the brackets of a list behind them: states[].
	Lists bool
	// AnyMedia reads every body as JSON and ignores its Content-Type, except for a
	// charset other than UTF-8.
	AnyMedia bool
	// Numbers takes whole numbers in a query in any notation of JSON, for contracts
	// that declare them as numbers and not as integers.
	Numbers bool
	// Editions are the editions of the API; none for one without differences.
	Editions []Edition
	// Refusals are the codes with which an authorizer of the product may refuse a
	// request, besides Unauthorized.
	Refusals []problem.Code
	// StrictCorrelation refuses a correlation id that is not of the published form;
	// otherwise it is replaced by a new one.
	StrictCorrelation bool
	// Integrity makes what signs its answers, of DB, Sealer, Now and Setting; nil where no
	// answer is signed.
	Integrity func(Deps) Integrity
}

// Has reports whether a path is below the product's Base.
func (p *Product) Has(path string) bool {
	rest, below := strings.CutPrefix(path, p.Base)
	return below && (p.Base == "" || rest == "" || rest[0] == '/')
}

// Scheme is how a caller authenticates.
type Scheme struct {
	Name      string // in the OpenAPI document
	Challenge string // WWW-Authenticate of a 401 where no credential was sent
	Refused   string // the same where a token was sent and refused
	Hint      string // what the caller of a 401 should send
	document  huma.SecurityScheme
}

// Bearer is a JWT in the Authorization header.
var Bearer = Scheme{
	Name: "bearer", Challenge: "Bearer", Refused: `Bearer error="invalid_token"`,
	Hint: "Send a valid access token as Authorization: Bearer <token>.",
	document: huma.SecurityScheme{
		Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "A JWT signed with RS256 or ES256 by the configured issuer.",
	},
}

// Hinting returns the scheme with another hint.
func (s Scheme) Hinting(hint string) Scheme {
	s.Hint = hint
	return s
}

// KeyHeader carries the key of a subscription.
const KeyHeader = "Ocp-Apim-Subscription-Key"

// SubscriptionKey is a key in a header of its own.
var SubscriptionKey = Scheme{
	Name: "subscriptionKey", Challenge: "Subscription-Key", Hint: "Send a valid key as " + KeyHeader + ".",
	document: huma.SecurityScheme{
		Type: "apiKey", In: "header", Name: KeyHeader, Description: "The primary or secondary key of a subscription.",
	},
}

// Tenanted is an input that belongs to one tenant. No other caller may send it.
type Tenanted interface{ Tenant() string }

// ByTenant is a Product's Pass: the caller must own the input's tenant, and have
// one of the operation's scopes.
func ByTenant(ctx context.Context, s Spec, id Identity, in any) *problem.Problem {
	if t, ok := in.(Tenanted); ok {
		Annotate(ctx, slog.String("tenant", t.Tenant()))
		if !id.Owns(t.Tenant()) {
			return problem.New(s.Product.Forbidden, "The access token was not issued to the owner of this path.")
		}
	}
	if !id.HasScope(s.Scopes...) {
		return problem.New(s.Product.Forbidden, "The access token lacks a scope: one of %s is needed.", strings.Join(s.Scopes, ", "))
	}
	return nil
}
