// Package voucher issues vouchers, with which the software of consumers calls the
// e-services of producers or this API, and explains why one is refused (PDND, token endpoint
// and client-assertion debug tool).
package voucher

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
)

// request is a request for a voucher.
type request struct {
	assertion.Request
	proofs []string // DPoP headers; nil for a bearer voucher
}

// The steps of an examination, in their order (PDND, debug tool).
const (
	stepAssertion = iota // clientAssertionValidation
	stepKey              // publicKeyRetrieve
	stepSignature        // clientAssertionSignatureVerification
	stepLink             // purposeLinkedToClient, which PDND's tool does not have
	stepStates           // platformStatesVerification
	stepProof            // dpopValidation
	steps
)

// examination is the result of examining a request. All of its fields are set when there
// are no failures, except that clients of the kind API have no purpose and no e-service.
type examination struct {
	failures [steps][]assertion.Failure

	client     *client.Client // nil when there is none of that id
	hasKey     bool           // the client has the key
	isSigned   bool           // with that key
	isRead     bool           // the records that the assertion names were read
	isReused   bool           // the assertion was used before, which the deployment refuses
	assertion  assertion.Assertion
	proof      *assertion.Proof // nil for a bearer voucher
	purpose    *purpose.Summary
	eservice   *eservice.EService
	descriptor *eservice.DescriptorSummary // of the agreement in use

	parties parties      // of the purpose, as they were remembered
	states  []table.Item // agreement in use and e-service of these parties; nil when they were not read
}

// refusal returns the failures for which a voucher is refused, those of the first step that
// has any; failures is nil when there are none.
func (x *examination) refusal() (step int, failures []assertion.Failure) {
	for step, failures := range x.failures {
		if len(failures) > 0 {
			return step, failures
		}
	}
	return steps, nil
}

// public returns the failures of a step as any caller may read them. The token endpoint
// takes requests of anyone, and must not reveal which keys a client has: a missing key and a
// wrong signature are the same failure there (TestKeysAreNotRevealed). Callers that signed
// with the key know of it, and the owner of the client can use the debug tool.
func (x *examination) public(step int, failures []assertion.Failure) []assertion.Failure {
	if x.isSigned || !x.isRead || step != stepKey && step != stepSignature {
		return failures
	}
	return []assertion.Failure{assertion.NotVerified.Because(
		"The client assertion is not signed by a key of the client that its claim sub names: check sub, the header's kid, and that this " +
			"key was uploaded with the use SIG. The debug tool tells the owner of the client which it is.",
	)}
}

// oauthError returns the OAuth error code for the failures of a step (RFC 6749 §5.2; RFC
// 7521 §4.2.1 for assertions that authenticate a client; RFC 9449 §5).
func oauthError(step int, failures []assertion.Failure) string {
	switch step {
	case stepAssertion:
		return cmp.Or(parameterErrors[failures[0].Name], problem.OAuthInvalidClient)
	case stepKey, stepSignature:
		return problem.OAuthInvalidClient
	case stepProof:
		return problem.OAuthInvalidDPoPProof
	}
	return problem.OAuthUnauthorizedClient
}

// parameterErrors are the OAuth error codes for failures of the parameters of a request, which
// are examined before the assertion.
var parameterErrors = map[string]string{
	assertion.InvalidAssertionType.Name: problem.OAuthInvalidRequest,
	assertion.InvalidGrantType.Name:     problem.OAuthUnsupportedGrantType,
	assertion.InvalidClientID.Name:      problem.OAuthInvalidRequest,
}

// fails adds failures to a step. It reports whether there are any.
func (x *examination) fails(step int, failures ...assertion.Failure) bool {
	x.failures[step] = append(x.failures[step], failures...)
	return len(failures) > 0
}

// Failures that PDND has no name for.
var (
	keyNotFound       = assertion.Kind{Name: "clientAssertionPublicKeyNotFound", Code: "9001"}
	purposeNotLinked  = assertion.Kind{Name: "purposeNotLinkedToClient", Code: "9002"}
	assertionUsed     = assertion.Kind{Name: "clientAssertionJtiAlreadyUsed", Code: "9004"}
	purposeNotAllowed = assertion.Kind{Name: "purposeIdNotAllowed", Code: "9005"}
	algorithms        = []string{jose.RS256, jose.ES256}
	vouchingStates    = []lifecycle.State{eservice.Published, eservice.Deprecated}
)

// examine finds out whether a client may have a voucher. Its reads are strongly consistent,
// so that a suspension counts at once. They take one round trip, or two for a purpose that this
// process does not know yet: for what the request names, then for the agreement and the
// e-service. During the second one the limiter, if there is one, gets ready to count the request.
func (s *Store) examine(ctx context.Context, r request, limiter *rate.Limiter) (*examination, error) {
	x := &examination{}
	s.examineProof(x, r.proofs)
	var failures []assertion.Failure
	x.assertion, failures = assertion.Parse(r.Request, s.expected)
	if x.fails(stepAssertion, failures...) {
		return x, nil
	}
	credential, err := s.readNamed(ctx, x)
	if err != nil || !s.examineKey(x, credential) {
		return x, err
	}
	if x.proof != nil {
		x.fails(stepProof, x.proof.Verify()...)
	}
	if x.client.IsAPI() || x.fails(stepLink, x.linkFailures()...) {
		return x, nil
	}
	if x.states != nil && x.parties == partiesIn(x.purpose) {
		err := x.examineStates()
		return x, err
	}
	reads := []func(context.Context) error{func(ctx context.Context) error { return s.readStates(ctx, x) }}
	if limiter != nil {
		reads = append(reads, func(ctx context.Context) error {
			limiter.Ready(ctx, x.client.ConsumerID)
			return nil
		})
	}
	err = table.Together(ctx, reads...)
	if err == nil {
		err = x.examineStates()
	}
	return x, err
}

func (s *Store) examineProof(x *examination, proofs []string) {
	if proofs == nil {
		return
	}
	proof, failures := assertion.ReadProofFor(assertion.Use{Method: "POST", URLs: s.endpoints}, proofs, s.now())
	if !x.fails(stepProof, failures...) {
		x.proof = &proof
	}
}

// readNamed reads what the assertion names, which is the client, its key, its link to the
// purpose and the purpose, and whether proof and assertion were used before. Where the parties of
// the purpose are remembered it reads their agreement and e-service, too. It returns the key, nil
// when the client has none of that kid.
func (s *Store) readNamed(ctx context.Context, x *examination) (*client.Credential, error) {
	a := x.assertion
	keys := []table.Key{client.ClientKey(a.ClientID), client.CredentialKey(a.ClientID, a.Kid)}
	if x.proof != nil {
		keys = append(keys, usedProofKey(x.proof))
	}
	if s.once {
		keys = append(keys, usedAssertionKey(a))
	}
	used := len(keys)
	if a.PurposeID != "" {
		keys = append(keys, client.LinkKey(a.ClientID, a.PurposeID), purpose.Key(a.PurposeID))
	}
	known := false
	if x.parties, known = s.parties.get(a.PurposeID); known {
		keys = append(keys, x.parties.stateKeys()...)
	}
	x.isRead = true
	items, err := s.db.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	if x.client, err = table.As[client.Client](items[0]); err != nil {
		return nil, err
	}
	credential, err := table.As[client.Credential](items[1])
	if err != nil {
		return nil, err
	}
	if x.proof != nil && items[2] != nil {
		x.fails(stepProof, proofAlreadyUsed())
	}
	x.isReused = s.once && items[used-1] != nil
	if a.PurposeID != "" && items[used] != nil {
		x.purpose, err = purpose.DecodeSummary(items[used+1])
	}
	if known {
		x.states = items[used+2:]
	}
	return credential, err
}

// examineKey verifies the signature with the key of the client. It reports whether the
// signature is valid.
func (s *Store) examineKey(x *examination, credential *client.Credential) bool {
	a := x.assertion
	switch {
	case x.client == nil || credential == nil:
		x.fails(stepKey, keyNotFound.Because(
			fmt.Sprintf("Client %s has no key %s: use the kid that was answered when the key was uploaded.", a.ClientID, a.Kid),
		))
		return false
	case !credential.IsForSigning():
		x.fails(stepKey, keyNotFound.Because(
			fmt.Sprintf("Key %s of client %s is for encryption: sign with one that was uploaded with the use SIG.", a.Kid, a.ClientID),
		))
		return false
	}
	x.hasKey = true
	isOfKind := !x.fails(stepKey, x.kindFailures()...)
	failures := a.SignedBy(credential.JWK.Public(), credential.JWK.Algorithm)
	x.isSigned = len(failures) == 0
	failures = append(failures, a.Current(s.now())...)
	if x.isReused {
		failures = append(failures, assertionAlreadyUsed())
	}
	return !x.fails(stepSignature, failures...) && isOfKind
}

// kindFailures returns the failure that the assertion is not one of a client of this kind:
// those of consumers name a purpose, those of API clients do not (PDND has no key for them).
func (x *examination) kindFailures() []assertion.Failure {
	switch named := x.assertion.PurposeID != ""; {
	case named == !x.client.IsAPI():
		return nil
	case named:
		return []assertion.Failure{purposeNotAllowed.Because(
			"The client is of the kind API, whose vouchers are for this API and no purpose: leave purposeId out.",
		)}
	}
	return []assertion.Failure{assertion.PurposeIDNotProvided.Because(
		"The assertion has no purposeId: name the purpose that the voucher is for. Only clients of the kind API leave it out.",
	)}
}

// linkFailures returns the failure that the client is not linked to the purpose. A stored
// link to a purpose of another consumer counts for nothing.
func (x *examination) linkFailures() []assertion.Failure {
	if x.purpose != nil && x.purpose.ConsumerID == x.client.ConsumerID {
		return nil
	}
	return []assertion.Failure{purposeNotLinked.Because(
		fmt.Sprintf("Client %s is not linked to purpose %s: link them first.", x.client.ID, x.assertion.PurposeID),
	)}
}

// readStates reads the agreement and the e-service of the purpose, and remembers who they are.
func (s *Store) readStates(ctx context.Context, x *examination) (err error) {
	x.parties = partiesIn(x.purpose)
	s.parties.put(x.purpose.ID, x.parties)
	x.states, err = s.db.BatchGet(ctx, x.parties.stateKeys())
	return err
}

// examineStates examines agreement, e-service and purpose, which must all be active (PDND,
// platform states).
func (x *examination) examineStates() error {
	p := x.purpose
	inUse, err := table.As[agreement.Subscription](x.states[0])
	if err != nil {
		return err
	}
	if x.eservice, err = table.As[eservice.EService](x.states[1]); err != nil {
		return err
	}
	switch {
	case inUse == nil:
		x.fails(stepStates, inactive(assertion.InvalidAgreementState, "Agreement", "none is active or suspended"))
	case inUse.State != agreement.Active:
		state := fmt.Sprintf("agreement %s is %s", inUse.AgreementID, inUse.State)
		x.fails(stepStates, inactive(assertion.InvalidAgreementState, "Agreement", state))
	}
	if inUse != nil {
		x.examineDescriptor(inUse.DescriptorID)
	}
	if p.State != purpose.Active {
		state := fmt.Sprintf("purpose %s is %s", p.ID, p.State)
		if p.State == purpose.Suspended {
			state += " by " + p.Suspenders() + ", who can take that back"
		}
		x.fails(stepStates, inactive(assertion.InvalidPurposeState, "Purpose", state))
	}
	return nil
}

// examineDescriptor examines the descriptor of the agreement in use.
func (x *examination) examineDescriptor(id string) {
	if x.eservice != nil {
		x.descriptor = x.eservice.Find(id)
	}
	switch {
	case x.descriptor == nil:
		x.fails(stepStates, inactive(assertion.InvalidEServiceState, "E-Service", "descriptor "+id+" is in use no longer"))
	case !slices.Contains(vouchingStates, x.descriptor.State):
		state := fmt.Sprintf("descriptor %s is %s", x.descriptor.ID, x.descriptor.State)
		x.fails(stepStates, inactive(assertion.InvalidEServiceState, "E-Service", state))
	}
}

// inactive returns a failure with the published text and the reason.
func inactive(kind assertion.Kind, what, because string) assertion.Failure {
	return kind.Because(what + " state is: INACTIVE (" + because + ").")
}
