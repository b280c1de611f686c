package api

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"ciclo/shared/platform/problem"
)

// normalizer puts the texts of v into their one spelling and appends the fields that it
// refuses. at is the location of v, as huma names it.
type normalizer func(v reflect.Value, at string, refused *[]problem.Field)

// normalizerOf makes the normalizer of an operation's input type; nil when its parameters
// and body have no text with a rule.
func normalizerOf(t reflect.Type) normalizer {
	var parts []normalizer
	for i := range t.NumField() {
		f := t.Field(i)
		var part normalizer
		at := ""
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			part = normalizerOf(f.Type)
		case f.Tag.Get("path") != "":
			part = fieldNormalizer(f, "")
			at = "path." + f.Tag.Get("path")
			if part == nil && f.Type.Kind() == reflect.String {
				part = checkSegment
			}
		case f.Tag.Get("query") != "":
			name, _, _ := strings.Cut(f.Tag.Get("query"), ",")
			part = fieldNormalizer(f, "")
			at = "query." + name
		case f.Name == "Body":
			part = memberNormalizer(f.Type, nil)
			at = "body"
		}
		parts = appendPart(parts, part, i, at)
	}
	return join(parts)
}

// appendPart adds the normalizer of the i-th field of a struct, which is at that location
// below the struct's.
func appendPart(parts []normalizer, part normalizer, i int, below string) []normalizer {
	if part == nil {
		return parts
	}
	return append(parts, func(v reflect.Value, at string, refused *[]problem.Field) {
		if at != "" && below != "" {
			at += "."
		}
		part(v.Field(i), at+below, refused)
	})
}

func join(parts []normalizer) normalizer {
	if len(parts) == 0 {
		return nil
	}
	return func(v reflect.Value, at string, refused *[]problem.Field) {
		for _, part := range parts {
			part(v, at, refused)
		}
	}
}

// fieldNormalizer makes the normalizer of a parameter or of the member of that JSON name.
func fieldNormalizer(f reflect.StructField, name string) normalizer {
	switch {
	case f.Tag.Get("format") == "uuid":
		return memberNormalizer(f.Type, normalizeUUID)
	case isLabel(name):
		return memberNormalizer(f.Type, checkLabel)
	default:
		return memberNormalizer(f.Type, nil)
	}
}

// memberNormalizer makes the normalizer of a part of a body whose texts have that rule,
// nil for none.
func memberNormalizer(t reflect.Type, rule normalizer) normalizer {
	switch t.Kind() {
	case reflect.String:
		return rule
	case reflect.Pointer:
		if part := memberNormalizer(t.Elem(), rule); part != nil {
			return func(v reflect.Value, at string, refused *[]problem.Field) {
				if !v.IsNil() {
					part(v.Elem(), at, refused)
				}
			}
		}
	case reflect.Slice:
		if part := memberNormalizer(t.Elem(), rule); part != nil {
			return func(v reflect.Value, at string, refused *[]problem.Field) {
				for i := range v.Len() {
					part(v.Index(i), fmt.Sprintf("%s[%d]", at, i), refused)
				}
			}
		}
	case reflect.Struct:
		var parts []normalizer
		for i := range t.NumField() {
			f := t.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case f.Anonymous && name == "":
				parts = appendPart(parts, memberNormalizer(f.Type, nil), i, "")
			case f.IsExported() && name != "-":
				parts = appendPart(parts, fieldNormalizer(f, name), i, cmp.Or(name, f.Name))
			}
		}
		return join(parts)
	}
	return nil
}

// normalizeUUID puts a UUID into lower case: clients write it in any case, and it is one
// identifier (RFC 9562 §4). It refuses other notations, such as braces and the urn, which
// huma accepts.
func normalizeUUID(v reflect.Value, at string, refused *[]problem.Field) {
	switch id := v.String(); {
	case id == "": // left out; huma reports it where it is required
	case len(id) != len(uuid.Nil.String()) || uuid.Validate(id) != nil:
		detail := "expected a UUID, written as 32 hexadecimal digits in groups of 8-4-4-4-12"
		*refused = append(*refused, problem.Field{Name: at, Detail: detail})
	default:
		v.SetString(strings.ToLower(id))
	}
}

// checkSegment returns an error for a path parameter that is not text when percent-decoded.
func checkSegment(v reflect.Value, at string, refused *[]problem.Field) {
	if isUnreadable(v.String()) {
		*refused = append(*refused, problem.Field{Name: at, Detail: textForm})
	}
}

// isLabel reports whether the member of that name is a label: a name or a title, which
// is shown on one line.
func isLabel(name string) bool {
	return name == "name" || name == "title" ||
		strings.HasSuffix(name, "Name") || strings.HasSuffix(name, "_name") || strings.HasSuffix(name, "Title")
}

// checkLabel refuses a name or title that breaks its line, hides characters or turns the
// direction of the text around it, because it could pass for another one.
func checkLabel(v reflect.Value, at string, refused *[]problem.Field) {
	if strings.ContainsFunc(v.String(), isDeceptive) {
		detail := "expected one line of text, without control characters and direction overrides"
		*refused = append(*refused, problem.Field{Name: at, Detail: detail})
	}
}

// isDeceptive reports whether a character is not allowed in a label: controls, separators
// of lines and paragraphs, and those that override or embed directions (UAX #9 §2).
func isDeceptive(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}
