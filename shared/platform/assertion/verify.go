package assertion

import (
	"crypto"
	"time"

	"ciclo/shared/platform/jose"
)

// Leeway is how far ahead of ours the clock of a client may be when it issues an
// assertion. There is none for its end, as with PDND, which does not look at iat.
const Leeway = time.Minute

// SignedBy checks that the assertion is signed by the client's key with the algorithm that
// the key is registered for (an *rsa.PublicKey of 2048 to 8192 bits for RS256, an
// *ecdsa.PublicKey on P-256 for ES256). It may also be called for an assertion that Parse
// refused, if that names a client and a key. No failures mean that the client signed it.
func (a Assertion) SignedBy(key crypto.PublicKey, alg string) []Failure {
	var f failures
	usable := jose.Algorithm(key, jose.MaxRegisteredBits)
	switch {
	case usable == "" || usable != alg:
		f.add(unusableKey,
			"The key that the client has under this kid is of no use for %s: add another one, RSA of %d to %d bits or EC on "+
				"P-256.", alg, jose.MinBits, jose.MaxRegisteredBits)
	case a.Alg != alg:
		f.add(algorithmNotAllowed, "The key with this kid is for %s: sign with that, or name the key you signed with.", alg)
	case !jose.Verify(key, a.signed, a.signature):
		f.add(invalidSignature,
			"The signature is not one by the key with this kid: sign with the private key that belongs to it, and change "+
				"nothing afterwards.")
	}
	return f
}

// Current checks that the assertion is issued and not expired at now. SignedBy and Current
// together are clientAssertionSignatureVerification of PDND's debug tool. If both return no
// failures, the assertion is valid.
func (a Assertion) Current(now time.Time) []Failure {
	var f failures
	seconds := now.Unix()
	if a.ExpiresAt.Unix() <= seconds {
		f.add(tokenExpired,
			"The client assertion ended at %s and it is %s: make a new one for every request, and check the clock.", stamp(a.ExpiresAt), stamp(now))
	}
	if a.IssuedAt.Unix() > seconds+int64(Leeway.Seconds()) {
		f.add(tokenInvalid,
			"The claim iat, %s, is in the future, for it is %s: check the clock, and that it is in seconds.", stamp(a.IssuedAt), stamp(now))
	}
	if a.NotBefore.Unix() > seconds+int64(Leeway.Seconds()) {
		f.add(notBefore,
			"The claim nbf, %s, is in the future, for it is %s: check the clock, and that it is in seconds.", stamp(a.NotBefore), stamp(now))
	}
	return f
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
