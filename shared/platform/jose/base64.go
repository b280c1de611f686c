// Package jose reads, writes and verifies the JSON forms of signed tokens and public
// keys: JWS in compact form (RFC 7515), JWK and key sets (RFC 7517), the algorithms RS256
// and ES256 (RFC 7518), and thumbprints (RFC 7638). It is the only package that encodes or
// decodes them, and it imports the standard library alone.
//
// Keys are *rsa.PublicKey or *ecdsa.PublicKey on P-256; a crypto.PublicKey of any other
// type has no algorithm here.
package jose

import (
	"encoding/base64"
	"strings"
)

// Encode returns base64url without padding.
func Encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// Decode decodes base64url in its one spelling: without padding, line breaks or bits
// beyond the last byte. An empty text is refused.
func Decode(text string) (raw []byte, ok bool) {
	// encoding/base64 skips line breaks.
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false // and not what came before the mistake
	}
	return raw, true
}

// DecodeLenient decodes what Decode decodes and the spellings that some issuers publish:
// with padding, or with bits beyond the last byte.
func DecodeLenient(text string) (raw []byte, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil, false
	}
	return raw, true
}
