// Package voucher issues vouchers, by which software of consumers calls the
// e-services of producers, and says why it does not (PDND, token endpoint and
// client-assertion debug tool).
package voucher

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/assertion"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// request is what a client sends to have a voucher.
type request struct {
	assertion.Request
	proofs []string // DPoP headers; nil for a bearer voucher
}

// The steps of an examination, in their order (PDND, debug tool).
const (
	stepAssertion = iota // clientAssertionValidation
	stepKey              // publicKeyRetrieve
	stepSignature        // clientAssertionSignatureVerification
	stepLink             // purposeLinkedToClient, which the original's tool leaves out
	stepStates           // platformStatesVerification
	stepProof            // dpopValidation
	steps
)

// examination is what was found out about a request. Nothing is missing in it when
// there are no failures.
type examination struct {
	failures [steps][]assertion.Failure

	client    *client.Client // nil when there is none of that id
	known     bool           // the client has the key
	signed    bool           // by that key
	read      bool           // what the assertion names was looked for
	again     bool           // the assertion was used before, and must not be
	assertion assertion.Assertion
	proof     *assertion.Proof // nil for a bearer voucher
	purpose   *purpose.Standing
	eservice  *eservice.EService
	live      *eservice.Live
}

// refusal is the failures for which a voucher is refused: those of the first step
// that has some.
func (x *examination) refusal() (step int, failures []assertion.Failure) {
	for step, failures := range x.failures {
		if len(failures) > 0 {
			return step, failures
		}
	}
	return steps, nil
}

// public is what anybody may know of the failures of a step. Whether a client has a key
// is known to those who sign with it, and to the owner of the client by the debug tool.
func (x *examination) public(step int, failures []assertion.Failure) []assertion.Failure {
	if x.signed || !x.read || step != stepKey && step != stepSignature {
		return failures
	}
	return []assertion.Failure{assertion.NotVerified.Because("The client assertion is not signed by a key of the client that its claim sub names: check sub, the header's kid, and that this key was uploaded with the use SIG. The debug tool tells the owner of the client which it is.")}
}

// oauthError is what OAuth clients are told of failures of a step (RFC 6749 §5.2; of
// assertions that authenticate a client RFC 7521 §4.2.1; RFC 9449 §5).
func oauthError(step int, failures []assertion.Failure) string {
	switch step {
	case stepAssertion:
		return cmp.Or(ofParameters[failures[0].Name], problem.OAuthInvalidClient)
	case stepKey, stepSignature:
		return problem.OAuthInvalidClient
	case stepProof:
		return problem.OAuthInvalidDPoPProof
	}
	return problem.OAuthUnauthorizedClient
}

// ofParameters are what OAuth clients are told of failures that are not the assertion's,
// which come before its own.
var ofParameters = map[string]string{
	assertion.InvalidAssertionType.Name: problem.OAuthInvalidRequest,
	assertion.InvalidGrantType.Name:     problem.OAuthUnsupportedGrantType,
	assertion.InvalidClientID.Name:      problem.OAuthInvalidRequest,
}

// fails adds failures to a step; it tells whether there are any.
func (x *examination) fails(step int, failures ...assertion.Failure) bool {
	x.failures[step] = append(x.failures[step], failures...)
	return len(failures) > 0
}

// Failures that PDND has no name for.
var (
	keyNotFound      = assertion.Kind{Name: "clientAssertionPublicKeyNotFound", Code: "9001"}
	purposeNotLinked = assertion.Kind{Name: "purposeNotLinkedToClient", Code: "9002"}
	assertionUsed    = assertion.Kind{Name: "clientAssertionJtiAlreadyUsed", Code: "9004"}
	algorithms       = []string{jose.RS256, jose.ES256}
	vouchingStates   = []lifecycle.State{eservice.Published, eservice.Deprecated}
)

// examine finds out whether a client may have a voucher, by strongly consistent
// reads in two round trips at most: what a request names, then what that stands on.
func (s *Store) examine(ctx context.Context, r request) (*examination, error) {
	x := &examination{}
	s.examineProof(x, r.proofs)
	var failures []assertion.Failure
	x.assertion, failures = assertion.Parse(r.Request, s.expected)
	if x.fails(stepAssertion, failures...) {
		return x, nil
	}
	if x.assertion.PurposeID == "" {
		x.fails(stepKey, assertion.PurposeIDNotProvided.Because("The assertion has no purposeId: name the purpose that the voucher is for."))
		return x, nil
	}
	credential, err := s.readNamed(ctx, x)
	if err != nil || !s.examineKey(x, credential) {
		return x, err
	}
	if x.proof != nil {
		x.fails(stepProof, x.proof.Verify()...)
	}
	if x.fails(stepLink, x.notLinked()...) {
		return x, nil
	}
	return x, s.examineStates(ctx, x)
}

func (s *Store) examineProof(x *examination, proofs []string) {
	if proofs == nil {
		return
	}
	proof, failures := assertion.ReadProof(proofs, "POST", s.endpoint(), s.now())
	if !x.fails(stepProof, failures...) {
		x.proof = &proof
	}
}

// readNamed reads what the assertion names: the client, its key, its link to the
// purpose, the purpose, and whether the proof was used before.
func (s *Store) readNamed(ctx context.Context, x *examination) (*client.Credential, error) {
	a := x.assertion
	keys := []table.Key{
		client.ClientKey(a.ClientID), client.CredentialKey(a.ClientID, a.Kid), client.LinkKey(a.ClientID, a.PurposeID), purpose.Key(a.PurposeID),
	}
	if x.proof != nil {
		keys = append(keys, usedKey(x.proof))
	}
	if s.once {
		keys = append(keys, usedAssertionKey(a))
	}
	x.read = true
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
	if items[2] != nil {
		if x.purpose, err = purpose.StandingOf(items[3]); err != nil {
			return nil, err
		}
	}
	if x.proof != nil && items[4] != nil {
		x.fails(stepProof, usedBefore())
	}
	x.again = s.once && items[len(items)-1] != nil
	return credential, nil
}

// examineKey verifies the signature by the client's key; false when it does not hold.
func (s *Store) examineKey(x *examination, credential *client.Credential) bool {
	a := x.assertion
	switch {
	case x.client == nil || credential == nil:
		x.fails(stepKey, keyNotFound.Because(fmt.Sprintf("Client %s has no key %s: the kid is that of the key as it was uploaded.", a.ClientID, a.Kid)))
		return false
	case !credential.Signs():
		x.fails(stepKey, keyNotFound.Because(fmt.Sprintf("Key %s of client %s is for encryption: sign with one that was uploaded with the use SIG.", a.Kid, a.ClientID)))
		return false
	}
	x.known = true
	failures := a.SignedBy(credential.JWK.Public(), credential.JWK.Algorithm)
	x.signed = len(failures) == 0
	failures = append(failures, a.Current(s.now())...)
	if x.again {
		failures = append(failures, assertionUsedBefore())
	}
	return !x.fails(stepSignature, failures...)
}

// notLinked tells that the client is not linked to the purpose. A link to a purpose
// of another consumer cannot be made.
func (x *examination) notLinked() []assertion.Failure {
	if x.purpose != nil && x.purpose.ConsumerID == x.client.ConsumerID {
		return nil
	}
	return []assertion.Failure{purposeNotLinked.Because(fmt.Sprintf("Client %s is not linked to purpose %s: link them first.", x.client.ID, x.assertion.PurposeID))}
}

// examineStates looks at agreement, e-service and purpose, which must all be active
// (PDND, platform states).
func (s *Store) examineStates(ctx context.Context, x *examination) error {
	p := x.purpose
	items, err := s.db.BatchGet(ctx, []table.Key{agreement.SubscriptionKey(p.ConsumerID, p.EServiceID), eservice.Key(p.EServiceID)})
	if err != nil {
		return err
	}
	inUse, err := table.As[agreement.Subscription](items[0])
	if err != nil {
		return err
	}
	if x.eservice, err = table.As[eservice.EService](items[1]); err != nil {
		return err
	}
	switch {
	case inUse == nil:
		x.fails(stepStates, inactive(assertion.InvalidAgreementState, "Agreement", "none is active or suspended"))
	case inUse.State != agreement.Active:
		x.fails(stepStates, inactive(assertion.InvalidAgreementState, "Agreement", fmt.Sprintf("agreement %s is %s", inUse.AgreementID, inUse.State)))
	}
	if inUse != nil && x.eservice != nil {
		x.live = x.eservice.Live(inUse.DescriptorID)
	}
	if inUse != nil && (x.live == nil || !slices.Contains(vouchingStates, x.live.State)) {
		said := "descriptor " + inUse.DescriptorID + " is in use no longer"
		if x.live != nil {
			said = fmt.Sprintf("descriptor %s is %s", x.live.ID, x.live.State)
		}
		x.fails(stepStates, inactive(assertion.InvalidEServiceState, "E-Service", said))
	}
	if p.State != purpose.Active {
		said := fmt.Sprintf("purpose %s is %s", p.ID, p.State)
		if p.State == purpose.Suspended {
			said += " by " + p.Held() + ", who can take that back"
		}
		x.fails(stepStates, inactive(assertion.InvalidPurposeState, "Purpose", said))
	}
	return nil
}

// inactive is the published text, and what it is about.
func inactive(kind assertion.Kind, what, because string) assertion.Failure {
	return kind.Because(what + " state is: INACTIVE (" + because + ").")
}

// used is a proof or an assertion that was used.
type used struct {
	TTL int64 `dynamodbav:"ttl"`
}

// proof used     PROOF#<thumbprint>#<hash of jti>   PROOF    until it is over
func usedKey(p *assertion.Proof) table.Key {
	return interop.Key("PROOF#"+p.JKT+"#"+interop.Hash(p.JTI), "PROOF")
}

func usedBefore() assertion.Failure {
	return assertion.ProofAlreadyUsed.Because("The DPoP proof was used before: make a new one, with a jti of its own, for each request.")
}

// use is the step that uses a proof, once.
func use(p *assertion.Proof) table.Step {
	// DynamoDB removes what is over; a second more keeps the item as long as the proof.
	return table.Put(labelProof, usedKey(p), used{p.Until.Add(time.Second).Unix()}, table.NotExists())
}

// assertion used ASSERTION#<client>#<hash of jti>   ASSERTION    until it is over
func usedAssertionKey(a assertion.Assertion) table.Key {
	return interop.Key("ASSERTION#"+a.ClientID+"#"+interop.Hash(a.JTI), "ASSERTION")
}

func assertionUsedBefore() assertion.Failure {
	return assertionUsed.Because("The client assertion was used before: make a new one, with a jti of its own, for each voucher.")
}

// useAssertion is the step that uses an assertion, once.
func useAssertion(a assertion.Assertion) table.Step {
	return table.Put(labelAssertion, usedAssertionKey(a), used{a.ExpiresAt.Add(time.Second).Unix()}, table.NotExists())
}

const (
	labelProof     = "proof"
	labelAssertion = "assertion"
)
