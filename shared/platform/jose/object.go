package jose

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// MaxDate is the last second of the year 9999, the latest that a time.Time can be written as
// RFC 3339, in seconds since 1970.
const MaxDate = 253402300799

// Object is a JSON object whose values are not decoded yet.
type Object map[string]json.RawMessage

// ReadObject decodes a JSON object and refuses one that has a name twice: encoding/json
// keeps the last member of that name, other readers the first.
func ReadObject(raw []byte) (o Object, ok bool) {
	if json.Unmarshal(raw, &o) != nil || o == nil || len(o) != countMembers(raw) {
		return nil, false
	}
	return o, true
}

// countMembers counts the members of a valid JSON object: the colons outside of texts and
// nested values.
func countMembers(raw []byte) int {
	count := 0
	depth := 0
	inText := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText && c == '\\':
			i++ // the escaped character may be a quote
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

// Missing reports whether the member is absent, null or an empty text.
func (o Object) Missing(name string) bool {
	switch string(o[name]) {
	case "", "null", `""`:
		return true
	}
	return false
}

// Text returns the member if it is a text.
func (o Object) Text(name string) (string, bool) {
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

// Date returns the member if it is a time in seconds since 1970, any JSON number up to
// MaxDate (NumericDate, RFC 7519 §2), without its fraction.
func (o Object) Date(name string) (seconds int64, ok bool) {
	value, err := strconv.ParseFloat(string(o[name]), 64) // a part of valid JSON, so a number or an error
	if err != nil || value < 0 || value >= MaxDate+1 {
		return 0, false
	}
	return int64(value), true
}

// Texts returns the member if it is an array of texts.
func (o Object) Texts(name string) ([]string, bool) {
	var list []*string
	if json.Unmarshal(o[name], &list) != nil || list == nil {
		return nil, false
	}
	texts := make([]string, len(list))
	for i, s := range list {
		if s == nil {
			return nil, false
		}
		texts[i] = *s
	}
	return texts, true
}
