package voucher_test

import (
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"testing"

	"ciclo/shared/interop/interoptest"
)

// publicKey returns the RSA key with these members of a JWK.
func publicKey(n, e string) (*rsa.PublicKey, error) {
	modulus, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		return nil, err
	}
	exponent, err := base64.RawURLEncoding.DecodeString(e)
	return &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64())}, err
}

// TestStory requests vouchers while the states that they depend on change.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		p := w.newRequester()
		claims := w.voucherClaims(w.checkOutcome(p, "Bearer"))
		now := float64(w.Clock.Now().Unix())
		want := object{
			"jti": claims["jti"], "iss": issuer, "aud": []any{interoptest.Audience(producer)}, "client_id": p.clientID(), "sub": p.clientID(),
			"iat": now, "nbf": now, "exp": now + 600, "purposeId": p.purposeID(), "producerId": producer.Subject, "consumerId": consumer.Subject,
			"eserviceId": p.offer.ID, "descriptorId": p.offer.Descriptor,
		}
		interoptest.Equal(t, "the voucher", claims, want)
		w.OK(producer, "POST", p.purpose+"/suspend", "")
		w.checkOutcome(p, "invalidPurposeState")
		w.OK(producer, "POST", p.agreement+"/suspend", "")
		w.checkOutcome(p, "invalidAgreementState invalidPurposeState")
		w.OK(producer, "POST", p.offer.Path()+"/suspend", "")
		w.checkOutcome(p, "invalidAgreementState invalidEServiceState invalidPurposeState")
		w.OK(producer, "POST", p.offer.Path()+"/unsuspend", "")
		w.OK(producer, "POST", p.agreement+"/unsuspend", "")
		w.OK(producer, "POST", p.purpose+"/unsuspend", "")
		w.checkOutcome(p, "Bearer")
		w.OK(consumer, "DELETE", p.path+"/purposes/"+p.purposeID(), "")
		w.checkOutcome(p, "purposeNotLinkedToClient")
		w.OK(consumer, "DELETE", p.path+"/keys/"+p.kid, "")
		w.checkOutcome(p, "clientAssertionPublicKeyNotFound")
		events := w.OK(consumer, "GET", p.path+"/tokenEvents?limit=50", "")
		var decisions []string
		for _, e := range interoptest.Results(events) {
			decisions = append(decisions, e["decision"].(string)) //nolint:forcetypeassert // checked against the document
		}
		interoptest.Equal(t, "events", decisions, []string{"REFUSED", "ISSUED", "REFUSED", "REFUSED", "REFUSED", "ISSUED"})
	})
}
