// Package kmslocal stands in for AWS KMS in tests and in local replays of
// events. It speaks what packages seal/kms and sign/kms do: GenerateDataKey and
// Decrypt, GenerateMac, Sign and GetPublicKey.
package kmslocal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/testing/awslocal"
)

const maxRequest = 64 << 10

// Server has a few keys, which protect nothing: they follow from their ids, so
// that what one Server wrapped the next one opens. It answers requests that are
// signed.
type Server struct {
	keys    map[string]*seal.Box
	signers map[string]*rsa.PrivateKey
	macs    map[string][]byte
}

// New returns a Server with the keys of these ids.
func New(ids ...string) *Server {
	s := &Server{keys: make(map[string]*seal.Box, len(ids)), signers: map[string]*rsa.PrivateKey{}, macs: map[string][]byte{}}
	for _, id := range ids {
		master := sha256.Sum256([]byte("kmslocal " + id))
		box, err := seal.NewBox(master[:])
		if err != nil {
			panic(err) // the length is right
		}
		s.keys[id] = box
	}
	return s
}

// request has what any action takes.
type request struct {
	KeyID             string            `json:"KeyId"`
	KeySpec           string            `json:",omitempty"`
	CiphertextBlob    []byte            `json:",omitempty"`
	EncryptionContext map[string]string `json:",omitempty"`
	Message           []byte            `json:",omitempty"`
	MessageType       string            `json:",omitempty"`
	SigningAlgorithm  string            `json:",omitempty"`
	MacAlgorithm      string            `json:",omitempty"`
}

// answer has what either action with a data key returns.
type answer struct {
	KeyID          string `json:"KeyId"`
	Plaintext      []byte
	CiphertextBlob []byte `json:",omitempty"`
}

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := awslocal.CheckSigned(r, "kms"); err != nil {
		refuse(w, "MissingAuthenticationTokenException", err.Error())
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, "SerializationException", err.Error())
		return
	}
	var in request
	if err := json.Unmarshal(body, &in); err != nil || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		refuse(w, "SerializationException", "not JSON 1.1")
		return
	}
	action, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	master, signer, mac := s.keys[in.KeyID], s.signers[in.KeyID], s.macs[in.KeyID]
	switch {
	case master == nil && signer == nil && mac == nil:
		refuse(w, "NotFoundException", "no key of this id")
	case master != nil && action == "GenerateDataKey":
		generate(w, master, in)
	case master != nil && action == "Decrypt":
		decrypt(w, master, in)
	case signer != nil && action == "Sign":
		sign(w, signer, in)
	case signer != nil && action == "GetPublicKey":
		publish(w, signer, in)
	case mac != nil && action == "GenerateMac":
		authenticate(w, mac, in)
	case slices.Contains([]string{"GenerateDataKey", "Decrypt", "GenerateMac", "Sign", "GetPublicKey"}, action):
		refuse(w, "InvalidKeyUsageException", "not an action of this key")
	default:
		refuse(w, "UnknownOperationException", "neither GenerateDataKey, Decrypt, GenerateMac, Sign nor GetPublicKey")
	}
}

func generate(w http.ResponseWriter, master *seal.Box, in request) {
	if in.KeySpec != "AES_256" {
		refuse(w, "ValidationException", "KeySpec must be AES_256")
		return
	}
	key := random()
	send(w, answer{KeyID: in.KeyID, Plaintext: key, CiphertextBlob: master.Seal(key, in.bound())})
}

func decrypt(w http.ResponseWriter, master *seal.Box, in request) {
	if len(in.CiphertextBlob) == 0 {
		refuse(w, "ValidationException", "no CiphertextBlob")
		return
	}
	key, err := master.Open(in.CiphertextBlob, in.bound())
	if err != nil {
		refuse(w, "InvalidCiphertextException", "")
		return
	}
	send(w, answer{KeyID: in.KeyID, Plaintext: key})
}

// bound returns the encryption context in one form; JSON sorts its names.
func (r request) bound() []byte {
	b, err := json.Marshal(r.EncryptionContext)
	if err != nil {
		panic(err) // a map of strings always has a form
	}
	return b
}

func random() []byte {
	key := make([]byte, seal.KeyBytes)
	_, _ = rand.Read(key) // never fails: it ends the process instead
	return key
}

func send(w http.ResponseWriter, out any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(out)
}

func refuse(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": kind, "message": message})
}
