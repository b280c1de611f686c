package sample

// consumersExamples are the examples of the consumers product, by operation.
var consumersExamples = map[string]Example{
	"account/register": {Path: []string{issuerID, "account-1"}, Body: `{"consumerId":"` + consumerOne + `","state":"ACTIVE"}`},

	"card/get": {Path: []string{issuerID, "card-1"}},

	"consumer/delete": {
		Path: []string{issuerID, consumerOne},
		Body: `{"reason":"customer was contacted on June 28","reasonCode":"USER_DECISION"}`,
	},
	"cascade/count-dead-letters": {},

	"consumer/get":           {Path: []string{issuerID, consumerOne}},
	"consumer/list-accounts": {Path: []string{issuerID, consumerOne}, Query: "offset=0&limit=10"},
	"consumer/list-cards":    {Path: []string{issuerID, consumerOne}, Query: "offset=0&limit=10"},
	"consumer/register-cards": {
		Path: []string{issuerID, consumerOne},
		Body: `{"cards":[{"cardId":"card-2","accountId":"account-1","cardProductId":"product-1","state":"ACTIVE"}]}`,
	},
	"consumer/register": {Path: []string{issuerID, consumerOne}},

	"digitalcard/register": {Path: []string{issuerID, "card-1", "digital-card-1"}},

	"issuer/delete-key": {Path: []string{issuerID, kidToDelete}},
	"issuer/jwks":       {},
	"issuer/list-keys":  {Path: []string{issuerID}, Query: "limit=10"},
	"issuer/metadata":   {},
	"issuer/register-key": {
		Path: []string{issuerID, "key-3"},
		Body: `{"key": {"kty": "EC", "crv": "P-256", "x": "pENeNufr116Dm0VJ-NxIdWzIAu-J_d0QfEcvU2iQFtY", ` +
			`"y": "3KwauDwCXoMQBxlUl-3w8vXVXhO_ojcqiBlH0dbeYBw"}, "scopes": ["d1-api:consumer:read"]}`,
	},
	"issuer/token": {Body: `grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=<grant>`},

	"operation/get":  {Path: []string{issuerID, consumerOne, OperationID}},
	"operation/list": {Path: []string{issuerID, consumerOne}, Query: "offset=0&limit=10"},

	"purge/count-dead-letters": {},
	"purge/report":             {},
	"purge/run":                {Body: `{"dryRun":true}`},
}
