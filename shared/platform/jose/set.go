package jose

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
)

// Set is a set of public keys to publish.
type Set struct {
	Keys []JWK `json:"keys"`
}

// SetKey is a key of an issuer that may verify signatures of its one algorithm.
type SetKey struct {
	ID        string // "" if the set gives none
	Algorithm string
	Key       crypto.PublicKey
}

// member is a member of an issuer's set: what is read of it.
type member struct {
	JWK
	Operations   []string `json:"key_ops"`
	Certificates []string `json:"x5c"` // the first is of the key
}

// ParseSet returns the keys of an issuer's set that may verify signatures, in the order of
// the set. Others are skipped: an issuer may publish keys for other uses, and one that is
// malformed must not disable the rest. It returns an error if jwks is no set at all.
func ParseSet(jwks []byte) ([]SetKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, err
	}
	if set.Keys == nil { // RFC 7517 §5.1: a set has the member
		return nil, errors.New("no keys member")
	}
	var keys []SetKey
	for _, raw := range set.Keys {
		var m member
		if json.Unmarshal(raw, &m) != nil {
			continue
		}
		key := m.lenient()
		if algorithm := Algorithm(key, anyBits); algorithm != "" && m.mayVerify(algorithm) && m.certifies(key) {
			keys = append(keys, SetKey{ID: m.ID, Algorithm: algorithm, Key: key})
		}
	}
	return keys, nil
}

// mayVerify reports whether the key, by the members alg, use and key_ops that it has, is for
// verifying signatures of the algorithm. Some issuers publish empty members.
func (m member) mayVerify(algorithm string) bool {
	return (m.Algorithm == "" || m.Algorithm == algorithm) &&
		(m.Use == "" || m.Use == UseSig) &&
		(len(m.Operations) == 0 || slices.Contains(m.Operations, "verify"))
}

// certifies reports whether the certificates, if there are any, can be read and the first
// one is of the key (RFC 7517 §4.7). Nothing else of them counts: the set is trusted for
// where it comes from.
func (m member) certifies(key crypto.PublicKey) bool {
	for i, text := range m.Certificates {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return false
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return false
		}
		of, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
		if i == 0 && (!ok || !of.Equal(key)) {
			return false
		}
	}
	return true
}
