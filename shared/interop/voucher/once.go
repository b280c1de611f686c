package voucher

import (
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/table"
)

// proof used      PROOF#<thumbprint>#<hash of jti>    PROOF        until it expires
// assertion used  ASSERTION#<client>#<hash of jti>    ASSERTION    until it expires

// used is a DPoP proof or an assertion that was used. DynamoDB removes the item after TTL.
type used struct {
	TTL int64 `dynamodbav:"ttl"`
}

// Labels of the steps that use up a proof or an assertion.
const (
	labelProof     = "proof"
	labelAssertion = "assertion"
)

func usedProofKey(p *assertion.Proof) table.Key {
	return interop.Key("PROOF#"+p.JKT+"#"+interop.Hash(p.JTI), "PROOF")
}

func usedAssertionKey(a assertion.Assertion) table.Key {
	return interop.Key("ASSERTION#"+a.ClientID+"#"+interop.Hash(a.JTI), "ASSERTION")
}

// proofStep returns the step that uses up a proof. It refuses a proof that was used before.
func proofStep(p *assertion.Proof) table.Step {
	return table.Put(labelProof, usedProofKey(p), usedUntil(p.Until), table.NotExists())
}

// assertionStep returns the step that uses up an assertion. It refuses an assertion that was
// used before.
func assertionStep(a assertion.Assertion) table.Step {
	return table.Put(labelAssertion, usedAssertionKey(a), usedUntil(a.ExpiresAt), table.NotExists())
}

// usedUntil keeps the item one second longer than the instant, because the TTL is in whole
// seconds and must not be earlier.
func usedUntil(expires time.Time) used { return used{TTL: expires.Add(time.Second).Unix()} }

func proofAlreadyUsed() assertion.Failure {
	return assertion.ProofAlreadyUsed.Because("The DPoP proof was used before: make a new one, with a jti of its own, for each request.")
}

func assertionAlreadyUsed() assertion.Failure {
	return assertionUsed.Because("The client assertion was used before: make a new one, with a jti of its own, for each voucher.")
}
