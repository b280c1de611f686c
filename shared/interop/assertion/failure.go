package assertion

import "fmt"

// Failure is one thing that is wrong with a client assertion, a DPoP proof or the
// request they came with. Neither the token nor a key is ever part of it.
type Failure struct {
	Name   string // as PDND's debug tool shows it, such as invalidAudience
	Code   string // its number in PDND's list for assertions or that for proofs
	Reason string // what was expected and what to do
}

// Kind is a failure that PDND has a name and a number for. The numbers are those
// of packages/client-assertion-validation and packages/dpop-validation; they have
// no prefix there, and the two lists begin at 0001 each.
type Kind struct{ Name, Code string }

// Because is a failure of this kind.
func (k Kind) Because(reason string) Failure {
	return Failure{Name: k.Name, Code: k.Code, Reason: reason}
}

// Kinds that the callers of this package detect, from keys, states and earlier requests.
var (
	PurposeIDNotProvided  = Kind{"purposeIdNotProvided", "0030"}
	InvalidPurposeState   = Kind{"invalidPurposeState", "0020"}
	InvalidAgreementState = Kind{"invalidAgreementState", "0021"}
	InvalidEServiceState  = Kind{"invalidEServiceState", "0022"}
	ProofAlreadyUsed      = Kind{"dpopJtiAlreadyCached", "0005"}
	// NotVerified is the public failure of an assertion whose key is unknown or has not
	// signed it. Anyone can send an assertion, and two different failures would disclose
	// which clients have which keys.
	NotVerified = Kind{"clientAssertionSignatureVerificationError", "0016"}
)

// Kinds of Parse about the parameters of a request.
var (
	InvalidAssertionType = Kind{"invalidAssertionType", "0002"}
	InvalidGrantType     = Kind{"invalidGrantType", "0003"}
	InvalidClientID      = Kind{"invalidClientIdFormat", "0023"}
)

// Kinds of Parse about the assertion.
var (
	invalidAudience        = Kind{"invalidAudience", "0004"}
	audienceNotFound       = Kind{"audienceNotFound", "0005"}
	invalidAssertionFormat = Kind{"invalidClientAssertionFormat", "0006"}
	jtiNotFound            = Kind{"jtiNotFound", "0008"}
	issuedAtNotFound       = Kind{"issuedAtNotFound", "0009"}
	expNotFound            = Kind{"expNotFound", "0010"}
	issuerNotFound         = Kind{"issuerNotFound", "0011"}
	subjectNotFound        = Kind{"subjectNotFound", "0012"}
	invalidSubject         = Kind{"invalidSubject", "0013"}
	invalidPurposeID       = Kind{"invalidPurposeIdClaimFormat", "0014"}
	kidNotFound            = Kind{"kidNotFound", "0015"}
	invalidSubjectFormat   = Kind{"invalidSubjectFormat", "0024"}
	invalidDigest          = Kind{"invalidDigestClaim", "0025"}
	invalidHashLength      = Kind{"invalidHashLength", "0026"}
	invalidHashAlgorithm   = Kind{"invalidHashAlgorithm", "0027"}
	algorithmNotFound      = Kind{"algorithmNotFound", "0028"}
	algorithmNotAllowed    = Kind{"algorithmNotAllowed", "0029"} // of SignedBy too
	invalidKid             = Kind{"invalidKidFormat", "0031"}
	invalidClaims          = Kind{"clientAssertionInvalidClaims", "0032"}
	lifetimeTooLong        = Kind{"clientAssertionLifetimeTooLong", "9003"} // PDND sets no limit
)

// Kinds of SignedBy and Current.
var (
	unusableKey      = Kind{"unexpectedClientAssertionSignatureVerificationError", "0001"}
	tokenExpired     = Kind{"tokenExpiredError", "0017"}
	tokenInvalid     = Kind{"jsonWebTokenError", "0018"}
	notBefore        = Kind{"notBeforeError", "0019"}
	invalidSignature = Kind{"invalidSignature", "0033"}
)

// Kinds of ReadProof, Verify and Binds.
var (
	invalidProofFormat       = Kind{"invalidDPoPProofFormat", "0002"}
	proofJTINotFound         = Kind{"dpopJtiNotFound", "0004"}
	proofIatNotFound         = Kind{"dpopIatNotFound", "0006"}
	proofTypNotFound         = Kind{"dpopTypNotFound", "0007"}
	invalidProofTyp          = Kind{"invalidDPoPTyp", "0008"}
	proofJWKNotFound         = Kind{"dpopJwkNotFound", "0009"}
	htmNotFound              = Kind{"dpopHtmNotFound", "0010"}
	invalidHtm               = Kind{"invalidDPoPHtm", "0011"}
	htuNotFound              = Kind{"dpopHtuNotFound", "0012"}
	invalidHtu               = Kind{"invalidDPoPHtu", "0013"}
	proofAlgorithmNotFound   = Kind{"dpopAlgorithmNotFound", "0016"}
	proofAlgorithmNotAllowed = Kind{"dpopAlgorithmNotAllowed", "0017"}
	invalidProofClaims       = Kind{"dpopProofInvalidClaims", "0018"}
	invalidProofSignature    = Kind{"invalidDPoPSignature", "0019"}
	proofExpired             = Kind{"expiredDPoPProof", "0020"}
	proofNotYetValid         = Kind{"notYetValidDPoPProof", "0021"}
	multipleProofs           = Kind{"multipleDPoPProofsError", "0022"}
	bindingMismatch          = Kind{"dpopTokenBindingMismatch", "0023"}
	athNotFound              = Kind{"dpopAthNotFound", "0024"}
	invalidAth               = Kind{"invalidDPoPAth", "0025"}
)

// failures are those found so far.
type failures []Failure

func (f *failures) add(k Kind, format string, args ...any) {
	*f = append(*f, k.Because(fmt.Sprintf(format, args...)))
}
