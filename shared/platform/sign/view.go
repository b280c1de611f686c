package sign

// KeySetView is a JSON Web Key Set.
type KeySetView struct {
	Keys []KeyView `json:"keys" nullable:"false" doc:"The first one signs tokens"`
}

// KeyView is a public key.
type KeyView struct {
	Type      string `json:"kty" enum:"RSA"`
	Use       string `json:"use" enum:"sig"`
	Algorithm string `json:"alg" enum:"RS256"`
	KeyID     string `json:"kid" doc:"Its thumbprint (RFC 7638)"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
}
