package interop

import (
	"net/http"

	"ciclo/shared/platform/problem"
)

// Codes of the product: service and number as PDND publishes them, with the status of its
// M2M gateway (v3). Those from 017-9901 to 017-9905 are not PDND's.
var (
	BadRequest         = problem.Code{Name: "017-9999", Status: http.StatusBadRequest, Title: "Bad request"}
	TokenNotValid      = problem.Code{Name: "017-10014", Status: http.StatusUnauthorized, Title: "Token verification failed"}
	OperationForbidden = problem.Code{Name: "017-9993", Status: http.StatusForbidden, Title: "Insufficient privileges"}
	NoRoute            = problem.Code{Name: "017-9901", Status: http.StatusNotFound, Title: "Not found"}
	NoMethod           = problem.Code{Name: "017-9902", Status: http.StatusMethodNotAllowed, Title: "Method not allowed"}
	ContentTooLarge    = problem.Code{Name: "017-10031", Status: http.StatusRequestEntityTooLarge, Title: "Content too large"}
	MediaNotSupported  = problem.Code{Name: "017-9903", Status: http.StatusUnsupportedMediaType, Title: "Unsupported media type"}
	GenericError       = problem.Code{Name: "017-9991", Status: http.StatusInternalServerError, Title: "Unexpected error"}
	Unavailable        = problem.Code{Name: "017-9904", Status: http.StatusServiceUnavailable, Title: "Service unavailable"}
	TooManyRequests    = problem.Code{Name: "017-10004", Status: http.StatusTooManyRequests, Title: "Too Many Requests"}
	GatewayTimeout     = problem.Code{Name: "017-9905", Status: http.StatusGatewayTimeout, Title: "Gateway timeout"}

	// Of the door: what an authorizer refuses.
	MissingHeader      = problem.Code{Name: "017-9994", Status: http.StatusBadRequest, Title: "Missing header"}
	BadScheme          = problem.Code{Name: "017-10028", Status: http.StatusBadRequest, Title: "Invalid authorization header"}
	ProofNotValid      = problem.Code{Name: "017-0041", Status: http.StatusUnauthorized, Title: "DPoP proof is not valid"}
	ProofSignature     = problem.Code{Name: "017-0042", Status: http.StatusUnauthorized, Title: "DPoP proof signature is not valid"}
	ProofUsed          = problem.Code{Name: "017-0044", Status: http.StatusUnauthorized, Title: "DPoP proof was already used"}
	ProofOfAnotherKey  = problem.Code{Name: "017-0045", Status: http.StatusUnauthorized, Title: "DPoP proof and token are of different keys"}
	ClientWithoutAdmin = problem.Code{Name: "017-0004", Status: http.StatusForbidden, Title: "Client without an administrator"}

	// Of the catalogue, 001, and of the gateway. The status of a code may depend on the
	// operation; 001-99xx are not PDND's.
	DescriptorNotFound    = problem.Code{Name: "001-0001", Status: http.StatusNotFound, Title: "EService descriptor not found"}
	DescriptorNotValid    = problem.Code{Name: "001-0003", Status: http.StatusBadRequest, Title: "Descriptor is not in the expected state"}
	EServiceNotFound      = problem.Code{Name: "001-0005", Status: http.StatusNotFound, Title: "EService not found"}
	DraftDescriptorExists = problem.Code{Name: "001-0006", Status: http.StatusBadRequest, Title: "A draft descriptor already exists"}
	// EServiceNameDuplicate: three digits, as published.
	EServiceNameDuplicate = problem.Code{
		Name: "001-007", Status: http.StatusConflict,
		Title: "Duplicated service name",
	}
	RequiredNotInRegistry     = problem.Code{Name: "001-0009", Status: http.StatusNotFound, Title: "Attribute not found"}
	InconsistentDailyCalls    = problem.Code{Name: "001-0010", Status: http.StatusBadRequest, Title: "Inconsistent daily calls"}
	EServiceNotInDraftState   = problem.Code{Name: "001-0012", Status: http.StatusBadRequest, Title: "EService is not in draft state"}
	EServiceNotDeletable      = problem.Code{Name: "001-0012", Status: http.StatusConflict, Title: "EService is not in draft state"}
	RiskAnalysisRequired      = problem.Code{Name: "001-0018", Status: http.StatusBadRequest, Title: "Risk analysis is required"}
	EServiceWithoutDescriptor = problem.Code{Name: "001-0022", Status: http.StatusConflict, Title: "EService without valid descriptors"}
	AudienceEmpty             = problem.Code{Name: "001-0023", Status: http.StatusBadRequest, Title: "Audience cannot be empty"}
	InvalidEServiceFlags      = problem.Code{Name: "001-0025", Status: http.StatusBadRequest, Title: "Invalid EService flags"}
	UnchangedAttributes       = problem.Code{Name: "001-0028", Status: http.StatusConflict, Title: "Unchanged attributes"}
	RequiredTwiceInGroup      = problem.Code{Name: "001-0041", Status: http.StatusBadRequest, Title: "Attribute duplicated in group"}
	PersonalDataSet           = problem.Code{Name: "001-0042", Status: http.StatusConflict, Title: "Personal data flag is set"}
	PersonalDataMissing       = problem.Code{Name: "001-0043", Status: http.StatusBadRequest, Title: "Personal data flag is not set"}
	UnchangedDescription      = problem.Code{Name: "001-0045", Status: http.StatusConflict, Title: "Same EService description"}
	UnchangedName             = problem.Code{Name: "001-0046", Status: http.StatusConflict, Title: "Same EService name"}
	QuotaGroupNotFound        = problem.Code{Name: "001-0049", Status: http.StatusNotFound, Title: "Certified attribute group not found"}
	AudienceTaken             = problem.Code{Name: "001-9901", Status: http.StatusConflict, Title: "Audience of another producer"}
	AudienceReserved          = problem.Code{Name: "001-9902", Status: http.StatusBadRequest, Title: "Audience of the platform"}
	NotTheEServiceProducer    = problem.Code{Name: "001-9989", Status: http.StatusForbidden, Title: "Insufficient privileges"}
	// DescriptorUnknown: the gateway looks it up.
	DescriptorUnknown = problem.Code{
		Name: "017-0010", Status: http.StatusNotFound,
		Title: "Eservice descriptor not found",
	}
	LastDescriptor        = problem.Code{Name: "017-0029", Status: http.StatusConflict, Title: "Cannot delete last e-service descriptor"}
	RequiredNotFound      = problem.Code{Name: "017-0034", Status: http.StatusNotFound, Title: "E-Service Descriptor Attribute Not Found"}
	RequiredGroupNotFound = problem.Code{
		Name: "017-0036", Status: http.StatusNotFound,
		Title: "E-Service Descriptor Attribute Group Not Found",
	}

	// Of agreements, 002, and of the gateway.
	CertifiedAttributesMissing = problem.Code{
		Name: "002-0001", Status: http.StatusBadRequest,
		Title: "Required certified attribute is missing",
	}
	AgreementSubmissionFailed = problem.Code{Name: "002-0002", Status: http.StatusBadRequest, Title: "Unable to submit agreement"}
	AgreementNotInState       = problem.Code{Name: "002-0003", Status: http.StatusBadRequest, Title: "Agreement not in expected state"}
	AgreementDescriptorState  = problem.Code{Name: "002-0004", Status: http.StatusBadRequest, Title: "Descriptor not in expected state"}
	AgreementEServiceNotFound = problem.Code{Name: "002-0005", Status: http.StatusBadRequest, Title: "EService not found"}
	AgreementNotAllowed       = problem.Code{Name: "002-0007", Status: http.StatusForbidden, Title: "Not allowed"}
	AgreementActivationFailed = problem.Code{Name: "002-0008", Status: http.StatusBadRequest, Title: "Unable to activate agreement"}
	AgreementNotFound         = problem.Code{Name: "002-0009", Status: http.StatusNotFound, Title: "Agreement not found"}
	AgreementExists           = problem.Code{Name: "002-0010", Status: http.StatusConflict, Title: "Agreement already exists"}
	NoNewerDescriptor         = problem.Code{Name: "002-0011", Status: http.StatusBadRequest, Title: "No newer descriptor"}
	NoPublishedDescriptor     = problem.Code{Name: "002-0012", Status: http.StatusBadRequest, Title: "Published descriptor not found"}
	NotLatestDescriptor       = problem.Code{Name: "002-0021", Status: http.StatusBadRequest, Title: "Descriptor is not the latest"}
	AgreementNoDelegation     = problem.Code{Name: "002-0026", Status: http.StatusBadRequest, Title: "Delegation not found"}
	NotTheConsumer            = problem.Code{Name: "002-0027", Status: http.StatusForbidden, Title: "Tenant is not the consumer"}
	NotTheProducer            = problem.Code{Name: "002-0029", Status: http.StatusForbidden, Title: "Tenant is not the producer"}
	NotTheDelegate            = problem.Code{Name: "002-0031", Status: http.StatusForbidden, Title: "Tenant is not the delegate"}
	AgreementNotSuspended     = problem.Code{Name: "017-0013", Status: http.StatusConflict, Title: "Agreement not in suspended state"}
	AgreementNotPending       = problem.Code{Name: "017-0014", Status: http.StatusConflict, Title: "Agreement not in pending state"}

	// Of the attribute registry, 003, and of the gateway.
	AttributeOtherKind = problem.Code{Name: "017-0007", Status: http.StatusNotFound, Title: "Attribute not found"}
	AttributeNotFound  = problem.Code{Name: "003-0001", Status: http.StatusNotFound, Title: "Attribute not found"}
	AttributeDuplicate = problem.Code{Name: "003-0002", Status: http.StatusConflict, Title: "Duplicated attribute"}
	NotACertifier      = problem.Code{Name: "003-0005", Status: http.StatusForbidden, Title: "Organization is not a certifier"}

	// Of purposes, 004, and of the gateway.
	PurposeNotFound             = problem.Code{Name: "004-0001", Status: http.StatusNotFound, Title: "Purpose not found"}
	PurposeEServiceNotFound     = problem.Code{Name: "004-0002", Status: http.StatusBadRequest, Title: "EService not found"}
	PurposeVersionNotFound      = problem.Code{Name: "017-0012", Status: http.StatusNotFound, Title: "Purpose version not found"}
	PurposeVersionUnknown       = problem.Code{Name: "004-0005", Status: http.StatusNotFound, Title: "Purpose version not found"}
	PurposeNotAllowed           = problem.Code{Name: "004-0007", Status: http.StatusForbidden, Title: "Not allowed"}
	NotThePurposeConsumer       = problem.Code{Name: "004-0008", Status: http.StatusForbidden, Title: "Tenant is not the consumer"}
	PurposeVersionNotDeletable  = problem.Code{Name: "004-0009", Status: http.StatusConflict, Title: "Purpose version cannot be deleted"}
	NotThePurposeProducer       = problem.Code{Name: "004-0010", Status: http.StatusForbidden, Title: "Tenant is not the producer"}
	PurposeVersionNotInState    = problem.Code{Name: "004-0011", Status: http.StatusBadRequest, Title: "Not a valid version state"}
	EServiceModeNotAllowed      = problem.Code{Name: "004-0012", Status: http.StatusBadRequest, Title: "EService mode not allowed"}
	MissingFreeOfChargeReason   = problem.Code{Name: "004-0013", Status: http.StatusBadRequest, Title: "Missing free of charge reason"}
	PurposeNotInDraftState      = problem.Code{Name: "004-0015", Status: http.StatusBadRequest, Title: "Purpose not in draft state"}
	PurposeTitleDuplicate       = problem.Code{Name: "004-0016", Status: http.StatusConflict, Title: "Duplicated purpose title"}
	PurposeNotDeletable         = problem.Code{Name: "004-0017", Status: http.StatusConflict, Title: "Purpose cannot be deleted"}
	PurposeWithoutAgreement     = problem.Code{Name: "004-0018", Status: http.StatusBadRequest, Title: "Agreement not found"}
	PurposeNotClonable          = problem.Code{Name: "004-0020", Status: http.StatusConflict, Title: "Purpose cannot be cloned"}
	UnchangedDailyCalls         = problem.Code{Name: "004-0023", Status: http.StatusBadRequest, Title: "Unchanged daily calls"}
	MissingRiskAnalysis         = problem.Code{Name: "004-0024", Status: http.StatusBadRequest, Title: "Missing risk analysis"}
	PurposeVersionStateConflict = problem.Code{Name: "004-0025", Status: http.StatusConflict, Title: "Purpose version state conflict"}
	PurposeNotUpdatable         = problem.Code{Name: "004-0030", Status: http.StatusConflict, Title: "Purpose cannot be updated"}
	NotThePurposeDelegate       = problem.Code{Name: "004-0031", Status: http.StatusForbidden, Title: "Tenant is not the delegate"}
	InvalidFreeOfChargeReason   = problem.Code{Name: "004-0041", Status: http.StatusBadRequest, Title: "Invalid free of charge reason"}
	NoPurposeVersionInState     = problem.Code{
		Name: "017-0015", Status: http.StatusConflict,
		Title: "Missing purpose version in the expected state",
	}
	NoCurrentPurposeVersion  = problem.Code{Name: "017-0016", Status: http.StatusConflict, Title: "Missing current purpose version"}
	PurposeAgreementNotFound = problem.Code{Name: "017-0022", Status: http.StatusNotFound, Title: "Agreement of the purpose not found"}

	// Of tenants, 005, and of the gateway.
	TenantAttributeNotFound = problem.Code{Name: "005-0001", Status: http.StatusNotFound, Title: "Attribute not found"}
	TenantAttributeNotValid = problem.Code{Name: "005-0001", Status: http.StatusBadRequest, Title: "Attribute not found"}
	TenantNotFound          = problem.Code{Name: "005-0004", Status: http.StatusNotFound, Title: "Tenant not found"}
	// ExpirationInThePast: three digits, as published.
	ExpirationInThePast = problem.Code{
		Name: "005-009", Status: http.StatusBadRequest,
		Title: "Expiration date cannot be in the past",
	}
	TenantNotACertifier = problem.Code{Name: "005-0012", Status: http.StatusForbidden, Title: "Tenant is not a certifier"}
	NotTheCertifier     = problem.Code{
		Name: "005-0013", Status: http.StatusForbidden,
		Title: "Attribute does not belong to the certifier",
	}
	CertifiedAlreadyAssigned = problem.Code{Name: "005-0014", Status: http.StatusConflict, Title: "Certified attribute already assigned"}
	VerificationNotAllowed   = problem.Code{Name: "005-0015", Status: http.StatusForbidden, Title: "Attribute verification is not allowed"}
	SelfVerification         = problem.Code{
		Name: "005-0016", Status: http.StatusForbidden,
		Title: "Verified attribute self verification not allowed",
	}
	AttributeAlreadyRevoked = problem.Code{Name: "005-0019", Status: http.StatusConflict, Title: "Attribute already revoked"}
	RevocationNotAllowed    = problem.Code{Name: "005-0020", Status: http.StatusForbidden, Title: "Attribute revocation is not allowed"}
	SelfRevocation          = problem.Code{
		Name: "005-0021", Status: http.StatusForbidden,
		Title: "Verified attribute self revocation not allowed",
	}
	VerifiedThroughNone       = problem.Code{Name: "005-0027", Status: http.StatusNotFound, Title: "Agreement not found"}
	TaxCodeAndIPACodeConflict = problem.Code{
		Name: "017-0011", Status: http.StatusBadRequest,
		Title: "Tax code and IPA code conflict in tenant query",
	}
	DeclaredByOthers       = problem.Code{Name: "017-0026", Status: http.StatusForbidden, Title: "Tenant cannot edit declared attributes"}
	TenantVerifiedNotFound = problem.Code{Name: "017-0028", Status: http.StatusNotFound, Title: "Tenant verified attribute not found"}

	// Of users, whom the gateway looks up in Self Care.
	MissingSelfcareID = problem.Code{Name: "017-0024", Status: http.StatusNotFound, Title: "Missing Self Care id"}
	UserNotFound      = problem.Code{Name: "017-0040", Status: http.StatusNotFound, Title: "User not found"}

	// Of clients, their keys and the purposes they are linked to, 006.
	ClientNotFound        = problem.Code{Name: "006-0001", Status: http.StatusNotFound, Title: "Client not found"}
	NotTheClientOwner     = problem.Code{Name: "006-0002", Status: http.StatusForbidden, Title: "Tenant not allowed on client"}
	NotAMember            = problem.Code{Name: "006-0003", Status: http.StatusNotFound, Title: "User not found in client"}
	ClientKeyNotFound     = problem.Code{Name: "006-0004", Status: http.StatusNotFound, Title: "Key not found in client"}
	ClientPurposeNotFound = problem.Code{Name: "006-0006", Status: http.StatusNotFound, Title: "Purpose not found"}
	UserWithoutRole       = problem.Code{Name: "006-0007", Status: http.StatusForbidden, Title: "User without the required role"}
	AlreadyAMember        = problem.Code{Name: "006-0008", Status: http.StatusBadRequest, Title: "User already assigned to client"}
	NoLivePurposeVersion  = problem.Code{
		Name: "006-0010", Status: http.StatusBadRequest,
		Title: "No active or suspended purpose version found",
	}
	NoLiveAgreement        = problem.Code{Name: "006-0012", Status: http.StatusBadRequest, Title: "No active or suspended agreement found"}
	PurposeAlreadyLinked   = problem.Code{Name: "006-0013", Status: http.StatusConflict, Title: "Purpose already linked to client"}
	NotYourPurpose         = problem.Code{Name: "006-0014", Status: http.StatusForbidden, Title: "Tenant not allowed on purpose"}
	TooManyKeys            = problem.Code{Name: "006-0015", Status: http.StatusBadRequest, Title: "Too many keys per client"}
	CallerNotAMember       = problem.Code{Name: "006-0016", Status: http.StatusForbidden, Title: "User is not a member of the client"}
	KeyAlreadyExists       = problem.Code{Name: "006-0017", Status: http.StatusConflict, Title: "Key already exists"}
	ClientKindNotAllowed   = problem.Code{Name: "006-0031", Status: http.StatusForbidden, Title: "Client kind not allowed"}
	NotTheClientAdmin      = problem.Code{Name: "006-0033", Status: http.StatusBadRequest, Title: "User is not the admin of the client"}
	AlreadyTheAdmin        = problem.Code{Name: "006-0034", Status: http.StatusConflict, Title: "User is the admin of the client already"}
	MemberTwice            = problem.Code{Name: "006-0039", Status: http.StatusBadRequest, Title: "Duplicated members"}
	KeyNotFound            = problem.Code{Name: "006-0035", Status: http.StatusNotFound, Title: "Key not found"}
	KeyNotBase64           = problem.Code{Name: "006-10000", Status: http.StatusBadRequest, Title: "Key is not base64"}
	PrivateKeyNotAllowed   = problem.Code{Name: "006-10001", Status: http.StatusBadRequest, Title: "Private key not allowed"}
	KeyNotValid            = problem.Code{Name: "006-10003", Status: http.StatusBadRequest, Title: "Invalid key"}
	CertificateNotAllowed  = problem.Code{Name: "006-10005", Status: http.StatusBadRequest, Title: "Certificate not allowed"}
	KeyLengthNotAllowed    = problem.Code{Name: "006-10008", Status: http.StatusBadRequest, Title: "Invalid key length"}
	KeyTypeNotAllowed      = problem.Code{Name: "006-10009", Status: http.StatusBadRequest, Title: "Key type not allowed"}
	ConsumerClientNotFound = problem.Code{Name: "017-0048", Status: http.StatusNotFound, Title: "Client not found"}
	MultipleKeysNotAllowed = problem.Code{Name: "006-10019", Status: http.StatusBadRequest, Title: "Multiple keys not allowed"}

	// Of delegations, 010.
	DelegationNotFound = problem.Code{Name: "010-0001", Status: http.StatusNotFound, Title: "Delegation not found"}
)
