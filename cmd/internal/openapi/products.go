package openapi

import (
	"slices"
	"strings"

	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/services"
)

// product is what the document of a product says beside its operations.
type product struct {
	title, description string
	tags               []tag // in the order in which readers see them
	of                 *api.Product
	// schemes are ways to authenticate besides that of the product.
	schemes object
	// bases are the published base paths by what the paths of operations begin with, of a
	// product without editions; the first is that of the product.
	bases []base
}

type (
	tag  struct{ name, description string }
	base struct{ below, path string }
)

const everyProduct = "Every change is one conditional transaction, and a refusal says what is allowed. " +
	"Refusals are problem documents (RFC 9457); requests of the same use case may share an X-Correlation-Id."

var products = map[string]product{
	consumers.Product.Name: {
		of:    consumers.Product,
		title: "Ciclo consumers",
		bases: []base{{"/issuers/", "/banking/v1"}, {"/oauth2/", "/authz/v1"}},
		description: "The end users of a card issuer with their accounts, cards and digital cards, as Thales D1 v1 publishes them: " +
			"registered, read, deleted with everything under them, and the operations on them for three months.\n\n" + everyProduct,
		tags: []tag{
			{"Consumers", "End users of an issuer: registered, read, and deleted with their accounts and cards."},
			{"Accounts", "Accounts of consumers."},
			{"Cards", "Cards and digital cards of consumers."},
			{"Consumer operations", "What was done to consumers, newest first, for three calendar months."},
			{"Access tokens", "Tokens for issuers, the keys that issuers ask for them with, and the keys that verify them."},
			{"Platform", "For the platform's operator: the purge of operations, and what workers gave up on."},
		},
	},
	services.Product.Name: {
		of:    services.Product,
		title: "Ciclo services",
		description: "The services of public bodies in the IO app, as App IO's manage API publishes them: " +
			"written as a draft, reviewed, published, hidden, deleted.\n\n" + everyProduct,
		tags: []tag{
			{"Services", "Drafts and approved copies of services, and their history."},
			{"Review", "Requests for publication, their checks, and the decisions of reviewers."},
			{"Publication", "The copy of a service that citizens see."},
			{"Logo and keys", "The logo of a service, and the keys with which it sends messages."},
			{"Subscriptions", "For the platform's operator: who has manage keys."},
		},
	},
	interop.Product.Name: {
		of:    interop.Product,
		title: "Ciclo interop",
		description: "E-services, agreements, purposes, clients and vouchers, as PDND Interoperabilità publishes them (M2M gateway). " +
			"Operations, parameters and members that the published contract lacks are extensions: under /v3 and /v2 answers have their " +
			"members when the request says `Prefer: ciclo-extensions`.\n\n" + everyProduct,
		tags: []tag{
			{"E-services", "What producers offer."},
			{"Descriptors", "Versions of e-services, with audience, quotas and state."},
			{"Attributes required by a descriptor", "What consumers have to own, by groups of which they need one each."},
			{"Attributes", "The registry of certified, declared and verified attributes."},
			{"Tenants", "Organizations and the attributes that they own."},
			{"Users", "Users of an organization."},
			{"Agreements", "Requests of consumers to use an e-service, and what producers decide."},
			{"Purposes", "Why and how often consumers call an e-service, in versions, with the load that is planned."},
			{"Clients", "Software of consumers, its keys and its purposes."},
			{"Vouchers", "Tokens for clients, and the keys that verify them."},
			{"Status", "Whether the API is there."},
			{"Platform", "For the platform's operator: the ledger of planned calls, and what workers gave up on."},
		},
		schemes: object{
			dpop: object{
				"type": "http", "scheme": "DPoP",
				"description": "An access token that is bound to a key by its claim cnf (RFC 9449): Authorization: DPoP <token>.",
			},
			proof: object{
				"type": "apiKey", "in": "header", "name": "DPoP",
				"description": "A proof of that key for this request (RFC 9449 §4). It comes with a token of the scheme DPoP.",
			},
		},
	},
}

// The schemes of a token that is bound to a key, by their published names.
const (
	dpop  = "DPoPAuth"
	proof = "DPoPProofHeader"
)

// security lists the ways to authenticate for an operation, none for a public one. A list
// that is not there would mean those of the whole document.
func (p product) security(spec api.Spec) []object {
	switch {
	case spec.Public:
		return []object{}
	case p.schemes[dpop] == nil:
		return []object{{spec.Product.Scheme.Name: []string{}}}
	}
	return []object{{dpop: []string{}, proof: []string{}}, {spec.Product.Scheme.Name: []string{}}}
}

// servers lists where the product is, the published edition first.
func (p product) servers(address string) []object {
	editions := p.of.Editions
	if len(p.bases) > 0 {
		editions = p.bases[0].editions()
	}
	return serversOf(editions, address)
}

// serversOf lists where an operation is, nil where the whole product is.
func (p product) serversOf(spec api.Spec, address string) []object {
	if len(p.bases) > 0 {
		return p.serversBelow(spec.Path, address)
	}
	if len(spec.Without) == 0 && len(spec.Product.Editions) == len(p.of.Editions) {
		return nil
	}
	return serversOf(slices.DeleteFunc(slices.Clone(spec.Product.Editions), func(e api.Edition) bool {
		return slices.Contains(spec.Without, e.Name)
	}), address)
}

// serversBelow is serversOf for a product with published base paths.
func (p product) serversBelow(path, address string) []object {
	for i, b := range p.bases {
		if strings.HasPrefix(path, b.below) {
			if i == 0 {
				return nil
			}
			return serversOf(b.editions(), address)
		}
	}
	return serversOf(nil, address)
}

// editions are those of a product that is below a base path and at the plain paths.
func (b base) editions() []api.Edition { return []api.Edition{{Base: b.path}, {}} }

func serversOf(editions []api.Edition, address string) []object {
	var servers []object
	for _, e := range editions {
		url := address + e.Base
		if url == "" {
			url = "/"
		}
		servers = append(servers, object{"url": url, "description": describe(e)})
	}
	if servers == nil {
		return serversOf([]api.Edition{{}}, address)
	}
	return servers
}

// describe says what an edition is for.
func describe(e api.Edition) string {
	switch {
	case e.Closed && e.Signed:
		return "As the API " + e.Name + " is published: answers are signed and have the published members alone."
	case e.Closed:
		return "As the API " + e.Name + " is published: answers have the published members alone."
	case e.Signed:
		return "With the extensions, and with defaults where the published API requires a parameter."
	case e.Base != "":
		return "At the base path that is published."
	default:
		return "The sandbox; a deployment has an address of its own."
	}
}
