package voucher

import (
	"cmp"
	"context"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/table"
)

// proof used      PROOF#<thumbprint>#<hash of jti>    PROOF        until it expires
// assertion used  ASSERTION#<client>#<hash of jti>    ASSERTION    until it expires

// used is a DPoP proof or an assertion that was used. DynamoDB removes the item after TTL. The
// voucher makes the item one that no other request writes: a repeated put recognizes its own.
type used struct {
	Voucher string `dynamodbav:"voucher"`
	TTL     int64  `dynamodbav:"ttl"`
}

// labelUse names the step that uses up a proof or an assertion.
const labelUse = "use"

func usedProofKey(p *assertion.Proof) table.Key {
	return interop.Key("PROOF#"+p.JKT+"#"+interop.Hash(p.JTI), "PROOF")
}

func usedAssertionKey(a assertion.Assertion) table.Key {
	return interop.Key("ASSERTION#"+a.ClientID+"#"+interop.Hash(a.JTI), "ASSERTION")
}

// finish writes the event of a voucher and, at the same time, uses up the DPoP proof and, where
// the deployment wants that, the assertion. When another request has used one of them first, it
// returns the failure and its step; the event has to be recorded again, as a refusal.
//
// The conditions are what makes a proof usable once: examine may have read it before another
// request used it (TestOneProofOnce). Each is a put of its own, so that a bound voucher costs two
// write units where a transaction would cost four, and one round trip. When one put fails, the
// others may have been carried out: no voucher is given then, and the client needs another proof.
func (s *Store) finish(
	ctx context.Context, x *examination, voucher string, record func(context.Context) error,
) (step int, failures []assertion.Failure, err error) {
	if x.proof == nil && !s.once {
		return 0, nil, record(ctx)
	}
	results := make([]error, 3)
	writes := []func(context.Context) error{func(ctx context.Context) error {
		results[0] = record(ctx)
		return nil // the others go on
	}}
	use := func(i int, key table.Key, until time.Time) {
		// One second longer, because the TTL is in whole seconds and must not be earlier.
		item := used{Voucher: voucher, TTL: until.Add(time.Second).Unix()}
		writes = append(writes, func(ctx context.Context) error {
			results[i] = s.db.Write(ctx, table.Put(labelUse, key, item, table.NotExists()))
			return nil
		})
	}
	if s.once {
		use(1, usedAssertionKey(x.assertion), x.assertion.ExpiresAt)
	}
	if x.proof != nil {
		use(2, usedProofKey(x.proof), x.proof.Until)
	}
	if err := table.Together(ctx, writes...); err != nil {
		return 0, nil, err
	}
	switch {
	case table.AsRefused(results[1]) != nil:
		return stepSignature, []assertion.Failure{assertionAlreadyUsed()}, nil //nolint:nilerr // the refusal is the answer
	case table.AsRefused(results[2]) != nil:
		return stepProof, []assertion.Failure{proofAlreadyUsed()}, nil //nolint:nilerr // the same
	}
	return 0, nil, cmp.Or(results...)
}

func proofAlreadyUsed() assertion.Failure {
	return assertion.ProofAlreadyUsed.Because("The DPoP proof was used before: make a new one, with a jti of its own, for each request.")
}

func assertionAlreadyUsed() assertion.Failure {
	return assertionUsed.Because("The client assertion was used before: make a new one, with a jti of its own, for each voucher.")
}
