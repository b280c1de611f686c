package auth

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
)

const (
	maxTokenBytes = 8 << 10
	maxTenants    = 100
	maxSeconds    = 253402300799 // the last second of the year 9999
)

// Kinds of callers, as Identity.Kind has them.
const (
	kindIssuer       = "issuer"
	kindAggregator   = "aggregator"
	kindOrganization = "organization"
	kindOperator     = "operator"
)

// callerClaims are the claims that say who is calling, those that are ours to name.
var callerClaims = []string{"organizationId", "role", "organization", "externalId", "issuers", "scope", "scp"}

// scopeOperator is the scope of those who run the platform.
const scopeOperator = "operator"

// compact is the form of a JWS in compact serialization (RFC 7515 §7.1).
const compact = `[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`

// HeaderPattern is the form of an Authorization header that can hold a token, anchored,
// in the syntax that Go and Java have in common. API Gateway answers every other header
// itself and starts no function for it. A header with the scheme DPoP is no garbage: the
// authorizer refuses it, and says so in its log.
const HeaderPattern = `^(?i:Bearer|DPoP) ` + compact + `$`

var (
	// The parser would skip line breaks inside base64.
	compactForm = regexp.MustCompile(`^` + compact + `$`)
	tenantForm  = regexp.MustCompile(`^[A-Za-z0-9_-]{10}$`)
	subjectForm = regexp.MustCompile(`^[!-~]{1,128}$`)
	roleForm    = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	// Lower case, in which identifiers are kept.
	organizationForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
)

// IsOrganization tells whether id has the form of an organization's id, a UUID in
// lower case.
func IsOrganization(id string) bool { return organizationForm.MatchString(id) }

// IsName tells whether an organization may have that name.
func IsName(name string) bool { return hasLength(name, 1, 256) }

// IsExternalID tells whether an organization may have that id in a registry outside,
// its origin.
func IsExternalID(origin, value string) bool {
	return hasLength(origin, 3, 64) && hasLength(value, 1, 256)
}

func hasLength(text string, least, most int) bool {
	n := utf8.RuneCountInString(text)
	return least <= n && n <= most
}

// IsTenant tells whether id has the form of an issuer id, as every tenant of a
// token must.
func IsTenant(id string) bool { return tenantForm.MatchString(id) }

// checkForm refuses what is not a JWS in compact form, and what two readers
// could understand differently.
func checkForm(token string) error {
	if len(token) > maxTokenBytes {
		return refuse("too long")
	}
	if !compactForm.MatchString(token) {
		return refuse("malformed")
	}
	for _, part := range strings.Split(token, ".")[:2] {
		raw, ok := jose.DecodeLenient(part)
		if !ok {
			return refuse("malformed")
		}
		if _, ok := jose.ReadObject(raw); !ok {
			return refuse("malformed")
		}
	}
	return nil
}

// identify reads the caller from the claims of a verified token of i, and of an
// organization what the token says about it. The caller is of a kind that i may
// identify.
//
// A token with a cnf claim (RFC 7800 §3.1) is valid only together with a proof that the
// sender holds a key: a DPoP proof or a client certificate. A bearer token comes without
// one, so it is refused (RFC 9449 §7.2, RFC 8705 §3).
func (i Issuer) identify(claims jwt.MapClaims) (id api.Identity, said *api.Organization, err error) {
	if !datesInRange(claims) {
		return api.Identity{}, nil, refuse("date out of range")
	}
	if _, bound := claims["cnf"]; bound {
		return api.Identity{}, nil, refuse("bound to a key by its claim cnf, which a bearer token cannot show")
	}
	claims = i.withoutPrefix(claims)
	_, organization := claims["organizationId"]
	operator := i.Operator.isIn(claims)
	switch {
	case organization || i.Organizations && !i.CardIssuers && !i.Aggregators && !operator:
		id, said, err = identifyOrganization(claims)
	case operator:
		return identifyOperator(claims)
	default:
		id, err = identifyIssuer(claims)
	}
	if err == nil && !i.mayIdentify(id.Kind) {
		return api.Identity{}, nil, refuse("wrong kind of caller for this issuer")
	}
	return id, said, err
}

// withoutPrefix returns claims in which those that say who is calling have their plain
// names. A claim that has its plain name already stays, and an empty text is no claim: a
// user of Amazon Cognito, whose own attributes are all called custom:<name>, keeps the
// attributes that were once set. Registered claims (RFC 7519 §4.1) and cnf have no prefix.
func (i Issuer) withoutPrefix(claims jwt.MapClaims) jwt.MapClaims {
	if i.ClaimPrefix == "" {
		return claims
	}
	plain := maps.Clone(claims)
	for _, name := range append([]string{i.Operator.Name}, callerClaims...) {
		value, found := claims[i.ClaimPrefix+name]
		if _, taken := claims[name]; found && !taken && value != "" && name != "" {
			plain[name] = value
		}
	}
	return plain
}

// mayIdentify tells whether tokens of i may identify callers of that kind.
func (i Issuer) mayIdentify(kind string) bool {
	switch kind {
	case kindOrganization:
		return i.Organizations
	case kindIssuer:
		return i.CardIssuers
	case kindAggregator:
		return i.Aggregators
	}
	return false
}

// isIn tells whether claims have c: as a text, in an array of texts, or as a word of
// the scope, which is a list by definition (RFC 8693 §4.2).
func (c Claim) isIn(claims jwt.MapClaims) bool {
	if c == (Claim{}) {
		return false
	}
	switch value := claims[c.Name].(type) {
	case string:
		isScope := c.Name == "scope" || c.Name == "scp"
		return value == c.Value || isScope && slices.Contains(strings.Fields(value), c.Value)
	case []any:
		return slices.Contains(value, any(c.Value))
	}
	return false
}

// identifyOperator reads the caller from the claims of a token of the platform's
// operator, who owns no issuer's paths.
func identifyOperator(claims jwt.MapClaims) (api.Identity, *api.Organization, error) {
	subject, _ := claims["sub"].(string)
	if !subjectForm.MatchString(subject) {
		return api.Identity{}, nil, refuse("no usable subject")
	}
	if _, ok := claims["issuers"]; ok {
		return api.Identity{}, nil, refuse("an operator with issuers")
	}
	return api.Identity{Subject: subject, Scopes: []string{scopeOperator}, Kind: kindOperator}, nil, nil
}

// identifyIssuer reads the caller from the claims of an issuer's or an aggregator's
// token.
func identifyIssuer(claims jwt.MapClaims) (api.Identity, error) {
	id := api.Identity{Kind: kindIssuer}
	id.Subject, _ = claims["sub"].(string)
	if !subjectForm.MatchString(id.Subject) {
		return api.Identity{}, refuse("no usable subject")
	}
	id.Tenants = []string{id.Subject}
	if list, ok := claims["issuers"]; ok {
		id.Kind = kindAggregator
		if id.Tenants, ok = words(list); !ok {
			return api.Identity{}, refuse("malformed issuers")
		}
	}
	if !areTenants(id.Tenants) {
		return api.Identity{}, refuse("no usable issuer ids")
	}
	scope, ok := claims["scope"]
	if !ok {
		scope, ok = claims["scp"]
	}
	if ok {
		if id.Scopes, ok = words(scope); !ok {
			return api.Identity{}, refuse("malformed scope")
		}
	}
	return id, nil
}

// identifyOrganization reads the caller from the claims of a PDND token, which
// names an organization and the role of its client, and may have its name and its
// external id.
func identifyOrganization(claims jwt.MapClaims) (api.Identity, *api.Organization, error) {
	said := &api.Organization{}
	claimed, _ := claims["organizationId"].(string)
	said.ID = strings.ToLower(claimed) // one organization, in whatever case a token names it
	if !IsOrganization(said.ID) {
		return api.Identity{}, nil, refuse("no usable organization id")
	}
	role, _ := claims["role"].(string)
	if !roleForm.MatchString(role) {
		return api.Identity{}, nil, refuse("no usable role")
	}
	if claim, ok := claims["organization"]; ok {
		if said.Name = member(claim, "name"); !IsName(said.Name) {
			return api.Identity{}, nil, refuse("no usable organization name")
		}
	}
	if claim, ok := claims["externalId"]; ok {
		if said.Origin, said.Value = member(claim, "origin"), member(claim, "value"); !IsExternalID(said.Origin, said.Value) {
			return api.Identity{}, nil, refuse("no usable external id")
		}
	}
	return api.Identity{Subject: said.ID, Scopes: []string{role}, Kind: kindOrganization}, said, nil
}

// member is a text in a claim that is an object, "" when it is not there.
func member(claim any, name string) string {
	object, _ := claim.(map[string]any)
	text, _ := object[name].(string)
	return text
}

// datesInRange refuses dates so far away that the conversion to time.Time
// overflows, which would make the far future the past.
func datesInRange(claims jwt.MapClaims) bool {
	for _, name := range []string{"exp", "nbf", "iat"} {
		if v, ok := claims[name]; ok {
			if seconds, ok := v.(float64); !ok || seconds < 0 || seconds > maxSeconds {
				return false
			}
		}
	}
	return true
}

func areTenants(ids []string) bool {
	for _, id := range ids {
		if !IsTenant(id) {
			return false
		}
	}
	return len(ids) > 0 && len(ids) <= maxTenants
}

// words reads a claim that is a space separated string or an array of words.
// A space inside an element would later pass for a separator.
func words(claim any) ([]string, bool) {
	if s, ok := claim.(string); ok {
		return strings.Fields(s), true
	}
	list, ok := claim.([]any)
	if !ok {
		return nil, false
	}
	out := make([]string, len(list))
	for i, e := range list {
		s, _ := e.(string)
		if f := strings.Fields(s); len(f) != 1 || f[0] != s {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}
