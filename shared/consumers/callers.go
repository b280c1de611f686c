package consumers

import (
	"slices"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/form"
)

// Kinds of callers of the product, as an Identity names them.
const (
	// KindIssuer is a card issuer's back end, which uses the paths of that issuer.
	KindIssuer = "issuer"
	// KindAggregator acts for several card issuers.
	KindAggregator = "aggregator"
	// KindOperator is the platform's operator.
	KindOperator = "operator"
)

// Names of the claims of a card issuer's token.
const (
	ClaimIssuers = "issuers" // the card issuers that an aggregator acts for
	claimScope   = "scope"
	claimScp     = "scp" // the same, as some issuers call it
	claimSubject = "sub"
)

const (
	wordIssuers     = "card-issuers" // in the setting CALLERS
	settingAudience = "AUDIENCE"
	maxIssuers      = 100 // of an aggregator

	// tokenPath follows the URL of the deployment in the iss of the tokens that it
	// issues to card issuers.
	tokenPath = "/oauth2"
)

// IsIssuer tells whether id has the form of a card issuer's id: 10 of A-Z a-z 0-9 _ -.
func IsIssuer(id string) bool { return form.Is(id, 10, 10, form.Base64URL) }

// TokenIssuer returns the iss of the tokens that the deployment at a URL issues to card
// issuers.
func TokenIssuer(deployment string) string { return deployment + tokenPath }

// Callers are the callers of the product: the platform's operator, aggregators, and card
// issuers.
func Callers() claims.Callers {
	return claims.Callers{
		Kinds: []claims.Kind{
			{Name: KindOperator, Claims: []string{ClaimIssuers}, Identify: identifyOperator},
			{
				Name: KindAggregator, Word: wordIssuers, Claims: []string{ClaimIssuers, claimScope, claimScp},
				Marks: func(s claims.Set) bool { return s.Has(ClaimIssuers) }, Identify: identifyAggregator,
			},
			{Name: KindIssuer, Word: wordIssuers, Claims: []string{claimScope, claimScp}, Identify: identifyIssuer},
		},
		Own: []claims.Own{{Path: tokenPath, Audience: settingAudience, Kind: KindIssuer}},
	}
}

// identifyOperator reads the claims of a token of the platform's operator, who acts for no
// card issuer.
func identifyOperator(s claims.Set) (api.Identity, error) {
	id := api.Identity{Subject: s.Text(claimSubject), Scopes: []string{RoleOperator}, Kind: KindOperator}
	if !form.IsVisible(id.Subject, 1, 128) {
		return id, claims.Refuse("no usable subject")
	}
	if s.Has(ClaimIssuers) {
		return id, claims.Refuse("an operator with issuers")
	}
	return id, nil
}

func identifyIssuer(s claims.Set) (api.Identity, error) {
	subject := s.Text(claimSubject)
	return identify(s, api.Identity{Subject: subject, Tenants: []string{subject}, Kind: KindIssuer})
}

func identifyAggregator(s claims.Set) (api.Identity, error) {
	issuers, ok := s.Words(ClaimIssuers)
	if !ok {
		return api.Identity{}, claims.Refuse("malformed issuers")
	}
	return identify(s, api.Identity{Subject: s.Text(claimSubject), Tenants: issuers, Kind: KindAggregator})
}

// identify checks subject and card issuers of id, and adds the scopes of the token.
func identify(s claims.Set, id api.Identity) (api.Identity, error) {
	if !form.IsVisible(id.Subject, 1, 128) {
		return api.Identity{}, claims.Refuse("no usable subject")
	}
	isNone := func(issuer string) bool { return !IsIssuer(issuer) }
	if len(id.Tenants) == 0 || len(id.Tenants) > maxIssuers || slices.ContainsFunc(id.Tenants, isNone) {
		return api.Identity{}, claims.Refuse("no usable issuer ids")
	}
	name := claimScope
	if !s.Has(name) {
		name = claimScp
	}
	if s.Has(name) {
		var ok bool
		if id.Scopes, ok = s.Words(name); !ok {
			return api.Identity{}, claims.Refuse("malformed scope")
		}
	}
	return id, nil
}
