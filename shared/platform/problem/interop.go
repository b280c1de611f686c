package problem

import "net/http"

// The codes of the interop product: service and number as PDND has them, with
// the status of its M2M gateway (v3).
var (
	BadRequest         = Code{"017-9999", http.StatusBadRequest, "Bad request"}
	TokenNotValid      = Code{"017-10014", http.StatusUnauthorized, "Token verification failed"}
	OperationForbidden = Code{"017-9989", http.StatusForbidden, "Insufficient privileges"}
	InteropNoRoute     = Code{"017-9998", http.StatusNotFound, "Not found"}
	InteropNoMethod    = Code{"017-9997", http.StatusMethodNotAllowed, "Method not allowed"}
	ContentTooLarge    = Code{"017-10031", http.StatusRequestEntityTooLarge, "Content too large"}
	InteropMedia       = Code{"017-9996", http.StatusUnsupportedMediaType, "Unsupported media type"}
	GenericError       = Code{"017-9991", http.StatusInternalServerError, "Unexpected error"}
	InteropUnavailable = Code{"017-9995", http.StatusServiceUnavailable, "Service unavailable"}
	InteropTooMany     = Code{"017-10004", http.StatusTooManyRequests, "Too Many Requests"}
	InteropTimeout     = Code{"017-9994", http.StatusGatewayTimeout, "Gateway timeout"}

	// Of the catalogue, 001, and the gateway's own. A code may have two statuses, by
	// operation; 001-99xx are ours.
	DescriptorNotFound        = Code{"001-0001", http.StatusNotFound, "EService descriptor not found"}
	DescriptorNotValid        = Code{"001-0003", http.StatusBadRequest, "Descriptor is not in the expected state"}
	EServiceNotFound          = Code{"001-0005", http.StatusNotFound, "EService not found"}
	DraftDescriptorExists     = Code{"001-0006", http.StatusBadRequest, "A draft descriptor already exists"}
	EServiceNameDuplicate     = Code{"001-007", http.StatusConflict, "Duplicated service name"} // three digits, as published
	RequiredNotInRegistry     = Code{"001-0009", http.StatusNotFound, "Attribute not found"}
	InconsistentDailyCalls    = Code{"001-0010", http.StatusBadRequest, "Inconsistent daily calls"}
	EServiceNotInDraftState   = Code{"001-0012", http.StatusBadRequest, "EService is not in draft state"}
	EServiceNotDeletable      = Code{"001-0012", http.StatusConflict, "EService is not in draft state"}
	RiskAnalysisRequired      = Code{"001-0018", http.StatusBadRequest, "Risk analysis is required"}
	EServiceWithoutDescriptor = Code{"001-0022", http.StatusConflict, "EService without valid descriptors"}
	AudienceEmpty             = Code{"001-0023", http.StatusBadRequest, "Audience cannot be empty"}
	InvalidEServiceFlags      = Code{"001-0025", http.StatusBadRequest, "Invalid EService flags"}
	UnchangedAttributes       = Code{"001-0028", http.StatusConflict, "Unchanged attributes"}
	RequiredTwiceInGroup      = Code{"001-0041", http.StatusBadRequest, "Attribute duplicated in group"}
	PersonalDataSet           = Code{"001-0042", http.StatusConflict, "Personal data flag is set"}
	PersonalDataMissing       = Code{"001-0043", http.StatusBadRequest, "Personal data flag is not set"}
	UnchangedDescription      = Code{"001-0045", http.StatusConflict, "Same EService description"}
	UnchangedName             = Code{"001-0046", http.StatusConflict, "Same EService name"}
	QuotaGroupNotFound        = Code{"001-0049", http.StatusNotFound, "Certified attribute group not found"}
	AudienceTaken             = Code{"001-9901", http.StatusConflict, "Audience of another producer"}
	AudienceReserved          = Code{"001-9902", http.StatusBadRequest, "Audience of the platform"}
	NotTheEServiceProducer    = Code{"001-9989", http.StatusForbidden, "Insufficient privileges"}
	DescriptorUnknown         = Code{"017-0010", http.StatusNotFound, "Eservice descriptor not found"} // where the gateway looks
	LastDescriptor            = Code{"017-0029", http.StatusConflict, "Cannot delete last e-service descriptor"}
	RequiredNotFound          = Code{"017-0034", http.StatusNotFound, "E-Service Descriptor Attribute Not Found"}
	RequiredGroupNotFound     = Code{"017-0036", http.StatusNotFound, "E-Service Descriptor Attribute Group Not Found"}

	// Of agreements, 002 and the gateway's own.
	CertifiedAttributesMissing = Code{"002-0001", http.StatusBadRequest, "Required certified attribute is missing"}
	AgreementSubmissionFailed  = Code{"002-0002", http.StatusBadRequest, "Unable to submit agreement"}
	AgreementNotInState        = Code{"002-0003", http.StatusBadRequest, "Agreement not in expected state"}
	AgreementDescriptorState   = Code{"002-0004", http.StatusBadRequest, "Descriptor not in expected state"}
	AgreementEServiceNotFound  = Code{"002-0005", http.StatusBadRequest, "EService not found"}
	AgreementNotAllowed        = Code{"002-0007", http.StatusForbidden, "Not allowed"}
	AgreementActivationFailed  = Code{"002-0008", http.StatusBadRequest, "Unable to activate agreement"}
	AgreementNotFound          = Code{"002-0009", http.StatusNotFound, "Agreement not found"}
	AgreementExists            = Code{"002-0010", http.StatusConflict, "Agreement already exists"}
	NoNewerDescriptor          = Code{"002-0011", http.StatusBadRequest, "No newer descriptor"}
	NoPublishedDescriptor      = Code{"002-0012", http.StatusBadRequest, "Published descriptor not found"}
	NotLatestDescriptor        = Code{"002-0021", http.StatusBadRequest, "Descriptor is not the latest"}
	AgreementNoDelegation      = Code{"002-0026", http.StatusBadRequest, "Delegation not found"}
	NotTheConsumer             = Code{"002-0027", http.StatusForbidden, "Tenant is not the consumer"}
	NotTheProducer             = Code{"002-0029", http.StatusForbidden, "Tenant is not the producer"}
	NotTheDelegate             = Code{"002-0031", http.StatusForbidden, "Tenant is not the delegate"}
	AgreementNotSuspended      = Code{"017-0013", http.StatusConflict, "Agreement not in suspended state"}
	AgreementNotPending        = Code{"017-0014", http.StatusConflict, "Agreement not in pending state"}

	// Of the attribute registry, 003 and the gateway's own.
	AttributeOtherKind = Code{"017-0007", http.StatusNotFound, "Attribute not found"}
	AttributeNotFound  = Code{"003-0001", http.StatusNotFound, "Attribute not found"}
	AttributeDuplicate = Code{"003-0002", http.StatusConflict, "Duplicated attribute"}
	NotACertifier      = Code{"003-0005", http.StatusForbidden, "Organization is not a certifier"}

	// Of purposes, 004 and the gateway's own.
	PurposeNotFound             = Code{"004-0001", http.StatusNotFound, "Purpose not found"}
	PurposeEServiceNotFound     = Code{"004-0002", http.StatusBadRequest, "EService not found"}
	PurposeVersionNotFound      = Code{"017-0012", http.StatusNotFound, "Purpose version not found"}
	PurposeVersionUnknown       = Code{"004-0005", http.StatusNotFound, "Purpose version not found"}
	PurposeNotAllowed           = Code{"004-0007", http.StatusForbidden, "Not allowed"}
	NotThePurposeConsumer       = Code{"004-0008", http.StatusForbidden, "Tenant is not the consumer"}
	PurposeVersionNotDeletable  = Code{"004-0009", http.StatusConflict, "Purpose version cannot be deleted"}
	NotThePurposeProducer       = Code{"004-0010", http.StatusForbidden, "Tenant is not the producer"}
	PurposeVersionNotInState    = Code{"004-0011", http.StatusBadRequest, "Not a valid version state"}
	EServiceModeNotAllowed      = Code{"004-0012", http.StatusBadRequest, "EService mode not allowed"}
	MissingFreeOfChargeReason   = Code{"004-0013", http.StatusBadRequest, "Missing free of charge reason"}
	PurposeNotInDraftState      = Code{"004-0015", http.StatusBadRequest, "Purpose not in draft state"}
	PurposeTitleDuplicate       = Code{"004-0016", http.StatusConflict, "Duplicated purpose title"}
	PurposeNotDeletable         = Code{"004-0017", http.StatusConflict, "Purpose cannot be deleted"}
	PurposeWithoutAgreement     = Code{"004-0018", http.StatusBadRequest, "Agreement not found"}
	PurposeNotClonable          = Code{"004-0020", http.StatusConflict, "Purpose cannot be cloned"}
	UnchangedDailyCalls         = Code{"004-0023", http.StatusBadRequest, "Unchanged daily calls"}
	MissingRiskAnalysis         = Code{"004-0024", http.StatusBadRequest, "Missing risk analysis"}
	PurposeVersionStateConflict = Code{"004-0025", http.StatusConflict, "Purpose version state conflict"}
	PurposeNotUpdatable         = Code{"004-0030", http.StatusConflict, "Purpose cannot be updated"}
	NotThePurposeDelegate       = Code{"004-0031", http.StatusForbidden, "Tenant is not the delegate"}
	InvalidFreeOfChargeReason   = Code{"004-0041", http.StatusBadRequest, "Invalid free of charge reason"}
	NoPurposeVersionInState     = Code{"017-0015", http.StatusConflict, "Missing purpose version in the expected state"}
	NoCurrentPurposeVersion     = Code{"017-0016", http.StatusConflict, "Missing current purpose version"}
	PurposeAgreementNotFound    = Code{"017-0022", http.StatusNotFound, "Agreement of the purpose not found"}

	// Of tenants, 005 and the gateway's own.
	TenantAttributeNotFound   = Code{"005-0001", http.StatusNotFound, "Attribute not found"}
	TenantAttributeNotValid   = Code{"005-0001", http.StatusBadRequest, "Attribute not found"}
	TenantNotFound            = Code{"005-0004", http.StatusNotFound, "Tenant not found"}
	ExpirationInThePast       = Code{"005-009", http.StatusBadRequest, "Expiration date cannot be in the past"} // three digits, as published
	TenantNotACertifier       = Code{"005-0012", http.StatusForbidden, "Tenant is not a certifier"}
	NotTheCertifier           = Code{"005-0013", http.StatusForbidden, "Attribute does not belong to the certifier"}
	CertifiedAlreadyAssigned  = Code{"005-0014", http.StatusConflict, "Certified attribute already assigned"}
	VerificationNotAllowed    = Code{"005-0015", http.StatusForbidden, "Attribute verification is not allowed"}
	SelfVerification          = Code{"005-0016", http.StatusForbidden, "Verified attribute self verification not allowed"}
	AttributeAlreadyRevoked   = Code{"005-0019", http.StatusConflict, "Attribute already revoked"}
	RevocationNotAllowed      = Code{"005-0020", http.StatusForbidden, "Attribute revocation is not allowed"}
	SelfRevocation            = Code{"005-0021", http.StatusForbidden, "Verified attribute self revocation not allowed"}
	VerifiedThroughNone       = Code{"005-0027", http.StatusNotFound, "Agreement not found"}
	TaxCodeAndIPACodeConflict = Code{"017-0011", http.StatusBadRequest, "Tax code and IPA code conflict in tenant query"}
	DeclaredByOthers          = Code{"017-0026", http.StatusForbidden, "Tenant cannot edit declared attributes"}
	TenantVerifiedNotFound    = Code{"017-0028", http.StatusNotFound, "Tenant verified attribute not found"}

	// Of clients, their keys and the purposes they are linked to, 006.
	ClientNotFound         = Code{"006-0001", http.StatusNotFound, "Client not found"}
	NotTheClientOwner      = Code{"006-0002", http.StatusForbidden, "Tenant not allowed on client"}
	ClientKeyNotFound      = Code{"006-0004", http.StatusNotFound, "Key not found in client"}
	ClientPurposeNotFound  = Code{"006-0006", http.StatusNotFound, "Purpose not found"}
	NoLivePurposeVersion   = Code{"006-0010", http.StatusBadRequest, "No active or suspended purpose version found"}
	NoLiveAgreement        = Code{"006-0012", http.StatusBadRequest, "No active or suspended agreement found"}
	PurposeAlreadyLinked   = Code{"006-0013", http.StatusConflict, "Purpose already linked to client"}
	NotYourPurpose         = Code{"006-0014", http.StatusForbidden, "Tenant not allowed on purpose"}
	TooManyKeys            = Code{"006-0015", http.StatusBadRequest, "Too many keys per client"}
	KeyAlreadyExists       = Code{"006-0017", http.StatusConflict, "Key already exists"}
	MemberTwice            = Code{"006-0039", http.StatusBadRequest, "Duplicated members"}
	KeyNotFound            = Code{"006-0035", http.StatusNotFound, "Key not found"}
	KeyNotBase64           = Code{"006-10000", http.StatusBadRequest, "Key is not base64"}
	PrivateKeyNotAllowed   = Code{"006-10001", http.StatusBadRequest, "Private key not allowed"}
	KeyNotValid            = Code{"006-10003", http.StatusBadRequest, "Invalid key"}
	CertificateNotAllowed  = Code{"006-10005", http.StatusBadRequest, "Certificate not allowed"}
	KeyLengthNotAllowed    = Code{"006-10008", http.StatusBadRequest, "Invalid key length"}
	KeyTypeNotAllowed      = Code{"006-10009", http.StatusBadRequest, "Key type not allowed"}
	MultipleKeysNotAllowed = Code{"006-10019", http.StatusBadRequest, "Multiple keys not allowed"}

	// Of delegations, 010.
	DelegationNotFound = Code{"010-0001", http.StatusNotFound, "Delegation not found"}
)

// Interop is the error style of the interop product.
var Interop = &Product{
	Name:          "interop",
	InvalidFormat: BadRequest, InvalidValue: BadRequest,
	Unauthorized: TokenNotValid, Forbidden: OperationForbidden,
	NoRoute: InteropNoRoute, NoMethod: InteropNoMethod,
	TooLarge: ContentTooLarge, Media: InteropMedia,
	Internal: GenericError, Unavailable: InteropUnavailable,
	TooMany: InteropTooMany, Timeout: InteropTimeout,
	Body: func(p *Problem, correlationID string) any { return interopProblem(p, correlationID) },
}

// InteropError is one entry of an InteropProblem.
type InteropError struct {
	Code   string `json:"code" doc:"Service and number of the problem"`
	Detail string `json:"detail" doc:"What happened this time"`
}

// InteropProblem is the error document of the interop product: PDND's Problem, and
// what the current state allows.
type InteropProblem struct {
	Type           string         `json:"type" doc:"about:blank"`
	Title          string         `json:"title" doc:"The problem type in a few words"`
	Status         int            `json:"status" doc:"The HTTP status"`
	Detail         string         `json:"detail" doc:"What happened this time"`
	CorrelationID  string         `json:"correlationId" doc:"The x-correlation-id of the call"`
	Errors         []InteropError `json:"errors" nullable:"false" doc:"The problem by its code; of an invalid request one entry per field"`
	State          string         `json:"state,omitempty" doc:"The current state, when it does not allow the action"`
	AllowedActions []string       `json:"allowedActions,omitzero" doc:"What the current state allows"`
}

func interopProblem(p *Problem, correlationID string) InteropProblem {
	body := InteropProblem{
		Type: "about:blank", Title: p.Code.Title, Status: p.Code.Status, Detail: p.Detail, CorrelationID: correlationID,
		State: p.State, AllowedActions: p.AllowedActions,
	}
	for _, f := range p.Fields {
		body.Errors = append(body.Errors, InteropError{f.Code, f.Name + ": " + f.Detail})
	}
	if len(body.Errors) == 0 {
		body.Errors = []InteropError{{p.Code.Name, p.Detail}}
	}
	return body
}

// The codes of the token endpoint, which says the same whatever is wrong (PDND, 015),
// and the reasons after it.
var (
	TokenRefused         = Code{"015-0008", http.StatusBadRequest, "Bad request"}
	TokenFailed          = Code{"015-0000", http.StatusInternalServerError, "Unexpected error"}
	VouchersNotAvailable = Code{"015-9995", http.StatusServiceUnavailable, "Service unavailable"}
	TokensTooMany        = Code{"007-10004", http.StatusTooManyRequests, "Too Many Requests"}
	TokenTimeout         = Code{"015-9994", http.StatusGatewayTimeout, "Gateway timeout"}
)

// Authorization is the error style of the token endpoint: that of interop, with one
// code for everything that is wrong with a request. What it is in detail follows as
// further entries.
var Authorization = &Product{
	Name:          "authorization",
	InvalidFormat: TokenRefused, InvalidValue: TokenRefused,
	Unauthorized: TokenNotValid, Forbidden: OperationForbidden,
	NoRoute: InteropNoRoute, NoMethod: InteropNoMethod,
	TooLarge: ContentTooLarge, Media: InteropMedia,
	Internal: TokenFailed, Unavailable: VouchersNotAvailable,
	TooMany: TokensTooMany, Timeout: TokenTimeout,
	Body:      func(p *Problem, correlationID string) any { return authorizationProblem(p, correlationID) },
	TokenBody: func(p *Problem, correlationID string) any { return interopTokenProblem(p, correlationID) },
}

// refusal is all that PDND says.
const refusal = "Unable to generate a token for the given request"

func authorizationProblem(p *Problem, correlationID string) InteropProblem {
	body := interopProblem(p, correlationID)
	switch p.Code {
	case TokenRefused:
		body.Detail, body.Errors = refusal, []InteropError{{p.Code.Name, refusal}}
		for _, f := range p.Fields {
			detail := f.Detail
			if f.Name != f.Code { // of a parameter
				detail = f.Name + ": " + detail
			}
			body.Errors = append(body.Errors, InteropError{f.Code, detail})
		}
	case TokenFailed:
		body.Type = "internalServerError"
	}
	return body
}
