package kmslocal

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
)

const (
	macAlgorithm = "HMAC_SHA_256"
	maxMessage   = 4096 // as KMS has it
)

// WithMAC gives the Server a key for HMAC, before it serves. Like the others it follows from
// its id.
func (s *Server) WithMAC(id string) *Server {
	key := sha256.Sum256([]byte("kmslocal mac " + id))
	s.macs[id] = key[:]
	return s
}

func authenticate(w http.ResponseWriter, key []byte, in request) {
	if in.MacAlgorithm != macAlgorithm || len(in.Message) == 0 || len(in.Message) > maxMessage {
		refuse(w, "ValidationException", "want a message of 1 to 4096 bytes, for "+macAlgorithm)
		return
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(in.Message)
	send(w, struct {
		KeyID        string `json:"KeyId"`
		Mac          []byte
		MacAlgorithm string
	}{in.KeyID, mac.Sum(nil), macAlgorithm})
}
