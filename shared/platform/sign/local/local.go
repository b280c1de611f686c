// Package local signs tokens by a key in a file, for a sandbox: who reads the
// file signs what they like.
package local

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/jose/keyfile"
	"ciclo/shared/platform/sign"
)

// other is how the name of the file with the other published key ends.
const other = ".other"

// key is a [sign.Key].
type key struct{ private *rsa.PrivateKey }

// Open returns a Signer with the key in the file at path, in PEM, which is made,
// for its owner's eyes only, when there is none. The key in the file at path with
// .other after it is published too, if there is one: a key that is moved there is
// the previous one from the next Open on, which makes a new one. Without a path
// the key is random and gone with the process. The error tells that a file cannot
// be read, made, or has no key; such a file stays as it is.
func Open(path string) (*sign.Signer, error) {
	private, public, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	keys, err := sign.NewKeys(public...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sign.New(key{private}, keys), nil
}

// open returns the key that signs and the public keys, its own first.
func open(path string) (*rsa.PrivateKey, []*rsa.PublicKey, error) {
	private, err := keyfile.Private(path, generate)
	if err != nil {
		return nil, nil, err
	}
	public := []*rsa.PublicKey{&private.PublicKey}
	if path == "" {
		return private, public, nil
	}
	content, err := os.ReadFile(path + other)
	if errors.Is(err, fs.ErrNotExist) {
		return private, public, nil
	}
	if err != nil {
		return nil, nil, err
	}
	second, err := keyfile.Parse[*rsa.PrivateKey](path+other, content)
	if err != nil {
		return nil, nil, err
	}
	return private, append(public, &second.PublicKey), nil
}

func generate() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, jose.MinBits) }

// SignDigest implements [sign.Key].
func (k key) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, digest)
}
