package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// Box encrypts with AES-256-GCM and one key. It is safe for concurrent use.
type Box struct{ aead cipher.AEAD }

// NewBox returns a Box with key, or an error if key is not KeyBytes long.
func NewBox(key []byte) (*Box, error) {
	if len(key) != KeyBytes {
		return nil, fmt.Errorf("seal: a key of %d bytes, want %d", len(key), KeyBytes)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Box{aead}, nil
}

// Seal returns a random nonce and plaintext encrypted, to be opened with the
// same key and the same bound only.
func (b *Box) Seal(plaintext, bound []byte) []byte {
	return b.aead.Seal(nil, nil, plaintext, bound) //nolint:gosec // this AEAD makes the nonce itself
}

// Open returns the plaintext of what Seal returned. The error wraps ErrDamaged
// when sealed is anything else, or bound another.
func (b *Box) Open(sealed, bound []byte) ([]byte, error) {
	plaintext, err := b.aead.Open(nil, nil, sealed, bound)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", ErrDamaged)
	}
	return plaintext, nil
}
