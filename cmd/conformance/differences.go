package main

import (
	"slices"
	"strings"
)

// difference is a mismatch that is right, because the document is wrong or silent.
type difference struct {
	title     string // of the document, "" for all
	version   string // of the document, "" for all
	operation string // its id, "" for all
	statuses  []int  // none for all
	where     string // begins with it
	why       string // begins with it
	door      bool   // of calls that get no further than the check of the credential
	reason    string
}

func (d difference) covers(c *contract, o *operation, a answer, f finding) bool {
	return (d.title == "" || d.title == c.title) && (d.version == "" || d.version == c.version) &&
		(d.operation == "" || d.operation == o.id) && (len(d.statuses) == 0 || slices.Contains(d.statuses, a.status)) &&
		strings.HasPrefix(f.where, d.where) && strings.HasPrefix(f.why, d.why) && (!d.door || a.call.door)
}

// Titles of the documents.
const (
	pdnd     = "PDND Interoperability API"
	manage   = "IO Services CMS"
	vouchers = "Interoperability Authorization Server Micro Service"
)

// differences are the known ones.
var differences = []difference{
	{
		title: pdnd, where: "header X-Rate-Limit-", door: true, statuses: []int{400, 401, 403, 404},
		reason: "PDND counts requests per organization, and a refused credential names none",
	},
	{
		title: pdnd, statuses: []int{403, 404}, where: "status", door: true,
		reason: "PDND checks the admin of an API client before every operation, undeclared for those that cannot be refused otherwise",
	},
	{
		title: pdnd, operation: "getStatus", where: "header ",
		reason: "PDND's status has no such headers: it is neither counted nor signed",
	},
	{
		title: pdnd, operation: "getStatus", where: "accepted",
		reason: "PDND checks no credential for the status, undeclared",
	},
	{
		title: pdnd, operation: "getJWKByKid", statuses: []int{400}, where: "status", door: true,
		reason: "PDND answers a request without a credential, or with one of another scheme, with 400, undeclared",
	},
	{
		title: pdnd, operation: "getUsers", statuses: []int{404}, where: "status",
		reason: "an organization without an identity provider has no users: PDND answers 017-0024, undeclared",
	},
	{
		title: pdnd, operation: "getUser", statuses: []int{404}, where: "status",
		reason: "PDND answers 017-0024 and 017-0040, undeclared",
	},
	{
		title: pdnd, operation: "getRemainingDailyCalls", statuses: []int{401, 429}, where: "status",
		reason: "the document declares the answer to a refused credential as 400",
	},
	{
		title: pdnd, operation: "createClientKey", statuses: []int{404, 409}, where: "status",
		reason: "PDND answers 006-0001 and 006-0017, undeclared",
	},
	{
		title: pdnd, operation: "unsuspendAgreement", statuses: []int{409}, where: "status",
		reason: "PDND answers 017-0013, undeclared",
	},
	{
		title: pdnd, operation: "approvePurpose", statuses: []int{409}, where: "status",
		reason: "PDND answers 017-0015, undeclared",
	},
	{
		title: pdnd, operation: "updateEServiceDescriptorCertifiedAttributeInGroup", statuses: []int{409}, where: "status",
		reason: "PDND answers 001-0028, undeclared",
	},
	{
		title: pdnd, operation: "createProducerKeychainKey", statuses: []int{404, 409}, where: "status",
		reason: "PDND answers 006-0018 and 006-0017, undeclared",
	},
	{
		title: pdnd, version: "2.5.0", operation: "deleteEServiceDescriptorCertifiedAttributeFromGroup", statuses: []int{403}, where: "status",
		reason: "PDND refuses a role that may only read, and who is not the producer, at every write; undeclared",
	},
	{
		title: pdnd, version: "2.5.0", operation: "deleteEServiceDescriptorDeclaredAttributeFromGroup", statuses: []int{403}, where: "status",
		reason: "PDND refuses a role that may only read, and who is not the producer, at every write; undeclared",
	},
	{
		title: pdnd, version: "2.5.0", operation: "deleteEServiceDescriptorVerifiedAttributeFromGroup", statuses: []int{403}, where: "status",
		reason: "PDND refuses a role that may only read, and who is not the producer, at every write; undeclared",
	},
	{
		title: manage, operation: "getServices", statuses: []int{400}, where: "status",
		reason: "its back end refuses parameters out of range with 400, undeclared",
	},
	{
		title: manage, operation: "getServiceHistory", statuses: []int{400}, where: "status",
		reason: "its back end refuses parameters out of range with 400, undeclared",
	},
	{
		title: manage, operation: "reviewService", statuses: []int{400}, where: "status",
		reason: "its back end refuses a body without auto_publish with 400, undeclared",
	},
	{
		title: manage, operation: "deleteService", statuses: []int{409}, where: "status",
		reason: "its back end refuses what its lifecycle does not allow with 409, undeclared",
	},
	{
		title: manage, where: "accepted", why: "the body with no /metadata/topic_id",
		reason: "topic_id is optional here: the guide's own example has none",
	},
	{
		title: manage, operation: "getServiceHistory", where: "refused", why: "query parameter continuationToken",
		reason: "a token for the next page is one that a page has answered",
	},
	{
		title: vouchers, operation: "get_status", where: "operationId",
		reason: "the M2M gateway's document has the same operation as getStatus",
	},
	{
		title: vouchers, operation: "createToken", statuses: []int{400, 429}, where: "content type", why: "application/json is not declared",
		reason: "OAuth libraries read only JSON (RFC 6749)",
	},
	{
		title: vouchers, operation: "createToken", statuses: []int{400, 429}, where: "body ", why: `property "error`,
		reason: "OAuth libraries choose their exception by error and error_description (RFC 6749 §5.2)",
	},
	{
		title: vouchers, operation: "createToken", statuses: []int{400}, where: "body /errors/*/code",
		reason: "the published code comes first, then every reason by its name",
	},
}
