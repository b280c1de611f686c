package assertion

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const maxBytes = 16 << 10

// jws is a signed token taken apart, nothing of it believed yet.
type jws struct {
	header, payload object
	signed          string // the text that the signature is of
	signature       []byte
}

// parseJWS takes a token in compact form apart. What is wrong comes as the rest
// of sentences that begin with the token.
func parseJWS(token string) (t jws, faults []string) {
	if len(token) > maxBytes {
		return jws{}, []string{"is longer than 16 KB: leave out what is not needed"}
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return jws{}, []string{"must be a signed JWT in compact form, three parts with dots between; it may not be encrypted"}
	}
	var raw [3][]byte
	for i, part := range []string{"header", "payload", "signature"} {
		var ok bool
		if raw[i], ok = decode(parts[i]); !ok {
			faults = append(faults, "has a "+part+" that is not base64url: use letters, digits, - and _, without padding, line breaks or spaces")
		}
	}
	if faults != nil {
		return jws{}, faults
	}
	t = jws{signed: token[:strings.LastIndexByte(token, '.')], signature: raw[2]}
	var ok bool
	if t.header, ok = readObject(raw[0]); !ok {
		faults = append(faults, "has a header that is not one JSON object in UTF-8 with every member once")
	}
	if t.payload, ok = readObject(raw[1]); !ok {
		faults = append(faults, "has a payload that is not one JSON object in UTF-8 with every claim once")
	}
	return t, faults
}

// decode reads base64url that has one spelling only; nothing is not a part.
func decode(text string) ([]byte, bool) {
	// The decoder would skip line breaks.
	if text == "" || strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, false
	}
	return raw, true
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// object is a JSON object, its values as they came.
type object map[string]json.RawMessage

// readObject reads a JSON object that every reader understands alike:
// encoding/json would take the last of two members of one name, and replace
// bytes that are no UTF-8.
func readObject(raw []byte) (object, bool) {
	var o object
	if !utf8.Valid(raw) || json.Unmarshal(raw, &o) != nil || o == nil || len(o) != members(raw) {
		return nil, false
	}
	return o, true
}

// members counts the members of a valid JSON object: the colons in it that are in
// no text and in no value.
func members(raw []byte) int {
	count, depth, inText := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			i++ // what is escaped may be a quote
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ':' && depth == 1:
			count++
		}
	}
	return count
}

// missing tells whether a client did not set the member: it is not there, null or
// an empty text.
func (o object) missing(name string) bool {
	switch string(o[name]) {
	case "", "null", `""`:
		return true
	}
	return false
}

// text is the text that the member is.
func (o object) text(name string) (string, bool) {
	raw := o[name]
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 { // as nearly always
		return string(raw[1 : len(raw)-1]), true
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// texts are the elements of the array of texts that the member is.
func (o object) texts(name string) ([]string, bool) {
	var list []*string
	if json.Unmarshal(o[name], &list) != nil || list == nil {
		return nil, false
	}
	out := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, false
		}
		out[i] = *s
	}
	return out, true
}
