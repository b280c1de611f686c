package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ciclo/shared/platform/problem"
)

// byteOrderMark may precede JSON, and readers may skip it (RFC 8259 §8.1).
var byteOrderMark = []byte("\ufeff")

// readBody returns the request's body as the JSON that the operation takes, empty for
// none. The body of an operation that takes none is ignored.
func (h *Handler) readBody(w http.ResponseWriter, r *http.Request, spec Spec) ([]byte, *problem.Problem) {
	body, err := io.ReadAll(io.LimitReader(r.Body, int64(maxBody(spec))+1))
	schema := h.bodies[spec.ID]
	switch {
	case err != nil:
		return nil, problem.New(spec.Product.InvalidFormat, "The request body could not be read.").Because(err)
	case len(body) > maxBody(spec):
		return nil, problem.New(spec.Product.TooLarge, "The request body has more than %d bytes.", maxBody(spec))
	case schema == nil:
		return nil, nil
	}
	if len(body) > 0 {
		if p := checkEncoding(w, r, spec); p != nil {
			return nil, p
		}
	}
	body = bytes.TrimPrefix(body, byteOrderMark)
	if !utf8.Valid(body) {
		return nil, invalid(spec, []problem.Field{{Name: "body", Detail: "expected text in UTF-8"}})
	}
	if string(bytes.TrimSpace(body)) == "null" {
		body = nil // clients may send null for no body
	}
	if p := readForm(r, spec, &body); p != nil {
		return nil, p
	}
	fields := badTexts(body, "body", maxNesting)
	if len(fields) == 0 {
		fields = inspect(h.api.OpenAPI().Components.Schemas, schema, body)
	}
	if len(fields) > 0 {
		return nil, invalid(spec, fields)
	}
	return body, nil
}

// checkEncoding returns an error for a body that is compressed or whose Content-Type has
// another charset than UTF-8. JSON has no other one (RFC 8259 §8.1).
func checkEncoding(w http.ResponseWriter, r *http.Request, spec Spec) *problem.Problem {
	for _, codings := range r.Header.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(codings, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				w.Header().Set("Accept-Encoding", "identity") // RFC 9110 §12.5.3
				return problem.New(spec.Product.Media, "Send the body as it is, without Content-Encoding.")
			}
		}
	}
	_, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := parameters["charset"]
	if err == nil && charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return problem.New(spec.Product.Media, "Send the body in UTF-8, and say so or nothing in the charset of Content-Type.")
	}
	return nil
}

// maxNesting is the depth down to which texts are searched by name. No body is nested
// deeper, and every level costs one more reading.
const maxNesting = 5

// maxBadTexts is the most texts of a body that an answer names, so that the answer is not
// longer than the body.
const maxBadTexts = 20

// badTexts lists the members of a JSON body with texts that cannot be stored: they contain
// NUL, or half of a surrogate pair, which encoding/json replaces silently. Below maxNesting
// it names the enclosing member.
func badTexts(body []byte, at string, levels int) (found []problem.Field) {
	if !hasBadEscape(body) {
		return nil
	}
	parts := map[string]json.RawMessage{} // by location
	var members map[string]json.RawMessage
	var items []json.RawMessage
	if levels > 0 && json.Unmarshal(body, &members) == nil {
		for name, member := range members {
			parts[at+"."+name] = member
		}
	} else if levels > 0 && json.Unmarshal(body, &items) == nil {
		for i, item := range items {
			parts[fmt.Sprintf("%s[%d]", at, i)] = item
		}
	}
	for _, where := range slices.Sorted(maps.Keys(parts)) {
		if found = append(found, badTexts(parts[where], where, levels-1)...); len(found) >= maxBadTexts {
			return found[:maxBadTexts]
		}
	}
	if len(found) == 0 {
		found = []problem.Field{{Name: at, Detail: `expected text without \u0000 and without half a surrogate pair`}}
	}
	return found
}

// hasBadEscape reports whether JSON has an escape for NUL or for half a surrogate pair.
// The decoder refuses malformed escapes.
func hasBadEscape(body []byte) bool {
	for {
		at := bytes.IndexByte(body, '\\')
		if at < 0 || at+1 == len(body) {
			return false
		}
		unit, isUnit := escapedUnit(body[at:])
		switch {
		case !isUnit:
			body = body[at+2:]
			continue
		case unit == 0:
			return true
		}
		body = body[at+6:]
		if unit < 0xd800 || unit > 0xdfff {
			continue
		}
		if low, ok := escapedUnit(body); unit > 0xdbff || !ok || low < 0xdc00 || low > 0xdfff {
			return true
		}
		body = body[6:]
	}
}

// escapedUnit returns the UTF-16 unit of the escape that the text begins with (RFC 8259
// §7); false when it begins with something else.
func escapedUnit(text []byte) (uint64, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return unit, err == nil
}
