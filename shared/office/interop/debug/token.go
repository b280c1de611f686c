package debug

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strings"
	"time"
)

// token is a JWT that was decoded to be looked at. Nothing of it is verified here.
type token struct {
	Header, Payload string // as JSON with indents; what is no JSON, as it is
	header, payload map[string]any
}

// decodeToken decodes what was pasted, nil when it has not the parts of a JWT.
func decodeToken(text string) *token {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil
	}
	t := &token{}
	var ok bool
	if t.Header, t.header, ok = decodePart(parts[0]); !ok {
		return nil
	}
	if t.Payload, t.payload, ok = decodePart(parts[1]); !ok {
		return nil
	}
	return t
}

func decodePart(encoded string) (text string, members map[string]any, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return "", nil, false
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, raw, "", "  ") != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD"), nil, true
	}
	_ = json.Unmarshal(raw, &members) // what is no object has no members
	return pretty.String(), members, true
}

// claim returns a member of the payload that is a text, "" for none.
func (t *token) claim(name string) string {
	if t == nil {
		return ""
	}
	text, _ := t.payload[name].(string)
	return text
}

// Kid returns the id of the key in the header, "" for none.
func (t *token) Kid() string {
	kid, _ := t.header["kid"].(string)
	return kid
}

// Issued returns when the token was made (RFC 3339), "" when it does not say.
func (t *token) Issued() string { return t.date("iat") }

// Expires returns until when the token is valid (RFC 3339), "" when it does not say.
func (t *token) Expires() string { return t.date("exp") }

// lastSecond is the last second of the year 9999, the last that RFC 3339 can write.
const lastSecond = 253402300799

func (t *token) date(name string) string {
	seconds, isNumber := t.payload[name].(float64)
	if !isNumber || math.IsNaN(seconds) || seconds < 0 || seconds > lastSecond {
		return ""
	}
	return time.Unix(int64(seconds), 0).UTC().Format(time.RFC3339)
}
