// Package local signs tokens with a key in a file, for a sandbox. Anyone who can read
// the file can sign tokens.
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

// Open returns a Signer with the key in the file at path, in PEM. If there is no file,
// Open creates one that only its owner can read. If there is a file path.other, its key is
// published too: to replace the key, move its file there, and the next Open creates a new
// one. Without a path the key is random and lost with the process. Open returns an error
// if a file cannot be read or created, or has no key, and leaves such a file as it is.
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
