package m2m

// The states of an agreement (PDND, AgreementState).
const (
	AgreementDraft     = "DRAFT"
	AgreementPending   = "PENDING"
	AgreementActive    = "ACTIVE"
	AgreementSuspended = "SUSPENDED"
	AgreementMissing   = "MISSING_CERTIFIED_ATTRIBUTES"
	AgreementRejected  = "REJECTED"
	AgreementArchived  = "ARCHIVED"
)

// AgreementsInUse are the states in which an agreement is in use or only interrupted, and
// AgreementsNotOver those in which it is, or may come to be: both as the filter of the API
// takes them.
const (
	AgreementsInUse   = AgreementActive + "," + AgreementSuspended
	AgreementsNotOver = AgreementDraft + "," + AgreementPending + "," + AgreementMissing + "," + AgreementsInUse
)
