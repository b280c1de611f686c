package jose

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"
)

// maxTokenBytes is the length of the longest token that ParseJWS reads.
const maxTokenBytes = 16 << 10

// JWS is a token in compact form, taken apart and not verified.
type JWS struct {
	Header    Object
	Payload   Object
	Signed    string // the text that the signature is over
	Signature []byte
}

// ParseJWS takes a token in compact form apart. Its payload must be a JSON object. The
// faults are everything that is wrong with its form, each the rest of a sentence that begins
// with the token. With faults the JWS must not be used.
func ParseJWS(token string) (t JWS, faults []string) {
	if len(token) > maxTokenBytes {
		return JWS{}, []string{"is longer than 16 KB: leave out what is not needed"}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return JWS{}, []string{"must be a signed JWT in compact form, three parts with dots between; it may not be encrypted"}
	}
	var raw [3][]byte
	for i, part := range []string{"header", "payload", "signature"} {
		var ok bool
		if raw[i], ok = Decode(parts[i]); !ok {
			faults = append(faults, "has a "+part+" that is not base64url: use letters, digits, - and _, without padding, line breaks or spaces")
		}
	}
	if faults != nil {
		return JWS{}, faults
	}
	t = JWS{Signed: token[:strings.LastIndexByte(token, '.')], Signature: raw[2]}
	var ok bool
	if t.Header, ok = readText(raw[0]); !ok {
		faults = append(faults, "has a header that is not one JSON object in UTF-8 with every member once")
	}
	if t.Payload, ok = readText(raw[1]); !ok {
		faults = append(faults, "has a payload that is not one JSON object in UTF-8 with every claim once")
	}
	return t, faults
}

// readText is ReadObject for bytes that may be no UTF-8, which encoding/json would replace.
func readText(raw []byte) (Object, bool) {
	if !utf8.Valid(raw) {
		return nil, false
	}
	return ReadObject(raw)
}

// SigningInput returns the text that the signature of a token with this header and payload
// is over. It has capacity for a signature of signatureBytes, which AppendSignature adds.
func SigningInput(header, payload []byte, signatureBytes int) []byte {
	encoded := base64.RawURLEncoding
	size := encoded.EncodedLen(len(header)) + encoded.EncodedLen(len(payload)) + encoded.EncodedLen(signatureBytes) + len("..")
	input := encoded.AppendEncode(make([]byte, 0, size), header)
	input = append(input, '.')
	return encoded.AppendEncode(input, payload)
}

// AppendSignature returns the token in compact form that has the signature over input.
func AppendSignature(input, signature []byte) string {
	return string(base64.RawURLEncoding.AppendEncode(append(input, '.'), signature))
}
