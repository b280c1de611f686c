package kmslocal

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"net/http"
)

const signingAlgorithm = "RSASSA_PKCS1_V1_5_SHA_256"

// WithSigner gives the Server a key that signs, before it serves.
func (s *Server) WithSigner(id string, key *rsa.PrivateKey) *Server {
	s.signers[id] = key
	return s
}

func sign(w http.ResponseWriter, key *rsa.PrivateKey, in request) {
	if in.MessageType != "DIGEST" || in.SigningAlgorithm != signingAlgorithm || len(in.Message) != sha256.Size {
		refuse(w, "ValidationException", "want a SHA-256 digest, to be signed by "+signingAlgorithm)
		return
	}
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, in.Message)
	if err != nil {
		refuse(w, "KMSInternalException", err.Error())
		return
	}
	send(w, struct {
		KeyID            string `json:"KeyId"`
		Signature        []byte
		SigningAlgorithm string
	}{in.KeyID, signature, signingAlgorithm})
}

func publish(w http.ResponseWriter, key *rsa.PrivateKey, in request) {
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		refuse(w, "KMSInternalException", err.Error())
		return
	}
	send(w, struct {
		KeyID             string `json:"KeyId"`
		KeyUsage          string
		PublicKey         []byte
		SigningAlgorithms []string
	}{in.KeyID, "SIGN_VERIFY", public, []string{signingAlgorithm}})
}
